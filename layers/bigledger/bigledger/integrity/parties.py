"""What must hold between the company and its customers and suppliers: open items and what settles them."""

from bigledger.integrity.model import Check

_CONTROL = Check(
    "control_accounts_equal_open_items",
    "What each document posted to a control account of receivables or payables, per party and day, is what it opened"
    " and settled of open items: so the balance of the account is the sum of the open items on any day.",
    "critical",
    """
    SELECT x.document_id,
           'account ' || coalesce(a.number, '?') || ', ' || x.day || ', party ' || coalesce(c.number, '?') AS place,
           trim_scale(sum(x.posted)) || ' ' || x.currency || ', ' || trim_scale(sum(x.posted_base)) || ' in base'
               AS expected,
           trim_scale(sum(x.opened)) || ' ' || x.currency || ', ' || trim_scale(sum(x.opened_base)) || ' in base'
               AS found
    FROM (SELECT l.document_id, l.company_id, l.account_id, l.party_id, l.currency, l.effective_date AS day,
                 l.amount AS posted, l.base_amount AS posted_base, 0 AS opened, 0 AS opened_base
          FROM ledger.journal_line l
          JOIN kernel.document k ON k.id = l.account_id AND k.type = 'account'
              AND k.data->>'control' IN ('receivable', 'payable')
          UNION ALL
          SELECT document_id, company_id, account_id, party_id, currency, effective_date, 0, 0, amount, base_amount
          FROM ledger.open_item
          UNION ALL
          SELECT s.document_id, i.company_id, i.account_id, i.party_id, i.currency, s.effective_date, 0, 0,
                 -s.amount, -s.base_amount
          FROM ledger.settlement s JOIN ledger.open_item i ON i.id = s.open_item_id) x
    LEFT JOIN kernel.document a ON a.id = x.account_id
    LEFT JOIN kernel.document c ON c.id = x.party_id
    GROUP BY x.document_id, x.company_id, x.account_id, x.party_id, a.number, c.number, x.currency, x.day
    """,
)

_SETTLED = Check(
    "settled_equals_settlements",
    "What is kept as settled of every open item is the sum of its settlements, and what is left of it is open.",
    "major",
    """
    SELECT coalesce(i.document_id, b.document_id) AS document_id,
           coalesce('instalment ' || i.instalment, 'open item ' || b.open_item_id) AS place,
           concat_ws(', ', trim_scale(i.amount) || ' ' || i.currency || ' due ' || i.due_date,
                     'settled ' || trim_scale(coalesce(s.amount, 0)),
                     CASE WHEN i.amount <> coalesce(s.amount, 0) THEN 'open' ELSE 'closed' END,
                     'in base ' || trim_scale(i.base_amount) || ' settled ' || trim_scale(coalesce(s.base_amount, 0)),
                     i.subledger || ' of ' || i.party_id || ' with ' || i.company_id) AS expected,
           concat_ws(', ', trim_scale(b.amount) || ' ' || b.currency || ' due ' || b.due_date,
                     'settled ' || trim_scale(b.settled), CASE WHEN b.open THEN 'open' ELSE 'closed' END,
                     'in base ' || trim_scale(b.base_amount) || ' settled ' || trim_scale(b.base_settled),
                     b.subledger || ' of ' || b.party_id || ' with ' || b.company_id) AS found
    FROM ledger.open_item i
    FULL JOIN ledger.open_item_balance b ON b.open_item_id = i.id
    CROSS JOIN LATERAL (SELECT sum(t.amount) AS amount, sum(t.base_amount) AS base_amount
                        FROM ledger.settlement t WHERE t.open_item_id = i.id) s
    """,
)

_WITHIN = Check(
    "settlements_within_open_items",
    "No open item is settled by more than its amount, below zero, or before its date; one that is settled whole is so"
    " in base currency too.",
    "critical",
    """
    SELECT i.document_id, 'instalment ' || i.instalment AS place,
           'within ' || trim_scale(i.amount) || ' from ' || i.effective_date AS expected,
           CASE WHEN s.amount IS NULL
                  OR s.amount BETWEEN least(i.amount, 0) AND greatest(i.amount, 0) AND s.first_on >= i.effective_date
                     AND (s.amount <> i.amount OR s.base_amount = i.base_amount)
                     AND (s.amount <> 0 OR s.base_amount = 0)
                THEN 'within ' || trim_scale(i.amount) || ' from ' || i.effective_date
                ELSE trim_scale(s.amount) || ', ' || trim_scale(s.base_amount) || ' in base, from ' || s.first_on END
               AS found
    FROM ledger.open_item i
    CROSS JOIN LATERAL (SELECT sum(t.amount) AS amount, sum(t.base_amount) AS base_amount,
                               min(t.effective_date) AS first_on
                        FROM ledger.settlement t WHERE t.open_item_id = i.id) s
    """,
)

CHECKS = (_CONTROL, _SETTLED, _WITHIN)
