"""What payments count for in the withholding of a supplier's year, and how the year stands."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, tenant_table

revision = "payables_0005"
down_revision = "payables_0004"
branch_labels = None
depends_on = None
phase = "expand"

_KEY = "company_id, supplier_id, tax_id, period, certificate"


def upgrade() -> None:
    tenant_table(
        "payables.withholding",
        """
        document_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        company_id uuid NOT NULL,
        supplier_id uuid NOT NULL,
        tax_id uuid NOT NULL,
        period date NOT NULL,
        certificate text NOT NULL,
        effective_date date NOT NULL,
        base numeric NOT NULL,
        charged numeric NOT NULL,
        whole smallint NOT NULL CHECK (whole BETWEEN -1 AND 1),
        base_before numeric,
        charged_before numeric,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, document_id, entry, certificate),
        CONSTRAINT withholding_said_before CHECK (entry > 1 OR (base_before IS NULL) = (charged_before IS NULL))
        """,
    )
    append_only("payables.withholding")
    refers("payables.withholding", "document_id", "company_id", "supplier_id", "tax_id")
    tenant_table(
        "payables.withholding_total",
        f"""
        company_id uuid NOT NULL,
        supplier_id uuid NOT NULL,
        tax_id uuid NOT NULL,
        period date NOT NULL,
        certificate text NOT NULL,
        base numeric NOT NULL,
        charged numeric NOT NULL CONSTRAINT withholding_not_negative CHECK (charged >= 0),
        whole integer NOT NULL,
        PRIMARY KEY (tenant_id, supplier_id, {_KEY.replace("supplier_id, ", "")})
        """,
        "SELECT",
    )
    op.execute(f"""
        CREATE FUNCTION payables.count_withholding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE change record; stood record;
        BEGIN
            FOR change IN SELECT * FROM new_rows ORDER BY {_KEY}, document_id, entry LOOP
                INSERT INTO payables.withholding_total ({_KEY}, base, charged, whole)
                VALUES (change.company_id, change.supplier_id, change.tax_id, change.period, change.certificate,
                        0, 0, 0)
                ON CONFLICT DO NOTHING;
                SELECT t.base, t.charged INTO stood FROM payables.withholding_total t
                WHERE t.supplier_id = change.supplier_id AND t.company_id = change.company_id
                  AND t.tax_id = change.tax_id AND t.period = change.period AND t.certificate = change.certificate
                FOR UPDATE;
                -- Whoever comes second has counted from a year that is no more as it was read, and counts anew.
                IF (change.base_before, change.charged_before) <> (stood.base, stood.charged) THEN
                    RAISE EXCEPTION 'constraint "withholding_counted_on": % of supplier % stands at %, not at %',
                        change.period, change.supplier_id, stood.base, change.base_before
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'withholding_counted_on';
                END IF;
                UPDATE payables.withholding_total t
                SET base = t.base + change.base, charged = t.charged + change.charged,
                    whole = t.whole + change.whole
                WHERE t.supplier_id = change.supplier_id AND t.company_id = change.company_id
                  AND t.tax_id = change.tax_id AND t.period = change.period AND t.certificate = change.certificate;
            END LOOP;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER project AFTER INSERT ON payables.withholding REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION payables.count_withholding()
    """)


def downgrade() -> None:
    op.execute("DROP TABLE payables.withholding_total, payables.withholding CASCADE")
    op.execute("DROP FUNCTION payables.count_withholding()")
