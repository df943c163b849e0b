"""The shapes of debit notes: what callers send, what is stored, what is answered."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Amount, Answer, Command, Currency, Day, Filter, ListQuery, Positive, Ref, Reference, Text
from bigledger.ledger import DueInstalment, InBase, Posting
from bigledger.receivables.model import (
    MAXIMUM_ITEMS,
    InvoiceData,
    InvoiceItems,
    Links,
    Metadata,
    NewItems,
    Quantity,
    UnitPrice,
)
from bigledger.records import Jurisdiction
from bigledger.tax import TaxAmount


class ChargedLine(Command):
    """What is charged further for a line of an invoice: its product, at ``unit_price`` more for each of a quantity.

    The quantity is that of the line when none is given; the price is in the invoice's currency.
    """

    line: Annotated[int, Field(ge=1, le=MAXIMUM_ITEMS)]
    unit_price: Annotated[UnitPrice, Field(ge=0)]
    quantity: Quantity | None = None
    description: Text | None = None


class NewDebitNote(Command):
    """A debit note: what a customer owes besides its invoices, as after a price that was too low.

    It charges further for ``lines`` of an ``invoice``, whose customer, company, currency and agreed rate it takes; or
    it stands alone, with a ``customer`` and ``items`` as an invoice has. Taxes are worked out as of its own ``date``,
    which is today when absent. No stock is taken, and the credit limit is not asked: what is charged was delivered.
    """

    id: UUID | None = None
    customer: Reference | None = None
    items: NewItems | None = None
    invoice: Reference | None = None
    lines: Annotated[list[ChargedLine], Field(min_length=1, max_length=MAXIMUM_ITEMS)] | None = None
    reason: Text
    company: Reference | None = None
    date: Day | None = None
    currency: Currency | None = None
    exchange_rate: Positive | None = None
    payment_terms: Reference | None = None
    ship_to: Jurisdiction | None = None
    draft: bool = False
    reference: Text | None = None
    metadata: Metadata = {}

    @model_validator(mode="after")
    def _alone_or_not(self) -> "NewDebitNote":
        """It is one of two kinds, and each has fields of its own."""
        alone, of_invoice = (self.customer, self.items), (self.invoice, self.lines)
        if not (all(alone) and not any(of_invoice)) and not (all(of_invoice) and not any(alone)):
            raise PydanticCustomError("one_kind", "give customer and items, or invoice and lines")
        own = (self.company, self.currency, self.exchange_rate, self.ship_to)
        if self.invoice and any(field is not None for field in own):
            raise PydanticCustomError(
                "follows_invoice",
                "company, currency, exchange_rate and ship_to follow from the invoice",
            )
        return self


class DebitNoteReference(Command):
    """Names a debit note by its id or number."""

    id: Reference


class VoidDebitNote(Command):
    """Voids a debit note. ``date`` is the accounting date of the reversal, the debit note's own when absent."""

    id: Reference
    reason: Text
    date: Day | None = None


class DebitNoteData(InvoiceData):
    """What is stored of a debit note besides the columns of its document."""

    reason: str
    invoice: Ref | None = None


class DebitNoteSummary(Answer):
    """A debit note in a list; amounts are in ``currency``."""

    id: UUID
    number: str | None = None
    status: str
    version: int
    company: Ref
    customer: Ref
    invoice: Ref | None = None
    date: dt.date
    due_date: dt.date
    currency: str
    subtotal: Amount
    tax_total: Amount
    total: Amount
    amount_due: Amount


class DebitNote(DebitNoteSummary):
    """A debit note with everything that followed from it; ``base`` is there when its currency is foreign."""

    items: InvoiceItems
    taxes: list[TaxAmount]
    instalments: list[DueInstalment]
    reason: str
    rounding: Amount | None = None
    base: InBase | None = None
    posting: Posting
    events: list[str]
    links: Links
    payment_terms: str | None = None
    reference: str | None = None
    void_reason: str | None = None
    voided_on: dt.date | None = None
    metadata: dict[str, str] = {}


class DebitNoteList(ListQuery):
    """Debit notes by status, customer and dates."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "customer": Filter("party_id", "uuid", "customer"),
        "date": Filter("date", "date"),
        "due_date": Filter("due_date", "date"),
    }
    allowed_sorts = ("date", "due_date", "number")
