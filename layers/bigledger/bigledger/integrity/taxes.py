"""What must hold of taxes: what documents say of them is what they posted, and what returns tell of it."""

from bigledger.integrity.model import Check

_ENTRIES = Check(
    "tax_entries_equal_postings",
    "What the tax entries of a posting say is owed or recovered on an account is what its journal lines have there in"
    " base currency.",
    "critical",
    """
    SELECT t.document_id, 'entry ' || t.entry || ', account ' || coalesce(a.number, '?') AS place,
           trim_scale(coalesce(j.amount, 0))::text AS expected, trim_scale(t.amount)::text AS found
    FROM (SELECT document_id, entry, account_id, sum(amount) AS amount
          FROM (SELECT document_id, entry, output_account_id AS account_id, -output AS amount FROM tax.tax_entry
                UNION ALL SELECT document_id, entry, input_account_id, input FROM tax.tax_entry) e
          WHERE account_id IS NOT NULL GROUP BY 1, 2, 3) t
    CROSS JOIN LATERAL (SELECT sum(l.base_amount) AS amount FROM ledger.journal_line l
                        WHERE l.document_id = t.document_id AND l.entry = t.entry AND l.account_id = t.account_id) j
    LEFT JOIN kernel.document a ON a.id = t.account_id
    """,
)

_RETURNS = Check(
    "tax_returns_equal_entries",
    "What a tax return says is owed and recovered is the sum of the entries it was prepared from.",
    "critical",
    """
    SELECT d.id AS document_id, 'figures' AS place,
           'output ' || trim_scale((d.data->>'output')::numeric) || ', input '
               || trim_scale((d.data->>'input')::numeric) AS expected,
           'output ' || trim_scale(coalesce(s.output, 0)) || ', input ' || trim_scale(coalesce(s.input, 0)) AS found
    FROM kernel.document d
    CROSS JOIN LATERAL (
        SELECT sum(e.output) AS output, sum(e.input) AS input
        FROM tax.return_entry m JOIN tax.tax_entry e ON e.document_id = m.document_id AND e.entry = m.entry
        WHERE m.return_id = d.id AND e.tax IN (SELECT t->>'tax' FROM jsonb_array_elements(d.data->'mapping') t)) s
    WHERE d.type = 'tax_return'
    """,
)

CHECKS = (_ENTRIES, _RETURNS)
