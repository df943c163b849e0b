"""The periods of the fiscal years, projected from their records so that postings can be held against them."""

from alembic import op

from bigledger.kernel.migrations.support import APPLICATION, schema, tenant_table

revision = "records_0001"
down_revision = None
branch_labels = ("records",)
depends_on = "kernel_0001"


def upgrade() -> None:
    schema("records")
    tenant_table(
        "records.fiscal_period",
        """
        company_id uuid NOT NULL,
        starts_on date NOT NULL,
        ends_on date NOT NULL,
        fiscal_year_id uuid NOT NULL,
        number integer NOT NULL,
        status text NOT NULL CHECK (status IN ('open', 'closed', 'locked')),
        closed_areas text[] NOT NULL DEFAULT '{}',
        PRIMARY KEY (tenant_id, company_id, starts_on),
        CHECK (starts_on <= ends_on),
        FOREIGN KEY (tenant_id, company_id) REFERENCES kernel.document (tenant_id, id),
        FOREIGN KEY (tenant_id, fiscal_year_id) REFERENCES kernel.document (tenant_id, id)
        """,
        "SELECT",
    )
    op.execute("""
        CREATE FUNCTION records.project_fiscal_year() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE company uuid;
        BEGIN
            SELECT id INTO STRICT company FROM kernel.document
            WHERE type = 'company' AND number = NEW.data->>'company';
            -- Postings hold this lock shared: a close waits for those under way, and they see it once it is there.
            PERFORM pg_advisory_xact_lock(hashtextextended('periods ' || company, 0));
            IF EXISTS (SELECT 1 FROM records.fiscal_period p
                       WHERE p.company_id = company AND p.fiscal_year_id <> NEW.id
                         AND p.starts_on <= (NEW.data->>'ends_on')::date
                         AND p.ends_on >= (NEW.data->>'starts_on')::date) THEN
                RAISE EXCEPTION 'constraint "fiscal_years_apart": fiscal years of a company do not overlap'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'fiscal_years_apart';
            END IF;
            DELETE FROM records.fiscal_period WHERE fiscal_year_id = NEW.id;
            INSERT INTO records.fiscal_period
                (company_id, starts_on, ends_on, fiscal_year_id, number, status, closed_areas)
            SELECT company, (p->>'starts_on')::date, (p->>'ends_on')::date, NEW.id, (p->>'number')::integer,
                   CASE WHEN NEW.status = 'active' THEN p->>'status' ELSE 'locked' END,
                   ARRAY(SELECT jsonb_array_elements_text(coalesce(p->'closed_areas', '[]')))
            FROM jsonb_array_elements(NEW.data->'periods') AS p;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project_fiscal_year AFTER INSERT OR UPDATE ON kernel.document
        FOR EACH ROW WHEN (NEW.type = 'fiscal_year') EXECUTE FUNCTION records.project_fiscal_year()
    """)
    op.execute(f"GRANT EXECUTE ON FUNCTION records.project_fiscal_year() TO {APPLICATION}")


def downgrade() -> None:
    op.execute("DROP SCHEMA records CASCADE")
