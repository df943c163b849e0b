"""What must hold of purchases: bills, supplier credits and payments against what is owed to suppliers."""

from bigledger.integrity.model import Check

_ITEMS = Check(
    "supplier_items_equal_documents",
    "A posted bill is owed as its instalments say, and what a supplier credit or a payment left over is in the"
    " company's favour.",
    "critical",
    """
    SELECT d.id AS document_id, 'open items' AS place,
           CASE WHEN d.type <> 'bill' THEN CASE WHEN (d.data->>'unallocated')::numeric = 0 THEN 'none'
                       ELSE d.date || ' ' || trim_scale((d.data->>'unallocated')::numeric) END
                ELSE coalesce((
                    SELECT string_agg((n->>'due_date') || ' ' || trim_scale(-(n->>'amount')::numeric), ', '
                                      ORDER BY nth)
                    FROM jsonb_array_elements(d.data->'instalments') WITH ORDINALITY AS each(n, nth)
                    WHERE (n->>'amount')::numeric <> 0), 'none') END AS expected,
           coalesce(i.told, 'none') AS found
    FROM kernel.document d
    CROSS JOIN LATERAL (SELECT string_agg(o.due_date || ' ' || trim_scale(o.amount), ', ' ORDER BY o.instalment) AS told
                        FROM ledger.open_item o WHERE o.document_id = d.id) i
    WHERE d.type IN ('bill', 'supplier_payment', 'supplier_credit') AND (d.posted_at IS NOT NULL OR i.told IS NOT NULL)
    """,
)

_STATUS = Check(
    "bill_status_equals_outstanding",
    "A bill is posted, partially paid, paid or void as its open items and their settlements say.",
    "critical",
    """
    SELECT d.id AS document_id, 'status' AS place,
           CASE WHEN d.posted_at IS NULL
                THEN CASE WHEN d.status IN ('draft', 'pending_approval', 'void') THEN d.status ELSE 'not posted' END
                WHEN i.taken_back THEN 'void'
                WHEN k.payable = 0 AND d.status = 'void' THEN 'void'
                WHEN coalesce(i.owed, 0) = 0 THEN 'paid'
                WHEN i.owed = k.payable THEN 'posted'
                ELSE 'partially_paid' END AS expected,
           d.status AS found
    FROM kernel.document d
    CROSS JOIN LATERAL (
        SELECT -sum(o.amount - coalesce(s.amount, 0)) AS owed, coalesce(bool_or(s.by_itself), false) AS taken_back
        FROM ledger.open_item o
        CROSS JOIN LATERAL (SELECT sum(t.amount) AS amount, bool_or(t.document_id = d.id) AS by_itself
                            FROM ledger.settlement t WHERE t.open_item_id = o.id) s
        WHERE o.document_id = d.id) i
    CROSS JOIN LATERAL (SELECT d.total - coalesce((d.data->'withholding'->>'amount')::numeric, 0) AS payable) k
    WHERE d.type = 'bill'
    """,
)

_TOTALS = Check(
    "bill_totals_equal_lines",
    "The net, cost and total of every bill are those of its lines and taxes, and its instalments add up to the total"
    " less what is withheld.",
    "critical",
    """
    SELECT d.id AS document_id, 'totals' AS place,
           concat('net ', trim_scale(n.net), ', cost ', trim_scale(n.net + n.extra), ', not deductible ',
                  trim_scale(n.extra), ', taxes ', trim_scale(n.tax), ', total ', trim_scale(n.net + t.charged),
                  ', in its data ', trim_scale(n.net + t.charged), ', instalments ',
                  trim_scale(n.net + t.charged - coalesce((d.data->'withholding'->>'amount')::numeric, 0)))
               AS expected,
           concat('net ', trim_scale((d.data->>'subtotal')::numeric), ', cost ', trim_scale(n.cost),
                  ', not deductible ', trim_scale(t.extra), ', taxes ',
                  trim_scale(t.claimed + t.cost - t.withheld), ', total ',
                  trim_scale(d.total), ', in its data ', trim_scale((d.data->>'total')::numeric), ', instalments ',
                  trim_scale(i.amount)) AS found
    FROM kernel.document d,
         LATERAL (SELECT coalesce(sum((item->>'net')::numeric), 0) AS net,
                         coalesce(sum((item->>'cost')::numeric), 0) AS cost,
                         coalesce(sum((item->>'non_deductible')::numeric), 0) AS extra,
                         coalesce(sum((SELECT coalesce(sum((levied->>'amount')::numeric), 0)
                                       FROM jsonb_array_elements(item->'taxes') levied)), 0) AS tax
                  FROM jsonb_array_elements(d.data->'items') item) n,
         LATERAL (SELECT coalesce(sum((levied->>'amount')::numeric)
                                  FILTER (WHERE levied->'reverse_charge' IS NULL), 0) AS charged,
                         coalesce(sum((levied->>'recoverable')::numeric), 0) AS claimed,
                         coalesce(sum((levied->>'owed')::numeric)
                                  FILTER (WHERE levied->'withheld' IS NOT NULL), 0) AS withheld,
                         coalesce(sum((levied->>'non_deductible')::numeric), 0) AS cost,
                         coalesce(sum((levied->>'non_deductible')::numeric)
                                  FILTER (WHERE d.data->'accounts'->'costs'->(levied->>'code') IS NULL), 0) AS extra
                  FROM jsonb_array_elements(d.data->'taxes') levied) t,
         LATERAL (SELECT coalesce(sum((part->>'amount')::numeric), 0) AS amount
                  FROM jsonb_array_elements(d.data->'instalments') part) i
    WHERE d.type IN ('bill', 'supplier_credit')
    """,
)

_CREDITED = Check(
    "credited_equals_supplier_credits",
    "What is kept as credited of every line of a bill is the sum of the supplier credits about it, and no more than was"
    " billed.",
    "major",
    """
    SELECT bill_id AS document_id, 'line ' || line AS place,
           trim_scale(n.quantity) || ' of ' || CASE WHEN n.quantity <= n.billed THEN trim_scale(n.billed)::text
                                                    ELSE 'less' END AS expected,
           trim_scale(c.quantity) || ' of ' || trim_scale(c.billed) AS found
    FROM (SELECT bill_id, line, sum(quantity) AS quantity, max(billed) AS billed
          FROM payables.credited_line GROUP BY 1, 2) n
    FULL JOIN payables.credited c USING (bill_id, line)
    """,
)

_NUMBERS = Check(
    "supplier_numbers_equal_documents",
    "Every bill and supplier credit that is not void has its supplier's number, and no other document of that supplier"
    " has it.",
    "major",
    """
    SELECT coalesce(d.id, n.document_id) AS document_id, 'supplier''s number' AS place,
           d.type || ' ' || lower(d.data->>'supplier_number') || ' of ' || d.party_id AS expected,
           n.type || ' ' || n.number || ' of ' || n.supplier_id AS found
    FROM (SELECT * FROM kernel.document WHERE type IN ('bill', 'supplier_credit') AND status <> 'void') d
    FULL JOIN payables.supplier_number n ON n.document_id = d.id
    """,
)

_SPELLINGS = Check(
    "supplier_number_keys_equal_documents",
    "A supplier's number is kept as what all its spellings have in common, once for each supplier.",
    "major",
    """
    SELECT coalesce(d.id, k.document_id) AS document_id, 'spelling' AS place,
           d.type || ' ' || d.key || ' of ' || d.party_id AS expected,
           k.type || ' ' || k.key || ' of ' || k.supplier_id AS found
    FROM (SELECT id, type, party_id, payables.number_key(data->>'supplier_number') AS key FROM kernel.document
          WHERE type IN ('bill', 'supplier_credit') AND status <> 'void') d
    FULL JOIN payables.supplier_number_key k ON k.document_id = d.id
    WHERE k.document_id IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM payables.supplier_number_key o
        WHERE o.supplier_id = d.party_id AND o.type = d.type AND o.key = d.key)
    """,
)

_RUNS = Check(
    "bills_in_runs_equal_payment_runs",
    "A bill, or an item of an entry, is held by the payment run that has it on a line that is open, and by no other.",
    "major",
    """
    SELECT coalesce(x.document_id, r.document_id) AS document_id, 'held by a run' AS place,
           x.run_id::text AS expected, r.run_id::text AS found
    FROM (SELECT (b->'document'->>'id')::uuid AS document_id,
                 coalesce(b->>'open_item_id', b->'document'->>'id')::uuid AS held, d.id AS run_id
          FROM kernel.document d, jsonb_array_elements(d.data->'lines') line, jsonb_array_elements(line->'bills') b
          WHERE d.type = 'payment_run' AND d.status IN ('proposed', 'approved') AND line->>'status' = 'open') x
    FULL JOIN (SELECT bill_id AS document_id, bill_id AS held, run_id FROM payables.bill_in_run bills
               UNION ALL
               SELECT i.document_id, h.open_item_id, h.run_id
               FROM payables.item_in_run h LEFT JOIN ledger.open_item i ON i.id = h.open_item_id) r
        ON r.held = x.held AND r.run_id = x.run_id
    """,
)

_WITHHOLDING = Check(
    "withholding_equals_documents",
    "What counts towards thresholds of withholding in a supplier's year is what its payments, bills and their credits"
    " say that are not void.",
    "major",
    """
    SELECT coalesce(n.supplier_id, t.supplier_id) AS document_id,
           concat_ws(' ', 'withheld from', coalesce(n.period, t.period),
                     nullif(coalesce(n.certificate, t.certificate), ''))
               AS place,
           coalesce(trim_scale(n.charged) || ' of ' || trim_scale(n.base), 'nothing') AS expected,
           coalesce(trim_scale(t.charged) || ' of ' || trim_scale(t.base), 'nothing') AS found
    FROM (SELECT d.company_id, d.party_id AS supplier_id, (c->'tax'->>'id')::uuid AS tax_id,
                 (c->>'period')::date AS period, coalesce(c->>'certificate', '') AS certificate,
                 sum((c->>'base')::numeric) AS base, sum((c->>'charged')::numeric) AS charged
          FROM kernel.document d, jsonb_array_elements(d.data->'withholding_counts') c
          WHERE d.type IN ('supplier_payment', 'bill', 'supplier_credit') AND d.status <> 'void'
            AND d.posted_at IS NOT NULL GROUP BY 1, 2, 3, 4, 5
          HAVING (sum((c->>'base')::numeric), sum((c->>'charged')::numeric)) <> (0, 0)) n
    FULL JOIN (SELECT * FROM payables.withholding_total WHERE (base, charged) <> (0, 0)) t
        USING (company_id, supplier_id, tax_id, period, certificate)
    """,
)

CHECKS = (_ITEMS, _STATUS, _TOTALS, _CREDITED, _NUMBERS, _SPELLINGS, _RUNS, _WITHHOLDING)
