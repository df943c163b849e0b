"""The events of payables. Each carries the document as it stands after the fact."""

import datetime as dt
from uuid import UUID

from bigledger.kernel import Amount, Event, Ref, Text, event
from bigledger.payables.expense_model import ExpenseItem
from bigledger.payables.model import BillInBase, BillItem, BillTax
from bigledger.payables.payment_model import (
    CertifiedPayment,
    SettledBill,
    SupplierPaymentInBase,
    UsedDocument,
)
from bigledger.payables.run_model import RunLine
from bigledger.payables.withholding_model import Withholding


class BillFact(Event):
    """A bill at the moment of the event. Amounts are in ``currency``; ``base`` is there when that is foreign."""

    id: UUID
    number: str | None = None
    status: str
    company: Ref
    supplier: Ref
    supplier_number: str
    supplier_date: dt.date
    date: dt.date
    due_date: dt.date
    currency: str
    items: list[BillItem]
    subtotal: Amount
    tax_total: Amount
    total: Amount
    taxes: list[BillTax]
    withholding: Withholding | None = None
    base: BillInBase | None = None


@event("bill.created")
class BillCreated(BillFact):
    """A bill was entered: as a draft, waiting for approval, or posted, as its status says."""


@event("bill.updated")
class BillUpdated(BillFact):
    """A draft bill was changed."""


@event("bill.posted")
class BillPosted(BillFact):
    """A draft or approved bill was numbered and posted to the ledger."""


@event("bill.cancelled")
class BillCancelled(BillFact):
    """A bill was voided or its approval refused; what it posted is taken back on ``cancelled_on``."""

    cancelled_on: dt.date
    reason: Text
    previous_status: str


@event("bill.held")
class BillHeld(BillFact):
    """A bill is not to be paid until it is released."""

    reason: Text


@event("bill.released")
class BillReleased(BillFact):
    """A bill that was on hold may be paid again."""


@event("bill.overdue")
class BillOverdue(Event):
    """The due date of a bill's instalment is past; told once of each, also of what an entry opened.

    ``amount`` is that of the instalment, ``amount_due`` what is open of it, in ``currency`` and above zero.
    ``supplier_number`` is what the supplier knows it by.
    """

    id: UUID
    number: str
    supplier: Ref
    supplier_number: str | None = None
    open_item_id: UUID
    instalment: int
    due_date: dt.date
    days_overdue: int
    currency: str
    amount: Amount
    amount_due: Amount
    document_type: str | None = None
    """What kind of document it is, when it is no bill."""


class BillSettlement(Event):
    """Something settled a bill, wholly or in part; ``payment_id`` is the payment, credit or allocation."""

    id: UUID
    number: str
    supplier: Ref
    currency: str
    amount: Amount
    amount_due: Amount
    payment_id: UUID


@event("bill.partially_paid")
class BillPartiallyPaid(BillSettlement):
    """A part of a bill was settled."""


@event("bill.paid")
class BillPaid(BillSettlement):
    """A bill was settled in full."""


@event("bill.reopened")
class BillReopened(BillSettlement):
    """What settled a bill, wholly or in part, was taken back; ``amount`` of it is due again."""


class SupplierCreditFact(Event):
    """A supplier credit at the moment of the event. Amounts are in ``currency`` and above zero."""

    id: UUID
    number: str | None = None
    status: str
    company: Ref
    supplier: Ref
    supplier_number: str
    bill: Ref | None = None
    date: dt.date
    currency: str
    items: list[BillItem]
    subtotal: Amount
    tax_total: Amount
    total: Amount
    taxes: list[BillTax]
    withholding: Withholding | None = None
    base: BillInBase | None = None
    reason: Text
    allocations: list[SettledBill]
    unallocated: Amount


@event("supplier_credit.created")
class SupplierCreditCreated(SupplierCreditFact):
    """A supplier's credit was entered: as a draft or posted, as its status says."""


@event("supplier_credit.posted")
class SupplierCreditPosted(SupplierCreditFact):
    """A draft supplier credit was numbered and posted to the ledger."""


@event("supplier_credit.voided")
class SupplierCreditVoided(SupplierCreditFact):
    """A supplier credit was voided, on ``voided_on`` for the books; what it credited and settled is as before it."""

    voided_on: dt.date
    void_reason: Text
    previous_status: str


@event("supplier_credit.settled")
class SupplierCreditSettled(Event):
    """Some of what a supplier credit left over was used by ``payment_id``; ``amount_left`` is left of it."""

    id: UUID
    number: str
    supplier: Ref
    currency: str
    amount: Amount
    amount_left: Amount
    payment_id: UUID


@event("supplier_credit.reopened")
class SupplierCreditReopened(SupplierCreditSettled):
    """What used a supplier credit was taken back; ``amount`` of it is left over again."""


@event("payment.made")
class PaymentMade(Event):
    """Money was paid to a supplier; ``unallocated`` of it is an advance. Amounts are in ``currency``.

    ``account`` is where it left from. What was taken off as ``discount`` settled bills as money did.
    """

    id: UUID
    number: str
    company: Ref
    supplier: Ref
    date: dt.date
    currency: str
    amount: Amount
    allocations: list[SettledBill]
    unallocated: Amount
    account: Ref
    base: SupplierPaymentInBase | None = None
    account_currency: str | None = None
    account_amount: Amount | None = None
    discount: Amount | None = None
    withholding: Withholding | None = None
    paid: Amount | None = None
    written_off: Amount | None = None
    write_off_account: Ref | None = None
    write_off_reason: str | None = None
    payment_method: Ref | None = None


@event("supplier_payment.voided")
class SupplierPaymentVoided(Event):
    """A payment to a supplier was taken back, on ``voided_on`` for the books; what it settled is due again."""

    id: UUID
    number: str
    supplier: Ref
    date: dt.date
    voided_on: dt.date
    reason: Text
    currency: str
    amount: Amount


class SupplierAllocationFact(Event):
    """What advances and supplier credits left over, and the bills it went to. Amounts are in ``currency``."""

    id: UUID
    company: Ref
    supplier: Ref
    date: dt.date
    currency: str
    amount: Amount
    sources: list[UsedDocument]
    bills: list[SettledBill]


@event("supplier_payment.matched")
class SupplierPaymentMatched(SupplierAllocationFact):
    """What was left over of payments and supplier credits was allocated to bills."""


@event("supplier_payment.unmatched")
class SupplierPaymentUnmatched(SupplierAllocationFact):
    """An allocation was taken back, on ``taken_back_on`` for the books."""

    taken_back_on: dt.date


class PaymentRunFact(Event):
    """A payment run at the moment of the event. Amounts are in ``currency``."""

    id: UUID
    number: str
    status: str
    company: Ref
    account: Ref
    date: dt.date
    currency: str
    total: Amount
    lines: list[RunLine]


@event("payment_run.created")
class PaymentRunCreated(PaymentRunFact):
    """A payment run was proposed."""


@event("payment_run.approved")
class PaymentRunApproved(PaymentRunFact):
    """A payment run was approved by somebody else than its maker: its file may go to the bank."""

    approved_by: str


@event("payment_run.confirmed")
class PaymentRunConfirmed(PaymentRunFact):
    """The bank answered lines of a run: those it paid are recorded as payments, those it rejected are due as before."""


@event("payment_run.cancelled")
class PaymentRunCancelled(PaymentRunFact):
    """A payment run was cancelled before the bank paid any of it."""

    reason: Text


@event("withholding.issued")
class WithholdingIssued(Event):
    """A supplier was certified what was withheld from it. Amounts are in ``currency``."""

    id: UUID
    number: str
    company: Ref
    supplier: Ref
    tax: str
    first_day: dt.date
    last_day: dt.date
    currency: str
    payments: list[CertifiedPayment]
    base: Amount
    amount: Amount


class WithholdingCertified(Event):
    """What a document withheld was certified to the supplier. The amount is in ``currency``."""

    id: UUID
    number: str
    supplier: Ref
    certificate: Ref
    currency: str
    amount: Amount


@event("supplier_payment.certified")
class SupplierPaymentCertified(WithholdingCertified):
    """What a payment withheld was certified to the supplier."""


@event("bill.certified")
class BillCertified(WithholdingCertified):
    """What was withheld from a bill was certified to the supplier."""


@event("supplier_credit.certified")
class SupplierCreditCertified(WithholdingCertified):
    """What a credit took back of what was withheld from its bill was certified; the amount is below zero."""


class ExpenseClaimFact(Event):
    """An expense claim at the moment of the event. Amounts are in ``currency``."""

    id: UUID
    number: str | None = None
    status: str
    company: Ref
    employee: Ref
    date: dt.date
    currency: str
    items: list[ExpenseItem]
    subtotal: Amount
    tax_total: Amount
    total: Amount
    purpose: Text


@event("expense.created")
class ExpenseClaimCreated(ExpenseClaimFact):
    """An expense claim was written."""


@event("expense.updated")
class ExpenseClaimUpdated(ExpenseClaimFact):
    """An expense claim that was not handed in was changed."""


@event("expense.submitted")
class ExpenseClaimSubmitted(ExpenseClaimFact):
    """An expense claim was handed in for approval."""


@event("expense.approved")
class ExpenseClaimApproved(ExpenseClaimFact):
    """An expense claim was approved and posted: its total is owed to the employee."""

    approved_by: str


@event("expense.rejected")
class ExpenseClaimRejected(ExpenseClaimFact):
    """An expense claim was sent back; nothing was posted."""

    reason: Text


@event("expense.reimbursed")
class ExpenseClaimReimbursed(Event):
    """An employee was paid what a claim came to, wholly or in part; ``amount_due`` is still owed."""

    id: UUID
    number: str
    supplier: Ref
    currency: str
    amount: Amount
    amount_due: Amount
    payment_id: UUID


@event("expense.reopened")
class ExpenseClaimReopened(ExpenseClaimReimbursed):
    """What reimbursed a claim was taken back; ``amount`` of it is owed again."""
