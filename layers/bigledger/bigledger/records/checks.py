"""How accounts, fees, locations, number series and fiscal years fit together: the checks that the registry names."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

from bigledger.kernel import Conflict, FieldError, InvalidRequest, configuration, database, permissions
from bigledger.kernel.money import LARGEST_AMOUNT, quantum
from bigledger.records.accounts import Account, Area, FiscalYear, NumberSeries
from bigledger.records.companies import Company
from bigledger.records.dimensions import check_account_dimensions
from bigledger.records.rules import Data, Proposed, RecordInUse

REOPEN = "ledger.reopen_period"
"""The permission to open a closed period, or a closed area of one, again."""


class SeriesExists(Conflict):
    """The company has a series for these documents: two at once would mix their numbers."""

    title = "The documents are numbered already"


database.constraint(
    "number_series_once",
    lambda: SeriesExists("The company has another active series for these documents. Archive that one first."),
)


def check_account(proposed: Proposed) -> None:
    """An account stands below a group of its own kind, groups form a tree, its dimensions fit to their values.

    Raises InvalidRequest.
    """
    errors = [*_account_errors(proposed), *check_account_dimensions(proposed)]
    if errors:
        raise InvalidRequest("The account does not fit into the chart.", errors=errors)


def _account_errors(proposed: Proposed) -> Iterator[FieldError]:
    known, after = configuration(proposed.context), proposed.after
    above = parent = known.find(Account, after["parent"]) if "parent" in after else None
    if parent is not None and not parent.data.group:
        yield FieldError("/parent", "parent_no_group", f"{parent.code} is no group account; name one")
    if parent is not None and parent.data.kind != after["kind"]:
        yield FieldError("/parent", "parent_kind", f"{parent.code} is of kind {parent.data.kind}; both must be alike")
    passed = {after["code"]}
    while above is not None and above.code not in passed:
        passed.add(above.code)
        above = known.find(Account, above.data.parent) if above.data.parent else None
    if above is not None:
        yield FieldError("/parent", "parent_loop", f"{above.code} would stand below itself")
    below = [entry for entry in known.active(Account) if entry.data.parent == after["code"]]
    if below and not after["group"]:
        yield FieldError("/group", "has_children", "accounts stand below it, so it stays a group")
    if any(entry.data.kind != after["kind"] for entry in below):
        yield FieldError("/kind", "has_children", "accounts of another kind stand below it")


def check_fees(proposed: Proposed) -> None:
    """A letter's fee is whole units of its currency, and below what a document may come to. Raises InvalidRequest."""
    errors = []
    for place, level in enumerate(proposed.after["levels"]):
        for number, fee in enumerate(level["fees"]):
            amount, unit = Decimal(fee["amount"]), quantum(fee["currency"])
            pointer = f"/levels/{place}/fees/{number}/amount"
            if amount % unit:
                errors.append(FieldError(pointer, "too_precise", f"{fee['currency']} has no smaller unit than {unit}"))
            elif amount >= LARGEST_AMOUNT:
                errors.append(FieldError(pointer, "too_large", f"a fee is below {LARGEST_AMOUNT:,f}"))
    if errors:
        raise InvalidRequest("Nobody can pay some of the fees; each is pointed at.", errors=errors)


def check_location(proposed: Proposed) -> None:
    """A location at which stock was kept stays with its company, in whose currency that is valued.

    One that names none took stock while the tenant had its first company only, and may be given that one. Raises
    RecordInUse.
    """
    if proposed.before is None or not proposed.used:
        return
    before, after = (data.get("company") for data in (proposed.before, proposed.after))
    first = min(configuration(proposed.context).active(Company), key=lambda entry: entry.id, default=None)
    owner = before or (first and first.code)
    if after not in (before, owner):
        raise RecordInUse(
            f"{owner} has kept stock at {proposed.after['code']}, so the location stays with it."
            " Create another location instead.",
            errors=[FieldError("/company", "in_use", f"leave it with {owner}")],
        )


def check_series(proposed: Proposed) -> None:
    """One active series per company and type of document, and no prefix used twice. Raises SeriesExists."""
    after = proposed.after
    for other in configuration(proposed.context).every(NumberSeries):
        same = (other.data.company, other.data.document_type) == (after["company"], after["document_type"])
        if other.code == after["code"] or not same:
            continue
        if other.active:
            raise SeriesExists(
                f"{after['company']} numbers documents of type {after['document_type']} by the series {other.code}."
                " Archive that one first, from when this one is to count.",
                errors=[FieldError("/document_type", "series_exists", f"archive {other.code} first")],
            )
        if other.data.prefix == after["prefix"]:
            raise SeriesExists(
                f"The archived series {other.code} has this prefix, and its numbers are not given twice."
                " Choose another prefix, or take that series into use again.",
                errors=[FieldError("/prefix", "series_exists", "choose another prefix")],
            )


def check_year(proposed: Proposed) -> None:
    """What was locked stays, what has postings does not move, and reopening needs a permission and a reason.

    Locking is final, so it follows the order of time: figures of a locked period do not change by postings before
    it. Raises RecordInUse, InvalidRequest or Forbidden.
    """
    before = {period["number"]: {"locked_areas": [], **period} for period in (proposed.before or {}).get("periods", [])}
    reopened = []
    for index, period in enumerate(proposed.after["periods"]):
        was = before.get(period["number"])
        if was == period:
            continue
        if was is not None and was["status"] == "locked":
            raise RecordInUse(
                f"Period {period['number']} is locked, which is final. Post the correction in an open period.",
                errors=[FieldError(f"/periods/{index}", "locked", "leave it as it is")],
            )
        unlocked = sorted(set((was or {}).get("locked_areas", [])) - set(period["locked_areas"]))
        if unlocked:
            raise RecordInUse(
                f"Period {period['number']} is locked for {', '.join(unlocked)}, which is final.",
                errors=[FieldError(f"/periods/{index}/locked_areas", "locked", "leave the areas there")],
            )
        if was is not None and proposed.used and _days(was) != _days(period):
            raise RecordInUse(
                f"The year has postings, so period {period['number']} keeps its days.",
                errors=[FieldError(f"/periods/{index}", "in_use", "leave starts_on and ends_on as they are")],
            )
        if was is not None and _open_areas(period) - _open_areas(was):
            reopened.append(period["number"])
        locked = _locked_areas(period) - _locked_areas(was or {})
        if locked:
            _check_closed_before(proposed, period, index, locked)
    if reopened:
        permissions.require(proposed.context.actor, REOPEN)
        if proposed.reason is None:
            raise InvalidRequest(
                f"Say why period {', '.join(map(str, reopened))} is opened again; the event tells it.",
                errors=[FieldError("/change_reason", "required", "say why")],
            )


def _check_closed_before(proposed: Proposed, locked: Data, index: int, areas: set[str]) -> None:
    """Every earlier period of the company is closed or locked for the areas that are locked now."""
    others = [
        year.data.model_dump(mode="json")
        for year in configuration(proposed.context).active(FiscalYear)
        if year.data.company == proposed.after["company"] and year.code != proposed.after["code"]
    ]
    still_open = sorted(
        period["starts_on"]
        for year in [*others, proposed.after]
        for period in year["periods"]
        if _open_areas(period) & areas and period["starts_on"] < locked["starts_on"]
    )
    if still_open:
        raise InvalidRequest(
            f"Period {locked['number']} cannot be locked while the one from {still_open[0]} is open. Close that first.",
            errors=[FieldError(f"/periods/{index}/status", "earlier_open", "close the earlier periods first")],
        )


def _days(period: Data) -> tuple[Any, Any]:
    return period["starts_on"], period["ends_on"]


def _locked_areas(period: Data) -> set[str]:
    return set(get_args(Area)) if period.get("status") == "locked" else set(period.get("locked_areas", []))


def _open_areas(period: Data) -> set[str]:
    return set(get_args(Area)) - set(period["closed_areas"]) if period["status"] == "open" else set()
