"""What is in stock keeps its meaning: the unit it is counted in, and the company in whose currency it is valued."""

from alembic import op

revision = "inventory_0003"
down_revision = "inventory_0002"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    # A location that names no company took stock for the one that is on the receipts, and may be given that one.
    op.execute("""
        CREATE FUNCTION inventory.guard_set_up() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.type = 'product' AND EXISTS (SELECT 1 FROM inventory.stock s WHERE s.product_id = NEW.id)
               OR NEW.type = 'location' AND EXISTS (
                   SELECT 1 FROM inventory.stock s WHERE s.location_id = NEW.id) AND (
                   OLD.data->>'company' IS NOT NULL OR EXISTS (
                       SELECT 1 FROM inventory.stock_move m JOIN kernel.document r ON r.id = m.document_id
                       JOIN kernel.document c ON c.id = r.company_id
                       WHERE m.location_id = NEW.id AND c.number <> NEW.data->>'company')) THEN
                RAISE EXCEPTION 'constraint "set_up_in_use": stock rests on % %', NEW.type, NEW.number
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'set_up_in_use';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER guard_stock AFTER UPDATE ON kernel.document
        FOR EACH ROW WHEN (NEW.type IN ('product', 'location')
            AND (NEW.data->'company', CASE NEW.type WHEN 'product' THEN NEW.data->'kind' END, NEW.data->'unit')
                IS DISTINCT FROM
                (OLD.data->'company', CASE NEW.type WHEN 'product' THEN OLD.data->'kind' END, OLD.data->'unit'))
        EXECUTE FUNCTION inventory.guard_set_up()
    """)


def downgrade() -> None:
    op.execute("DROP FUNCTION inventory.guard_set_up() CASCADE")
