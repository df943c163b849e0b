"""What of each invoice's lines is credited, never more than was invoiced."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "receivables_0002"
down_revision = "receivables_0001"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "receivables.credited_line",
        """
        document_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        invoice_id uuid NOT NULL,
        line integer NOT NULL CHECK (line > 0),
        quantity numeric NOT NULL CHECK (quantity <> 0),
        invoiced numeric NOT NULL CHECK (invoiced > 0),
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, document_id, entry, line)
        """,
    )
    append_only("receivables.credited_line")
    refers("receivables.credited_line", "document_id", "invoice_id")
    tenant_table(
        "receivables.credited",
        """
        invoice_id uuid NOT NULL,
        line integer NOT NULL,
        quantity numeric NOT NULL,
        invoiced numeric NOT NULL,
        PRIMARY KEY (tenant_id, invoice_id, line),
        CONSTRAINT credited_within_invoiced CHECK (quantity BETWEEN 0 AND invoiced)
        """,
        "SELECT",
    )
    op.execute("""
        CREATE FUNCTION receivables.credit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE change record;
        BEGIN
            FOR change IN
                SELECT invoice_id, line, sum(quantity) AS quantity, min(invoiced) AS invoiced
                FROM new_lines GROUP BY 1, 2 ORDER BY 1, 2
            LOOP
                -- Not as an upsert: the proposed row of a void would be held against the constraint first.
                UPDATE receivables.credited c SET quantity = c.quantity + change.quantity
                WHERE c.invoice_id = change.invoice_id AND c.line = change.line;
                IF NOT FOUND THEN
                    INSERT INTO receivables.credited (invoice_id, line, quantity, invoiced)
                    VALUES (change.invoice_id, change.line, change.quantity, change.invoiced);
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project AFTER INSERT ON receivables.credited_line REFERENCING NEW TABLE AS new_lines
        FOR EACH STATEMENT EXECUTE FUNCTION receivables.credit()
    """)


def downgrade() -> None:
    op.execute("DROP TABLE receivables.credited, receivables.credited_line CASCADE")
    op.execute("DROP FUNCTION receivables.credit()")
