"""The numbers that suppliers gave their documents, each once per supplier and kind of document."""

from alembic import op

from bigledger.kernel.migrations.support import APPLICATION, schema, tenant_table

revision = "payables_0001"
down_revision = None
branch_labels = ("payables",)
depends_on = "ledger_0002"
phase = "expand"


def upgrade() -> None:
    schema("payables")
    tenant_table(
        "payables.supplier_number",
        """
        supplier_id uuid NOT NULL,
        type text NOT NULL,
        number text NOT NULL,
        document_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, document_id),
        CONSTRAINT supplier_number_once UNIQUE (tenant_id, supplier_id, type, number)
        """,
        "SELECT",
    )
    op.execute("""
        CREATE FUNCTION payables.claim_number() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND (NEW.party_id, NEW.status = 'void', NEW.data->'supplier_number')
                    IS NOT DISTINCT FROM (OLD.party_id, OLD.status = 'void', OLD.data->'supplier_number') THEN
                RETURN NULL;
            END IF;
            DELETE FROM payables.supplier_number n WHERE n.document_id = NEW.id;
            IF NEW.status <> 'void' AND NEW.data->>'supplier_number' IS NOT NULL THEN
                INSERT INTO payables.supplier_number (supplier_id, type, number, document_id)
                VALUES (NEW.party_id, NEW.type, lower(NEW.data->>'supplier_number'), NEW.id);
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute(f"GRANT EXECUTE ON FUNCTION payables.claim_number() TO {APPLICATION}")
    op.execute("""
        CREATE TRIGGER claim_supplier_number AFTER INSERT OR UPDATE ON kernel.document
        FOR EACH ROW WHEN (NEW.type IN ('bill', 'supplier_credit')) EXECUTE FUNCTION payables.claim_number()
    """)


def downgrade() -> None:
    op.execute("DROP TRIGGER claim_supplier_number ON kernel.document")
    op.execute("DROP SCHEMA payables CASCADE")
