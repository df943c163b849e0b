"""What is open of suppliers by company, currency and due date: what payment runs select from."""

from alembic import op

revision = "ledger_0006"
down_revision = "ledger_0004"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX open_item_payable ON ledger.open_item_balance (tenant_id, company_id, currency, due_date)
        WHERE open AND subledger = 'payable'
    """)


def downgrade() -> None:
    op.execute("DROP INDEX ledger.open_item_payable")
