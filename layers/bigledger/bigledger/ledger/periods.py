"""Periods: open, closed and locked, area by area. The record of the fiscal year is where they stand, and only there."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, get_args

from pydantic import Field

from bigledger.kernel import (
    Answer,
    Command,
    Conflict,
    Context,
    Entry,
    FieldError,
    NotFound,
    Page,
    Ref,
    Reference,
    Text,
    UnknownReference,
    configuration,
    documents,
)
from bigledger.ledger.events import AccountingPeriodClosed, AccountingPeriodLocked, AccountingPeriodReopened
from bigledger.records import (
    RESOURCES,
    Area,
    Company,
    FiscalYear,
    Period,
    RecordChange,
    changed_record,
    company_of,
)

State = Literal["open", "closed", "locked"]
AREAS: tuple[Area, ...] = get_args(Area)

Areas = Annotated[list[Area], Field(min_length=1, max_length=len(AREAS))]


class PeriodNotClosed(Conflict):
    """A period (or an area of it) is closed before it is locked, since locking is final."""

    title = "The period is still open"


class YearClosed(Conflict):
    """The fiscal year of the period is closed: its result has gone to retained earnings."""

    title = "The fiscal year is closed"


class PeriodQuery(Command):
    """Which periods to list: of a company, of one fiscal year, or in one state for an area."""

    company: Reference | None = None
    fiscal_year: Reference | None = None
    status: State | None = None
    area: Area | None = None
    """With ``status``, the area that is in this state; without, the whole period is."""


class PeriodChange(Command):
    """Closes or locks a period, named by its year's code and its number such as FY2026-3, or only some areas of it."""

    id: Reference
    areas: Areas | None = None
    reason: Text | None = None


class ReopenPeriod(Command):
    """Opens a period again, or only some areas of it, and says why."""

    id: Reference
    areas: Areas | None = None
    reason: Text


class AccountingPeriod(Answer):
    """A period and how each area of it stands. ``version`` is that of its fiscal year."""

    id: str
    fiscal_year: Ref
    company: Ref
    number: int
    starts_on: dt.date
    ends_on: dt.date
    status: State
    areas: dict[str, State]
    version: int | None = None


def list_all(query: PeriodQuery, context: Context) -> Page[AccountingPeriod]:
    """The periods of a company in the order of time; no statement besides the set-up."""
    company = company_of(context, query.company)
    known = configuration(context)
    years = [known.get(FiscalYear, query.fiscal_year, "/fiscal_year")] if query.fiscal_year else None
    found = [
        shown(year, company, period)
        for year in sorted(years or known.active(FiscalYear), key=lambda year: year.data.starts_on)
        if year.data.company == company.code
        for period in year.data.periods
    ]
    if query.status is not None:
        found = [
            period for period in found if (period.areas[query.area] if query.area else period.status) == query.status
        ]
    return Page[AccountingPeriod](data=found)


def close(command: PeriodChange, context: Context) -> AccountingPeriod:
    """Close a period for all areas or for some; closing twice changes nothing. Raises NotFound, RecordInUse."""
    year, period = named(context, command.id)
    after: Mapping[str, object]
    if command.areas is None:
        after = {"status": "closed"} if period.status == "open" else {}
    else:
        after = {"closed_areas": _ordered({*period.closed_areas, *command.areas})}
    return _changed(context, year, period, after, command.reason, AccountingPeriodClosed, command.areas)


def reopen(command: ReopenPeriod, context: Context) -> AccountingPeriod:
    """Open a closed period again, for all areas or for some, but for those that are locked.

    Raises RecordInUse for what is locked, and YearClosed.
    """
    year, period = named(context, command.id)
    check_year_open(context, year)
    areas = set(command.areas or AREAS)
    if period.status == "open":
        closed = set(period.closed_areas)
    else:
        closed = set(AREAS) if command.areas else set()
    kept = {*(closed - areas), *(period.locked_areas if command.areas is None else ())}
    after: Mapping[str, object] = {"status": "open", "closed_areas": _ordered(kept)}
    if period.status == "locked" or set(period.locked_areas) - kept:
        # The rule of the record says why not, and where.
        after = {"status": "open", "closed_areas": _ordered(kept), "locked_areas": []}
    return _changed(context, year, period, after, command.reason, AccountingPeriodReopened, command.areas)


def lock(command: PeriodChange, context: Context) -> AccountingPeriod:
    """Close a closed period, or closed areas of it, for good. Raises PeriodNotClosed, InvalidRequest."""
    year, period = named(context, command.id)
    still_open = [area for area in command.areas or AREAS if state(period, area) == "open"]
    if still_open:
        raise PeriodNotClosed(
            f"Period {command.id} is open for {', '.join(still_open)}. Close that first: a lock is final.",
            open_areas=still_open,
        )
    after: Mapping[str, object]
    if command.areas is None:
        after = {"status": "locked"} if period.status != "locked" else {}
    else:
        after = {
            "closed_areas": _ordered({*period.closed_areas, *command.areas}),
            "locked_areas": _ordered({*period.locked_areas, *command.areas}),
        }
    return _changed(context, year, period, after, command.reason, AccountingPeriodLocked, command.areas)


def named(context: Context, reference: str, pointer: str | None = None) -> tuple[Entry[FiscalYear], Period]:
    """The year and the period that a reference such as FY2026-3 names.

    Raises NotFound, or UnknownReference where ``pointer`` says that a body names it.
    """
    code, _, number = reference.rpartition("-")
    year = configuration(context).find(FiscalYear, code) if code else None
    if year is not None and year.active and number.isdecimal():
        for period in year.data.periods:
            if period.number == int(number):
                return year, period
    advice = f"There is no period {reference}. Name it by the code of its fiscal year and its number: FY2026-3."
    if pointer is None:
        raise NotFound(advice)
    raise UnknownReference(advice, errors=[FieldError(pointer, "unknown_period", "there is no such period")])


def check_year_open(context: Context, year: Entry[FiscalYear]) -> None:
    """Raise YearClosed for a fiscal year whose result has gone to retained earnings; one statement."""
    (found,) = context.work.read("SELECT ledger.year_closed(cast(:year AS uuid)) AS closed", year=str(year.id))
    if found.closed:
        raise YearClosed(f"{year.code} is closed. Reopen the fiscal year first, then its period.")


def state(period: Period, area: Area) -> State:
    """How an area of a period stands."""
    if period.status == "locked" or area in period.locked_areas:
        return "locked"
    return "closed" if period.status == "closed" or area in period.closed_areas else "open"


def shown(
    year: Entry[FiscalYear], company: Entry[Company], period: Period, version: int | None = None
) -> AccountingPeriod:
    """A period as it is answered."""
    return AccountingPeriod(
        id=f"{year.code}-{period.number}",
        fiscal_year=year.ref,
        company=company.ref,
        number=period.number,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        status=period.status,
        areas={area: state(period, area) for area in AREAS},
        version=version,
    )


def _ordered(areas: set[Area]) -> list[str]:
    return [area for area in AREAS if area in areas]


def _changed(
    context: Context,
    year: Entry[FiscalYear],
    period: Period,
    after: Mapping[str, object],
    reason: str | None,
    event: type[AccountingPeriodClosed] | type[AccountingPeriodReopened] | type[AccountingPeriodLocked],
    areas: Sequence[Area] | None,
) -> AccountingPeriod:
    """Change the period in the record of its year, and tell of it; what stands so already is left alone."""
    company = company_of(context, year.data.company)
    given = {"number": period.number, **after}
    change = RecordChange.model_validate(
        {
            "resource": "fiscal-years",
            "id": year.code,
            "periods": [given],
            **({"change_reason": reason} if reason else {}),
        }
    )
    record = changed_record(RESOURCES["fiscal-years"], change, context)
    now = period.model_copy(update=after)
    for _, document in list(_subjects(context)):
        context.emit(
            event(
                id=document.id,
                fiscal_year=year.ref,
                company=company.ref,
                number=period.number,
                starts_on=period.starts_on,
                ends_on=period.ends_on,
                areas=list(areas or AREAS),
                reason=reason,
            ),
            document,
        )
    return shown(year, company, now, record.version)


def _subjects(context: Context) -> Iterator[tuple[object, documents.Document]]:
    """The year whose change was staged, if there was one."""
    return ((event, document) for event, document in context.work.events if document.type == "fiscal_year")
