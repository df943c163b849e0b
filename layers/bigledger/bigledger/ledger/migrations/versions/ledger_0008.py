"""What changes how much of a document's lines is left to defer: deferrals, credits and voids, one after the other."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "ledger_0008"
down_revision = "ledger_0007"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "ledger.deferral_change",
        """
        source_id uuid NOT NULL,
        number integer NOT NULL CHECK (number > 0),
        document_id uuid NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT deferrable_changed_once PRIMARY KEY (tenant_id, source_id, number)
        """,
    )
    append_only("ledger.deferral_change")
    refers("ledger.deferral_change", "source_id", "document_id")


def downgrade() -> None:
    op.execute("DROP TABLE ledger.deferral_change CASCADE")
