"""The periods of the fiscal years, projected from their records so that postings can be held against them."""

from alembic import op

from bigledger.kernel.migrations.support import APPLICATION, schema, tenant_table

revision = "records_0001"
down_revision = None
branch_labels = ("records",)
depends_on = "kernel_0001"
phase = "expand"


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
            IF NEW.status = 'active' AND EXISTS (
                SELECT 1 FROM records.fiscal_period p
                WHERE p.company_id = company AND p.fiscal_year_id <> NEW.id
                  AND p.starts_on <= (NEW.data->>'ends_on')::date
                  AND p.ends_on >= (NEW.data->>'starts_on')::date) THEN
                RAISE EXCEPTION 'constraint "fiscal_years_apart": fiscal years of a company do not overlap'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'fiscal_years_apart';
            END IF;
            -- Only what differs is written, so that the guards see what is done to each period.
            DELETE FROM records.fiscal_period p
            WHERE p.fiscal_year_id = NEW.id
              AND (NEW.status <> 'active' OR p.company_id <> company OR NOT EXISTS (
                  SELECT 1 FROM jsonb_array_elements(NEW.data->'periods') AS n
                  WHERE (n->>'starts_on')::date = p.starts_on));
            INSERT INTO records.fiscal_period AS p
                (company_id, starts_on, ends_on, fiscal_year_id, number, status, closed_areas)
            SELECT company, (n->>'starts_on')::date, (n->>'ends_on')::date, NEW.id, (n->>'number')::integer,
                   n->>'status', ARRAY(SELECT jsonb_array_elements_text(coalesce(n->'closed_areas', '[]')))
            FROM jsonb_array_elements(NEW.data->'periods') AS n
            WHERE NEW.status = 'active'
            ON CONFLICT (tenant_id, company_id, starts_on) DO UPDATE SET
                ends_on = excluded.ends_on, number = excluded.number, status = excluded.status,
                closed_areas = excluded.closed_areas
            WHERE (p.ends_on, p.number, p.status, p.closed_areas) IS DISTINCT FROM
                  (excluded.ends_on, excluded.number, excluded.status, excluded.closed_areas);
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project_fiscal_year AFTER INSERT OR UPDATE ON kernel.document
        FOR EACH ROW WHEN (NEW.type = 'fiscal_year') EXECUTE FUNCTION records.project_fiscal_year()
    """)
    op.execute(f"GRANT EXECUTE ON FUNCTION records.project_fiscal_year() TO {APPLICATION}")
    _guards()


def _guards() -> None:
    """What was locked or has numbered documents stays, whoever writes."""
    op.execute("""
        CREATE FUNCTION records.guard_locked_period() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'constraint "locked_period_stays": the period from % is locked, which is final',
                OLD.starts_on USING ERRCODE = 'check_violation', CONSTRAINT = 'locked_period_stays';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_locked AFTER UPDATE OR DELETE ON records.fiscal_period
        FOR EACH ROW WHEN (OLD.status = 'locked') EXECUTE FUNCTION records.guard_locked_period()
    """)
    op.execute("""
        CREATE FUNCTION records.guard_number_series() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM kernel.number_counter WHERE series_id = NEW.id) THEN
                RAISE EXCEPTION 'constraint "set_up_in_use": series % has given numbers', NEW.number
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'set_up_in_use';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_number_series AFTER UPDATE ON kernel.document
        FOR EACH ROW WHEN (NEW.type = 'number_series' AND
            (NEW.data->'document_type', NEW.data->'company', NEW.data->'prefix', NEW.data->'width',
             NEW.data->'restart') IS DISTINCT FROM
            (OLD.data->'document_type', OLD.data->'company', OLD.data->'prefix', OLD.data->'width',
             OLD.data->'restart'))
        EXECUTE FUNCTION records.guard_number_series()
    """)
    op.execute("""
        CREATE FUNCTION records.guard_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE series record; pattern text; digits text; head text; n bigint; carried boolean;
        BEGIN
            SELECT s.data->>'document_type' AS type, s.data->>'prefix' AS prefix, (s.data->>'width')::integer AS width,
                   (SELECT id FROM kernel.document WHERE type = 'company' AND number = s.data->>'company') AS company_id
            INTO series FROM kernel.document s WHERE s.id = NEW.series_id AND s.type = 'number_series';
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
            -- Documents of several months may be numbered at once, so the counter says how their numbers begin.
            pattern := '^' || replace(series.prefix, '.', '[.]') || '$';
            pattern := replace(replace(replace(pattern, '{YYYY}', '[0-9]{4}'), '{YY}', '[0-9]{2}'), '{MM}', '[0-9]{2}');
            n := CASE TG_OP WHEN 'UPDATE' THEN OLD.last ELSE 0 END;
            WHILE n < NEW.last LOOP
                n := n + 1;
                digits := lpad(n::text, greatest(series.width, length(n::text)), '0');
                carried := false;
                FOREACH head IN ARRAY NEW.prefixes LOOP
                    carried := carried OR head ~ pattern AND EXISTS (
                        SELECT 1 FROM kernel.document d
                        WHERE d.type = series.type AND d.number = head || digits AND d.company_id = series.company_id);
                END LOOP;
                IF NOT carried THEN
                    RAISE EXCEPTION 'constraint "number_on_document": number % of the series stands on no document', n
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'number_on_document';
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_numbers AFTER INSERT OR UPDATE ON kernel.number_counter
        FOR EACH ROW EXECUTE FUNCTION records.guard_numbers()
    """)
    op.execute("""
        CREATE UNIQUE INDEX number_series_once ON kernel.document
        (tenant_id, (data->>'company'), (data->>'document_type')) WHERE type = 'number_series' AND status = 'active'
    """)


def downgrade() -> None:
    op.execute("DROP SCHEMA records CASCADE")
