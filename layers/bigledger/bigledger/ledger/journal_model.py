"""The shapes of journal entries: what callers send, what is stored, what is answered."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Amount, Answer, Command, Currency, Day, Filter, ListQuery, Number, Ref, Reference, Text
from bigledger.kernel.money import LARGEST_AMOUNT
from bigledger.ledger.entries import Posting
from bigledger.records import Dimensions

MAXIMUM_LINES = 5000
"""The most lines one entry may have."""

EntryKind = Literal["manual", "reversal", "opening", "closing", "recurring", "allocation", "deferral"]
"""What an entry is for: written by someone, taking another one back, taking over balances, closing a year, or made
by a template, by an allocation rule, by a deferral schedule."""

OnClosedPeriod = Literal["refuse", "next_open"]
"""What happens on a day that takes no postings: a refusal, or the next day that does if the caller asks for it."""

EntryAmount = Annotated[Amount, Field(ge=0, lt=LARGEST_AMOUNT)]


def check_sides(
    debit: Decimal | None, credit: Decimal | None, rate: Decimal | None, base_amount: Decimal | None
) -> None:
    """Refuse, as a validator does, a line that is not either a debit or a credit, or that is worth two things."""
    if (debit is None) == (credit is None):
        raise PydanticCustomError("debit_or_credit", "give either a debit or a credit")
    if rate is not None and base_amount is not None:
        raise PydanticCustomError("rate_or_base_amount", "give either a rate or a base amount")
    if not (debit or credit or base_amount):
        raise PydanticCustomError("nothing", "the line has no amount; give one above zero, or leave the line out")


class NewLine(Command):
    """A line of an entry: an account and either a debit or a credit in ``currency``, the base currency when absent.

    A line in a foreign currency is converted at ``rate`` (base currency for one unit), or is worth ``base_amount``,
    or is converted at the rate of the day. With a base amount the debit or credit may be zero: an exchange
    difference. A line on the account of a customer or supplier names one, and opens an item due on ``due_date``
    (the entry's date when absent). Where it stands for a document that the party has, as one brought along does,
    ``reference`` is its number and ``document_date`` its date. What ``dimensions`` do not say, the account's defaults
    do.
    """

    account: Reference
    debit: EntryAmount | None = None
    credit: EntryAmount | None = None
    currency: Currency | None = None
    rate: Annotated[Number, Field(gt=0)] | None = None
    base_amount: EntryAmount | None = None
    customer: Reference | None = None
    supplier: Reference | None = None
    due_date: Day | None = None
    reference: Text | None = None
    document_date: Day | None = None
    tax: Reference | None = None
    text: Text | None = None
    dimensions: Dimensions | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> "NewLine":
        check_sides(self.debit, self.credit, self.rate, self.base_amount)
        if self.customer is not None and self.supplier is not None:
            raise PydanticCustomError("customer_or_supplier", "name either a customer or a supplier")
        return self


NewLines = Annotated[list[NewLine], Field(min_length=2, max_length=MAXIMUM_LINES)]


class NewJournalEntry(Command):
    """A journal entry to write, as a draft unless ``post`` is true. Its debits equal its credits.

    ``date`` is the accounting date, today in the company's time zone when absent.
    """

    id: UUID | None = None
    company: Reference | None = None
    date: Day | None = None
    lines: NewLines
    text: Text | None = None
    reference: Text | None = None
    post: bool = False
    on_closed_period: OnClosedPeriod = "refuse"


def _given(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("required", "an entry cannot be without it; leave it out to keep what it has")
    return value


class JournalEntryChange(Command):
    """What to replace in a draft; ``lines`` replaces all of them. Null removes a text or a reference."""

    id: Reference
    # None stands for what was left out: the contract says that null cannot be given.
    date: Annotated[Day, BeforeValidator(_given)] = None  # type: ignore[assignment]
    lines: Annotated[NewLines, BeforeValidator(_given)] = None  # type: ignore[assignment]
    text: Text | None = None
    reference: Text | None = None


class JournalEntryReference(Command):
    """Names a journal entry by its id or number."""

    id: Reference


class PostJournalEntry(Command):
    """Posts a draft on its date, or on the next open day if that is asked for."""

    id: Reference
    on_closed_period: OnClosedPeriod = "refuse"


class ReverseJournalEntry(Command):
    """Takes a posted entry back by another one on ``date``, today when absent, not before the entry's own."""

    id: Reference
    reason: Text
    date: Day | None = None
    on_closed_period: OnClosedPeriod = "refuse"


class VoidJournalEntry(Command):
    """Makes an entry void: a draft as it is, a posted one by a contra entry on its own date."""

    id: Reference
    reason: Text


class JournalEntryList(ListQuery):
    """Which journal entries to list."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "date": Filter("date", "date"),
        "company": Filter("company_id", "uuid", "company"),
    }
    allowed_sorts = ("date", "number")


class EntryLine(Answer):
    """A line as it is posted: in its currency, and in the company's base currency.

    ``rate`` is base currency for one unit; it is absent where a base amount was given.
    """

    line: int
    account: Ref
    debit: Amount
    credit: Amount
    currency: str
    base_debit: Amount
    base_credit: Amount
    rate: Number | None = None
    agreed: Literal[True] | None = None
    """The rate or the base amount was given, not looked up."""
    customer: Ref | None = None
    supplier: Ref | None = None
    due_date: dt.date | None = None
    reference: str | None = None
    document_date: dt.date | None = None
    tax: str | None = None
    text: str | None = None
    dimensions: dict[str, str] | None = None


class JournalEntryData(Answer):
    """What is stored of an entry besides the columns of its document. ``total`` is in ``currency``, the base's."""

    kind: EntryKind
    company: Ref
    date: dt.date
    currency: str
    lines: list[EntryLine]
    total: Amount
    text: str | None = None
    reference: str | None = None
    requested_date: dt.date | None = None
    """The day that was asked for, where it took no postings and the next open day was chosen."""
    reversal_of: Ref | None = None
    reversed_by: Ref | None = None
    reversed_on: dt.date | None = None
    reason: str | None = None
    """Why the entry was reversed or made void, or what this reversal is for."""


class JournalEntryLinks(Answer):
    """Where to go from here."""

    self: str
    history: str


class JournalEntrySummary(Answer):
    """A journal entry in a list. ``total`` is what it debits in ``currency``, the base currency."""

    id: UUID
    number: str | None = None
    status: str
    version: int
    kind: EntryKind
    company: Ref
    date: dt.date
    currency: str
    total: Amount
    text: str | None = None
    reference: str | None = None


class JournalEntryDocument(JournalEntryData):
    """A journal entry with its lines and what it posted. ``total`` is what it debits in base currency."""

    id: UUID
    number: str | None = None
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: JournalEntryLinks
