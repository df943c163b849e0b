"""The shapes of invoices and payments: what callers send, what is stored, what is answered."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from bigledger.inventory import ReservedItem
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
    Shared,
    Text,
)
from bigledger.kernel.money import LARGEST_AMOUNT
from bigledger.ledger import DueInstalment, InBase, Posting
from bigledger.receivables.credit import Credit
from bigledger.records import Dimensions, Jurisdiction
from bigledger.tax import DocumentDiscount, TaxAmount, TaxNote, TaxPolicy

MAXIMUM_ITEMS = 5000
"""The most lines one invoice may have."""

Quantity = Annotated[Positive, Field(lt=Decimal(10) ** 12)]
UnitPrice = Annotated[Amount, Field(gt=-LARGEST_AMOUNT, lt=LARGEST_AMOUNT)]
"""A price for one unit; below zero it takes off what other lines come to, as an advance that was invoiced before."""

Metadata = Annotated[dict[Annotated[str, StringConstraints(max_length=40)], Text], Field(max_length=50)]


class NewItem(Command):
    """A line to invoice. Price, tax and accounts follow from the product and the customer unless given.

    ``unit_price`` is in the invoice's currency, below zero for what is taken off; ``discount_percent`` is 10 for 10 %.
    """

    product: Reference
    quantity: Quantity
    unit_price: UnitPrice | None = None
    discount_percent: Annotated[Number, Field(ge=0, le=100)] | None = None
    description: Text | None = None
    dimensions: Dimensions | None = None
    """What its revenue carries; what is left out comes from the product, the customer, the account."""


NewItems = Annotated[list[NewItem], Field(min_length=1, max_length=MAXIMUM_ITEMS)]


class NewInvoice(Command):
    """An invoice to create: a customer and what was sold, by code or id. Everything else is worked out.

    ``date`` is the accounting and tax date, today in the company's time zone when absent. A ``draft`` takes no
    number, reserves nothing and can be changed until it is posted. ``exchange_rate`` is what was agreed: base
    currency for one unit of the invoice's; without it, the spot rate of its day.
    """

    id: UUID | None = None
    customer: Reference
    items: NewItems
    company: Reference | None = None
    date: Day | None = None
    currency: Currency | None = None
    exchange_rate: Positive | None = None
    payment_terms: Reference | None = None
    ship_to: Jurisdiction | None = None
    location: Reference | None = None
    discount: DocumentDiscount | None = None
    draft: bool = False
    reference: Text | None = None
    note: Annotated[str, StringConstraints(max_length=5000)] | None = None
    metadata: Metadata = {}


def _given(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("required", "an invoice cannot be without it; leave it out to keep what it has")
    return value


Kept = BeforeValidator(_given)
"""Marks what a change may replace, not remove."""


class InvoiceChange(Command):
    """What to replace in a draft; lists replace the whole list, and null removes what an invoice can be without.

    A date, a currency or payment terms that are removed are found anew: today, and those of the customer. An agreed
    exchange rate belongs to its currency and goes with it.
    """

    id: Reference
    # None stands for what was left out: the contract says that null cannot be given.
    customer: Annotated[Reference, Kept] = None  # type: ignore[assignment]
    items: Annotated[NewItems, Kept] = None  # type: ignore[assignment]
    date: Day | None = None
    currency: Currency | None = None
    exchange_rate: Positive | None = None
    payment_terms: Reference | None = None
    ship_to: Jurisdiction | None = None
    location: Reference | None = None
    discount: DocumentDiscount | None = None
    reference: Text | None = None
    note: Annotated[str, StringConstraints(max_length=5000)] | None = None
    metadata: Metadata | None = None


class InvoiceReference(Command):
    """Names an invoice by its id or number."""

    id: Reference


class VoidInvoice(Command):
    """Voids an invoice. ``date`` is the accounting date of the reversal, the invoice's own when absent.

    The reversal is not dated before the invoice, and not in the future: its stock and credit are given back now.
    """

    id: Reference
    reason: Text
    date: Day | None = None


class InvoiceItem(Answer):
    """A line as it was priced and taxed, in the invoice's currency.

    ``price_includes_tax`` is there when the price contains taxes: then ``unit_price`` and ``discount`` are with
    those, and ``gross`` is the line's net with all its taxes. ``tax_notes`` say why taxes are not charged.
    """

    line: int
    product: Ref
    description: str
    quantity: Number
    unit_price: Amount
    discount: Amount
    net: Amount
    taxes: list[TaxAmount]
    discount_percent: Number | None = None
    backordered: Number | None = None
    """What of the quantity is not in stock and follows later."""
    price_includes_tax: Literal[True] | None = None
    gross: Amount | None = None
    tax_notes: list[TaxNote] | None = None
    dimensions: dict[str, str] | None = None
    """What its revenue carries: codes of values by codes of dimensions."""
    origin_line: int | None = None
    """The line of the invoice that a line of a credit note takes back."""


InvoiceItems = Annotated[list[InvoiceItem], Shared]


class Approval(Answer):
    """Whether the invoice needs an approval, and how that stands."""

    required: bool
    id: UUID | None = None
    status: str | None = None
    reason: str | None = None


class InvoiceAccounts(Answer):
    """The codes of the accounts the invoice posts to: its receivable, each line's revenue, each tax's liability."""

    receivable: str
    revenue: list[str]
    taxes: dict[str, str]
    rounding: str | None = None


class InvoiceHead(Answer):
    """What a list shows of an invoice's data."""

    company: Ref
    customer: Ref
    date: dt.date
    due_date: dt.date
    currency: str
    subtotal: Amount
    tax_total: Amount
    total: Amount


class InvoiceData(InvoiceHead):
    """What is stored of an invoice besides the columns of its document. Computed once, never on reading."""

    items: InvoiceItems
    taxes: list[TaxAmount]
    instalments: list[DueInstalment]
    reservations: Annotated[list[ReservedItem], Shared] = []
    credit: Credit | None = None
    approval: Approval
    accounts: InvoiceAccounts
    rounding: Amount | None = None
    """What rounding the total added to it, besides net and taxes."""
    tax_rounding: Amount | None = None
    """What of ``tax_total`` rounding the total added to the largest tax."""
    discount: DocumentDiscount | None = None
    """The discount on all of it, which is a part of the discounts of its lines."""
    base: InBase | None = None
    """The amounts in base currency, when the invoice is in another."""
    agreed_prices: list[int] = []
    """The lines whose price was given, not looked up."""
    tax_policy: TaxPolicy | None = None
    """The policy that the taxes were computed under."""
    early_payment_tax: Literal["at_payment", "always", "never"] | None = None
    """What its discounts for early payment do to tax, where instalments offer any."""
    price_list: str | None = None
    """The code of the price list that prices were looked up in."""
    payment_terms: str | None = None
    ship_to: str | None = None
    location: str | None = None
    reference: str | None = None
    note: str | None = None
    void_reason: str | None = None
    voided_on: dt.date | None = None

    @property
    def base_total(self) -> Decimal:
        """The total in the company's base currency."""
        return self.total if self.base is None else self.base.total


class Links(Answer):
    """Where to go from here."""

    self: str
    history: str


class InvoiceSummary(Answer):
    """An invoice in a list."""

    id: UUID
    number: str | None = None
    status: str
    version: int
    company: Ref
    customer: Ref
    date: dt.date
    due_date: dt.date
    currency: str
    subtotal: Amount
    tax_total: Amount
    total: Amount
    amount_due: Amount


class Invoice(Answer):
    """An invoice with everything that followed from it. Amounts are in ``currency``; ``credit`` is in base currency.

    ``base`` is there when ``currency`` is not the base currency.
    """

    id: UUID
    number: str | None = None
    status: str
    version: int
    company: Ref
    customer: Ref
    date: dt.date
    due_date: dt.date
    currency: str
    items: InvoiceItems
    subtotal: Amount
    tax_total: Amount
    total: Amount
    rounding: Amount | None = None
    """What rounding the total added to it, besides net and taxes."""
    tax_rounding: Amount | None = None
    """What of ``tax_total`` rounding the total added to the largest tax."""
    discount: DocumentDiscount | None = None
    """The discount on all of it, which is a part of the discounts of its lines."""
    amount_due: Amount
    taxes: list[TaxAmount]
    instalments: list[DueInstalment]
    reservations: Annotated[list[ReservedItem], Shared]
    credit: Credit | None = None
    approval: Approval
    base: InBase | None = None
    posting: Posting
    events: list[str]
    links: Links
    payment_terms: str | None = None
    ship_to: str | None = None
    reference: str | None = None
    note: str | None = None
    void_reason: str | None = None
    tax_policy: TaxPolicy | None = None
    price_list: str | None = None
    voided_on: dt.date | None = None
    metadata: dict[str, str] = {}


class InvoiceList(ListQuery):
    """Invoices by status, customer and dates."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "customer": Filter("party_id", "uuid", "customer"),
        "date": Filter("date", "date"),
        "due_date": Filter("due_date", "date"),
    }
    allowed_sorts = ("date", "due_date", "number")


def links(path: str, id: UUID) -> Links:
    """The links of a document under its resource's path."""
    return Links(self=f"/api/v1/{path}/{id}", history=f"/api/v1/documents/{id}/history")
