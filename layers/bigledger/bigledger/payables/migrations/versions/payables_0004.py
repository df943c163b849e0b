"""The open items of journal entries that payment runs are about to pay: each is in one run at a time."""

from alembic import op

from bigledger.kernel.migrations.support import tenant_table

revision = "payables_0004"
down_revision = "payables_0003"
branch_labels = None
depends_on = None
phase = "expand"

_HOLD = """
        CREATE OR REPLACE FUNCTION payables.hold_bills() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        BEGIN
            DELETE FROM payables.bill_in_run r WHERE r.run_id = NEW.id;
{clear}
            IF NEW.status IN ('proposed', 'approved') THEN
                INSERT INTO payables.bill_in_run (bill_id, run_id)
                SELECT (b->'document'->>'id')::uuid, NEW.id
                FROM jsonb_array_elements(NEW.data->'lines') line, jsonb_array_elements(line->'bills') b
                WHERE line->>'status' = 'open' {bills}
                ORDER BY 1;
{items}
            END IF;
            RETURN NULL;
        END $$
"""


def upgrade() -> None:
    tenant_table(
        "payables.item_in_run",
        """
        open_item_id uuid NOT NULL,
        run_id uuid NOT NULL,
        CONSTRAINT item_in_one_run PRIMARY KEY (tenant_id, open_item_id)
        """,
        "SELECT",
    )
    op.execute("CREATE INDEX item_in_run_run ON payables.item_in_run (tenant_id, run_id)")
    items = """
                INSERT INTO payables.item_in_run (open_item_id, run_id)
                SELECT (b->>'open_item_id')::uuid, NEW.id
                FROM jsonb_array_elements(NEW.data->'lines') line, jsonb_array_elements(line->'bills') b
                WHERE line->>'status' = 'open' AND b->>'open_item_id' IS NOT NULL
                ORDER BY 1;
    """
    clear = "            DELETE FROM payables.item_in_run r WHERE r.run_id = NEW.id;"
    op.execute(_HOLD.format(clear=clear, bills="AND b->>'open_item_id' IS NULL", items=items))


def downgrade() -> None:
    op.execute(_HOLD.format(clear="", bills="", items=""))
    op.execute("DROP TABLE payables.item_in_run CASCADE")
