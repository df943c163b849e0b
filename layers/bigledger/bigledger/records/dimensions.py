"""Analytical dimensions, such as cost centre or project: which there are, their values, what accounts ask of them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import (
    Code,
    Command,
    Configuration,
    Day,
    FieldError,
    InvalidRequest,
    Name,
    Reference,
    Text,
    To,
    configuration,
    in_order,
)
from bigledger.kernel.configuration import unknown
from bigledger.records.rules import Proposed

Dimensions = Annotated[dict[Reference, Annotated[Reference, To("dimension_value")]], Field(max_length=20)]
"""Values by dimension, each named by its code or id: ``{"COST_CENTRE": "BERLIN"}``."""


class Dimension(Command):
    """Something that postings are told apart by besides the account: a cost centre, a project, a branch."""

    code: Code
    name: Name
    description: Text | None = None

    @model_validator(mode="after")
    def _no_company(self) -> "Dimension":
        if self.code == "company":
            message = "reports that are split by company have the companies side by side; choose another code"
            raise PydanticCustomError("reserved_code", message)
        return self


class DimensionValue(Command):
    """A value of a dimension. Its code is no other value's, whatever the dimension.

    It takes postings dated from ``valid_from`` to ``valid_to``, both included; without one, at any time.
    """

    code: Code
    name: Name
    dimension: Annotated[Reference, To("dimension")]
    valid_from: Day | None = None
    valid_to: Day | None = None

    _days = in_order("valid_from", "valid_to")

    def valid_on(self, day: date) -> bool:
        """Whether postings of that day may have it."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


class AccountDimension(Command):
    """What an account asks of its lines about one dimension.

    ``required`` from ``required_from`` on (always when absent). ``values`` are those allowed, all when it is empty.
    ``default`` is what a line gets that says nothing else.
    """

    dimension: Annotated[Reference, To("dimension")]
    required: bool = True
    required_from: Day | None = None
    values: Annotated[list[Annotated[Reference, To("dimension_value")]], Field(max_length=500)] = []
    default: Annotated[Reference, To("dimension_value")] | None = None


def check_account_dimensions(proposed: Proposed) -> Iterator[FieldError]:
    """What does not fit in an account's dimensions: each stands once, and its values are of it."""
    known, seen = configuration(proposed.context), set()
    for place, asked in enumerate(proposed.after.get("dimensions", [])):
        pointer, dimension = f"/dimensions/{place}", asked["dimension"]
        if dimension in seen:
            yield FieldError(f"{pointer}/dimension", "given_twice", f"{dimension} is named twice")
        seen.add(dimension)
        for index, value in enumerate(asked["values"]):
            yield from _of_another(known, dimension, value, f"{pointer}/values/{index}")
        if "default" in asked:
            yield from _of_another(known, dimension, asked["default"], f"{pointer}/default")
            if asked["values"] and asked["default"] not in asked["values"]:
                message = f"{asked['default']} is not among the values that are allowed"
                yield FieldError(f"{pointer}/default", "not_allowed", message)


def check_default_dimensions(proposed: Proposed) -> None:
    """The default values of a customer, supplier or product are of the dimensions they stand for.

    Raises InvalidRequest.
    """
    known = configuration(proposed.context)
    errors = []
    for dimension, value in (proposed.after.get("dimensions") or {}).items():
        entry = known.find(Dimension, dimension)
        if entry is None or not entry.active or entry.code != dimension:
            errors.append(unknown("dimension", dimension, f"/dimensions/{dimension}"))
        else:
            errors.extend(_of_another(known, dimension, value, f"/dimensions/{dimension}"))
    if errors:
        raise InvalidRequest("Some dimensions do not fit to their values; name both by their codes.", errors=errors)


def coded(known: Configuration, given: Mapping[str, str]) -> dict[str, str]:
    """The values by dimension with the codes of both. Raises UnknownReference; ``dimension_errors`` tells all of it."""
    found = {known.get(Dimension, name).code: known.get(DimensionValue, value).code for name, value in given.items()}
    return dict(sorted(found.items()))


def dimension_errors(
    known: Configuration, given: Mapping[str, str], on: date | None, pointer: str
) -> Iterator[FieldError]:
    """What does not fit: unknown or archived dimensions and values, values of another one or not valid that day.

    Without a day their validity is not looked at.
    """
    for dimension, value in given.items():
        at, entry = f"{pointer}/{dimension}", known.find(Dimension, dimension)
        found = known.find(DimensionValue, value)
        if entry is None or not entry.active:
            yield unknown("dimension", dimension, at)
        elif found is None or not found.active:
            yield unknown("dimension_value", value, at)
        elif found.data.dimension != entry.code:
            yield FieldError(at, "other_dimension", f"{value} is a value of {found.data.dimension}")
        elif on is not None and not found.data.valid_on(on):
            span = f"{found.data.valid_from or 'any day'} to {found.data.valid_to or 'any day'}"
            yield FieldError(at, "not_valid_then", f"{found.code} is valid from {span}, not on {on}")


def _of_another(known: Configuration, dimension: str, value: Any, pointer: str) -> Iterator[FieldError]:
    entry = known.find(DimensionValue, value)
    if entry is not None and entry.data.dimension != dimension:
        yield FieldError(pointer, "other_dimension", f"{value} is a value of {entry.data.dimension}")


def account_defaults(asked: list[AccountDimension]) -> dict[str, str]:
    """The values that a line gets from its account where nothing else is said."""
    return {one.dimension: one.default for one in asked if one.default is not None}
