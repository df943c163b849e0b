"""Revaluations: what each open item and each account of money was revalued by, and the runs of each day."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "ledger_0005"
down_revision = "ledger_0004"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "ledger.revaluation_line",
        """
        document_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        line integer NOT NULL CHECK (line > 0),
        company_id uuid NOT NULL,
        account_id uuid NOT NULL,
        open_item_id uuid,
        effective_date date NOT NULL,
        currency text NOT NULL,
        amount numeric NOT NULL,
        rate numeric,
        carried numeric NOT NULL,
        recognised numeric NOT NULL,
        revalued numeric NOT NULL,
        difference numeric NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, document_id, entry, line),
        FOREIGN KEY (tenant_id, open_item_id) REFERENCES ledger.open_item (tenant_id, id),
        CONSTRAINT revaluation_difference CHECK (entry <> 1 OR revalued - carried - recognised = difference)
        """,
    )
    op.execute("""
        CREATE INDEX revaluation_line_item ON ledger.revaluation_line (tenant_id, open_item_id, effective_date)
        INCLUDE (difference) WHERE open_item_id IS NOT NULL
    """)
    append_only("ledger.revaluation_line")
    refers("ledger.revaluation_line", "document_id", "company_id", "account_id")
    tenant_table(
        "ledger.revaluation",
        """
        company_id uuid NOT NULL,
        day date NOT NULL,
        run smallint NOT NULL CHECK (run > 0),
        document_id uuid NOT NULL,
        reverses_on date CHECK (reverses_on > day),
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT revaluation_run PRIMARY KEY (tenant_id, company_id, day, run),
        UNIQUE (tenant_id, document_id)
        """,
    )
    append_only("ledger.revaluation")
    refers("ledger.revaluation", "document_id", "company_id")
    op.execute("""
        CREATE INDEX open_item_balance_company ON ledger.open_item_balance (tenant_id, company_id, currency) WHERE open
    """)
    op.execute("""
        CREATE FUNCTION ledger.check_revaluation() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE made record; unreversed record;
        BEGIN
            -- A revaluation that is to be reversed brings its reversal along: nobody has to remember it.
            FOR made IN SELECT document_id, reverses_on FROM new_runs WHERE reverses_on IS NOT NULL LOOP
                SELECT open_item_id INTO unreversed FROM ledger.revaluation_line
                WHERE document_id = made.document_id AND open_item_id IS NOT NULL
                GROUP BY open_item_id
                HAVING sum(difference) <> 0 OR max(effective_date) <> made.reverses_on LIMIT 1;
                IF FOUND THEN
                    RAISE EXCEPTION 'constraint "revaluation_reversed": open item % is not reversed on %',
                        unreversed.open_item_id, made.reverses_on
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'revaluation_reversed';
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER check_reversed AFTER INSERT ON ledger.revaluation REFERENCING NEW TABLE AS new_runs
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_revaluation()
    """)


def downgrade() -> None:
    op.execute("DROP TABLE ledger.revaluation, ledger.revaluation_line CASCADE")
    op.execute("DROP FUNCTION ledger.check_revaluation()")
    op.execute("DROP INDEX ledger.open_item_balance_company")
