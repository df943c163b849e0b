"""Exchange rates by type, pair and day; a correction is a new row, so that what was known when stays known."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, schema, tenant_table

revision = "currency_0001"
down_revision = None
branch_labels = ("currency",)
depends_on = "kernel_0001"
phase = "expand"


def upgrade() -> None:
    schema("currency")
    tenant_table(
        "currency.exchange_rate",
        """
        id uuid NOT NULL,
        document_id uuid NOT NULL,
        type text NOT NULL CHECK (type IN ('spot', 'closing', 'average')),
        currency text NOT NULL,
        base text NOT NULL,
        effective_date date NOT NULL,
        rate numeric NOT NULL CHECK (rate > 0),
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, id),
        CHECK (currency <> base),
        FOREIGN KEY (tenant_id, document_id) REFERENCES kernel.document (tenant_id, id)
        """,
    )
    op.execute("""
        CREATE INDEX exchange_rate_day ON currency.exchange_rate
        (tenant_id, type, currency, base, effective_date, recorded_at, id) INCLUDE (rate)
    """)
    op.execute("CREATE INDEX exchange_rate_list ON currency.exchange_rate (tenant_id, effective_date, id)")
    append_only("currency.exchange_rate")


def downgrade() -> None:
    op.execute("DROP SCHEMA currency CASCADE")
