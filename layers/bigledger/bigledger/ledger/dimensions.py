"""The dimensions of journal lines: what a line carries, and what its account asks of it.

One rule for every line: what is said on the line counts, then its product, then its customer or supplier, then the
default of the account. Lines that no document names, such as that of a receivable or a tax, carry what their account
says, so that an item and its settlement carry the same.
"""

import datetime as dt
from collections.abc import Iterator, Mapping

from bigledger.kernel import Context, Entry, FieldError, InvalidRequest, Problem, configuration, database
from bigledger.records import Account, account_defaults, coded, dimension_errors


class DimensionRequired(Problem):
    """A line lacks a dimension that its account asks for, or has a value that the account does not take."""

    title = "The account asks for a dimension"


class DimensionInvalid(InvalidRequest):
    """A dimension or value does not exist, is archived or is not valid on the day; each is pointed at."""

    title = "The dimensions do not fit"


database.constraint("dimension_required", lambda: DimensionRequired("The account asks for dimensions since just now."))
database.constraint("dimension_known", lambda: DimensionInvalid("A value of a dimension was archived just now."))


def resolved(context: Context, given: Mapping[str, str] | None, on: dt.date, pointer: str) -> dict[str, str]:
    """Given values by dimension, each with its code. Raises DimensionInvalid with pointers below ``pointer``."""
    if not given:
        return {}
    known = configuration(context)
    errors = list(dimension_errors(known, given, on, pointer))
    if errors:
        raise DimensionInvalid("Some dimensions do not fit: " + errors[0]["message"] + ".", errors=errors)
    return coded(known, given)


def on_account(
    context: Context, account: Entry[Account], values: Mapping[str, str], on: dt.date, pointer: str = ""
) -> dict[str, str]:
    """What a line on the account carries: the values and the account's defaults. Raises DimensionRequired."""
    carried = with_defaults(account, values)
    check_account(account, carried, on, pointer)
    return carried


def with_defaults(account: Entry[Account], values: Mapping[str, str]) -> dict[str, str]:
    """The values, and for other dimensions the account's defaults."""
    return dict(sorted({**account_defaults(account.data.dimensions), **values}.items()))


def check_account(account: Entry[Account], carried: Mapping[str, str], on: dt.date, pointer: str = "") -> None:
    """Raise DimensionRequired unless the values are what the account asks for on that day."""
    errors = list(_errors(account, carried, on, pointer))
    if errors:
        told = "; ".join(error["message"] for error in errors)
        raise DimensionRequired(
            f"{account.code} {account.data.name}: {told}.", errors=errors if pointer else [], account=account.code
        )


def check_line(context: Context, account: Entry[Account], carried: Mapping[str, str], on: dt.date) -> None:
    """Raise DimensionRequired or DimensionInvalid for a line that is to be posted."""
    if carried:
        resolved(context, carried, on, "/dimensions")
    check_account(account, carried, on)


def _errors(account: Entry[Account], carried: Mapping[str, str], on: dt.date, pointer: str) -> Iterator[FieldError]:
    for asked in account.data.dimensions:
        value = carried.get(asked.dimension)
        at = f"{pointer}/{asked.dimension}"
        if value is None:
            if asked.required and (asked.required_from or on) <= on:
                yield FieldError(at, "dimension_required", f"give a value of {asked.dimension}")
        elif asked.values and value not in asked.values:
            yield FieldError(at, "dimension_not_allowed", f"{asked.dimension} is one of {', '.join(asked.values)}")
