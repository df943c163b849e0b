"""Taxes that are due at payment: what of each document's is not due yet, never less than nothing nor more than all."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "tax_0002"
down_revision = "tax_0001"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "tax.pending_tax",
        """
        origin_id uuid NOT NULL,
        tax text NOT NULL,
        by_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        company_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('sale', 'sale_credit', 'purchase', 'purchase_credit')),
        effective_date date NOT NULL,
        base numeric NOT NULL,
        amount numeric NOT NULL,
        transition_account_id uuid NOT NULL,
        account_id uuid NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, origin_id, tax, by_id, entry)
        """,
    )
    op.execute("CREATE INDEX pending_tax_by ON tax.pending_tax (tenant_id, by_id)")
    append_only("tax.pending_tax")
    refers("tax.pending_tax", "origin_id", "by_id", "company_id", "transition_account_id", "account_id")
    op.execute("""
        CREATE FUNCTION tax.guard_pending() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE touched record; whole numeric; pending numeric;
        BEGIN
            FOR touched IN SELECT DISTINCT origin_id, tax FROM new_rows ORDER BY origin_id, tax LOOP
                SELECT coalesce(sum(amount) FILTER (WHERE by_id = origin_id AND entry = 1), 0), sum(amount)
                INTO whole, pending
                FROM tax.pending_tax WHERE origin_id = touched.origin_id AND tax = touched.tax;
                IF pending < least(whole, 0) OR pending > greatest(whole, 0) THEN
                    RAISE EXCEPTION 'constraint "pending_tax_within": % of % would be pending of %',
                        pending, touched.tax, whole
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'pending_tax_within';
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_within AFTER INSERT ON tax.pending_tax REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION tax.guard_pending()
    """)


def downgrade() -> None:
    op.execute("DROP TABLE tax.pending_tax CASCADE")
    op.execute("DROP FUNCTION tax.guard_pending()")
