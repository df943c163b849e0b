"""A number of a supplier is the same however it is spelled: with other separators, blanks or leading zeros."""

from alembic import op

from bigledger.kernel.migrations.support import APPLICATION, tenant_table

revision = "payables_0006"
down_revision = "payables_0005"
branch_labels = None
depends_on = None
phase = "expand"

_CLAIM = """
        CREATE OR REPLACE FUNCTION payables.claim_number() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND (NEW.party_id, NEW.status = 'void', NEW.data->'supplier_number')
                    IS NOT DISTINCT FROM (OLD.party_id, OLD.status = 'void', OLD.data->'supplier_number') THEN
                RETURN NULL;
            END IF;
            DELETE FROM payables.supplier_number n WHERE n.document_id = NEW.id;
{forget}
            IF NEW.status <> 'void' AND NEW.data->>'supplier_number' IS NOT NULL THEN
                INSERT INTO payables.supplier_number (supplier_id, type, number, document_id)
                VALUES (NEW.party_id, NEW.type, lower(NEW.data->>'supplier_number'), NEW.id);
{claim}
            END IF;
            RETURN NULL;
        END $$
"""


def upgrade() -> None:
    # Runs of letters and runs of digits without leading zeros, whatever separates them. What is nothing else stays.
    op.execute(r"""
        CREATE FUNCTION payables.number_key(number text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        SET search_path = pg_catalog AS $$
            SELECT coalesce(nullif(btrim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
                lower(number),
                '[[:space:][:punct:]–—‐‑−]+', ' ', 'g'),
                '([^0-9 ])([0-9])', '\1 \2', 'g'),
                '([0-9])([^0-9 ])', '\1 \2', 'g'),
                '(^| )0+(?=[0-9])', '\1', 'g')), ''), lower(number))
        $$
    """)
    op.execute(f"GRANT EXECUTE ON FUNCTION payables.number_key(text) TO {APPLICATION}")
    tenant_table(
        "payables.supplier_number_key",
        """
        supplier_id uuid NOT NULL,
        type text NOT NULL,
        key text NOT NULL,
        document_id uuid NOT NULL,
        PRIMARY KEY (tenant_id, document_id),
        CONSTRAINT supplier_number_spelled_once UNIQUE (tenant_id, supplier_id, type, key)
        """,
        "SELECT",
    )
    # Of documents that were entered with two spellings of a number the first one has it.
    for table in ("supplier_number", "supplier_number_key"):
        op.execute(f"ALTER TABLE payables.{table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        INSERT INTO payables.supplier_number_key (tenant_id, supplier_id, type, key, document_id)
        SELECT DISTINCT ON (tenant_id, supplier_id, type, payables.number_key(number))
               tenant_id, supplier_id, type, payables.number_key(number), document_id
        FROM payables.supplier_number
        ORDER BY tenant_id, supplier_id, type, payables.number_key(number), document_id
    """)
    for table in ("supplier_number", "supplier_number_key"):
        op.execute(f"ALTER TABLE payables.{table} FORCE ROW LEVEL SECURITY")
    forget = "            DELETE FROM payables.supplier_number_key k WHERE k.document_id = NEW.id;"
    claim = """
                INSERT INTO payables.supplier_number_key (supplier_id, type, key, document_id)
                VALUES (NEW.party_id, NEW.type, payables.number_key(NEW.data->>'supplier_number'), NEW.id);
    """
    op.execute(_CLAIM.format(forget=forget, claim=claim))


def downgrade() -> None:
    op.execute(_CLAIM.format(forget="", claim=""))
    op.execute("DROP TABLE payables.supplier_number_key CASCADE")
    op.execute("DROP FUNCTION payables.number_key(text)")
