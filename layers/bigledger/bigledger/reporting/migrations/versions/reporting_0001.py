"""Sales by product, kept from the events of invoices."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, schema, tenant_table

revision = "reporting_0001"
down_revision = None
branch_labels = ("reporting",)
depends_on = "receivables_0001"
phase = "expand"


def upgrade() -> None:
    schema("reporting")
    tenant_table(
        "reporting.sale",
        """
        event_id uuid NOT NULL,
        line integer NOT NULL,
        document_id uuid NOT NULL,
        company_id uuid NOT NULL,
        product_id uuid NOT NULL,
        effective_date date NOT NULL,
        quantity numeric NOT NULL,
        net numeric NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, event_id, line),
        FOREIGN KEY (tenant_id, document_id) REFERENCES kernel.document (tenant_id, id)
        """,
    )
    op.execute("CREATE INDEX sale_day ON reporting.sale (tenant_id, company_id, effective_date)")
    append_only("reporting.sale")
    tenant_table(
        "reporting.product_sales",
        """
        company_id uuid NOT NULL,
        day date NOT NULL,
        product_id uuid NOT NULL,
        quantity numeric NOT NULL,
        net numeric NOT NULL,
        PRIMARY KEY (tenant_id, company_id, day, product_id)
        """,
        "SELECT",
    )
    op.execute("""
        CREATE FUNCTION reporting.add_sales() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        BEGIN
            INSERT INTO reporting.product_sales AS s (company_id, day, product_id, quantity, net)
            SELECT company_id, effective_date, product_id, sum(quantity), sum(net)
            FROM new_sales GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            ON CONFLICT (tenant_id, company_id, day, product_id) DO UPDATE
            SET quantity = s.quantity + excluded.quantity, net = s.net + excluded.net;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project AFTER INSERT ON reporting.sale REFERENCING NEW TABLE AS new_sales
        FOR EACH STATEMENT EXECUTE FUNCTION reporting.add_sales()
    """)


def downgrade() -> None:
    op.execute("DROP SCHEMA reporting CASCADE")
