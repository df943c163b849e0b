"""Stock moves and reservations, append-only, and what is on hand and reserved, kept from them by their triggers."""

from alembic import op

from bigledger.kernel.migrations.support import append_only, refers, schema, tenant_table

revision = "inventory_0001"
down_revision = None
branch_labels = ("inventory",)
depends_on = "records_0001"
phase = "expand"


def upgrade() -> None:
    schema("inventory")
    _ledgers()
    _projections()
    _trigger("stock_move", _SHIPPED + _stock_from("sum(quantity) AS on_hand, 0 AS reserved, sum(value) AS value"))
    _trigger("reservation", _BALANCE + _stock_from("0 AS on_hand, sum(quantity) AS reserved, 0 AS value"))


def _ledgers() -> None:
    tenant_table(
        "inventory.stock_move",
        """
        id uuid NOT NULL,
        document_id uuid NOT NULL,
        line integer NOT NULL CHECK (line > 0),
        product_id uuid NOT NULL,
        location_id uuid NOT NULL,
        lot text,
        quantity numeric NOT NULL,
        unit_cost numeric NOT NULL CHECK (unit_cost >= 0 AND unit_cost = round(unit_cost, 6)),
        value numeric NOT NULL,
        reservation_id uuid,
        effective_date date NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, id),
        CONSTRAINT stock_move_moves CHECK (quantity <> 0 OR value <> 0),
        CONSTRAINT stock_move_of_reservation CHECK (reservation_id IS NULL OR quantity < 0)
        """,
    )
    op.execute("CREATE INDEX stock_move_document ON inventory.stock_move (tenant_id, document_id, line)")
    op.execute("""
        CREATE INDEX stock_move_product ON inventory.stock_move
        (tenant_id, product_id, location_id, effective_date, recorded_at, id)
    """)
    op.execute("COMMENT ON COLUMN inventory.stock_move.quantity IS 'in the unit of the product; positive comes in'")
    op.execute("COMMENT ON COLUMN inventory.stock_move.value IS 'in base currency, signed like the quantity'")
    op.execute("""
        COMMENT ON COLUMN inventory.stock_move.reservation_id IS
        'the reservation that held what leaves; its entry with the reason shipped follows by itself'
    """)
    append_only("inventory.stock_move")
    refers("inventory.stock_move", "document_id", "product_id", "location_id")
    tenant_table(
        "inventory.reservation",
        """
        reservation_id uuid NOT NULL,
        entry smallint NOT NULL CHECK (entry > 0),
        document_id uuid NOT NULL,
        product_id uuid NOT NULL,
        location_id uuid NOT NULL,
        quantity numeric NOT NULL,
        reason text NOT NULL CHECK (reason IN ('reserved', 'released', 'expired', 'shipped')),
        expires_at timestamptz,
        recorded_at timestamptz NOT NULL DEFAULT kernel.now(),
        PRIMARY KEY (tenant_id, reservation_id, entry),
        CONSTRAINT reservation_begins CHECK (
            (entry = 1) = (reason = 'reserved')
            AND CASE WHEN entry = 1 THEN quantity > 0 ELSE quantity < 0 AND expires_at IS NULL END)
        """,
    )
    op.execute("""
        COMMENT ON TABLE inventory.reservation IS
        'entry 1 reserves for the document, later entries give back: released, expired or shipped'
    """)
    append_only("inventory.reservation")
    refers("inventory.reservation", "document_id", "product_id", "location_id")


def _projections() -> None:
    tenant_table(
        "inventory.stock",
        """
        product_id uuid NOT NULL,
        location_id uuid NOT NULL,
        on_hand numeric NOT NULL,
        reserved numeric NOT NULL,
        value numeric NOT NULL,
        PRIMARY KEY (tenant_id, product_id, location_id),
        CONSTRAINT stock_covers_reservations CHECK (on_hand - reserved >= 0),
        CONSTRAINT stock_on_hand_not_negative CHECK (on_hand >= 0),
        CONSTRAINT stock_reserved_not_negative CHECK (reserved >= 0)
        """,
        "SELECT",
    )
    tenant_table(
        "inventory.reservation_balance",
        """
        reservation_id uuid NOT NULL,
        document_id uuid NOT NULL,
        product_id uuid NOT NULL,
        location_id uuid NOT NULL,
        remaining numeric NOT NULL,
        entries smallint NOT NULL,
        expires_at timestamptz,
        open boolean NOT NULL GENERATED ALWAYS AS (remaining > 0) STORED,
        PRIMARY KEY (tenant_id, reservation_id),
        CONSTRAINT reservation_not_overdrawn CHECK (remaining >= 0)
        """,
        "SELECT",
    )
    op.execute("""
        ALTER TABLE inventory.stock_move ADD FOREIGN KEY (tenant_id, reservation_id)
        REFERENCES inventory.reservation_balance (tenant_id, reservation_id)
    """)
    op.execute("CREATE INDEX reservation_document ON inventory.reservation_balance (tenant_id, document_id)")
    # Whether a numeric is above zero must not be asked under row-level security: it would keep the index out.
    op.execute("""
        CREATE INDEX reservation_expiry ON inventory.reservation_balance
        (tenant_id, product_id, location_id, expires_at) WHERE open AND expires_at IS NOT NULL
    """)


# What leaves has to be given back before it leaves: the stock always covers its reservations.
_SHIPPED = """
            IF EXISTS (SELECT 1 FROM new_rows WHERE reservation_id IS NOT NULL) THEN
                INSERT INTO inventory.reservation
                    (reservation_id, entry, document_id, product_id, location_id, quantity, reason)
                SELECT n.reservation_id, b.entries + 1, b.document_id, n.product_id, n.location_id, n.quantity,
                       'shipped'
                FROM (SELECT reservation_id, product_id, location_id, sum(quantity) AS quantity FROM new_rows
                      WHERE reservation_id IS NOT NULL GROUP BY reservation_id, product_id, location_id) n
                CROSS JOIN LATERAL (
                    SELECT entries, document_id FROM inventory.reservation_balance
                    WHERE reservation_id = n.reservation_id LIMIT 1) b
                ORDER BY n.reservation_id;
            END IF;
"""

# Row by row, each found by its key: a plan over the table as it was when it was small would read all of it later.
# Every writer goes through the rows in the same order, so that none waits for one that waits for it.
_BALANCE = """
            INSERT INTO inventory.reservation_balance
                (reservation_id, document_id, product_id, location_id, remaining, entries, expires_at)
            SELECT reservation_id, document_id, product_id, location_id, quantity, entry, expires_at
            FROM new_rows WHERE entry = 1;

            FOR change IN
                SELECT reservation_id, document_id, product_id, location_id, sum(quantity) AS quantity,
                       max(entry) AS entries
                FROM new_rows WHERE entry > 1
                GROUP BY reservation_id, document_id, product_id, location_id ORDER BY reservation_id
            LOOP
                UPDATE inventory.reservation_balance b
                SET remaining = b.remaining + change.quantity, entries = greatest(b.entries, change.entries)
                WHERE b.reservation_id = change.reservation_id
                  AND (b.document_id, b.product_id, b.location_id)
                    = (change.document_id, change.product_id, change.location_id);
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'constraint "reservation_not_overdrawn": % holds nothing of this',
                        change.reservation_id
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'reservation_not_overdrawn';
                END IF;
            END LOOP;
"""


def _stock_from(sums: str) -> str:
    """Add the new rows, summed like this, to the stock."""
    return f"""
            FOR change IN
                SELECT product_id, location_id, {sums} FROM new_rows
                GROUP BY product_id, location_id ORDER BY product_id, location_id
            LOOP
                UPDATE inventory.stock s
                SET on_hand = s.on_hand + change.on_hand, reserved = s.reserved + change.reserved,
                    value = s.value + change.value
                WHERE s.product_id = change.product_id AND s.location_id = change.location_id;
                IF NOT FOUND THEN
                    INSERT INTO inventory.stock AS s (product_id, location_id, on_hand, reserved, value)
                    VALUES (change.product_id, change.location_id, change.on_hand, change.reserved, change.value)
                    -- Another receipt may have made the row since.
                    ON CONFLICT (tenant_id, product_id, location_id) DO UPDATE SET
                        on_hand = s.on_hand + excluded.on_hand, reserved = s.reserved + excluded.reserved,
                        value = s.value + excluded.value;
                END IF;
            END LOOP;
    """


def _trigger(table: str, body: str) -> None:
    """Keep the projections of a ledger table; the application itself cannot write them."""
    op.execute(f"""
        CREATE FUNCTION inventory.project_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog AS $$
        DECLARE change record;
        BEGIN
            {body}
            RETURN NULL;
        END $$
    """)
    op.execute(f"""
        CREATE TRIGGER project AFTER INSERT ON inventory.{table} REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION inventory.project_{table}()
    """)


def downgrade() -> None:
    op.execute("DROP SCHEMA inventory CASCADE")
