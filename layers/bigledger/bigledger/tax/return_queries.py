"""What tax returns read: each in one statement."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import orjson

from bigledger.kernel import Context, NotFound
from bigledger.kernel.documents import AS_JSON, matching
from bigledger.ledger import entries_json

_MATCHED = """
    matched AS MATERIALIZED (
        SELECT e.*, false AS late FROM tax.tax_entry e
        WHERE e.company_id = cast(:company AS uuid)
          AND e.effective_date BETWEEN cast(:starts_on AS date) AND cast(:ends_on AS date)
          AND e.tax IN (SELECT value FROM jsonb_array_elements_text(cast(:taxes AS jsonb)))
        UNION ALL
        -- What came for the days of a filed return since it was filed; a day is allowed for requests under way then.
        SELECT e.*, true FROM tax.filed_return f
        CROSS JOIN LATERAL (
            SELECT n.* FROM tax.tax_entry n
            WHERE n.company_id = cast(:company AS uuid) AND n.recorded_at >= f.recorded_at - interval '1 day'
              AND n.effective_date BETWEEN f.starts_on AND f.ends_on) e
        WHERE f.company_id = cast(:company AS uuid) AND f.scope = :scope AND f.ends_on < cast(:starts_on AS date)
          AND e.tax IN (SELECT value FROM jsonb_array_elements_text(cast(:taxes AS jsonb)))
          AND NOT EXISTS (SELECT 1 FROM tax.return_entry m JOIN tax.filed_return o ON o.return_id = m.return_id
                          WHERE m.document_id = e.document_id AND m.entry = e.entry AND o.scope = :scope)),
    touched AS MATERIALIZED (
        SELECT value::uuid AS account_id FROM jsonb_array_elements_text(cast(:accounts AS jsonb))
        UNION SELECT output_account_id FROM matched WHERE output_account_id IS NOT NULL
        UNION SELECT input_account_id FROM matched WHERE input_account_id IS NOT NULL)
"""

_FIGURES = """
    'taxes', (SELECT jsonb_agg(jsonb_build_object('tax', tax, 'kind', kind, 'late', late, 'base', base::text, 'output',
                     output::text, 'input', input::text, 'cost', cost::text, 'lines', lines)
                     ORDER BY tax, kind, late)
              FROM (SELECT tax, kind, late, sum(base) AS base, sum(output) AS output, sum(input) AS input,
                           sum(cost) AS cost, count(*) AS lines
                    FROM matched GROUP BY tax, kind, late) s),
    'entries', (SELECT jsonb_agg(jsonb_build_array(document_id, entry, late) ORDER BY document_id, entry)
                FROM (SELECT document_id, entry, bool_or(late) AS late FROM matched GROUP BY document_id, entry) m),
    'accounts', (SELECT jsonb_agg(jsonb_build_object('id', a.id, 'code', a.number, 'balance', (
                            SELECT coalesce(sum(b.base_debit - b.base_credit), 0)::text FROM ledger.balance b
                            WHERE b.company_id = cast(:company AS uuid) AND b.account_id = a.id
                              AND b.day <= cast(:ends_on AS date)),
                        'returned', (SELECT (coalesce(sum(e.input) FILTER (WHERE e.input_account_id = a.id), 0)
                            - coalesce(sum(e.output) FILTER (WHERE e.output_account_id = a.id), 0))::text
                            FROM matched e)) ORDER BY a.number)
                 FROM touched t JOIN kernel.document a ON a.id = t.account_id)
"""

_PREPARE = f"""
    WITH {_MATCHED}
    SELECT jsonb_build_object({_FIGURES},
        'filed', (SELECT jsonb_build_object('id', d.id, 'number', d.number)
                  FROM tax.filed_return f JOIN kernel.document d ON d.id = f.return_id
                  WHERE f.company_id = cast(:company AS uuid) AND f.scope = :scope
                    AND f.starts_on <= cast(:ends_on AS date) AND f.ends_on >= cast(:starts_on AS date) LIMIT 1),
        'prepared', (SELECT jsonb_agg({AS_JSON}) FROM kernel.document d
                     WHERE d.type = 'tax_return' AND d.status = 'prepared' AND d.company_id = cast(:company AS uuid)
                       AND d.data->>'scope' = :scope AND (d.data->>'starts_on')::date <= cast(:ends_on AS date)
                       AND d.date >= cast(:starts_on AS date))
    )::text
"""

_MATCHED_NOW = f"""
    WITH {_MATCHED}
    SELECT jsonb_build_object({_FIGURES},
        'filed', (SELECT jsonb_agg(jsonb_build_object('number', d.number, 'scope', f.scope, 'starts_on', f.starts_on,
                                   'ends_on', f.ends_on) ORDER BY f.starts_on, f.scope)
                  FROM tax.filed_return f JOIN kernel.document d ON d.id = f.return_id
                  WHERE f.company_id = cast(:company AS uuid) AND f.ends_on >= cast(:starts_on AS date)
                    AND f.starts_on <= cast(:settled_on AS date))
    )::text
"""

_ONE = f"""
    SELECT jsonb_build_object('document', {AS_JSON}, 'entries', {entries_json("d.id")},
        'members', (SELECT jsonb_agg(jsonb_build_array(m.document_id, m.entry) ORDER BY m.document_id, m.entry)
                    FROM tax.return_entry m WHERE m.return_id = d.id AND cast(:members AS boolean)),
        'events', (SELECT jsonb_agg(e.type ORDER BY e.sequence) FROM kernel.event e WHERE e.subject_id = d.id))::text
    FROM kernel.document d WHERE d.type = 'tax_return' AND {{match}} LIMIT 1
"""

_LINES = """
    WITH asked AS MATERIALIZED (
        SELECT d.id, d.data FROM kernel.document d WHERE d.type = 'tax_return' AND {match} LIMIT 1),
    wanted AS MATERIALIZED (
        SELECT row_number() OVER (ORDER BY t.place, b.place, k.place) AS place, t.value->>'tax' AS tax,
               k.value AS kind, b.value->>'figure' AS figure,
               CASE b.value->>'sign' WHEN 'minus' THEN -1 ELSE 1 END AS factor
        FROM asked, jsonb_array_elements(asked.data->'mapping') WITH ORDINALITY AS t (value, place),
             jsonb_array_elements(t.value->'boxes') WITH ORDINALITY AS b (value, place),
             jsonb_array_elements_text(b.value->'documents') WITH ORDINALITY AS k (value, place)
        WHERE b.value->>'box' = :box)
    SELECT jsonb_build_object(
        'currency', (SELECT data->>'currency' FROM asked),
        'boxes', (SELECT jsonb_agg(b->>'box') FROM asked, jsonb_array_elements(data->'boxes') b),
        'lines', (
            SELECT jsonb_agg(jsonb_build_object('document', jsonb_build_object('id', l.document_id, 'code',
                             coalesce(d.number, '')), 'type', d.type, 'date', l.effective_date, 'kind', l.kind,
                             'tax', l.tax, 'item', l.item, 'late', l.late, 'base', l.base::text, 'amount',
                             l.amount::text, 'entry', l.entry, 'line', l.line, 'place', l.place)
                             ORDER BY l.document_id, l.entry, l.line, l.place)
            FROM (SELECT e.document_id, e.entry, e.line, e.effective_date, e.kind, e.tax, e.item, e.base, w.place,
                         e.effective_date < (a.data->>'starts_on')::date AS late,
                         w.factor * CASE w.figure WHEN 'base' THEN e.base WHEN 'output' THEN e.output
                                                  WHEN 'input' THEN e.input ELSE e.cost END AS amount
                  FROM asked a
                  JOIN tax.return_entry m ON m.return_id = a.id
                  JOIN tax.tax_entry e ON e.tenant_id = m.tenant_id AND e.document_id = m.document_id
                      AND e.entry = m.entry
                  JOIN wanted w ON w.tax = e.tax AND w.kind = e.kind
                  WHERE (m.document_id, m.entry) >= (cast(:document AS uuid), cast(:entry AS integer))
                    AND (e.document_id, e.entry, e.line, w.place)
                        > (cast(:document AS uuid), cast(:entry AS integer), cast(:line AS integer),
                           cast(:place AS integer))
                  ORDER BY e.document_id, e.entry, e.line, w.place LIMIT :limit) l
            JOIN kernel.document d ON d.id = l.document_id))::text
    FROM asked
"""


def _parameters(
    company: str, scope: str, starts_on: dt.date, ends_on: dt.date, taxes: Iterable[str], accounts: Iterable[str]
) -> dict[str, str]:
    return {
        "company": company,
        "scope": scope,
        "starts_on": str(starts_on),
        "ends_on": str(ends_on),
        "taxes": orjson.dumps(list(taxes)).decode(),
        "accounts": orjson.dumps(sorted(set(accounts))).decode(),
    }


def to_prepare(
    context: Context,
    company: str,
    scope: str,
    starts_on: dt.date,
    ends_on: dt.date,
    taxes: Iterable[str],
    accounts: Iterable[str],
) -> Any:
    """What a return of these days consists of, the one that is filed for any of them, and those only prepared."""
    return context.work.read_json(_PREPARE, **_parameters(company, scope, starts_on, ends_on, taxes, accounts))


def as_of_now(
    context: Context,
    company: str,
    scope: str,
    starts_on: dt.date,
    ends_on: dt.date,
    taxes: Iterable[str],
    accounts: Iterable[str],
    settled_on: dt.date,
) -> Any:
    """What a return would consist of now, and the returns of all scopes that are filed from its days on.

    Those up to ``settled_on``, which is no earlier than its last day.
    """
    asked = _parameters(company, scope, starts_on, ends_on, taxes, accounts)
    return context.work.read_json(_MATCHED_NOW, **asked, settled_on=str(settled_on))


def stored(context: Context, reference: str, members: bool = False) -> Any:
    """A return's document with its posting and events, and its entries if asked. Raises NotFound."""
    found = context.work.read_json(_ONE.format(match=matching(reference)), reference=reference, members=members)
    if found is None:
        raise NotFound(f"There is no tax return {reference}.")
    return found


def box_lines(context: Context, reference: str, box: str, after: tuple[str, int, int, int], limit: int) -> Any:
    """The entries of a return that add up to a box, after a position. Raises NotFound for the return and the box."""
    document, entry, line, place = after
    found = context.work.read_json(
        _LINES.format(match=matching(reference)),
        reference=reference,
        box=box,
        document=document,
        entry=entry,
        line=line,
        place=place,
        limit=limit,
    )
    if found is None:
        raise NotFound(f"There is no tax return {reference}.")
    if box not in (found["boxes"] or []):
        raise NotFound(f"The return has no box {box}. It has {', '.join(found['boxes'] or ['none'])}.")
    return found
