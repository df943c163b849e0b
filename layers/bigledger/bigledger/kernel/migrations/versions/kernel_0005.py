"""What was done when, and what is dated when: from where to where a fiscal year's changes are looked for."""

from alembic import op

revision = "kernel_0005"
down_revision = "kernel_0004"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute("CREATE INDEX event_time ON kernel.event (tenant_id, recorded_at, id)")
    op.execute("CREATE INDEX document_day ON kernel.document (tenant_id, company_id, date) WHERE date IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX kernel.document_day")
    op.execute("DROP INDEX kernel.event_time")
