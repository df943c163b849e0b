"""What is owed to suppliers and overdue is told of once."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "payables_0008"
down_revision = "payables_0007"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "payables.overdue_item",
        """
        open_item_id uuid NOT NULL,
        document_id uuid NOT NULL,
        due_date date NOT NULL,
        marked_on date NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT bill_overdue_told_once PRIMARY KEY (tenant_id, open_item_id),
        CONSTRAINT bill_overdue_after_due CHECK (marked_on > due_date),
        FOREIGN KEY (tenant_id, open_item_id) REFERENCES ledger.open_item (tenant_id, id)
        """,
    )
    append_only("payables.overdue_item")
    refers("payables.overdue_item", "document_id")


def downgrade() -> None:
    op.execute("DROP TABLE payables.overdue_item CASCADE")
