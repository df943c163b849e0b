"""Companies keep their books in currencies that are in use, also when one is archived at the same moment."""

from alembic import op

revision = "records_0003"
down_revision = "records_0002"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    # Both sides hold the lock of the currency until they commit: who comes second sees what the first one did.
    op.execute("""
        CREATE FUNCTION records.guard_currency() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE code text := CASE NEW.type WHEN 'currency' THEN NEW.number ELSE NEW.data->>'currency' END;
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended('currency ' || NEW.tenant_id || ' ' || code, 0));
            IF EXISTS (SELECT 1 FROM kernel.document c
                       WHERE c.type = 'currency' AND c.number = code AND c.status <> 'active')
               AND EXISTS (SELECT 1 FROM kernel.document c
                           WHERE c.type = 'company' AND c.status = 'active' AND c.data->>'currency' = code) THEN
                RAISE EXCEPTION 'constraint "currency_of_company": a company keeps its books in %', code
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'currency_of_company';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_currency AFTER INSERT ON kernel.document
        FOR EACH ROW WHEN (NEW.type = 'company') EXECUTE FUNCTION records.guard_currency()
    """)
    op.execute("""
        CREATE TRIGGER guard_currency_changed AFTER UPDATE ON kernel.document
        FOR EACH ROW WHEN (NEW.type IN ('company', 'currency') AND
            (NEW.status, NEW.data->'currency') IS DISTINCT FROM (OLD.status, OLD.data->'currency'))
        EXECUTE FUNCTION records.guard_currency()
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION records.guard_currency() CASCADE")
