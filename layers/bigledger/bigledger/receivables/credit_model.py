"""The shapes of credit notes: what callers send, what is stored, what is answered. Amounts are above zero."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Currency,
    Day,
    Filter,
    ListQuery,
    Number,
    Positive,
    Ref,
    Reference,
    Text,
)
from bigledger.ledger import InBase, Posting
from bigledger.receivables.model import (
    MAXIMUM_ITEMS,
    InvoiceData,
    InvoiceItems,
    Links,
    Metadata,
    NewItems,
    Quantity,
)
from bigledger.receivables.payment_model import SettledInvoice
from bigledger.records import Jurisdiction
from bigledger.tax import TaxAmount


class CreditedLine(Command):
    """What of a line of the invoice is taken back; all that is not credited yet when no quantity is given."""

    line: Annotated[int, Field(ge=1, le=MAXIMUM_ITEMS)]
    quantity: Quantity | None = None


class CreditInvoice(Command):
    """Credits an issued invoice: some lines or parts of them, or without ``lines`` all that is not credited yet.

    Prices, taxes, accounts and the exchange rate are the invoice's. ``date`` is the accounting date, today when
    absent and never before the invoice's. A ``draft`` is not numbered and takes nothing back until it is posted.

    Goods that the invoice still reserves are not delivered once they are credited: unless ``release_reservation`` is
    false, that quantity is available again. An invoice here holds its stock itself, and so the default is ERPNext's for
    the return of an invoice that updates stock, which does so too. In Odoo and Tryton a credit note leaves stock to a
    return of its own: say false for that, and where the customer gets the goods for less. What follows later because
    it was not in stock is credited first.
    """

    id: Reference
    reason: Text
    lines: Annotated[list[CreditedLine], Field(min_length=1, max_length=MAXIMUM_ITEMS)] | None = None
    date: Day | None = None
    draft: bool = False
    release_reservation: bool = True
    reference: Text | None = None
    metadata: Metadata = {}


class NewCreditNote(Command):
    """A credit note that stands alone: prices and taxes are worked out as an invoice's are, of its own day."""

    id: UUID | None = None
    customer: Reference
    items: NewItems
    reason: Text
    company: Reference | None = None
    date: Day | None = None
    currency: Currency | None = None
    exchange_rate: Positive | None = None
    ship_to: Jurisdiction | None = None
    draft: bool = False
    reference: Text | None = None
    metadata: Metadata = {}


class CreditNoteReference(Command):
    """Names a credit note by its id or number."""

    id: Reference


class VoidCreditNote(Command):
    """Voids a credit note. ``date`` is the accounting date of the reversal, the credit note's own when absent."""

    id: Reference
    reason: Text
    date: Day | None = None


class FreedStock(Answer):
    """What a credit note freed of the stock that its invoice had reserved."""

    product: Ref
    location: Ref
    quantity: Number


class CreditNoteData(InvoiceData):
    """What is stored of a credit note besides the columns of its document."""

    reason: str
    invoice: Ref | None = None
    allocations: list[SettledInvoice] = []
    unallocated: Amount
    release_reservation: bool | None = None
    stock_released: list[FreedStock] = []


class CreditNoteSummary(Answer):
    """A credit note in a list; ``amount_left`` is what is neither allocated nor refunded."""

    id: UUID
    number: str | None = None
    status: str
    version: int
    company: Ref
    customer: Ref
    invoice: Ref | None = None
    date: dt.date
    currency: str
    subtotal: Amount
    tax_total: Amount
    total: Amount
    amount_left: Amount


class CreditNote(CreditNoteSummary):
    """A credit note with everything that followed from it. Amounts are in ``currency``.

    ``allocations`` is what it settled of its invoice when it was posted, ``stock_released`` what it freed of the stock
    that the invoice had reserved; ``base`` is there when ``currency`` is not the base currency.
    """

    items: InvoiceItems
    taxes: list[TaxAmount]
    reason: str
    allocations: list[SettledInvoice]
    release_reservation: bool | None = None
    stock_released: list[FreedStock] = []
    rounding: Amount | None = None
    base: InBase | None = None
    posting: Posting
    events: list[str]
    links: Links
    reference: str | None = None
    void_reason: str | None = None
    voided_on: dt.date | None = None
    metadata: dict[str, str] = {}


class CreditNoteList(ListQuery):
    """Credit notes by status, customer and date."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "customer": Filter("party_id", "uuid", "customer"),
        "date": Filter("date", "date"),
    }
    allowed_sorts = ("date", "number")
