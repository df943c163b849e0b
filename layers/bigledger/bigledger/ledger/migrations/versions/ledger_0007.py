"""What an open item is known by where its document is not the one that the party has: of opening balances, say."""

from alembic import op

revision = "ledger_0007"
down_revision = "ledger_0006"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE ledger.open_item
            ADD COLUMN reference text,
            ADD COLUMN document_date date
                CONSTRAINT open_item_document_date CHECK (document_date <= effective_date)
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE ledger.open_item DROP COLUMN reference, DROP COLUMN document_date")
