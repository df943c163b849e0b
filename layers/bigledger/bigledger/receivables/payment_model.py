"""The shapes of payments: what callers send, what is stored, what is answered."""

import datetime as dt
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

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
from bigledger.kernel.money import LARGEST_AMOUNT
from bigledger.ledger import Posting
from bigledger.receivables.model import Links, Metadata

PaidAmount = Annotated[Amount, Field(gt=0, lt=LARGEST_AMOUNT)]


class Allocation(Command):
    """What of a payment goes to an invoice; all that is open, or all that is left, when no amount is given.

    Instead of an ``invoice`` it may name any ``document`` with open items of the customer, such as a debit note or a
    journal entry, or one ``open_item`` by its id.
    """

    invoice: Reference | None = None
    document: Reference | None = None
    open_item: UUID | None = None
    amount: PaidAmount | None = None

    @model_validator(mode="after")
    def _named_once(self) -> "Allocation":
        if sum(name is not None for name in (self.invoice, self.document, self.open_item)) != 1:
            raise PydanticCustomError("named_once", "name one of invoice, document and open_item")
        return self

    @property
    def kind(self) -> str:
        """The field that names what is settled."""
        return "invoice" if self.invoice else "document" if self.document else "open_item"

    @property
    def name(self) -> str:
        """What that field says."""
        return str(self.invoice or self.document or self.open_item)


class WriteOff(Command):
    """A difference that is given up with the payment, the account that bears it, and why.

    Below zero it is what the customer paid too much and the company keeps as income (Tryton's overpayment with a
    write-off).

    It asks for the permission receivables.write_off besides that of the payment.
    """

    amount: Annotated[Amount, Field(lt=LARGEST_AMOUNT)]
    account: Reference
    reason: Text

    @field_validator("amount")
    @classmethod
    def _something(cls, amount: Decimal) -> Decimal:
        if not amount or amount <= -LARGEST_AMOUNT:
            raise PydanticCustomError("nothing_written_off", "leave the write-off out, or give what is written off")
        return amount


class NewPayment(Command):
    """Money received from a customer.

    Without ``allocations`` it settles what the customer owes, the earliest due first; an empty list leaves all of it as
    an advance. Discounts for paying in time are taken off unless ``early_discounts`` is false or the payment is enough
    without them; an amount that is allocated is what is paid, the discount comes on top. With the feature flag
    receivables.match_exact_payments an invoice that is open for just this amount goes before earlier ones. ``account``
    is where the money arrived: that of the ``payment_method`` when absent, without one the company's bank account.
    ``method`` says it in the caller's own words. Nothing is settled before its own date.

    ``amount`` is in ``currency``, the company's when absent, and settles invoices in that currency. It is worth what
    ``exchange_rate`` says (base currency for one unit), else the spot rate of the day. ``account_amount`` is what
    arrived on an account that is kept in another currency, in that currency; if that is the base currency, it is
    what the payment is worth.
    """

    id: UUID | None = None
    customer: Reference
    amount: PaidAmount
    company: Reference | None = None
    currency: Currency | None = None
    exchange_rate: Positive | None = None
    date: Day | None = None
    account: Reference | None = None
    account_amount: PaidAmount | None = None
    payment_method: Reference | None = None
    method: Text | None = None
    reference: Text | None = None
    allocations: Annotated[list[Allocation], Field(max_length=1000)] | None = None
    early_discounts: bool = True
    write_off: WriteOff | None = None
    metadata: Metadata = {}


class SettledInvoice(Answer):
    """An invoice, or another document with open items, that a payment went to, and how it stands since.

    ``amount`` is what was settled of it, ``discount`` what of that was taken off for paying early.
    ``exchange_difference`` is what the payment's rate made of the invoice's base amount, in base currency: a gain
    above zero, a loss below.
    """

    invoice: Ref
    amount: Amount
    amount_due: Amount
    status: str
    discount: Amount | None = None
    exchange_difference: Amount | None = None
    type: str | None = None
    """What kind of document it is, when it is no invoice."""


class PaymentInBase(Answer):
    """A foreign payment in the company's base currency; ``exchange_rate`` is that for one unit of its currency."""

    currency: str
    exchange_rate: Number
    amount: Amount
    unallocated: Amount
    exchange_difference: Amount
    """The gains less the losses realised on what it settled."""


class PaymentData(Answer):
    """What is stored of a payment besides the columns of its document."""

    company: Ref
    customer: Ref
    date: dt.date
    currency: str
    amount: Amount
    account: Ref
    allocations: list[SettledInvoice]
    unallocated: Amount
    base: PaymentInBase | None = None
    account_currency: str | None = None
    """The currency of ``account_amount``, where the account is kept in another than the payment's."""
    account_amount: Amount | None = None
    discount: Amount | None = None
    """What was taken off for paying early, in all."""
    written_off: Amount | None = None
    write_off_account: Ref | None = None
    write_off_reason: str | None = None
    payment_method: Ref | None = None
    method: str | None = None
    reference: str | None = None
    void_reason: str | None = None
    voided_on: dt.date | None = None


class VoidPayment(Command):
    """Voids a payment, as when it bounced. ``date`` is the accounting date, the payment's own when absent."""

    id: Reference
    reason: Text
    date: Day | None = None


class PaymentSummary(Answer):
    """A payment in a list; ``amount_left`` is what is neither allocated nor refunded."""

    id: UUID
    number: str
    status: str
    version: int
    company: Ref
    customer: Ref
    date: dt.date
    currency: str
    amount: Amount
    amount_left: Amount
    account: Ref
    payment_method: Ref | None = None
    method: str | None = None
    reference: str | None = None


class PaymentList(ListQuery):
    """Payments by status, customer and date."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "customer": Filter("party_id", "uuid", "customer"),
        "date": Filter("date", "date"),
    }
    allowed_sorts = ("date", "number")


class NewRefund(Command):
    """Money given back to a customer: what a payment or a credit note left over, all of it without ``amount``.

    ``account`` is where the money leaves from: that of the ``payment_method`` when absent, without one the company's
    bank account. ``exchange_rate`` and ``account_amount`` are as in a payment.
    """

    id: Reference
    amount: PaidAmount | None = None
    exchange_rate: Positive | None = None
    date: Day | None = None
    account: Reference | None = None
    account_amount: PaidAmount | None = None
    payment_method: Reference | None = None
    method: Text | None = None
    reference: Text | None = None
    metadata: Metadata = {}


class RefundData(Answer):
    """What is stored of a refund besides the columns of its document; ``of`` is what was left over and is paid out."""

    company: Ref
    customer: Ref
    of: Ref
    date: dt.date
    currency: str
    amount: Amount
    amount_left: Amount
    """What is still left over after it."""
    account: Ref
    account_currency: str | None = None
    account_amount: Amount | None = None
    exchange_difference: Amount | None = None
    payment_method: Ref | None = None
    method: str | None = None
    reference: str | None = None


class Refund(RefundData):
    """A refund, posted."""

    id: UUID
    number: str
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: Links
    metadata: dict[str, str] = {}


class PaymentReference(Command):
    """Names a payment by its id or number."""

    id: Reference


class Payment(PaymentData):
    """A payment received, the invoices it settled and what is left of it as an advance."""

    id: UUID
    number: str
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: Links
    metadata: dict[str, str] = {}
