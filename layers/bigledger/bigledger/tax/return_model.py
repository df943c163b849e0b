"""The shapes of tax returns."""

import datetime as dt
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import (
    Amount,
    Answer,
    Code,
    Command,
    Day,
    Event,
    Filter,
    ListQuery,
    Ref,
    Reference,
    event,
)
from bigledger.ledger import Posting
from bigledger.records import ReturnBox, TaxedDocument

GENERAL = "GENERAL"
"""The return of the taxes that name none."""


class NewTaxReturn(Command):
    """Prepares the return of a period, whole accounting periods from ``starts_on`` to ``ends_on``.

    ``scope`` names the return as taxes do in ``reported_in``; without it, the one of all that name none. A return of
    these days that is not filed is superseded.
    """

    starts_on: Day
    ends_on: Day
    company: Reference | None = None
    scope: Code = GENERAL

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.ends_on < self.starts_on:
            raise PydanticCustomError("period_reversed", "ends_on must not lie before starts_on")
        return self


class TaxReturnReference(Command):
    """Names a tax return by its id, or by its number once it is filed."""

    id: Reference


class FileTaxReturn(Command):
    """Files a prepared return. ``date`` is that of the settlement entry: the last day of the period when absent."""

    id: Reference
    date: Day | None = None


class TaxReturnList(ListQuery):
    """Which tax returns to list; ``date`` is the last day of the period."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "date": Filter("date", "date"),
        "company": Filter("company_id", "uuid", "company"),
    }
    allowed_sorts = ("date", "number")


class BoxFigure(Answer):
    """A box of the return: its figure in base currency, and how many lines it is made of."""

    box: str
    amount: Amount
    lines: int


class TaxFigures(Answer):
    """One tax on one kind of documents; ``late`` when it is of days whose return was filed before."""

    tax: str
    kind: TaxedDocument
    late: bool
    base: Amount
    output: Amount
    input: Amount
    cost: Amount
    lines: int


class TiedAccount(Answer):
    """A tax account at the end of the period: ``balance`` is what the ledger says, ``returned`` what this return does.

    Both are debit positive; ``difference`` is what stands on the account from elsewhere, such as entries by hand or
    periods that are not filed.
    """

    account: Ref
    balance: Amount
    returned: Amount
    difference: Amount


class TaxMapping(Answer):
    """The boxes of a tax as they were when the return was prepared."""

    tax: str
    boxes: list[ReturnBox]


class TaxReturnData(Answer):
    """What is stored of a return besides the columns of its document. Amounts are in ``currency``.

    ``payable`` is ``output`` less ``input``: owed to the authority above zero, due from it below.
    """

    company: Ref
    scope: str
    starts_on: dt.date
    ends_on: dt.date
    currency: str
    boxes: list[BoxFigure]
    taxes: list[TaxFigures]
    accounts: list[TiedAccount]
    output: Amount
    input: Amount
    payable: Amount
    documents: int
    late_documents: int
    mapping: list[TaxMapping]
    filed_on: dt.date | None = None


class TaxReturnLinks(Answer):
    """Where to go from here."""

    self: str
    history: str


class TaxReturn(TaxReturnData):
    """A tax return, with what filing it posted."""

    id: UUID
    number: str | None = None
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: TaxReturnLinks


class TaxReturnSummary(Answer):
    """A tax return in a list."""

    id: UUID
    number: str | None = None
    status: str
    version: int
    company: Ref
    scope: str
    starts_on: dt.date
    ends_on: dt.date
    currency: str
    payable: Amount


class BoxLinesQuery(Command):
    """The lines of a box of a return, a page at a time."""

    id: Reference
    box: Annotated[str, StringConstraints(max_length=100)]
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, StringConstraints(max_length=400)] | None = None


class BoxLine(Answer):
    """What a line of a document adds to the box: ``amount``, in base currency; ``item`` is the line of the document."""

    document: Ref
    type: str
    date: dt.date
    kind: TaxedDocument
    tax: str
    item: int | None = None
    late: bool
    base: Amount
    amount: Amount


class TaxReturnFact(Event):
    """A tax return at the moment of the event; amounts are in ``currency``."""

    id: UUID
    number: str | None = None
    status: str
    company: Ref
    scope: str
    starts_on: dt.date
    ends_on: dt.date
    currency: str
    output: Amount
    input: Amount
    payable: Amount


@event("tax_return.prepared")
class TaxReturnPrepared(TaxReturnFact):
    """The return of a period was prepared; one of the same days that was not filed is superseded."""


@event("tax_return.superseded")
class TaxReturnSuperseded(TaxReturnFact):
    """A return that was not filed gave way to a later one of its days, ``superseded_by``."""

    superseded_by: UUID


@event("tax_return.filed")
class TaxReturnFiled(TaxReturnFact):
    """A return was filed: its figures stay, and its days are locked for the taxes it tells of."""

    filed_on: dt.date
