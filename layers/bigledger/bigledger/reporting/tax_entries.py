"""What documents say of taxes, as the tax summary adds it up: sales above zero, purchases below."""

from collections.abc import Mapping

from bigledger.reporting.figures import NARROWED, narrowed

_DAYS = """
    e.company_id = cast(:company AS uuid) AND e.effective_date >= cast(:first AS date)
    AND e.effective_date <= cast(:last AS date) AND e.recorded_at <= cast(:known_at AS timestamptz)
"""

_SIGN = "CASE WHEN e.kind IN ('purchase', 'purchase_credit') THEN -1 ELSE 1 END"

SIDE = "CASE WHEN e.kind IN ('purchase', 'purchase_credit') THEN 'purchase' ELSE 'sale' END"
"""SQL: whether an entry ``e`` is of what is sold or of what is bought."""

RATE = """
    coalesce((
        SELECT trim_scale((x->>'rate')::numeric)::text
        FROM kernel.document d, LATERAL (SELECT coalesce(d.data->'taxes', d.data->'bill'->'taxes') AS taxes) b,
             jsonb_array_elements(CASE WHEN jsonb_typeof(b.taxes) = 'array' THEN b.taxes ELSE '[]' END) x
        WHERE d.id = e.document_id AND x->>'code' = e.tax LIMIT 1), (
        SELECT trim_scale((r->>'rate')::numeric)::text
        FROM kernel.document t, jsonb_array_elements(t.data->'rates') r
        WHERE t.type = 'tax' AND t.number = e.tax AND e.effective_date >= (r->>'valid_from')::date
          AND e.effective_date <= coalesce((r->>'valid_to')::date, 'infinity'::date) LIMIT 1), '')
"""
"""SQL: the rate of an entry ``e``: its document's own, or, of a payment that makes a tax due, that of its day."""

_CARRIED = """
    SELECT coalesce((
        SELECT nullif(i->'dimensions', 'null')
        FROM kernel.document d, LATERAL (SELECT d.data->'items' AS items) b,
             jsonb_array_elements(CASE WHEN jsonb_typeof(b.items) = 'array' THEN b.items ELSE '[]' END) i
        WHERE d.id = e.document_id AND i->>'line' = e.item::text LIMIT 1), (
        SELECT l.dimensions FROM ledger.journal_line l
        WHERE l.document_id = e.document_id AND l.entry = e.entry AND l.tax = e.tax LIMIT 1), '{}') AS dimensions
"""

_NARROW = f"""
    AND EXISTS (SELECT 1 FROM ({_CARRIED}) c WHERE true {NARROWED.format(row="c")})
"""


def taxed(dimension: Mapping[str, str]) -> str:
    """SQL of the taxes that documents of the days tell of; ``dimension`` narrows them to documents' lines with it."""
    return f"""
        SELECT e.document_id, e.entry, e.line, e.effective_date, e.recorded_at, e.kind, e.tax, e.item,
               {_SIGN} * e.base AS base, e.output, e.input, e.output_account_id, e.input_account_id
        FROM tax.tax_entry e WHERE {_DAYS} {_NARROW if dimension else ""}
    """


def without(dimension: Mapping[str, str]) -> str:
    """SQL of the turnover without tax that documents of the days tell of."""
    return f"""
        SELECT e.document_id, e.entry, e.line, e.effective_date, e.recorded_at, e.kind, e.basis, e.tax, e.rule, e.item,
               {_SIGN} * e.base AS base
        FROM tax.untaxed_entry e WHERE {_DAYS} {_NARROW if dimension else ""}
    """


def narrowing(dimension: Mapping[str, str]) -> dict[str, str]:
    """The parameters of the narrowing, where there is one."""
    return narrowed(dimension) if dimension else {}


NOT_TOLD = """
    NOT EXISTS (SELECT 1 FROM tax.tax_entry e WHERE e.document_id = l.document_id AND e.entry = l.entry
                AND (e.output_account_id = l.account_id OR e.input_account_id = l.account_id))
"""
"""SQL: whether a journal line ``l`` on a tax account is of a document that tells of no tax posted there."""
