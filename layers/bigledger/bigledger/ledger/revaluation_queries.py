"""What revaluations read: each in one statement."""

import datetime as dt
from typing import Any

from bigledger.currency import rate_json
from bigledger.kernel import Context, NotFound
from bigledger.kernel.documents import AS_JSON, matching
from bigledger.ledger.entries import entries_json

TYPE = "revaluation"

_STORED = f"""jsonb_build_object(
    'document', {AS_JSON}, 'entries', {entries_json("d.id")},
    'events', (SELECT jsonb_agg(e.type ORDER BY e.sequence) FROM kernel.event e WHERE e.subject_id = d.id))"""

_ONE = f"""
    SELECT jsonb_build_object('stored', {_STORED}, 'later', (
        SELECT l.number FROM ledger.revaluation r JOIN kernel.document l ON l.id = r.document_id
        WHERE r.company_id = d.company_id AND r.day > d.date AND l.status = 'posted' ORDER BY r.day DESC LIMIT 1)
    )::text FROM kernel.document d WHERE d.type = '{TYPE}' AND {{match}} LIMIT 1
"""

_OPEN = f"""
    WITH asked AS MATERIALIZED (
        SELECT cast(:company AS uuid) AS company, cast(:day AS date) AS day, cast(:base AS text) AS base),
    rows AS MATERIALIZED (
        SELECT i.id AS open_item_id, i.document_id, i.subledger, i.account_id, i.party_id, i.currency, i.due_date,
               i.amount - s.amount AS amount, i.base_amount - s.base_amount AS carried, r.recognised
        FROM asked, ledger.open_item i
        CROSS JOIN LATERAL (SELECT coalesce(sum(t.amount), 0) AS amount, coalesce(sum(t.base_amount), 0) AS base_amount
                            FROM ledger.settlement t
                            WHERE t.open_item_id = i.id AND t.effective_date <= cast(:day AS date)) s
        CROSS JOIN LATERAL (SELECT coalesce(sum(l.difference), 0) AS recognised FROM ledger.revaluation_line l
                            WHERE l.open_item_id = i.id AND l.effective_date <= cast(:day AS date)) r
        WHERE i.id = ANY (ARRAY(
                SELECT b.open_item_id FROM ledger.open_item_balance b
                WHERE b.company_id = cast(:company AS uuid) AND b.open
                UNION SELECT t.open_item_id FROM ledger.settlement t WHERE t.effective_date > cast(:day AS date)
                UNION SELECT l.open_item_id FROM ledger.revaluation_line l
                WHERE l.open_item_id IS NOT NULL AND l.effective_date <= cast(:day AS date)
                GROUP BY l.open_item_id HAVING sum(l.difference) <> 0))
          AND i.company_id = asked.company AND i.currency <> asked.base AND i.effective_date <= asked.day
          AND (i.amount <> s.amount OR r.recognised <> 0)
        UNION ALL
        SELECT NULL, NULL, NULL, a.id, NULL, b.currency, NULL, sum(b.debit - b.credit),
               sum(b.base_debit - b.base_credit), 0
        FROM asked, kernel.document a
        CROSS JOIN LATERAL (SELECT * FROM ledger.balance v
                            WHERE v.company_id = cast(:company AS uuid) AND v.account_id = a.id
                              AND v.day <= cast(:day AS date)) b
        WHERE a.type = 'account' AND b.currency <> asked.base
          AND (a.data->>'control' IN ('bank', 'cash') OR (a.data->>'control' IS NULL AND a.data->>'kind' = 'asset'
               AND a.data->>'category' = 'cash_and_cash_equivalents'))
        GROUP BY a.id, b.currency)
    SELECT jsonb_build_object(
        'rows', (SELECT jsonb_agg(jsonb_build_object(
                    'open_item_id', w.open_item_id, 'subledger', w.subledger, 'account_id', w.account_id,
                    'party_id', w.party_id, 'currency', w.currency, 'amount', w.amount::text,
                    'carried', w.carried::text, 'recognised', w.recognised::text,
                    'document', (SELECT jsonb_build_object('id', d.id, 'code', d.number) FROM kernel.document d
                                 WHERE d.id = w.document_id))
                    ORDER BY w.open_item_id IS NULL, w.due_date, w.open_item_id, w.account_id, w.currency) FROM rows w),
        'rates', (SELECT jsonb_object_agg(c.currency, jsonb_build_object(
                      'closing', {rate_json("c.currency", "cast(:base AS text)", "cast(:day AS date)", "'closing'")},
                      'spot', {rate_json("c.currency", "cast(:base AS text)", "cast(:day AS date)")}))
                  FROM (SELECT DISTINCT currency FROM rows) c),
        'runs', (SELECT count(*) FROM ledger.revaluation r
                 WHERE r.company_id = cast(:company AS uuid) AND r.day = cast(:day AS date)),
        'same_day', (SELECT {_STORED} FROM ledger.revaluation r JOIN kernel.document d ON d.id = r.document_id
                     WHERE r.company_id = cast(:company AS uuid) AND r.day = cast(:day AS date)
                       AND d.status = 'posted' ORDER BY r.run DESC LIMIT 1),
        'later', (SELECT d.number FROM ledger.revaluation r JOIN kernel.document d ON d.id = r.document_id
                  WHERE r.company_id = cast(:company AS uuid) AND r.day > cast(:day AS date) AND d.status = 'posted'
                  ORDER BY r.day DESC LIMIT 1)
    )::text
"""


def what_is_open(context: Context, company: str, on: dt.date, base: str) -> Any:
    """Open items and money in foreign currencies at the end of a day, their rates, and the revaluations around it."""
    return context.work.read_json(_OPEN, company=company, day=str(on), base=base)


def stored(context: Context, reference: str) -> Any:
    """A revaluation by id or number, and the number of one for a later day. Raises NotFound."""
    found = context.work.read_json(_ONE.format(match=matching(reference)), reference=reference)
    if found is None:
        raise NotFound(f"There is no revaluation {reference}.")
    return found
