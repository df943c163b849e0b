"""Open items and their settlements, and the credit exposure of customers."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, schema, tenant_table

revision = "receivables_0001"
down_revision = None
branch_labels = ("receivables",)
depends_on = "ledger_0001"


def upgrade() -> None:
    schema("receivables")
    _open_items()
    _exposure()


def _open_items() -> None:
    tenant_table(
        "receivables.open_item",
        """
        id uuid NOT NULL,
        document_id uuid NOT NULL,
        instalment smallint NOT NULL CHECK (instalment > 0),
        company_id uuid NOT NULL,
        customer_id uuid NOT NULL,
        account_id uuid NOT NULL,
        effective_date date NOT NULL,
        due_date date NOT NULL,
        currency text NOT NULL,
        amount numeric NOT NULL CHECK (amount <> 0),
        base_amount numeric NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, id),
        UNIQUE (tenant_id, document_id, instalment),
        FOREIGN KEY (tenant_id, document_id) REFERENCES kernel.document (tenant_id, id),
        FOREIGN KEY (tenant_id, customer_id) REFERENCES kernel.document (tenant_id, id)
        """,
    )
    append_only("receivables.open_item")
    tenant_table(
        "receivables.settlement",
        """
        id uuid NOT NULL,
        open_item_id uuid NOT NULL,
        document_id uuid NOT NULL,
        effective_date date NOT NULL,
        amount numeric NOT NULL CHECK (amount <> 0),
        base_amount numeric NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, id),
        FOREIGN KEY (tenant_id, open_item_id) REFERENCES receivables.open_item (tenant_id, id),
        FOREIGN KEY (tenant_id, document_id) REFERENCES kernel.document (tenant_id, id)
        """,
    )
    op.execute("CREATE INDEX settlement_item ON receivables.settlement (tenant_id, open_item_id, effective_date)")
    op.execute("CREATE INDEX settlement_day ON receivables.settlement (tenant_id, effective_date)")
    append_only("receivables.settlement")
    tenant_table(
        "receivables.open_item_balance",
        """
        open_item_id uuid NOT NULL,
        document_id uuid NOT NULL,
        company_id uuid NOT NULL,
        customer_id uuid NOT NULL,
        due_date date NOT NULL,
        amount numeric NOT NULL,
        settled numeric NOT NULL DEFAULT 0,
        open boolean NOT NULL DEFAULT true,
        PRIMARY KEY (tenant_id, open_item_id),
        CONSTRAINT settlement_within_open_item CHECK (
            CASE WHEN amount > 0 THEN settled BETWEEN 0 AND amount ELSE settled BETWEEN amount AND 0 END),
        CONSTRAINT open_while_unsettled CHECK (open = (settled <> amount)),
        FOREIGN KEY (tenant_id, open_item_id) REFERENCES receivables.open_item (tenant_id, id)
        """,
        "SELECT",
    )
    op.execute("CREATE INDEX open_item_document ON receivables.open_item_balance (tenant_id, document_id)")
    op.execute(
        "CREATE INDEX open_item_due ON receivables.open_item_balance (tenant_id, customer_id, due_date) WHERE open"
    )
    op.execute("CREATE INDEX open_item_overdue ON receivables.open_item_balance (tenant_id, due_date) WHERE open")
    op.execute("""
        CREATE FUNCTION receivables.open_items() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        BEGIN
            INSERT INTO receivables.open_item_balance
                (open_item_id, document_id, company_id, customer_id, due_date, amount)
            SELECT id, document_id, company_id, customer_id, due_date, amount FROM new_items;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project AFTER INSERT ON receivables.open_item REFERENCING NEW TABLE AS new_items
        FOR EACH STATEMENT EXECUTE FUNCTION receivables.open_items()
    """)
    op.execute("""
        CREATE FUNCTION receivables.settle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE early record;
        BEGIN
            -- Otherwise the ledger and the open items would differ on the days between.
            SELECT s.effective_date, i.effective_date AS opened INTO early
            FROM new_settlements s JOIN receivables.open_item i ON i.id = s.open_item_id
            WHERE s.effective_date < i.effective_date LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'constraint "settlement_after_open_item": an item of % is not settled on %',
                    early.opened, early.effective_date
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_after_open_item';
            END IF;
            PERFORM 1 FROM receivables.open_item_balance
            WHERE open_item_id IN (SELECT open_item_id FROM new_settlements) ORDER BY open_item_id FOR UPDATE;
            UPDATE receivables.open_item_balance b
            SET settled = b.settled + s.amount, open = (b.settled + s.amount <> b.amount)
            FROM (SELECT open_item_id, sum(amount) AS amount FROM new_settlements GROUP BY open_item_id) s
            WHERE b.open_item_id = s.open_item_id;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project AFTER INSERT ON receivables.settlement REFERENCING NEW TABLE AS new_settlements
        FOR EACH STATEMENT EXECUTE FUNCTION receivables.settle()
    """)


def _exposure() -> None:
    tenant_table(
        "receivables.exposure_entry",
        """
        document_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        cause_id uuid NOT NULL,
        company_id uuid NOT NULL,
        customer_id uuid NOT NULL,
        amount numeric NOT NULL,
        ceiling numeric,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, document_id, cause_id, entry),
        FOREIGN KEY (tenant_id, document_id) REFERENCES kernel.document (tenant_id, id),
        FOREIGN KEY (tenant_id, customer_id) REFERENCES kernel.document (tenant_id, id)
        """,
    )
    append_only("receivables.exposure_entry")
    tenant_table(
        "receivables.exposure",
        """
        company_id uuid NOT NULL,
        customer_id uuid NOT NULL,
        amount numeric NOT NULL,
        PRIMARY KEY (tenant_id, company_id, customer_id)
        """,
        "SELECT",
    )
    op.execute("""
        CREATE FUNCTION receivables.expose() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        BEGIN
            INSERT INTO receivables.exposure AS e (company_id, customer_id, amount)
            SELECT company_id, customer_id, sum(amount) FROM new_entries GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT (tenant_id, company_id, customer_id) DO UPDATE SET amount = e.amount + excluded.amount;
            IF EXISTS (SELECT 1 FROM new_entries n
                       JOIN receivables.exposure e USING (tenant_id, company_id, customer_id)
                       WHERE e.amount > n.ceiling) THEN
                RAISE EXCEPTION 'constraint "exposure_within_ceiling": the exposure would pass its ceiling'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'exposure_within_ceiling';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project AFTER INSERT ON receivables.exposure_entry REFERENCING NEW TABLE AS new_entries
        FOR EACH STATEMENT EXECUTE FUNCTION receivables.expose()
    """)


def downgrade() -> None:
    op.execute("DROP SCHEMA receivables CASCADE")
