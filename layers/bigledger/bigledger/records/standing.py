"""What the ledger does again and again: templates of journal entries with their recurrence, rules of allocation."""

import datetime as dt
from calendar import monthrange
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import (
    Amount,
    Code,
    Command,
    Day,
    FieldError,
    InvalidRequest,
    Name,
    Number,
    Reference,
    Text,
    To,
    configuration,
)
from bigledger.kernel.money import LARGEST_AMOUNT, quantum
from bigledger.records.accounts import Account
from bigledger.records.companies import Company
from bigledger.records.dimensions import Dimension, Dimensions, dimension_errors
from bigledger.records.rules import Data, Proposed

_MONTHS = {"month": 1, "quarter": 3, "year": 12}

TemplateAmount = Annotated[Amount, Field(gt=0, lt=LARGEST_AMOUNT)]
Percent = Annotated[Number, Field(gt=0, le=100)]


class Recurrence(Command):
    """When a template is due: first on ``starts_on``, then on the same day of each month, quarter or year.

    A month that is too short is due on its last day; with ``end_of_month`` every month is.
    """

    every: Literal["month", "quarter", "year"]
    starts_on: Day
    ends_on: Day | None = None
    end_of_month: bool = False

    def due(self, until: dt.date) -> Iterator[dt.date]:
        """Every due date up to a day, included."""
        last = min(until, self.ends_on or until)
        for count in range(12 * 400):
            year, month = divmod(self.starts_on.year * 12 + self.starts_on.month - 1 + count * _MONTHS[self.every], 12)
            length = monthrange(year, month + 1)[1]
            day = dt.date(year, month + 1, length if self.end_of_month else min(self.starts_on.day, length))
            if day > last:
                return
            yield day


class TemplateLine(Command):
    """A line of a template: an amount on one side in base currency, or a percentage of the amount of the run."""

    account: Annotated[Reference, To("account")]
    debit: TemplateAmount | None = None
    credit: TemplateAmount | None = None
    debit_percent: Percent | None = None
    credit_percent: Percent | None = None
    text: Text | None = None
    dimensions: Dimensions | None = None

    @model_validator(mode="after")
    def _one(self) -> "TemplateLine":
        if sum(one is not None for one in (self.debit, self.credit, self.debit_percent, self.credit_percent)) != 1:
            raise PydanticCustomError("one_amount", "give one of debit, credit, debit_percent and credit_percent")
        return self


class JournalTemplate(Command):
    """An entry to post again and again. Debits equal credits, in amounts and in percentages.

    ``amount`` is what percentages are of, unless a run says otherwise. ``reverse`` takes each entry back: on the
    next day or the first day of the next month, as accruals are. ``on_closed_period`` is for runs that fall into one.
    """

    code: Code
    name: Name
    company: Annotated[Reference, To("company")]
    lines: Annotated[list[TemplateLine], Field(min_length=2, max_length=500)]
    amount: TemplateAmount | None = None
    recurrence: Recurrence | None = None
    reverse: Literal["never", "next_day", "next_month"] = "never"
    on_closed_period: Literal["refuse", "next_open"] = "refuse"
    text: Text | None = None

    @model_validator(mode="after")
    def _balanced(self) -> "JournalTemplate":
        for debit, credit in (("debit", "credit"), ("debit_percent", "credit_percent")):
            difference = _sum(self.lines, debit) - _sum(self.lines, credit)
            if difference:
                raise PydanticCustomError(
                    "unbalanced",
                    "{debit} and {credit} differ by {difference}",
                    {"debit": debit, "credit": credit, "difference": str(difference)},
                )
        return self


class AllocationSource(Command):
    """What is allocated: what an account's lines come to that have these values, and none of ``without``."""

    account: Annotated[Reference, To("account")]
    dimensions: Dimensions | None = None
    without: Annotated[list[Annotated[Reference, To("dimension")]], Field(max_length=20)] = []


class AllocationTarget(Command):
    """Who bears it, by weight: an account (that of the source when absent), with these values besides its own."""

    account: Annotated[Reference, To("account")] | None = None
    dimensions: Dimensions | None = None
    weight: Annotated[Number, Field(gt=0)] = Decimal(1)


class AllocationRule(Command):
    """How amounts of some accounts are spread over others, or over values of a dimension, at the end of a period."""

    code: Code
    name: Name
    company: Annotated[Reference, To("company")]
    sources: Annotated[list[AllocationSource], Field(min_length=1, max_length=100)]
    targets: Annotated[list[AllocationTarget], Field(min_length=1, max_length=200)]
    text: Text | None = None


def check_template(proposed: Proposed) -> None:
    """The lines' accounts take postings, amounts fit to the currency, dimensions to their values.

    Raises InvalidRequest.
    """
    known, after = configuration(proposed.context), proposed.after
    unit = quantum(known.get(Company, after["company"]).data.currency)
    errors: list[FieldError] = []
    for place, line in enumerate(after["lines"]):
        errors += _line_errors(proposed, line["account"], line.get("dimensions"), f"/lines/{place}")
        for side in ("debit", "credit"):
            if side in line and Decimal(line[side]) % unit:
                errors.append(FieldError(f"/lines/{place}/{side}", "too_precise", f"no smaller unit than {unit}"))
    if errors:
        raise InvalidRequest("Some lines do not fit; each is pointed at.", errors=errors)


def check_allocation(proposed: Proposed) -> None:
    """Accounts take postings, dimensions fit, and no target is a source, which would be allocated anew each time.

    Raises InvalidRequest.
    """
    after = proposed.after
    errors: list[FieldError] = []
    for kind in ("sources", "targets"):
        for place, one in enumerate(after[kind]):
            if "account" in one:
                errors += _line_errors(proposed, one["account"], one.get("dimensions"), f"/{kind}/{place}")
    for place, target in enumerate(after["targets"]):
        for source in after["sources"]:
            account = target.get("account", source["account"])
            carried = {**(source.get("dimensions") or {}), **(target.get("dimensions") or {})}
            if account == source["account"] and _matches(source, carried):
                errors.append(FieldError(f"/targets/{place}", "is_a_source", "it is a source of this rule as well"))
    if errors:
        raise InvalidRequest("The rule does not fit together; each place is pointed at.", errors=errors)


def _matches(source: Data, carried: Data) -> bool:
    wanted = (source.get("dimensions") or {}).items()
    return all(carried.get(name) == value for name, value in wanted) and not set(source["without"]) & set(carried)


def _line_errors(
    proposed: Proposed, account: str, dimensions: dict[str, str] | None, pointer: str
) -> Iterator[FieldError]:
    known = configuration(proposed.context)
    if known.get(Account, account).data.group:
        yield FieldError(f"{pointer}/account", "account_not_postable", "choose an account below this group")
    yield from dimension_errors(known, dimensions or {}, None, f"{pointer}/dimensions")
    for name in dimensions or {}:
        entry = known.find(Dimension, name)
        if entry is not None and entry.code != name:
            yield FieldError(f"{pointer}/dimensions/{name}", "not_a_code", f"name the dimension {entry.code} so")


def _sum(lines: list[TemplateLine], side: str) -> Decimal:
    return sum((getattr(line, side) or Decimal(0) for line in lines), Decimal(0))
