"""Exceptions to closed periods: a named user may post to some areas of one, for a reason and for a while."""

import datetime as dt
from uuid import UUID

from bigledger.kernel import (
    Answer,
    Command,
    Conflict,
    Context,
    Document,
    FieldError,
    Filter,
    Instant,
    InvalidRequest,
    ListQuery,
    Name,
    Page,
    Ref,
    Reference,
    Text,
    documents,
    listing,
)
from bigledger.ledger.events import PeriodExceptionGranted, PeriodExceptionRevoked
from bigledger.ledger.periods import Areas, check_year_open, named, state
from bigledger.records import Area, company_of

TYPE = "period_exception"


class PeriodLocked(Conflict):
    """The period is locked for an area, and a lock knows no exceptions."""

    title = "The period is locked"


class NewPeriodException(Command):
    """Lets a user (by the id that events name as actor) post to areas of a closed period until ``expires_at``."""

    id: UUID | None = None
    period: Reference
    areas: Areas
    user: Name
    reason: Text
    expires_at: Instant


class PeriodExceptionReference(Command):
    """Names an exception by its id."""

    id: Reference


class PeriodExceptionList(ListQuery):
    """Which exceptions to list; those that expired stay in the list, and say when."""

    allowed_filters = {"status": Filter("status"), "company": Filter("company_id", "uuid", "company")}


class PeriodExceptionData(Answer):
    """What is stored of an exception."""

    company: Ref
    period: str
    starts_on: dt.date
    ends_on: dt.date
    areas: list[Area]
    user: str
    reason: str
    expires_at: dt.datetime


class PeriodException(PeriodExceptionData):
    """An exception to a closed period: active until it is revoked, and of use until it expires."""

    id: UUID
    status: str
    version: int
    events: list[str] = []


def grant(new: NewPeriodException, context: Context) -> PeriodException:
    """Grant an exception. Raises UnknownReference, PeriodLocked, YearClosed, InvalidRequest for the past."""
    year, period = named(context, new.period, "/period")
    company = company_of(context, year.data.company)
    locked = [area for area in new.areas if state(period, area) == "locked"]
    if locked:
        raise PeriodLocked(
            f"{new.period} is locked for {', '.join(locked)}, which is final. Post in an open period instead.",
            errors=[FieldError("/areas", "locked", "name areas that are not locked")],
        )
    check_year_open(context, year)
    if new.expires_at <= context.now:
        raise InvalidRequest(
            "The exception would have expired already.",
            errors=[FieldError("/expires_at", "in_the_past", "choose an instant to come")],
        )
    data = PeriodExceptionData(
        company=company.ref,
        period=f"{year.code}-{period.number}",
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        areas=list(dict.fromkeys(new.areas)),
        user=new.user,
        reason=new.reason,
        expires_at=new.expires_at,
    )
    document = documents.create(
        context,
        Document(new.id or context.new_id(), TYPE, "active", data, company_id=company.id, date=period.starts_on),
    )
    context.emit(_fact(PeriodExceptionGranted, document, data), document)
    return _answer(context, document)


def revoke(reference: PeriodExceptionReference, context: Context) -> PeriodException:
    """Take an exception back; doing so twice changes nothing. Raises NotFound."""
    document = documents.get(context, TYPE, reference.id)
    documents.check_version(context, document)
    if document.status == "active":
        documents.change(context, document, status="revoked")
        context.emit(_fact(PeriodExceptionRevoked, document, document.read(PeriodExceptionData)), document)
    return _answer(context, document)


def list_all(query: PeriodExceptionList, context: Context) -> Page[PeriodException]:
    """A page of exceptions, newest first."""
    found, following = listing.page(context, TYPE, query)
    return Page[PeriodException](data=[_answer(context, one.document) for one in found], next_cursor=following)


def _fact(
    event: type[PeriodExceptionGranted] | type[PeriodExceptionRevoked], document: Document, data: PeriodExceptionData
) -> PeriodExceptionGranted | PeriodExceptionRevoked:
    return event(
        id=document.id,
        period=data.period,
        company=data.company,
        areas=data.areas,
        user=data.user,
        reason=data.reason,
        expires_at=data.expires_at,
    )


def _answer(context: Context, document: Document) -> PeriodException:
    emitted = [event.type for event, subject in context.work.events if subject is document]
    return PeriodException(
        **dict(document.read(PeriodExceptionData)),
        id=document.id,
        status=document.status,
        version=document.version,
        events=emitted,
    )
