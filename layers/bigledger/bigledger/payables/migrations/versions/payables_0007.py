"""Bills on hold: put on hold and released in turn, each with its reason."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "payables_0007"
down_revision = "payables_0006"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "payables.bill_hold",
        """
        bill_id uuid NOT NULL,
        number integer NOT NULL CHECK (number > 0),
        reason text,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT bill_held_once PRIMARY KEY (tenant_id, bill_id, number),
        CONSTRAINT bill_held_then_released CHECK ((number % 2 = 1) = (reason IS NOT NULL))
        """,
    )
    append_only("payables.bill_hold")
    refers("payables.bill_hold", "bill_id")


def downgrade() -> None:
    op.execute("DROP TABLE payables.bill_hold CASCADE")
