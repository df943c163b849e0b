"""Rows that wait to be imported, and what each external id became."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, schema, tenant_table

revision = "imports_0001"
down_revision = None
branch_labels = ("imports",)
depends_on = "kernel_0001"
phase = "expand"


def upgrade() -> None:
    schema("imports")
    tenant_table(
        "imports.input_row",
        """
        import_id uuid NOT NULL,
        position integer NOT NULL CHECK (position > 0),
        row integer NOT NULL CHECK (row > 0),
        external_id text NOT NULL,
        data jsonb NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, import_id, position)
        """,
    )
    append_only("imports.input_row")
    refers("imports.input_row", "import_id")
    tenant_table(
        "imports.imported",
        """
        kind text NOT NULL,
        external_id text NOT NULL,
        document_id uuid NOT NULL,
        import_id uuid NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        CONSTRAINT imported_once PRIMARY KEY (tenant_id, kind, external_id)
        """,
    )
    append_only("imports.imported")
    refers("imports.imported", "document_id", "import_id")


def downgrade() -> None:
    op.execute("DROP SCHEMA imports CASCADE")
