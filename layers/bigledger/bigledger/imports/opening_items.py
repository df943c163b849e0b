"""Open items of customers and suppliers that a company brings along, a row each; they post as opening balances do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.imports.checking import Created, as_models, refuse
from bigledger.imports.model import RowError
from bigledger.imports.reading import Unit, told
from bigledger.kernel import Amount, Command, Context, Currency, Day, FieldError, Number, Problem, Reference, Text
from bigledger.kernel.money import LARGEST_AMOUNT
from bigledger.ledger import NewOpeningBalances, opening

_PER_ENTRY = 2000
"""The most items of one entry; an entry takes more."""

_Row = tuple[Unit, "NewOpeningItem"]


class NewOpeningItem(Command):
    """An invoice of a ``customer`` or a bill of a ``supplier`` that is open on ``date``, the last day of the old books.

    ``number`` is what the document is known by and ``document_date`` its own date, ``date`` when absent. ``amount`` is
    what is still owed of it in ``currency`` (the company's when absent); below zero it is owed the other way, as a
    credit is. A foreign item is worth ``base_amount``, or converted at ``rate`` or at the rate of the day.
    """

    customer: Reference | None = None
    supplier: Reference | None = None
    number: Text
    date: Day
    document_date: Day | None = None
    due_date: Day
    amount: Annotated[Amount, Field(lt=LARGEST_AMOUNT)]
    currency: Currency | None = None
    rate: Annotated[Number, Field(gt=0)] | None = None
    base_amount: Annotated[Amount, Field(gt=0)] | None = None
    account: Reference | None = None
    company: Reference | None = None

    @model_validator(mode="after")
    def _of_one(self) -> "NewOpeningItem":
        if (self.customer is None) == (self.supplier is None):
            raise PydanticCustomError("customer_or_supplier", "name either a customer or a supplier")
        return self

    def item(self) -> dict[str, Any]:
        """The item as opening balances take it."""
        fields = "customer supplier due_date document_date amount currency rate base_amount account".split()
        given = {name: getattr(self, name) for name in fields}
        return {"reference": self.number, **{name: value for name, value in given.items() if value is not None}}


def check(context: Context, units: Sequence[Unit]) -> list[RowError]:
    """Everything that is wrong, as far as it can be told of rows together."""
    errors: list[RowError] = []
    for rows in _together(list(as_models(NewOpeningItem, units, errors))):
        try:
            opening.check(_balances(rows), context)
        except Problem as problem:
            errors += _as_rows(problem, rows)
    return errors


def create(context: Context, units: Sequence[Unit]) -> list[Created]:
    """An entry for the items of each company and day, which each of them is open by itself in."""
    errors: list[RowError] = []
    fitting = list(as_models(NewOpeningItem, units, errors))
    refuse(errors)
    created: list[Created] = []
    for rows in _together(fitting):
        try:
            entry = opening.bring_along(_balances(rows), context)
        except Problem as problem:
            refuse(_as_rows(problem, rows))
            raise
        created += [(unit, entry.id) for unit, _ in rows]
    return created


def _together(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """The rows by company and day, as many together as one entry takes."""
    found: dict[tuple[Any, ...], list[_Row]] = {}
    for unit, item in rows:
        found.setdefault((item.company, item.date), []).append((unit, item))
    for group in found.values():
        for start in range(0, len(group), _PER_ENTRY):
            yield group[start : start + _PER_ENTRY]


def _balances(rows: Sequence[_Row]) -> NewOpeningBalances:
    """The rows as a request for opening balances. Raises InvalidRequest through its model only for what was checked."""
    first = rows[0][1]
    sides: Mapping[str, list[dict[str, Any]]] = {
        side: [item.item() for item in _of(rows, side)] for side in ("customer", "supplier")
    }
    given = {"company": first.company, "date": first.date}
    return NewOpeningBalances.model_validate({**given, "customers": sides["customer"], "suppliers": sides["supplier"]})


def _of(rows: Sequence[_Row], side: str) -> list[NewOpeningItem]:
    return [item for _, item in rows if getattr(item, side) is not None]


def _as_rows(problem: Problem, rows: Sequence[_Row]) -> list[RowError]:
    """The errors of a request at the rows that it was made of: ``/customers/3/amount`` is the fourth customer's."""
    placed = {
        f"{side}s": [unit for unit, item in rows if getattr(item, side) is not None]
        for side in ("customer", "supplier")
    }
    found: list[RowError] = []
    for error in problem.errors or [FieldError("", problem.code(), problem.detail)]:
        _, side, place, *rest = [*error["pointer"].split("/"), "", ""][:4] if error["pointer"] else ["", "", "", ""]
        unit = placed[side][int(place)] if side in placed and place.isdigit() else rows[0][0]
        pointer = "/" + "/".join(rest).strip("/") if side in placed else error["pointer"]
        found += told(unit, [FieldError(pointer.replace("/reference", "/number"), error["code"], error["message"])])
    return found
