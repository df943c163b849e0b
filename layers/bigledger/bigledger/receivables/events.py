"""The events of receivables. Each carries the invoice or payment as it stands after the fact."""

import datetime as dt
from uuid import UUID

from bigledger.kernel import Amount, Event, Ref, Text, event
from bigledger.ledger import InBase
from bigledger.receivables.allocation_model import UsedSource
from bigledger.receivables.contra_model import SettledPayable
from bigledger.receivables.model import InvoiceItems
from bigledger.receivables.payment_model import PaymentInBase, SettledInvoice
from bigledger.tax import TaxAmount


class InvoiceFact(Event):
    """An invoice at the moment of the event. Amounts are in ``currency``; ``base`` is there when that is foreign."""

    id: UUID
    number: str | None = None
    status: str
    company: Ref
    customer: Ref
    date: dt.date
    due_date: dt.date
    currency: str
    items: InvoiceItems
    subtotal: Amount
    tax_total: Amount
    total: Amount
    taxes: list[TaxAmount]
    rounding: Amount | None = None
    base: InBase | None = None


@event("invoice.created")
class InvoiceCreated(InvoiceFact):
    """An invoice was created: as a draft, waiting for approval, or issued, as its status says."""


@event("invoice.updated")
class InvoiceUpdated(InvoiceFact):
    """A draft invoice was changed."""


@event("invoice.posted")
class InvoicePosted(InvoiceFact):
    """A draft or approved invoice was issued: numbered and posted to the ledger."""


@event("invoice.cancelled")
class InvoiceCancelled(InvoiceFact):
    """An invoice was voided or its approval refused; what it posted, reserved and used of credit is given back.

    ``cancelled_on`` is the accounting date on which it is taken back.
    """

    cancelled_on: dt.date
    reason: Text
    previous_status: str


class SettlementFact(Event):
    """A payment settled an invoice, wholly or in part."""

    id: UUID
    number: str
    customer: Ref
    currency: str
    amount: Amount
    amount_due: Amount
    payment_id: UUID


@event("invoice.partially_paid")
class InvoicePartiallyPaid(SettlementFact):
    """A payment settled a part of an invoice."""


@event("invoice.paid")
class InvoicePaid(SettlementFact):
    """An invoice was settled in full."""


@event("invoice.reopened")
class InvoiceReopened(SettlementFact):
    """What settled an invoice, wholly or in part, was taken back; ``amount`` of it is due again."""


class CreditNoteFact(Event):
    """A credit note at the moment of the event. Amounts are in ``currency`` and above zero."""

    id: UUID
    number: str | None = None
    status: str
    company: Ref
    customer: Ref
    invoice: Ref | None = None
    date: dt.date
    currency: str
    items: InvoiceItems
    subtotal: Amount
    tax_total: Amount
    total: Amount
    taxes: list[TaxAmount]
    rounding: Amount | None = None
    base: InBase | None = None
    reason: Text
    allocations: list[SettledInvoice]
    unallocated: Amount


@event("credit_note.created")
class CreditNoteCreated(CreditNoteFact):
    """A credit note was created: as a draft or posted, as its status says."""


@event("credit_note.posted")
class CreditNotePosted(CreditNoteFact):
    """A draft credit note was numbered and posted to the ledger."""


@event("credit_note.voided")
class CreditNoteVoided(CreditNoteFact):
    """A credit note was voided, on ``voided_on`` for the books; what it credited and settled stands as before it."""

    voided_on: dt.date
    void_reason: Text
    previous_status: str


class DebitNoteFact(Event):
    """A debit note at the moment of the event. Amounts are in ``currency``; ``invoice`` is what it charges further."""

    id: UUID
    number: str | None = None
    status: str
    company: Ref
    customer: Ref
    invoice: Ref | None = None
    date: dt.date
    due_date: dt.date
    currency: str
    items: InvoiceItems
    subtotal: Amount
    tax_total: Amount
    total: Amount
    taxes: list[TaxAmount]
    rounding: Amount | None = None
    base: InBase | None = None
    reason: Text


@event("debit_note.created")
class DebitNoteCreated(DebitNoteFact):
    """A debit note was created: as a draft or posted, as its status says."""


@event("debit_note.posted")
class DebitNotePosted(DebitNoteFact):
    """A draft debit note was numbered and posted to the ledger."""


@event("debit_note.voided")
class DebitNoteVoided(DebitNoteFact):
    """A debit note was voided, on ``voided_on`` for the books."""

    voided_on: dt.date
    void_reason: Text
    previous_status: str


@event("debit_note.settled")
class DebitNoteSettled(SettlementFact):
    """A debit note was paid, wholly or in part; ``amount_due`` is left of it."""


@event("debit_note.reopened")
class DebitNoteReopened(SettlementFact):
    """What settled a debit note was taken back; ``amount`` of it is due again."""


@event("payment.received")
class PaymentReceived(Event):
    """Money was received from a customer; ``unallocated`` of it is an advance. Amounts are in ``currency``.

    ``account`` is where it arrived. What was ``written_off`` besides settled invoices as money did, as did the
    ``discount`` for paying early.
    """

    id: UUID
    number: str
    company: Ref
    customer: Ref
    date: dt.date
    currency: str
    amount: Amount
    allocations: list[SettledInvoice]
    unallocated: Amount
    account: Ref
    base: PaymentInBase | None = None
    account_currency: str | None = None
    account_amount: Amount | None = None
    discount: Amount | None = None
    written_off: Amount | None = None
    write_off_account: Ref | None = None
    write_off_reason: str | None = None
    payment_method: Ref | None = None


@event("payment.voided")
class PaymentVoided(Event):
    """A payment was taken back, on ``voided_on`` for the books; what it settled is due again."""

    id: UUID
    number: str
    customer: Ref
    date: dt.date
    voided_on: dt.date
    reason: Text
    currency: str
    amount: Amount


@event("payment.refunded")
class PaymentRefunded(Event):
    """Money was given back: what the payment or credit note ``of`` had left over. Amounts are in ``currency``."""

    id: UUID
    number: str
    company: Ref
    customer: Ref
    of: Ref
    date: dt.date
    currency: str
    amount: Amount
    amount_left: Amount
    account: Ref
    account_currency: str | None = None
    account_amount: Amount | None = None
    exchange_difference: Amount | None = None
    payment_method: Ref | None = None


@event("credit_note.settled")
class CreditNoteSettled(Event):
    """Some of what a credit note left over was allocated or refunded; ``amount_left`` is left of it."""

    id: UUID
    number: str
    customer: Ref
    currency: str
    amount: Amount
    amount_left: Amount
    payment_id: UUID
    """The refund or allocation that used it."""


@event("credit_note.reopened")
class CreditNoteReopened(CreditNoteSettled):
    """What used a credit note was taken back; ``amount`` of it is left over again."""


class AllocationFact(Event):
    """What payments and credit notes left over, and the invoices it went to. Amounts are in ``currency``."""

    id: UUID
    company: Ref
    customer: Ref
    date: dt.date
    currency: str
    amount: Amount
    sources: list[UsedSource]
    invoices: list[SettledInvoice]


@event("payment.matched")
class PaymentMatched(AllocationFact):
    """What was left over of payments and credit notes was allocated to invoices."""


@event("payment.unmatched")
class AllocationTakenBack(AllocationFact):
    """An allocation was taken back, on ``taken_back_on`` for the books."""

    taken_back_on: dt.date


@event("write_off.posted")
class WriteOffPosted(Event):
    """What was open of invoices was given up. Amounts are in ``currency``, ``base_amount`` in base currency."""

    id: UUID
    number: str
    company: Ref
    customer: Ref
    date: dt.date
    currency: str
    amount: Amount
    base_amount: Amount
    account: Ref
    reason: Text
    invoices: list[SettledInvoice]


class ContraFact(Event):
    """What a party owed as a customer and was owed as a supplier. ``amount`` of each is set off, in ``currency``."""

    id: UUID
    number: str
    company: Ref
    customer: Ref
    supplier: Ref
    date: dt.date
    currency: str
    amount: Amount
    receivables: list[SettledInvoice]
    payables: list[SettledPayable]
    reason: str | None = None


@event("contra.posted")
class ContraPosted(ContraFact):
    """Receivables and payables of one party were set off."""


@event("contra.voided")
class ContraVoided(ContraFact):
    """A contra settlement was taken back, on ``voided_on`` for the books; both sides are open again."""

    voided_on: dt.date
    void_reason: Text
