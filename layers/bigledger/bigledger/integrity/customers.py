"""What must hold of sales: invoices and payments against what is owed, and the credit of customers."""

from bigledger.integrity.model import Check

_ITEMS = Check(
    "open_items_equal_documents",
    "A posted invoice or debit note is owed as its instalments say, and what a payment or a credit note left over is"
    " owed to the customer.",
    "critical",
    """
    SELECT d.id AS document_id, 'open items' AS place,
           CASE WHEN d.type NOT IN ('invoice', 'debit_note')
                THEN CASE WHEN (d.data->>'unallocated')::numeric = 0 THEN 'none'
                       ELSE d.date || ' ' || -trim_scale((d.data->>'unallocated')::numeric) END
                ELSE coalesce((
                    SELECT string_agg((n->>'due_date') || ' ' || trim_scale((n->>'amount')::numeric), ', '
                                      ORDER BY nth)
                    FROM jsonb_array_elements(d.data->'instalments') WITH ORDINALITY AS each(n, nth)
                    WHERE (n->>'amount')::numeric <> 0), 'none') END AS expected,
           coalesce(i.told, 'none') AS found
    FROM kernel.document d
    CROSS JOIN LATERAL (SELECT string_agg(o.due_date || ' ' || trim_scale(o.amount), ', ' ORDER BY o.instalment) AS told
                        FROM ledger.open_item o WHERE o.document_id = d.id) i
    WHERE d.type IN ('invoice', 'debit_note', 'payment', 'credit_note')
      AND (d.posted_at IS NOT NULL OR i.told IS NOT NULL)
    """,
)

_STATUS = Check(
    "invoice_status_equals_outstanding",
    "An invoice or debit note is issued, partially paid, paid or void as its open items and their settlements say.",
    "critical",
    """
    SELECT d.id AS document_id, 'status' AS place,
           CASE WHEN d.posted_at IS NULL
                THEN CASE WHEN d.status IN ('draft', 'pending_approval', 'void') THEN d.status ELSE 'not posted' END
                WHEN i.taken_back THEN 'void'
                WHEN d.total = 0 AND d.status = 'void' THEN 'void'
                WHEN coalesce(i.owed, 0) = 0 THEN 'paid'
                WHEN i.owed = d.total THEN 'issued'
                ELSE 'partially_paid' END AS expected,
           d.status AS found
    FROM kernel.document d
    CROSS JOIN LATERAL (
        SELECT sum(o.amount - coalesce(s.amount, 0)) AS owed, coalesce(bool_or(s.by_itself), false) AS taken_back
        FROM ledger.open_item o
        CROSS JOIN LATERAL (SELECT sum(t.amount) AS amount, bool_or(t.document_id = d.id) AS by_itself
                            FROM ledger.settlement t WHERE t.open_item_id = o.id) s
        WHERE o.document_id = d.id) i
    WHERE d.type IN ('invoice', 'debit_note')
    """,
)

_USED = """
    SELECT company_id, customer_id, amount FROM receivables.exposure_entry
    UNION ALL
    SELECT i.company_id, i.party_id, i.base_amount FROM ledger.open_item i
    WHERE i.subledger = 'receivable' AND i.amount > 0
      AND NOT EXISTS (SELECT 1 FROM receivables.exposure_entry h WHERE h.document_id = i.document_id)
    UNION ALL
    SELECT i.company_id, i.party_id, -s.base_amount
    FROM ledger.settlement s JOIN ledger.open_item i ON i.id = s.open_item_id
    WHERE i.subledger = 'receivable' AND i.amount > 0
"""
"""The rows that use credit and give it back: documents that hold it, the items of others, settlements."""

_EXPOSURE = Check(
    "exposure_equals_entries",
    "The credit kept as used of every customer is what documents hold and open items add, less what is settled.",
    "major",
    f"""
    SELECT customer_id AS document_id, 'credit used with ' || company_id AS place,
           trim_scale(e.amount)::text AS expected, trim_scale(x.amount)::text AS found
    FROM (SELECT company_id, customer_id, sum(amount) AS amount FROM ({_USED}) u GROUP BY 1, 2) e
    FULL JOIN receivables.exposure x USING (company_id, customer_id)
    """,
)

_OWED = Check(
    "exposure_equals_what_is_owed",
    "The credit a customer uses is what is open of its invoices and what waits for approval.",
    "critical",
    f"""
    SELECT x.customer_id AS document_id, 'credit used with ' || x.company_id AS place,
           trim_scale(sum(x.owed))::text AS expected, trim_scale(sum(x.used))::text AS found
    FROM (SELECT company_id, party_id AS customer_id, base_amount AS owed, 0 AS used
          FROM ledger.open_item WHERE subledger = 'receivable' AND amount > 0
          UNION ALL
          SELECT i.company_id, i.party_id, -s.base_amount, 0
          FROM ledger.settlement s JOIN ledger.open_item i ON i.id = s.open_item_id
          WHERE i.subledger = 'receivable' AND i.amount > 0
          UNION ALL
          SELECT company_id, party_id, coalesce((data->'base'->>'total')::numeric, total), 0
          FROM kernel.document WHERE type = 'invoice' AND status = 'pending_approval'
          UNION ALL
          SELECT company_id, customer_id, 0, amount FROM ({_USED}) u) x
    GROUP BY x.company_id, x.customer_id
    """,
)

_TOTALS = Check(
    "invoice_totals_equal_lines",
    "The net, tax and total of every invoice and debit note are those of its lines, and its instalments add up to the"
    " total.",
    "critical",
    """
    SELECT d.id AS document_id, 'totals' AS place,
           concat('net ', trim_scale(n.net), ', tax ', trim_scale(n.tax), ', by tax ', trim_scale(n.tax), ', total ',
                  trim_scale(n.net + n.tax + r.rounding), ', in its data ', trim_scale(n.net + n.tax + r.rounding),
                  ', instalments ', trim_scale(n.net + n.tax + r.rounding)) AS expected,
           concat('net ', trim_scale((d.data->>'subtotal')::numeric), ', tax ',
                  trim_scale((d.data->>'tax_total')::numeric), ', by tax ', trim_scale(t.amount), ', total ',
                  trim_scale(d.total), ', in its data ', trim_scale((d.data->>'total')::numeric), ', instalments ',
                  trim_scale(i.amount)) AS found
    FROM kernel.document d,
         LATERAL (SELECT coalesce((d.data->>'rounding')::numeric, 0) AS rounding) r,
         LATERAL (SELECT coalesce(sum((item->>'net')::numeric), 0) AS net,
                         coalesce(sum((SELECT coalesce(sum((levied->>'amount')::numeric), 0)
                                       FROM jsonb_array_elements(item->'taxes') levied)), 0) AS tax
                  FROM jsonb_array_elements(d.data->'items') item) n,
         LATERAL (SELECT coalesce(sum((levied->>'amount')::numeric), 0) AS amount
                  FROM jsonb_array_elements(d.data->'taxes') levied) t,
         LATERAL (SELECT coalesce(sum((part->>'amount')::numeric), 0) AS amount
                  FROM jsonb_array_elements(d.data->'instalments') part) i
    WHERE d.type IN ('invoice', 'debit_note')
    """,
)

_CREDITED = Check(
    "credited_equals_credit_notes",
    "What is kept as credited of every line of an invoice is the sum of the credit notes about it, and no more than was"
    " invoiced.",
    "major",
    """
    SELECT invoice_id AS document_id, 'line ' || line AS place,
           trim_scale(n.quantity) || ' of ' || CASE WHEN n.quantity <= n.invoiced THEN trim_scale(n.invoiced)::text
                                                    ELSE 'less' END AS expected,
           trim_scale(c.quantity) || ' of ' || trim_scale(c.invoiced) AS found
    FROM (SELECT invoice_id, line, sum(quantity) AS quantity, max(invoiced) AS invoiced
          FROM receivables.credited_line GROUP BY 1, 2) n
    FULL JOIN receivables.credited c USING (invoice_id, line)
    """,
)

CHECKS = (_ITEMS, _STATUS, _EXPOSURE, _OWED, _TOTALS, _CREDITED)
