"""What must hold of stock: quantities, values, reservations, and the books about them."""

from bigledger.integrity.model import Check

_MOVES = Check(
    "stock_equals_moves",
    "What is kept as on hand and its value, per product and location, is the sum of the stock moves.",
    "major",
    """
    SELECT product_id AS document_id, 'location ' || coalesce(l.number, location_id::text) AS place,
           trim_scale(coalesce(m.quantity, 0)) || ' worth ' || trim_scale(coalesce(m.value, 0)) AS expected,
           trim_scale(s.on_hand) || ' worth ' || trim_scale(s.value) AS found
    FROM (SELECT product_id, location_id, sum(quantity) AS quantity, sum(value) AS value
          FROM inventory.stock_move GROUP BY 1, 2) m
    FULL JOIN inventory.stock s USING (product_id, location_id)
    LEFT JOIN kernel.document l ON l.id = location_id
    """,
)

_RESERVED = Check(
    "reserved_equals_reservations",
    "What is kept as reserved, per product and location, is the sum of the reservations.",
    "major",
    """
    SELECT product_id AS document_id, 'location ' || coalesce(l.number, location_id::text) AS place,
           trim_scale(coalesce(r.quantity, 0))::text AS expected, trim_scale(s.reserved)::text AS found
    FROM (SELECT product_id, location_id, sum(quantity) AS quantity FROM inventory.reservation GROUP BY 1, 2) r
    FULL JOIN inventory.stock s USING (product_id, location_id)
    LEFT JOIN kernel.document l ON l.id = location_id
    """,
)

_REMAINING = Check(
    "remaining_equals_reservations",
    "What is kept as still held by every reservation is what was reserved less what was given back.",
    "major",
    """
    SELECT document_id, 'reservation ' || reservation_id AS place,
           trim_scale(r.quantity) || ' after ' || r.entries || ' entries' AS expected,
           trim_scale(b.remaining) || ' after ' || b.entries || ' entries' AS found
    FROM (SELECT reservation_id, document_id, product_id, location_id, sum(quantity) AS quantity, max(entry) AS entries
          FROM inventory.reservation GROUP BY 1, 2, 3, 4) r
    FULL JOIN inventory.reservation_balance b USING (reservation_id, document_id, product_id, location_id)
    """,
)

_COVERED = Check(
    "stock_covers_reservations",
    "Nothing is in stock below zero, and no more is promised than is there.",
    "critical",
    """
    SELECT x.product_id AS document_id, 'location ' || coalesce(l.number, x.location_id::text) AS place,
           'covered' AS expected,
           CASE WHEN sum(x.moved) >= sum(x.held) AND sum(x.held) >= 0 THEN 'covered'
                ELSE trim_scale(sum(x.held)) || ' reserved of ' || trim_scale(sum(x.moved)) END AS found
    FROM (SELECT product_id, location_id, quantity AS moved, 0 AS held FROM inventory.stock_move
          UNION ALL
          SELECT product_id, location_id, 0, quantity FROM inventory.reservation) x
    LEFT JOIN kernel.document l ON l.id = x.location_id
    GROUP BY x.product_id, x.location_id, l.number
    """,
)

_VALUE = Check(
    "stock_value_equals_books",
    "What each document did to the value of stock, per day, is what it posted to the inventory accounts: so their"
    " balance is the value of stock on any day.",
    "critical",
    """
    SELECT x.document_id, 'inventory on ' || x.day AS place, trim_scale(sum(x.moved))::text AS expected,
           trim_scale(sum(x.posted))::text AS found
    FROM (SELECT document_id, effective_date AS day, value AS moved, 0 AS posted FROM inventory.stock_move
          UNION ALL
          SELECT l.document_id, l.effective_date, 0, l.base_amount
          FROM ledger.journal_line l
          JOIN kernel.document a ON a.id = l.account_id AND a.type = 'account' AND a.data->>'control' = 'inventory') x
    GROUP BY x.document_id, x.day
    """,
)

_HELD = Check(
    "reservations_of_documents_that_wait",
    "A document that is void, a draft, released or expired holds no stock.",
    "critical",
    """
    SELECT r.document_id, 'reserved' AS place,
           trim_scale(CASE WHEN d.status IN ('draft', 'void', 'released', 'expired') THEN 0 ELSE r.quantity END)::text
               AS expected,
           trim_scale(r.quantity)::text AS found
    FROM (SELECT document_id, sum(quantity) AS quantity FROM inventory.reservation GROUP BY document_id) r
    LEFT JOIN kernel.document d ON d.id = r.document_id
    """,
)

CHECKS = (_MOVES, _RESERVED, _REMAINING, _COVERED, _VALUE, _HELD)
