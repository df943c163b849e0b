"""Receivables: invoices, the payments that settle them, and the credit customers are given."""

from bigledger.receivables.credit import Credit, CreditLimitExceeded
from bigledger.receivables.credit_model import (
    CreditInvoice,
    CreditNote,
    CreditNoteList,
    CreditNoteReference,
    CreditNoteSummary,
    NewCreditNote,
    VoidCreditNote,
)
from bigledger.receivables.crediting import OverCredited
from bigledger.receivables.events import (
    CreditNoteCreated,
    CreditNotePosted,
    CreditNoteVoided,
    InvoiceCancelled,
    InvoiceCreated,
    InvoiceFact,
    InvoicePaid,
    InvoicePartiallyPaid,
    InvoicePosted,
    InvoiceReopened,
    InvoiceUpdated,
    PaymentReceived,
)
from bigledger.receivables.invoicing import InvoiceSettled, after_approval
from bigledger.receivables.model import (
    InBase,
    Invoice,
    InvoiceChange,
    InvoiceList,
    InvoiceReference,
    InvoiceSummary,
    NewInvoice,
    NewItem,
    VoidInvoice,
)
from bigledger.receivables.payment_model import NewPayment, Payment, PaymentReference
from bigledger.receivables.taking_back import Allocated
from bigledger.tax import PriceMissing

from bigledger.receivables import credit_notes, invoicing, payments  # isort: skip

__all__ = [
    "Allocated",
    "Credit",
    "CreditInvoice",
    "CreditLimitExceeded",
    "CreditNote",
    "CreditNoteCreated",
    "CreditNoteList",
    "CreditNotePosted",
    "CreditNoteReference",
    "CreditNoteSummary",
    "CreditNoteVoided",
    "InBase",
    "Invoice",
    "InvoiceCancelled",
    "InvoiceChange",
    "InvoiceCreated",
    "InvoiceFact",
    "InvoiceList",
    "InvoicePaid",
    "InvoicePartiallyPaid",
    "InvoicePosted",
    "InvoiceReference",
    "InvoiceReopened",
    "InvoiceSettled",
    "InvoiceSummary",
    "InvoiceUpdated",
    "NewCreditNote",
    "NewInvoice",
    "NewItem",
    "NewPayment",
    "OverCredited",
    "Payment",
    "PaymentReceived",
    "PaymentReference",
    "PriceMissing",
    "VoidCreditNote",
    "VoidInvoice",
    "after_approval",
    "credit_notes",
    "invoicing",
    "payments",
]
