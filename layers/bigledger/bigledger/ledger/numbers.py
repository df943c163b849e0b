"""The audit of a number series: every number it has given, on which document it stands, and that none is missing."""

import datetime as dt
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from bigledger.kernel import Answer, Command, Context, NotFound, Page, Ref, Reference, configuration, listing
from bigledger.kernel.serialization import json_text
from bigledger.records import NumberSeries, company_of

Outcome = Literal["issued", "void", "missing"]


class NumberSeriesAuditQuery(Command):
    """Which series to audit, in one ``period`` of its count (2026, or 2026-03 where it restarts by month) or in all.

    ``outcome`` lists only such numbers; the counts are of all of them.
    """

    id: Reference
    period: str | None = Field(default=None, max_length=7)
    outcome: Outcome | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=400)


class SeriesNumber(Answer):
    """A number of the series: its place in the count, and the document it stands on."""

    period: str
    position: int
    outcome: Outcome
    number: str | None = None
    document_id: UUID | None = None
    document_status: str | None = None
    date: dt.date | None = None


class CountedPeriod(Answer):
    """What a series has given in one period of its count. It is complete when none is missing."""

    period: str
    last: int
    issued: int
    void: int
    missing: int
    complete: bool


class NumberSeriesAudit(Page[SeriesNumber]):
    """A number series held against its documents: the counts of each period, and a page of its numbers in order."""

    series: Ref
    company: Ref
    document_type: str
    periods: list[CountedPeriod]
    complete: bool


# How a number begins follows from the date of its document, as it did when it was given.
_AUDIT = """
    WITH held AS (
        SELECT d.id, d.number, d.status, d.date,
               CASE cast(:restart AS text) WHEN 'year' THEN to_char(d.date, 'YYYY')
                                           WHEN 'month' THEN to_char(d.date, 'YYYY-MM') ELSE '' END AS period,
               replace(replace(replace(cast(:prefix AS text), '{YYYY}', to_char(d.date, 'YYYY')),
                               '{YY}', to_char(d.date, 'YY')), '{MM}', to_char(d.date, 'MM')) AS head
        FROM kernel.document d
        WHERE d.type = :type AND d.company_id = cast(:company AS uuid) AND d.number IS NOT NULL),
    placed AS (
        SELECT id, number, status, date, period, cast(substr(number, length(head) + 1) AS bigint) AS n
        FROM held WHERE starts_with(number, head) AND substr(number, length(head) + 1) ~ '^[0-9]{1,18}$'),
    given AS (
        SELECT c.period, g.n, p.id, p.number, p.status, p.date,
               CASE WHEN p.id IS NULL THEN 'missing' WHEN p.status = 'void' THEN 'void' ELSE 'issued' END AS outcome
        FROM kernel.number_counter c
        CROSS JOIN LATERAL generate_series(1, c.last) AS g(n)
        LEFT JOIN placed p ON p.period = c.period AND p.n = g.n
        WHERE c.series_id = cast(:series AS uuid) AND (:every OR c.period = cast(:period AS text)))
    SELECT jsonb_build_object(
        'periods', (SELECT jsonb_agg(jsonb_build_object('period', period, 'last', count, 'issued', issued,
                                                        'void', void, 'missing', missing) ORDER BY period)
                    FROM (SELECT period, count(*) AS count, count(*) FILTER (WHERE outcome = 'issued') AS issued,
                                 count(*) FILTER (WHERE outcome = 'void') AS void,
                                 count(*) FILTER (WHERE outcome = 'missing') AS missing
                          FROM given GROUP BY period) counted),
        'page', (SELECT jsonb_agg(jsonb_build_object('period', period, 'position', n, 'outcome', outcome,
                                                     'number', number, 'document_id', id, 'document_status', status,
                                                     'date', date) ORDER BY period, n)
                 FROM (SELECT * FROM given
                       WHERE (period, n) > (cast(:after_period AS text), cast(:after_n AS bigint))
                         AND outcome = ANY (ARRAY(SELECT jsonb_array_elements_text(cast(:outcomes AS jsonb))))
                       ORDER BY period, n LIMIT :limit) listed)
    )::text
"""


def audit(query: NumberSeriesAuditQuery, context: Context) -> NumberSeriesAudit:
    """Hold a series against the documents that carry its numbers, in one statement. Raises NotFound."""
    series = configuration(context).find(NumberSeries, query.id)
    if series is None:
        raise NotFound(f"There is no number series {query.id}.")
    company = company_of(context, series.data.company)
    period, position = _position(query, str(series.id))
    found = context.work.read_json(
        _AUDIT,
        series=str(series.id),
        company=str(company.id),
        type=series.data.document_type,
        prefix=series.data.prefix,
        restart=series.data.restart,
        every=query.period is None,
        period=query.period or "",
        after_period=period,
        after_n=position,
        outcomes=json_text([query.outcome] if query.outcome else ["issued", "void", "missing"]),
        limit=query.limit + 1,
    )
    rows: list[dict[str, Any]] = found["page"] or []
    following = None
    if len(rows) > query.limit:
        last = rows[query.limit - 1]
        following = listing.cursor(str(series.id), last["period"], str(last["position"]))
    periods = [CountedPeriod(**row, complete=row["missing"] == 0) for row in found["periods"] or []]
    return NumberSeriesAudit(
        series=series.ref,
        company=company.ref,
        document_type=series.data.document_type,
        periods=periods,
        complete=all(counted.complete for counted in periods),
        data=[SeriesNumber.model_validate(row) for row in rows[: query.limit]],
        next_cursor=following,
    )


def _position(query: NumberSeriesAuditQuery, series: str) -> tuple[str, str]:
    """The number after which the page starts. Raises InvalidRequest for a cursor of something else."""
    if query.cursor is None:
        return "", "0"
    of, period, position = listing.read_cursor(query.cursor, 3)
    if of != series or not position.isdecimal() or len(position) > 18:
        raise listing.bad_cursor()
    return period, position
