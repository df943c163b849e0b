"""The shapes of payments to suppliers and of allocations: what callers send, what is stored, what is answered."""

import datetime as dt
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator
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
from bigledger.payables.links import Links
from bigledger.payables.model import Metadata
from bigledger.payables.withholding_model import ReducedPart, Withholding, WithholdingCount

PaidAmount = Annotated[Amount, Field(gt=0, lt=LARGEST_AMOUNT)]


class SupplierAllocation(Command):
    """A bill that is paid, or a supplier credit that is used for it; without an amount all that is open or needed.

    The ``amount`` of a bill is what is paid of it, by money and credits; a discount for paying early comes on top.
    """

    document: Reference
    amount: PaidAmount | None = None


class SupplierWriteOff(Command):
    """What is settled without being paid because the supplier does not ask for it, the account that gains it, and why.

    ``amount`` is in the payment's currency. In base currency it is worth what the payment's rate says; where that only
    follows from ``account_amount``, what the spot rate of the day says, if there is one (Tryton's write-offs). Below
    zero it is what was paid beyond the bills and is not asked back, which the account bears (Odoo's write-off of a
    payment that is higher).
    """

    amount: Annotated[Amount, Field(gt=-LARGEST_AMOUNT, lt=LARGEST_AMOUNT)]
    account: Reference
    reason: Text

    @field_validator("amount")
    @classmethod
    def _something(cls, amount: Decimal) -> Decimal:
        if not amount:
            raise PydanticCustomError("nothing_written_off", "leave the write-off out, or give what is written off")
        return amount


class NewSupplierPayment(Command):
    """Money paid to a supplier.

    Without ``allocations`` it settles what is open of the supplier's bills and of entries such as opening balances,
    the earliest due first; an empty list leaves all of it as an advance. Supplier credits are used only where they are
    named. Discounts for paying in time are taken unless ``early_discounts`` is false. ``account`` is where the money
    leaves from: that of the ``payment_method`` when absent, without one the company's bank account. ``method`` says it
    in the caller's own words. No bill is settled before its own date.

    From a supplier with a withholding tax that is kept back of ``amount`` and owed to the authority, unless
    ``withhold`` is false: the supplier gets what is left. Where the tax has a threshold, what is paid without
    withholding does not count towards it. Advances bear none.

    ``amount`` is in ``currency``, the company's when absent, and settles bills in that currency. It is worth what
    ``exchange_rate`` says (base currency for one unit), else the spot rate of the day. ``account_amount`` is what left
    an account that is kept in another currency, in that currency; if that is the base currency, it is what the payment
    is worth.
    """

    id: UUID | None = None
    supplier: Reference
    amount: PaidAmount
    company: Reference | None = None
    currency: Currency | None = None
    exchange_rate: Positive | None = None
    date: Day | None = None
    account: Reference | None = None
    account_amount: PaidAmount | None = None
    allocations: Annotated[list[SupplierAllocation], Field(max_length=1000)] | None = None
    early_discounts: bool = True
    withhold: bool = True
    write_off: SupplierWriteOff | None = None
    payment_method: Reference | None = None
    method: Text | None = None
    reference: Text | None = None
    metadata: Metadata = {}


class SettledBill(Answer):
    """A bill that was settled, or a supplier credit that was used, and how it stands since.

    ``amount`` is what was settled of it, ``discount`` what of that was taken off for paying early.
    ``exchange_difference`` is what the payment's rate made of the bill's base amount, in base currency: a gain above
    zero, a loss below.
    """

    document: Ref
    type: str
    amount: Amount
    amount_due: Amount
    status: str
    discount: Amount | None = None
    exchange_difference: Amount | None = None


class UsedDocument(SettledBill):
    """What an allocation used; ``currency`` is there where its amounts are in another than the bills'."""

    currency: str | None = None


class CertifiedPayment(Answer):
    """What a payment or a bill withheld, as a certificate tells it; a credit of a bill counts below zero."""

    payment: Ref
    date: dt.date
    rate: Number
    base: Amount
    amount: Amount
    reduced: ReducedPart | None = None


class SupplierPaymentInBase(Answer):
    """A foreign payment in the company's base currency; ``exchange_rate`` is that for one unit of its currency."""

    currency: str
    exchange_rate: Number
    amount: Amount
    unallocated: Amount
    exchange_difference: Amount
    """The gains less the losses realised on what it settled."""


class SupplierPaymentData(Answer):
    """What is stored of a payment to a supplier besides the columns of its document."""

    company: Ref
    supplier: Ref
    date: dt.date
    currency: str
    amount: Amount
    account: Ref
    allocations: list[SettledBill]
    unallocated: Amount
    base: SupplierPaymentInBase | None = None
    account_currency: str | None = None
    """The currency of ``account_amount``, where the account is kept in another than the payment's."""
    account_amount: Amount | None = None
    discount: Amount | None = None
    """What was taken off for paying early, in all."""
    withholding: Withholding | None = None
    """The tax that was kept back of ``amount``."""
    withholding_counts: list[WithholdingCount] | None = None
    """What it counts for in the year's withholding."""
    paid: Amount | None = None
    """What the supplier got in money, where tax was kept back."""
    written_off: Amount | None = None
    """What was settled without being paid."""
    write_off_account: Ref | None = None
    write_off_reason: str | None = None
    payment_method: Ref | None = None
    method: str | None = None
    reference: str | None = None
    payment_run: Ref | None = None
    """The payment run it was made by."""
    certificate: Ref | None = None
    """The certificate that tells the supplier what was withheld."""
    void_reason: str | None = None
    voided_on: dt.date | None = None


class SupplierPayment(SupplierPaymentData):
    """A payment to a supplier, the bills it settled and what is left of it as an advance."""

    id: UUID
    number: str
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: Links
    metadata: dict[str, str] = {}


class SupplierPaymentReference(Command):
    """Names a payment to a supplier by its id or number."""

    id: Reference


class VoidSupplierPayment(Command):
    """Voids a payment, as when the bank sent it back. ``date`` is the accounting date, the payment's when absent."""

    id: Reference
    reason: Text
    date: Day | None = None


class SupplierPaymentSummary(Answer):
    """A payment in a list; ``amount_left`` is what is not allocated."""

    id: UUID
    number: str
    status: str
    version: int
    company: Ref
    supplier: Ref
    date: dt.date
    currency: str
    amount: Amount
    amount_left: Amount
    account: Ref
    payment_method: Ref | None = None
    method: str | None = None
    reference: str | None = None


class SupplierPaymentList(ListQuery):
    """Payments to suppliers by status, supplier and date."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "supplier": Filter("party_id", "uuid", "supplier"),
        "date": Filter("date", "date"),
    }
    allowed_sorts = ("date", "number")


class NewSupplierAllocation(Command):
    """What a supplier owes the company, set against what is owed to it, many to many.

    ``sources`` (advances and supplier credits) are used and ``bills`` settled in the order they are named, until one
    side is used up. ``date`` is the accounting date: today when absent, or the first open day after it.

    The sources may be in another currency than the bills. Each then settles at the spot rates of the day it is dated,
    as a payment in the currency of the bills would have (Odoo), or at the ``exchange_rate`` that was agreed: the
    sources' currency for one unit of the bills'.
    """

    supplier: Reference
    sources: Annotated[list[SupplierAllocation], Field(min_length=1, max_length=200)]
    bills: Annotated[list[SupplierAllocation], Field(min_length=1, max_length=200)]
    company: Reference | None = None
    date: Day | None = None
    exchange_rate: Positive | None = None


class SupplierAllocationReference(Command):
    """Names an allocation by its id."""

    id: Reference


class SupplierAllocationData(Answer):
    """What is stored of an allocation besides the columns of its document. Amounts are in ``currency``."""

    company: Ref
    supplier: Ref
    date: dt.date
    currency: str
    amount: Amount
    sources: list[UsedDocument]
    bills: list[SettledBill]
    taken_back_on: dt.date | None = None


class SupplierAllocationMade(SupplierAllocationData):
    """An allocation, made or taken back."""

    id: UUID
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: Links
