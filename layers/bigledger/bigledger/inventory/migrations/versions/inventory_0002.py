"""Moves after a day, and those recorded after an instant, are found by an index: valuations of the past need them."""

from alembic import op

revision = "inventory_0002"
down_revision = "inventory_0001"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("CREATE INDEX stock_move_day ON inventory.stock_move (tenant_id, effective_date)")
    op.execute("CREATE INDEX stock_move_recorded ON inventory.stock_move (tenant_id, recorded_at)")


def downgrade() -> None:
    op.execute("DROP INDEX inventory.stock_move_day, inventory.stock_move_recorded")
