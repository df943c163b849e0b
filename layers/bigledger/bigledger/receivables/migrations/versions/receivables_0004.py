"""Overdue items told once, holds on a customer's credit, and the way to all items of a party."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "receivables_0004"
down_revision = "receivables_0003"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "receivables.overdue_item",
        """
        open_item_id uuid NOT NULL,
        document_id uuid NOT NULL,
        due_date date NOT NULL,
        marked_on date NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT overdue_told_once PRIMARY KEY (tenant_id, open_item_id),
        CONSTRAINT overdue_after_due CHECK (marked_on > due_date),
        FOREIGN KEY (tenant_id, open_item_id) REFERENCES ledger.open_item (tenant_id, id)
        """,
    )
    append_only("receivables.overdue_item")
    refers("receivables.overdue_item", "document_id")
    tenant_table(
        "receivables.credit_hold",
        """
        customer_id uuid NOT NULL,
        number integer NOT NULL CHECK (number > 0),
        action text NOT NULL CHECK (action IN ('held', 'released')),
        reason text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT credit_held_once PRIMARY KEY (tenant_id, customer_id, number),
        CONSTRAINT held_then_released CHECK ((number % 2 = 1) = (action = 'held'))
        """,
    )
    append_only("receivables.credit_hold")
    refers("receivables.credit_hold", "customer_id")
    op.execute("CREATE INDEX open_item_party ON ledger.open_item (tenant_id, party_id, effective_date)")


def downgrade() -> None:
    op.execute("DROP INDEX ledger.open_item_party")
    op.execute("DROP TABLE receivables.overdue_item, receivables.credit_hold CASCADE")
