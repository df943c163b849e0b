"""What must hold of the general ledger: its entries, its balances, its periods and accounts."""

from bigledger.integrity.model import Check

_ENTRIES = Check(
    "entries_balance",
    "In every journal entry of one currency debits equal credits. (An entry between two converts one into the other.)",
    "critical",
    """
    SELECT document_id, 'entry ' || entry || ', ' || string_agg(DISTINCT currency, ' and ') AS place, '0' AS expected,
           trim_scale(CASE WHEN count(DISTINCT currency) = 1 THEN sum(amount) ELSE 0 END)::text AS found
    FROM ledger.journal_line GROUP BY document_id, entry, company_id
    """,
)

_BASE = Check(
    "entries_balance_in_base",
    "In every journal entry debits equal credits in the company's base currency.",
    "critical",
    """
    SELECT document_id, 'entry ' || entry || ', base currency' AS place, '0' AS expected,
           trim_scale(sum(base_amount))::text AS found
    FROM ledger.journal_line GROUP BY document_id, entry, company_id
    """,
)

_BALANCES = Check(
    "balances_equal_lines",
    "The balance kept of every account, day, currency and dimensions is the sum of its journal lines.",
    "major",
    """
    SELECT account_id AS document_id, day || ', ' || currency || CASE WHEN closing THEN ', closing' ELSE '' END
               || CASE WHEN dimensions <> '{}' THEN ', ' || dimensions::text ELSE '' END AS place,
           'debit ' || trim_scale(l.debit) || ', credit ' || trim_scale(l.credit) || ', in base debit '
               || trim_scale(l.base_debit) || ', credit ' || trim_scale(l.base_credit) AS expected,
           'debit ' || trim_scale(b.debit) || ', credit ' || trim_scale(b.credit) || ', in base debit '
               || trim_scale(b.base_debit) || ', credit ' || trim_scale(b.base_credit) AS found
    FROM (SELECT company_id, account_id, effective_date AS day, currency, area = 'closing' AS closing,
                 dimensions,
                 sum(greatest(amount, 0)) AS debit, sum(greatest(-amount, 0)) AS credit,
                 sum(greatest(base_amount, 0)) AS base_debit, sum(greatest(-base_amount, 0)) AS base_credit
          FROM ledger.journal_line GROUP BY 1, 2, 3, 4, 5, 6) l
    FULL JOIN ledger.balance b USING (company_id, account_id, day, currency, closing, dimensions)
    """,
)

_MONTHS = Check(
    "months_equal_lines",
    "The balance kept of every account, month and dimensions is the sum of its journal lines in base currency.",
    "major",
    """
    SELECT account_id AS document_id, to_char(month, 'YYYY-MM') || CASE WHEN closing THEN ', closing' ELSE '' END
               || CASE WHEN dimensions <> '{}' THEN ', ' || dimensions::text ELSE '' END AS place,
           'in base debit ' || trim_scale(l.base_debit) || ', credit ' || trim_scale(l.base_credit) AS expected,
           'in base debit ' || trim_scale(b.base_debit) || ', credit ' || trim_scale(b.base_credit) AS found
    FROM (SELECT company_id, account_id, date_trunc('month', effective_date)::date AS month,
                 area = 'closing' AS closing, dimensions,
                 sum(greatest(base_amount, 0)) AS base_debit, sum(greatest(-base_amount, 0)) AS base_credit
          FROM ledger.journal_line GROUP BY 1, 2, 3, 4, 5) l
    FULL JOIN ledger.month_balance b USING (company_id, account_id, month, closing, dimensions)
    """,
)

_IN_PERIODS = Check(
    "lines_in_periods",
    "Every journal entry is dated within a period of a fiscal year of its company.",
    "critical",
    """
    SELECT e.document_id, 'entry ' || e.entry || ', ' || e.effective_date AS place,
           'in a period' AS expected, CASE WHEN known.company_id IS NULL THEN 'in none' ELSE 'in a period' END AS found
    FROM (SELECT DISTINCT document_id, entry, company_id, effective_date FROM ledger.journal_line) e
    LEFT JOIN (SELECT DISTINCT day.company_id, day.effective_date
               FROM (SELECT DISTINCT company_id, effective_date FROM ledger.journal_line) day
               JOIN records.fiscal_period p ON p.company_id = day.company_id
                   AND day.effective_date BETWEEN p.starts_on AND p.ends_on) known USING (company_id, effective_date)
    """,
)

_PERIODS = Check(
    "periods_equal_fiscal_years",
    "The periods that postings are held against are those of the fiscal years, open or closed as they say.",
    "major",
    """
    SELECT fiscal_year_id AS document_id, 'period from ' || starts_on AS place, y.told AS expected,
           'to ' || p.ends_on || ', ' || p.status || ', closed for ' || array_to_json(p.closed_areas) || ', locked for '
               || array_to_json(p.locked_areas) AS found
    FROM (SELECT d.id AS fiscal_year_id, c.id AS company_id, (n->>'starts_on')::date AS starts_on,
                 'to ' || (n->>'ends_on') || ', ' || (n->>'status') || ', closed for ' || array_to_json(ARRAY(
                     SELECT jsonb_array_elements_text(coalesce(n->'closed_areas', '[]'))))
                     || ', locked for ' || array_to_json(ARRAY(
                     SELECT jsonb_array_elements_text(coalesce(n->'locked_areas', '[]')))) AS told
          FROM kernel.document d
          JOIN kernel.document c ON c.type = 'company' AND c.number = d.data->>'company',
               jsonb_array_elements(d.data->'periods') n
          WHERE d.type = 'fiscal_year' AND d.status = 'active') y
    FULL JOIN records.fiscal_period p USING (fiscal_year_id, company_id, starts_on)
    """,
)

_ACCOUNTS = Check(
    "lines_on_suitable_accounts",
    "Every journal line stands on an account of the chart that is no group, and names the customer or supplier where"
    " the account is kept per party.",
    "critical",
    """
    SELECT l.document_id, 'entry ' || l.entry || ' line ' || l.line AS place, 'suitable' AS expected,
           CASE WHEN a.id IS NULL THEN 'no account'
                WHEN a.is_group THEN 'the group account ' || a.number
                WHEN a.per_party AND l.party_id IS NULL THEN 'account ' || a.number || ' without a party'
                ELSE 'suitable' END AS found
    FROM ledger.journal_line l
    LEFT JOIN (SELECT id, number, coalesce((data->>'group')::boolean, false) AS is_group,
                      coalesce(data->>'control' IN ('receivable', 'payable'), false) AS per_party
               FROM kernel.document WHERE type = 'account') a ON a.id = l.account_id
    """,
)

_DIMENSIONS = Check(
    "dimensions_of_lines_known",
    "Every value that a journal line carries is a value of its dimension.",
    "major",
    """
    SELECT l.document_id, 'entry ' || l.entry || ' line ' || l.line || ', ' || d.key AS place, d.value AS expected,
           v.number AS found
    FROM ledger.journal_line l CROSS JOIN jsonb_each_text(l.dimensions) d
    LEFT JOIN kernel.document v ON v.type = 'dimension_value' AND v.number = d.value AND v.data->>'dimension' = d.key
    WHERE l.dimensions <> '{}'
    """,
)

_INVOICES = Check(
    "postings_equal_invoices",
    "What an invoice or debit note posted is its total as a receivable, its net amounts and rounding as revenue and its"
    " taxes, on its date.",
    "critical",
    """
    SELECT d.id AS document_id, 'posting' AS place,
           'receivable ' || trim_scale(d.total) || ', revenue '
               || trim_scale((d.data->>'subtotal')::numeric + coalesce((d.data->>'rounding')::numeric, 0))
               || ', tax ' || trim_scale((d.data->>'tax_total')::numeric) || ', on ' || d.date || ' in ' || d.currency
               AS expected,
           'receivable ' || coalesce(trim_scale(l.receivable), 0) || ', revenue ' || coalesce(trim_scale(l.revenue), 0)
               || ', tax ' || coalesce(trim_scale(l.tax), 0) || ', on ' || coalesce(l.days, d.date::text) || ' in '
               || coalesce(l.currencies, d.currency) AS found
    FROM kernel.document d
    CROSS JOIN LATERAL (
        SELECT sum(j.amount) FILTER (WHERE j.party_id IS NOT NULL) AS receivable,
               -sum(j.amount) FILTER (WHERE j.party_id IS NULL AND j.tax IS NULL) AS revenue,
               -sum(j.amount) FILTER (WHERE j.tax IS NOT NULL) AS tax,
               string_agg(DISTINCT j.effective_date::text, ' and ') AS days,
               string_agg(DISTINCT j.currency, ' and ') AS currencies
        FROM ledger.journal_line j WHERE j.document_id = d.id AND j.entry = 1) l
    WHERE d.type IN ('invoice', 'debit_note') AND d.posted_at IS NOT NULL
    """,
)

_PAYMENTS = Check(
    "postings_equal_payments",
    "What a payment posted is the money it brought, what was given up with it or taken off for paying early, and all of"
    " these to the customer.",
    "critical",
    """
    SELECT d.id AS document_id, 'posting' AS place,
           'received ' || trim_scale(coalesce((d.data->>'account_amount')::numeric, d.total)) || ', written off '
               || trim_scale(w.amount) || ', credited ' || trim_scale(d.total + w.amount + w.discount)
               || ' ' || d.currency
               || ', on ' || d.date AS expected,
           'received ' || coalesce(trim_scale(l.received), 0) || ', written off '
               || coalesce(trim_scale(l.written_off), 0) || ', credited ' || coalesce(trim_scale(l.credited), 0)
               || ' ' || d.currency || ', on ' || coalesce(l.days, 'no day') AS found
    FROM kernel.document d
    CROSS JOIN LATERAL (SELECT coalesce((d.data->>'written_off')::numeric, 0) AS amount,
                               coalesce((d.data->>'discount')::numeric, 0) AS discount) w
    CROSS JOIN LATERAL (
        SELECT sum(j.amount) FILTER (WHERE j.account_id = (d.data->'account'->>'id')::uuid) AS received,
               sum(j.amount) FILTER (WHERE j.account_id = (d.data->'write_off_account'->>'id')::uuid) AS written_off,
               -sum(j.amount) FILTER (WHERE j.currency = d.currency AND a.data->>'control' = 'receivable') AS credited,
               string_agg(DISTINCT j.effective_date::text, ' and ') AS days
        FROM ledger.journal_line j LEFT JOIN kernel.document a ON a.id = j.account_id
        WHERE j.document_id = d.id AND j.entry = 1) l
    WHERE d.type = 'payment' AND d.posted_at IS NOT NULL
    """,
)

_RECEIPTS = Check(
    "postings_equal_stock_receipts",
    "What a receipt of stock posted is its total, on its date.",
    "critical",
    """
    SELECT d.id AS document_id, 'posting' AS place,
           trim_scale(d.total) || ' ' || d.currency || ', on ' || d.date AS expected,
           coalesce(trim_scale(l.debited), 0) || ' ' || coalesce(l.currencies, d.currency) || ', on '
               || coalesce(l.days, d.date::text) AS found
    FROM kernel.document d
    CROSS JOIN LATERAL (
        SELECT sum(greatest(j.amount, 0)) AS debited,
               string_agg(DISTINCT j.effective_date::text, ' and ') AS days,
               string_agg(DISTINCT j.currency, ' and ') AS currencies
        FROM ledger.journal_line j WHERE j.document_id = d.id AND j.entry = 1) l
    WHERE d.type = 'stock_receipt' AND d.posted_at IS NOT NULL
    """,
)

_REVERSALS = Check(
    "reversals_cancel_entries",
    "The entry of an invoice, debit note, credit note or payment that is void is taken back by its reversal, account by"
    " account, and no other is reversed.",
    "critical",
    """
    SELECT l.document_id, 'account ' || a.number || coalesce(', ' || l.tax, '') AS place,
           trim_scale(CASE WHEN d.status = 'void' THEN 0 ELSE l.original END)::text AS expected,
           trim_scale(l.left_over)::text AS found
    FROM (SELECT document_id, account_id, party_id, product_id, tax, currency,
                 coalesce(sum(amount) FILTER (WHERE entry = 1), 0) AS original, sum(amount) AS left_over
          FROM ledger.journal_line GROUP BY document_id, account_id, party_id, product_id, tax, currency) l
    JOIN kernel.document d ON d.id = l.document_id AND d.type IN ('invoice', 'debit_note', 'credit_note', 'payment')
    LEFT JOIN kernel.document a ON a.id = l.account_id
    """,
)

_REVALUATIONS = Check(
    "revaluations_reversed_and_posted",
    "What a revaluation recognised on each of its days is what it posted as unrealised gain and loss, and what open"
    " items were revalued by is gone after the day it is taken back on.",
    "major",
    """
    SELECT l.document_id, 'entry ' || l.entry AS place, trim_scale(l.difference)::text AS expected,
           trim_scale(coalesce(j.amount, 0))::text AS found
    FROM (SELECT document_id, entry, sum(difference) AS difference FROM ledger.revaluation_line GROUP BY 1, 2) l
    CROSS JOIN LATERAL (
        SELECT -sum(j.base_amount) AS amount FROM ledger.journal_line j
        JOIN kernel.document a ON a.id = j.account_id AND a.data->>'kind' IN ('revenue', 'expense')
        WHERE j.document_id = l.document_id AND j.entry = l.entry) j
    UNION ALL
    SELECT r.document_id, 'open items after ' || r.reverses_on, '0',
           trim_scale(coalesce((SELECT sum(l.difference) FROM ledger.revaluation_line l
                                WHERE l.document_id = r.document_id AND l.open_item_id IS NOT NULL), 0))::text
    FROM ledger.revaluation r WHERE r.reverses_on IS NOT NULL
    """,
)

CHECKS = (
    _ENTRIES,
    _BASE,
    _BALANCES,
    _MONTHS,
    _IN_PERIODS,
    _PERIODS,
    _ACCOUNTS,
    _DIMENSIONS,
    _INVOICES,
    _PAYMENTS,
    _RECEIPTS,
    _REVERSALS,
    _REVALUATIONS,
)
