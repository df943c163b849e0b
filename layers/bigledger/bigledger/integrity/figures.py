"""What must hold of the figures that follow from events: sales by product."""

from bigledger.integrity.model import Check

_ROWS = Check(
    "product_sales_equal_sales",
    "The sales kept per product and day are the sum of the sales.",
    "major",
    """
    SELECT product_id AS document_id, day::text AS place,
           trim_scale(r.quantity) || ' for ' || trim_scale(r.net) AS expected,
           trim_scale(s.quantity) || ' for ' || trim_scale(s.net) AS found
    FROM (SELECT company_id, effective_date AS day, product_id,
                 sum(quantity) AS quantity, sum(net) AS net
          FROM reporting.sale GROUP BY 1, 2, 3) r
    FULL JOIN reporting.product_sales s USING (company_id, day, product_id)
    """,
)

_POSTED = "('issued', 'partially_settled', 'settled')"

_EVENTS = Check(
    "sales_equal_events",
    "The sales are the lines of the invoices and credit notes whose events were counted, taken off as they take off.",
    "major",
    f"""
    WITH counted AS MATERIALIZED (
        SELECT e.id, e.subject_id, e.data,
               coalesce(e.data->>'cancelled_on', e.data->>'voided_on', e.data->>'date') AS day,
               CASE WHEN e.type IN ('invoice.cancelled', 'credit_note.created', 'credit_note.posted') THEN -1
                    ELSE 1 END AS sign
        FROM kernel.event e
        WHERE (e.type IN ('invoice.created', 'invoice.posted') AND e.data->>'status' IN ('issued', 'paid')
               OR e.type = 'invoice.cancelled' AND e.data->>'previous_status' IN ('issued', 'paid')
               OR e.type IN ('credit_note.created', 'credit_note.posted') AND e.data->>'status' IN {_POSTED}
               OR e.type = 'credit_note.voided' AND e.data->>'previous_status' IN {_POSTED})
          AND (e.id IN (SELECT event_id FROM reporting.sale)
               OR 'event reporting.on_' || replace(e.type, '.', '_') || ' ' || e.id
                  IN (SELECT key FROM kernel.idempotency)))
    SELECT coalesce(t.document_id, s.document_id) AS document_id, 'event ' || event_id || ' line ' || line AS place,
           trim_scale(t.quantity) || ' for ' || trim_scale(t.net) || ' on ' || t.day || ' of ' || t.product AS expected,
           trim_scale(s.quantity) || ' for ' || trim_scale(s.net) || ' on ' || s.effective_date || ' of '
               || s.product_id AS found
    FROM (SELECT c.id AS event_id, c.subject_id AS document_id, (item->>'line')::integer AS line, c.day,
                 (item->>'quantity')::numeric * c.sign AS quantity,
                 coalesce(c.data->'base'->'items'->>(place::integer - 1), item->>'net')::numeric * c.sign AS net,
                 item->'product'->>'id' AS product
          FROM counted c, jsonb_array_elements(c.data->'items') WITH ORDINALITY AS lines (item, place)) t
    FULL JOIN reporting.sale s USING (event_id, line)
    """,
)

CHECKS = (_ROWS, _EVENTS)
