"""The accounting periods of a tax return, and their lock for tax once every return of their days is filed.

A filed return locks its days for its own scope: no other return of the scope takes them in or is settled in them. A
tenant may tell of its taxes in several returns (``reported_in`` of a tax), to several authorities, each in its time; so
the tax area of a period, which holds for all of them, is locked only with the last.
"""

import copy
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bigledger.kernel import Answer, Context, Entry, FieldError, InvalidRequest, configuration
from bigledger.ledger import AccountingPeriodLocked
from bigledger.records import RESOURCES, Company, FiscalYear, Period, RecordChange, Tax, changed_record
from bigledger.tax.return_model import GENERAL


class FiledReturn(Answer):
    """A return that is filed: whose days are locked for the taxes of its scope."""

    number: str
    scope: str
    starts_on: dt.date
    ends_on: dt.date


def periods_of(
    context: Context, company: Entry[Company], starts_on: dt.date, ends_on: dt.date
) -> list[tuple[Entry[FiscalYear], Period]]:
    """The accounting periods that make up these days; raises InvalidRequest unless they do so wholly."""
    within = sorted(
        (
            (year, period)
            for year in configuration(context).active(FiscalYear)
            if year.data.company == company.code
            for period in year.data.periods
            if period.starts_on <= ends_on and period.ends_on >= starts_on
        ),
        key=lambda pair: pair[1].starts_on,
    )
    starts, ends = {period.starts_on for _, period in within}, {period.ends_on for _, period in within}
    errors = []
    if starts_on not in starts:
        errors.append(FieldError("/starts_on", "not_a_period", "choose the first day of an accounting period"))
    if ends_on not in ends:
        errors.append(FieldError("/ends_on", "not_a_period", "choose the last day of an accounting period"))
    if errors:
        raise InvalidRequest("A return is for whole accounting periods, which filing it locks for tax.", errors=errors)
    return within


def wholly_filed(
    context: Context,
    within: Sequence[tuple[Entry[FiscalYear], Period]],
    scope: str,
    filed: Sequence[FiledReturn],
) -> list[tuple[Entry[FiscalYear], Period]]:
    """Of the periods whose ``scope`` is being filed, those that every other scope in use is filed for."""
    used = {tax.data.reported_in or GENERAL for tax in configuration(context).active(Tax)}
    return [
        (year, period)
        for year, period in within
        if all(
            any(
                one.scope == other and one.starts_on <= period.starts_on and period.ends_on <= one.ends_on
                for one in filed
            )
            for other in used - {scope}
        )
    ]


def lock_for_tax(context: Context, company: Entry[Company], within: Sequence[tuple[Entry[FiscalYear], Period]]) -> None:
    """Lock the tax area of the periods, as far as it is not, and close it in those before them in their years.

    Periods are locked in their order, and what was never returned is not taken up behind a filed return. Raises
    InvalidRequest where an earlier year is open for tax.
    """
    apart = copy.copy(context)
    apart.request = replace(context.request, expected_version=None)  # the version asked for is the return's
    locking = {(year.code, period.number) for year, period in within if "tax" not in _locked(period)}
    for year in {year.code: year for year, _ in within}.values():
        last = max(period.starts_on for one, period in within if one is year)
        earlier = [period for period in year.data.periods if period.starts_on <= last]
        mine = [period for period in earlier if (year.code, period.number) in locking]
        changes = [
            _with_tax(period, (year.code, period.number) in locking)
            for period in earlier
            if (year.code, period.number) in locking or "tax" not in _closed(period)
        ]
        if not changes:
            continue
        change = RecordChange.model_validate({"resource": "fiscal-years", "id": year.code, "periods": changes})
        changed_record(RESOURCES["fiscal-years"], change, apart)
        subject = next(document for _, document in context.work.events if document.id == year.id)
        for period in mine:
            locked = AccountingPeriodLocked(
                id=year.id,
                fiscal_year=year.ref,
                company=company.ref,
                number=period.number,
                starts_on=period.starts_on,
                ends_on=period.ends_on,
                areas=["tax"],
                reason=None,
            )
            context.emit(locked, subject)


def _locked(period: Period) -> Sequence[str]:
    return ["tax"] if period.status == "locked" else period.locked_areas


def _closed(period: Period) -> Sequence[str]:
    return period.closed_areas if period.status == "open" else ["tax"]


def _with_tax(period: Period, lock: bool) -> dict[str, Any]:
    """What changes of a period that is closed for tax, and locked for it if so said."""
    others = [area for area in period.closed_areas if area != "tax"]
    locked: dict[str, Any] = {"locked_areas": [*period.locked_areas, "tax"]} if lock else {}
    return {"number": period.number, "closed_areas": [*others, "tax"], **locked}
