"""The bills that payment runs are about to pay: each is in one run at a time."""

from alembic import op

from bigledger.kernel.migrations.support import APPLICATION, tenant_table

revision = "payables_0003"
down_revision = "payables_0002"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "payables.bill_in_run",
        """
        bill_id uuid NOT NULL,
        run_id uuid NOT NULL,
        CONSTRAINT bill_in_one_run PRIMARY KEY (tenant_id, bill_id)
        """,
        "SELECT",
    )
    op.execute("CREATE INDEX bill_in_run_run ON payables.bill_in_run (tenant_id, run_id)")
    op.execute("""
        CREATE FUNCTION payables.hold_bills() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        BEGIN
            DELETE FROM payables.bill_in_run r WHERE r.run_id = NEW.id;
            IF NEW.status IN ('proposed', 'approved') THEN
                INSERT INTO payables.bill_in_run (bill_id, run_id)
                SELECT (b->'document'->>'id')::uuid, NEW.id
                FROM jsonb_array_elements(NEW.data->'lines') line, jsonb_array_elements(line->'bills') b
                WHERE line->>'status' = 'open'
                ORDER BY 1;
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute(f"GRANT EXECUTE ON FUNCTION payables.hold_bills() TO {APPLICATION}")
    op.execute("""
        CREATE TRIGGER hold_bills AFTER INSERT OR UPDATE ON kernel.document
        FOR EACH ROW WHEN (NEW.type = 'payment_run') EXECUTE FUNCTION payables.hold_bills()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER hold_bills ON kernel.document")
    op.execute("DROP FUNCTION payables.hold_bills()")
    op.execute("DROP TABLE payables.bill_in_run CASCADE")
