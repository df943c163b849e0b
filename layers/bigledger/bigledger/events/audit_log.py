"""The audit log: every change that anybody made, with what stood before and what after, by whom, when and why.

It is read from the events, which no one can change or remove. What stood before is what the latest earlier event of
the same kind and document told of the same field.

The changes of a fiscal year's documents lie between the first time that one of them was made and the last that one was
changed: every change of a document is stored with it. Both are looked up for the first page, and only what lies between
them is looked through; the cursor keeps the last, so that a listing ends with what there was when it began.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from pydantic import Field, StringConstraints

from bigledger.events.history import EventActor
from bigledger.events.reading import BEGINNING, Position, Source, next_cursor, read_page, read_position
from bigledger.kernel import Answer, Command, Context, Day, InvalidRequest, Page, Reference, configuration, in_order
from bigledger.kernel.documents import is_id
from bigledger.kernel.listing import bad_cursor, cursor, read_cursor
from bigledger.records import Change, FiscalYear, company_of

_LOG = """
    FROM kernel.event e JOIN kernel.document d ON d.id = e.subject_id
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(told.key, told.value)::text AS data
        FROM (SELECT DISTINCT ON (field.key) field.key, field.value
              FROM kernel.event p CROSS JOIN LATERAL jsonb_each(p.data) field
              WHERE p.subject_id = e.subject_id AND p.sequence < e.sequence AND p.sequence >= e.sequence - 50
                AND split_part(p.type, '.', 1) = split_part(e.type, '.', 1)
              ORDER BY field.key, p.sequence DESC) told) earlier
    WHERE true
"""

_MORE = "d.number, d.date, earlier.data AS before"

_FILTERS: Mapping[str, str] = {
    "since": "e.recorded_at >= cast(:since AS timestamptz)",
    "until": "e.recorded_at < cast(:until AS timestamptz)",
    "actor": "e.actor_id = :actor",
    "operation": "e.operation = :operation",
    "type": "e.type = :type",
    "document": "e.subject_id = cast(:document AS uuid)",
    # A document belongs to the year it is dated in, whenever it is changed; what has no date to when it was done.
    "year_starts": """
        (d.company_id = cast(:year_company AS uuid)
            AND d.date >= cast(:year_starts AS date) AND d.date <= cast(:year_ends AS date)
         OR d.date IS NULL AND e.recorded_at >= cast(:year_since AS timestamptz)
            AND e.recorded_at < cast(:year_until AS timestamptz))
    """,
}

_BOUND = """
    bound AS MATERIALIZED (
        SELECT least(min(created_at), cast(:year_since AS timestamptz)) AS first,
               greatest(max(updated_at) + interval '1 hour', cast(:year_until AS timestamptz)) AS last
        FROM kernel.document
        WHERE company_id = cast(:year_company AS uuid)
          AND date >= cast(:year_starts AS date) AND date <= cast(:year_ends AS date)),
"""
"""SQL: from when to when a year's changes were made. No request takes so long that one is stored an hour late."""

_KEPT = "bound AS (SELECT cast(:year_last AS timestamptz) AS last),"
"""SQL: the same for a page that follows another."""

_REASONS = ("reason", "change_reason")


class AuditLogQuery(Command):
    """Which changes: by the days they were made on (in the company's time zone), by the fiscal year they are about, by
    who made them, through which operation, of which type, or to which document (its id).

    A fiscal year has the changes of the documents dated in it, whenever they were made, and the changes of what has no
    date, such as customers and accounts, that were made in its days.
    """

    company: Reference | None = None
    fiscal_year: Reference | None = None
    first: Annotated[Day | None, Field(alias="from")] = None
    last: Annotated[Day | None, Field(alias="to")] = None
    actor: Annotated[str, StringConstraints(max_length=200)] | None = None
    operation: Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=100)] | None = None
    type: Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=100)] | None = None
    document: Reference | None = None
    cursor: Annotated[str, StringConstraints(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    _days = in_order("first", "last")


class AuditedDocument(Answer):
    """What was changed."""

    type: str
    id: UUID
    number: str | None = None
    date: dt.date | None = None


class AuditEntry(Answer):
    """A change: what it was, to which document, when, by whom, through which operation, and why if that was said.

    ``changes`` has each field that was something else before; ``data`` all that the event tells.
    """

    id: UUID
    time: dt.datetime
    type: str
    version: int
    document: AuditedDocument
    actor: EventActor
    operation: str
    reason: str | None = None
    changes: dict[str, Change]
    correlation_id: str
    causation_id: str | None = None
    data: dict[str, Any]


def read_audit_log(query: AuditLogQuery, context: Context) -> Page[AuditEntry]:
    """A page of the changes, in the order of the time they were made at; one statement.

    Raises UnknownReference for a company or fiscal year that there is not, InvalidRequest for a cursor that is none of
    ours.
    """
    parameters = _parameters(query, context)
    sql = _LOG + "".join(f" AND {condition}" for name, condition in _FILTERS.items() if name in parameters)
    if query.fiscal_year is not None:
        return _of_year(query, context, sql, parameters)
    after = read_position(query.cursor, "/cursor")
    rows, more = read_page(context, Source(sql, _MORE, "recorded_at"), after, query.limit, **parameters)
    return Page[AuditEntry](data=[_entry(row) for row in rows], next_cursor=next_cursor(rows, after) if more else None)


def _of_year(query: AuditLogQuery, context: Context, sql: str, parameters: dict[str, str | None]) -> Page[AuditEntry]:
    """A page of a fiscal year's changes, looked for between the bounds."""
    given, after = _BOUND, Position(BEGINNING, "/cursor")
    if query.cursor is None:
        sql += " AND e.recorded_at >= (SELECT first FROM bound)"
    else:
        given, (parameters["year_last"], after) = _KEPT, _position(query.cursor)
    sql += " AND e.recorded_at <= (SELECT last FROM bound)"
    source = Source(sql, f"{_MORE}, (SELECT last FROM bound)::text AS year_last", "recorded_at", given)
    rows, more = read_page(context, source, after, query.limit, **parameters)
    following = cursor(rows[-1].year_last, str(rows[-1].id)) if more else None
    return Page[AuditEntry](data=[_entry(row) for row in rows], next_cursor=following)


def _position(text: str) -> tuple[str, Position]:
    """Until when a listing of a fiscal year goes, and the last change that was told. Raises InvalidRequest."""
    until, last = read_cursor(text, 2)
    try:
        return dt.datetime.fromisoformat(until).isoformat(), Position(UUID(last), "/cursor")
    except ValueError as error:
        raise bad_cursor("/cursor") from error


def _parameters(query: AuditLogQuery, context: Context) -> dict[str, str | None]:
    """What the filters that are asked for compare with."""
    if query.document is not None and not is_id(query.document):
        raise InvalidRequest(f"{query.document} is no id. A document is named by its id here.")
    company = company_of(context, query.company)
    zone = ZoneInfo(company.data.timezone)
    found: dict[str, str | None] = {
        name: value
        for name in ("actor", "operation", "type", "document")
        if (value := getattr(query, name)) is not None
    }
    if query.first is not None:
        found["since"] = _midnight(query.first, zone)
    if query.last is not None:
        found["until"] = _midnight(query.last + dt.timedelta(days=1), zone)
    if query.fiscal_year is not None:
        year = configuration(context).get(FiscalYear, query.fiscal_year, "/fiscal_year").data
        owner = company_of(context, year.company)
        zone = ZoneInfo(owner.data.timezone)
        found |= {
            "year_company": str(owner.id),
            "year_starts": str(year.starts_on),
            "year_ends": str(year.ends_on),
            "year_since": _midnight(year.starts_on, zone),
            "year_until": _midnight(year.ends_on + dt.timedelta(days=1), zone),
        }
    return found


def _midnight(day: dt.date, zone: ZoneInfo) -> str:
    return dt.datetime.combine(day, dt.time(), zone).isoformat()


def _entry(row: Any) -> AuditEntry:
    data = orjson.loads(row.body)
    return AuditEntry(
        id=row.id,
        time=row.recorded_at,
        type=row.type,
        version=row.version,
        document=AuditedDocument(type=row.subject_type, id=row.subject_id, number=row.number, date=row.date),
        actor=EventActor(id=row.actor_id, kind=row.actor_kind, name=row.actor_name),
        operation=row.operation,
        reason=next((data[name] for name in _REASONS if data.get(name)), None),
        changes=_changes(data, orjson.loads(row.before) if row.before else {}),
        correlation_id=row.correlation_id,
        causation_id=row.causation_id,
        data=data,
    )


def _changes(data: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Change]:
    """What the event itself says was changed, or its fields of which earlier events told something else or nothing."""
    if isinstance(told := data.get("changes"), dict):
        return {name: Change.model_validate(change) for name, change in told.items()}
    if not before:
        return {}
    return {
        name: Change(before=before.get(name), after=data[name])
        for name in data
        if name not in _REASONS and before.get(name) != data[name]
    }
