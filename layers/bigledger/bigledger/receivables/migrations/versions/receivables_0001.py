"""The credit exposure of customers, kept while it is used and within its ceiling."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, schema, tenant_table

revision = "receivables_0001"
down_revision = None
branch_labels = ("receivables",)
depends_on = "ledger_0002"
phase = "expand"


def upgrade() -> None:
    schema("receivables")
    _exposure()


def _exposure() -> None:
    tenant_table(
        "receivables.exposure_entry",
        """
        document_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        cause_id uuid NOT NULL,
        company_id uuid NOT NULL,
        customer_id uuid NOT NULL,
        amount numeric NOT NULL,
        ceiling numeric,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, document_id, cause_id, entry)
        """,
    )
    append_only("receivables.exposure_entry")
    refers("receivables.exposure_entry", "document_id", "company_id", "customer_id")
    tenant_table(
        "receivables.exposure",
        """
        company_id uuid NOT NULL,
        customer_id uuid NOT NULL,
        amount numeric NOT NULL,
        PRIMARY KEY (tenant_id, company_id, customer_id)
        """,
        "SELECT",
    )
    op.execute("""
        CREATE FUNCTION receivables.expose() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE change record;
        BEGIN
            FOR change IN
                SELECT company_id, customer_id, sum(amount) AS amount, min(ceiling) AS ceiling
                FROM new_entries GROUP BY 1, 2 ORDER BY 1, 2
            LOOP
                INSERT INTO receivables.exposure AS e (company_id, customer_id, amount)
                VALUES (change.company_id, change.customer_id, change.amount)
                ON CONFLICT (tenant_id, company_id, customer_id) DO UPDATE SET amount = e.amount + excluded.amount
                RETURNING e.amount INTO change.amount;
                IF change.amount > change.ceiling THEN
                    RAISE EXCEPTION 'constraint "exposure_within_ceiling": the exposure would pass its ceiling'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'exposure_within_ceiling';
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project AFTER INSERT ON receivables.exposure_entry REFERENCING NEW TABLE AS new_entries
        FOR EACH STATEMENT EXECUTE FUNCTION receivables.expose()
    """)


def downgrade() -> None:
    op.execute("DROP SCHEMA receivables CASCADE")
