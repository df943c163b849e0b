"""What customers were reminded of, and the invoices made of schedules: nothing twice."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "receivables_0005"
down_revision = "receivables_0004"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "receivables.dunned_item",
        """
        open_item_id uuid NOT NULL,
        level smallint NOT NULL CHECK (level > 0),
        notice_id uuid NOT NULL,
        dunned_on date NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT dunned_once_per_level PRIMARY KEY (tenant_id, open_item_id, level),
        FOREIGN KEY (tenant_id, open_item_id) REFERENCES ledger.open_item (tenant_id, id)
        """,
    )
    append_only("receivables.dunned_item")
    refers("receivables.dunned_item", "notice_id")
    tenant_table(
        "receivables.recurring_run",
        """
        schedule_id uuid NOT NULL,
        due_on date NOT NULL,
        invoice_id uuid NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT invoiced_once_per_day PRIMARY KEY (tenant_id, schedule_id, due_on)
        """,
    )
    append_only("receivables.recurring_run")
    refers("receivables.recurring_run", "schedule_id", "invoice_id")


def downgrade() -> None:
    op.execute("DROP TABLE receivables.dunned_item, receivables.recurring_run CASCADE")
