"""Receivables: invoices, the payments that settle them, and the credit customers are given."""

from bigledger.receivables.credit import Credit, CreditLimitExceeded
from bigledger.receivables.drafting import ExchangeRateMissing
from bigledger.receivables.events import (
    InvoiceCancelled,
    InvoiceCreated,
    InvoiceFact,
    InvoicePaid,
    InvoicePartiallyPaid,
    InvoicePosted,
    InvoiceUpdated,
    PaymentReceived,
)
from bigledger.receivables.invoicing import InvoiceSettled, after_approval
from bigledger.receivables.model import (
    Invoice,
    InvoiceChange,
    InvoiceList,
    InvoiceReference,
    InvoiceSummary,
    NewInvoice,
    NewItem,
    NewPayment,
    Payment,
    PaymentReference,
    VoidInvoice,
)
from bigledger.tax import PriceMissing

from bigledger.receivables import invoicing, payments  # isort: skip

__all__ = [
    "Credit",
    "CreditLimitExceeded",
    "ExchangeRateMissing",
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
    "InvoiceSettled",
    "InvoiceSummary",
    "InvoiceUpdated",
    "NewInvoice",
    "NewItem",
    "NewPayment",
    "Payment",
    "PaymentReceived",
    "PaymentReference",
    "PriceMissing",
    "VoidInvoice",
    "after_approval",
    "invoicing",
    "payments",
]
