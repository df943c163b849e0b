"""Open items of customers and suppliers, their settlements, and what is open of each."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "ledger_0002"
down_revision = "ledger_0001"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "ledger.open_item",
        """
        id uuid NOT NULL,
        document_id uuid NOT NULL,
        instalment smallint NOT NULL CHECK (instalment > 0),
        company_id uuid NOT NULL,
        subledger text NOT NULL CHECK (subledger IN ('receivable', 'payable')),
        party_id uuid NOT NULL,
        account_id uuid NOT NULL,
        effective_date date NOT NULL,
        due_date date NOT NULL,
        currency text NOT NULL,
        amount numeric NOT NULL CHECK (amount <> 0),
        base_amount numeric NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, document_id, instalment)
        """,
    )
    append_only("ledger.open_item")
    refers("ledger.open_item", "document_id", "company_id", "party_id", "account_id")
    tenant_table(
        "ledger.settlement",
        """
        id uuid NOT NULL,
        open_item_id uuid NOT NULL,
        document_id uuid NOT NULL,
        effective_date date NOT NULL,
        amount numeric NOT NULL CHECK (amount <> 0),
        base_amount numeric NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, open_item_id) REFERENCES ledger.open_item (tenant_id, id)
        """,
    )
    op.execute("CREATE INDEX settlement_item ON ledger.settlement (tenant_id, open_item_id, effective_date)")
    op.execute("CREATE INDEX settlement_day ON ledger.settlement (tenant_id, effective_date)")
    append_only("ledger.settlement")
    refers("ledger.settlement", "document_id")
    tenant_table(
        "ledger.open_item_balance",
        """
        open_item_id uuid NOT NULL,
        document_id uuid NOT NULL,
        company_id uuid NOT NULL,
        subledger text NOT NULL,
        party_id uuid NOT NULL,
        due_date date NOT NULL,
        currency text NOT NULL,
        amount numeric NOT NULL,
        base_amount numeric NOT NULL,
        settled numeric NOT NULL DEFAULT 0,
        base_settled numeric NOT NULL DEFAULT 0,
        open boolean NOT NULL DEFAULT true,
        PRIMARY KEY (tenant_id, open_item_id),
        CONSTRAINT settlement_within_open_item CHECK (
            CASE WHEN amount > 0 THEN settled BETWEEN 0 AND amount ELSE settled BETWEEN amount AND 0 END),
        CONSTRAINT open_while_unsettled CHECK (open = (settled <> amount)),
        CONSTRAINT base_settled_with_item CHECK (
            (open OR base_settled = base_amount) AND (settled <> 0 OR base_settled = 0)),
        FOREIGN KEY (tenant_id, open_item_id) REFERENCES ledger.open_item (tenant_id, id)
        """,
        "SELECT",
    )
    op.execute("CREATE INDEX open_item_document ON ledger.open_item_balance (tenant_id, document_id)")
    op.execute("CREATE INDEX open_item_due ON ledger.open_item_balance (tenant_id, party_id, due_date) WHERE open")
    op.execute("CREATE INDEX open_item_overdue ON ledger.open_item_balance (tenant_id, due_date) WHERE open")
    op.execute("""
        CREATE FUNCTION ledger.open_items() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        BEGIN
            INSERT INTO ledger.open_item_balance
                (open_item_id, document_id, company_id, subledger, party_id, due_date, currency, amount, base_amount)
            SELECT id, document_id, company_id, subledger, party_id, due_date, currency, amount, base_amount
            FROM new_items;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project AFTER INSERT ON ledger.open_item REFERENCING NEW TABLE AS new_items
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.open_items()
    """)
    op.execute("""
        CREATE FUNCTION ledger.settle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE early record; change record;
        BEGIN
            -- Otherwise the ledger and the open items would differ on the days between.
            SELECT s.effective_date, s.opened INTO early
            FROM (SELECT n.effective_date,
                         (SELECT i.effective_date FROM ledger.open_item i WHERE i.id = n.open_item_id) AS opened
                  FROM new_settlements n) s
            WHERE s.effective_date < s.opened LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'constraint "settlement_after_open_item": an item of % is not settled on %',
                    early.opened, early.effective_date
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_after_open_item';
            END IF;
            -- Row by row, each found by its key, in an order that all writers keep to.
            FOR change IN
                SELECT open_item_id, sum(amount) AS amount, sum(base_amount) AS base_amount
                FROM new_settlements GROUP BY open_item_id ORDER BY open_item_id
            LOOP
                UPDATE ledger.open_item_balance b
                SET settled = b.settled + change.amount, base_settled = b.base_settled + change.base_amount,
                    open = (b.settled + change.amount <> b.amount)
                WHERE b.open_item_id = change.open_item_id;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project AFTER INSERT ON ledger.settlement REFERENCING NEW TABLE AS new_settlements
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.settle()
    """)


def downgrade() -> None:
    op.execute("DROP TABLE ledger.open_item_balance, ledger.settlement, ledger.open_item CASCADE")
    op.execute("DROP FUNCTION ledger.open_items(), ledger.settle()")
