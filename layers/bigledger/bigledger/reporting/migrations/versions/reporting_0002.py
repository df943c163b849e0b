"""How far report jobs have come that are being made: told while their own transaction is still under way."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, tenant_table

revision = "reporting_0002"
down_revision = "reporting_0001"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "reporting.job_progress",
        """
        job_id uuid NOT NULL,
        step integer NOT NULL,
        rows_done integer NOT NULL CHECK (rows_done >= 0),
        rows_total integer CHECK (rows_total >= rows_done),
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, job_id, step)
        """,
    )
    append_only("reporting.job_progress")


def downgrade() -> None:
    op.execute("DROP TABLE reporting.job_progress CASCADE")
