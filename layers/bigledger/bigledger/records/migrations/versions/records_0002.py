"""Areas of a period that are closed for good, area by area."""

from alembic import op

revision = "records_0002"
down_revision = "records_0001"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("ALTER TABLE records.fiscal_period ADD COLUMN locked_areas text[] NOT NULL DEFAULT '{}'")
    op.execute("""
        CREATE OR REPLACE FUNCTION records.project_fiscal_year() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
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
                (company_id, starts_on, ends_on, fiscal_year_id, number, status, closed_areas, locked_areas)
            SELECT company, (n->>'starts_on')::date, (n->>'ends_on')::date, NEW.id, (n->>'number')::integer,
                   n->>'status', ARRAY(SELECT jsonb_array_elements_text(coalesce(n->'closed_areas', '[]'))),
                   ARRAY(SELECT jsonb_array_elements_text(coalesce(n->'locked_areas', '[]')))
            FROM jsonb_array_elements(NEW.data->'periods') AS n
            WHERE NEW.status = 'active'
            ON CONFLICT (tenant_id, company_id, starts_on) DO UPDATE SET
                ends_on = excluded.ends_on, number = excluded.number, status = excluded.status,
                closed_areas = excluded.closed_areas, locked_areas = excluded.locked_areas
            WHERE (p.ends_on, p.number, p.status, p.closed_areas, p.locked_areas) IS DISTINCT FROM
                  (excluded.ends_on, excluded.number, excluded.status, excluded.closed_areas, excluded.locked_areas);
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_locked_areas AFTER UPDATE ON records.fiscal_period
        FOR EACH ROW WHEN (NOT NEW.locked_areas @> OLD.locked_areas OR NOT (
            NEW.status <> 'open' OR NEW.closed_areas @> OLD.locked_areas))
        EXECUTE FUNCTION records.guard_locked_period()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER guard_locked_areas ON records.fiscal_period")
    op.execute("ALTER TABLE records.fiscal_period DROP COLUMN locked_areas CASCADE")
