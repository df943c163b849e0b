"""What of each bill's lines is credited, never more than was billed."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "payables_0002"
down_revision = "payables_0001"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    tenant_table(
        "payables.credited_line",
        """
        document_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        bill_id uuid NOT NULL,
        line integer NOT NULL CHECK (line > 0),
        quantity numeric NOT NULL CHECK (quantity <> 0),
        billed numeric NOT NULL CHECK (billed > 0),
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, document_id, entry, line)
        """,
    )
    append_only("payables.credited_line")
    refers("payables.credited_line", "document_id", "bill_id")
    tenant_table(
        "payables.credited",
        """
        bill_id uuid NOT NULL,
        line integer NOT NULL,
        quantity numeric NOT NULL,
        billed numeric NOT NULL,
        PRIMARY KEY (tenant_id, bill_id, line),
        CONSTRAINT credited_within_billed CHECK (quantity BETWEEN 0 AND billed)
        """,
        "SELECT",
    )
    op.execute("""
        CREATE FUNCTION payables.credit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE change record;
        BEGIN
            FOR change IN
                SELECT bill_id, line, sum(quantity) AS quantity, min(billed) AS billed
                FROM new_lines GROUP BY 1, 2 ORDER BY 1, 2
            LOOP
                -- Not as an upsert: the proposed row of a void would be held against the constraint first.
                UPDATE payables.credited c SET quantity = c.quantity + change.quantity
                WHERE c.bill_id = change.bill_id AND c.line = change.line;
                IF NOT FOUND THEN
                    INSERT INTO payables.credited (bill_id, line, quantity, billed)
                    VALUES (change.bill_id, change.line, change.quantity, change.billed);
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project AFTER INSERT ON payables.credited_line REFERENCING NEW TABLE AS new_lines
        FOR EACH STATEMENT EXECUTE FUNCTION payables.credit()
    """)


def downgrade() -> None:
    op.execute("DROP TABLE payables.credited, payables.credited_line CASCADE")
    op.execute("DROP FUNCTION payables.credit()")
