"""What each document says of taxes, in base currency, and the tax returns that tell of it: each entry once."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, schema, tenant_table

revision = "tax_0001"
down_revision = None
branch_labels = ("tax",)
depends_on = "ledger_0005"
phase = "expand"


def upgrade() -> None:
    schema("tax")
    tenant_table(
        "tax.tax_entry",
        """
        document_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        line integer NOT NULL CHECK (line > 0),
        company_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('sale', 'sale_credit', 'purchase', 'purchase_credit')),
        tax text NOT NULL,
        item integer,
        effective_date date NOT NULL,
        base numeric NOT NULL,
        output numeric NOT NULL,
        input numeric NOT NULL,
        cost numeric NOT NULL,
        output_account_id uuid,
        input_account_id uuid,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, document_id, entry, line),
        CONSTRAINT tax_entry_accounts CHECK (
            (output = 0 OR output_account_id IS NOT NULL) AND (input = 0 OR input_account_id IS NOT NULL))
        """,
    )
    op.execute("CREATE INDEX tax_entry_day ON tax.tax_entry (tenant_id, company_id, effective_date)")
    op.execute("CREATE INDEX tax_entry_recorded ON tax.tax_entry (tenant_id, company_id, recorded_at)")
    append_only("tax.tax_entry")
    refers("tax.tax_entry", "document_id", "company_id", "output_account_id", "input_account_id")
    tenant_table(
        "tax.return_entry",
        """
        return_id uuid NOT NULL,
        document_id uuid NOT NULL,
        entry smallint NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, return_id, document_id, entry)
        """,
    )
    op.execute("CREATE INDEX return_entry_document ON tax.return_entry (tenant_id, document_id, entry)")
    append_only("tax.return_entry")
    refers("tax.return_entry", "return_id", "document_id")
    tenant_table(
        "tax.filed_return",
        """
        return_id uuid NOT NULL,
        company_id uuid NOT NULL,
        scope text NOT NULL,
        starts_on date NOT NULL,
        ends_on date NOT NULL CHECK (ends_on >= starts_on),
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, return_id)
        """,
    )
    op.execute("CREATE INDEX filed_return_day ON tax.filed_return (tenant_id, company_id, scope, starts_on)")
    append_only("tax.filed_return")
    refers("tax.filed_return", "return_id", "company_id")
    _guards()
    _settlement()


def _settlement() -> None:
    """The entry that settles a return comes with the lock of its last day, also where only tax was open there."""
    op.execute("""
        CREATE OR REPLACE FUNCTION ledger.excepted(company uuid, document uuid, day date, wanted text)
        RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
            SELECT EXISTS (
                SELECT 1 FROM records.fiscal_period p
                JOIN kernel.document e ON e.type = 'period_exception' AND e.status = 'active'
                    AND e.company_id = p.company_id AND e.date = p.starts_on
                WHERE p.company_id = company AND day BETWEEN p.starts_on AND p.ends_on
                  AND p.status <> 'locked' AND wanted <> ALL (p.locked_areas)
                  AND NOT ledger.year_closed(p.fiscal_year_id)
                  AND (e.data->>'expires_at')::timestamptz > kernel.now() AND e.data->'areas' ? wanted
                  AND e.data->>'user' = (SELECT d.updated_by FROM kernel.document d WHERE d.id = document))
            OR (wanted = 'tax' AND EXISTS (
                SELECT 1 FROM kernel.document d
                JOIN records.fiscal_period p ON p.company_id = d.company_id AND p.ends_on = day AND p.status = 'open'
                WHERE d.id = document AND d.company_id = company AND d.type = 'tax_return' AND d.status = 'filed'
                  AND d.date = day AND d.xmin = pg_current_xact_id()::xid))
        $$
    """)


def _guards() -> None:
    op.execute("""
        CREATE FUNCTION tax.guard_filing() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE filed record;
        BEGIN
            FOR filed IN SELECT * FROM new_returns ORDER BY company_id, return_id LOOP
                PERFORM pg_advisory_xact_lock(hashtextextended('tax returns ' || filed.company_id, 0));
                IF EXISTS (SELECT 1 FROM tax.filed_return f
                           WHERE f.company_id = filed.company_id AND f.scope = filed.scope
                             AND f.return_id <> filed.return_id
                             AND f.starts_on <= filed.ends_on AND f.ends_on >= filed.starts_on) THEN
                    RAISE EXCEPTION 'constraint "tax_returns_apart": another return of these days is filed'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'tax_returns_apart';
                END IF;
                IF EXISTS (SELECT 1 FROM tax.return_entry own
                           JOIN tax.return_entry other ON other.document_id = own.document_id
                               AND other.entry = own.entry AND other.return_id <> own.return_id
                           JOIN tax.filed_return f ON f.return_id = other.return_id AND f.scope = filed.scope
                           WHERE own.return_id = filed.return_id) THEN
                    RAISE EXCEPTION 'constraint "tax_entry_filed_once": an entry stands in another filed return'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'tax_entry_filed_once';
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_filing AFTER INSERT ON tax.filed_return REFERENCING NEW TABLE AS new_returns
        FOR EACH STATEMENT EXECUTE FUNCTION tax.guard_filing()
    """)
    op.execute("""
        CREATE FUNCTION tax.guard_return_entries() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM (SELECT DISTINCT return_id FROM new_entries) n
                       JOIN tax.filed_return f ON f.return_id = n.return_id) THEN
                RAISE EXCEPTION 'constraint "filed_return_stays": nothing is added to a filed return'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'filed_return_stays';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_filed AFTER INSERT ON tax.return_entry REFERENCING NEW TABLE AS new_entries
        FOR EACH STATEMENT EXECUTE FUNCTION tax.guard_return_entries()
    """)


def downgrade() -> None:
    op.execute("DROP SCHEMA tax CASCADE")
