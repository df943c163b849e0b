"""The credit that customers use follows from their open items; documents hold it only until they open theirs."""

from alembic import op

revision = "receivables_0003"
down_revision = "receivables_0002"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    # What a customer owes uses its credit, whoever opened the item. A document that held credit beforehand, as an
    # invoice does while it waits for its approval, goes on using just that.
    op.execute("""
        CREATE FUNCTION receivables.use_credit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE change record;
        BEGIN
            FOR change IN
                SELECT n.company_id, n.party_id, sum(n.base_amount) AS amount FROM new_items n
                WHERE n.subledger = 'receivable' AND n.amount > 0
                  AND (SELECT e.entry FROM receivables.exposure_entry e WHERE e.document_id = n.document_id LIMIT 1)
                      IS NULL
                GROUP BY 1, 2 ORDER BY 1, 2
            LOOP
                INSERT INTO receivables.exposure AS e (company_id, customer_id, amount)
                VALUES (change.company_id, change.party_id, change.amount)
                ON CONFLICT (tenant_id, company_id, customer_id) DO UPDATE SET amount = e.amount + excluded.amount;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER use_credit AFTER INSERT ON ledger.open_item REFERENCING NEW TABLE AS new_items
        FOR EACH STATEMENT EXECUTE FUNCTION receivables.use_credit()
    """)
    op.execute("""
        CREATE FUNCTION receivables.give_credit_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE change record;
        BEGIN
            FOR change IN
                SELECT (s.item).company_id, (s.item).party_id, sum(s.amount) AS amount
                FROM (SELECT n.base_amount AS amount,
                             (SELECT i FROM ledger.open_item i
                              WHERE i.id = n.open_item_id AND i.subledger = 'receivable' AND i.amount > 0) AS item
                      FROM new_settlements n OFFSET 0) s
                WHERE (s.item).id IS NOT NULL
                GROUP BY 1, 2 ORDER BY 1, 2
            LOOP
                UPDATE receivables.exposure e SET amount = e.amount - change.amount
                WHERE e.company_id = change.company_id AND e.customer_id = change.party_id;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER give_credit_back AFTER INSERT ON ledger.settlement REFERENCING NEW TABLE AS new_settlements
        FOR EACH STATEMENT EXECUTE FUNCTION receivables.give_credit_back()
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION receivables.use_credit() CASCADE")
    op.execute("DROP FUNCTION receivables.give_credit_back() CASCADE")
