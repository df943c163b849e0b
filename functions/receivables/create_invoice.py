"""Create an invoice: priced, taxed, reserved, credit-checked, approved, posted and published in one call."""

from bigledger.currency import ExchangeRateMissing
from bigledger.inventory import InsufficientStock, StockReserved
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, PeriodClosed
from bigledger.receivables import (
    CreditLimitExceeded,
    CustomerOnHold,
    Invoice,
    InvoiceCreated,
    NewInvoice,
    PriceMissing,
    invoicing,
)
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing, TaxUndetermined
from bigledger.workflow import ApprovalRequested


@operation(
    "POST /api/v1/invoices",
    emits=[InvoiceCreated, StockReserved, ApprovalRequested],
    problems=[
        UnknownReference,
        CreditLimitExceeded,
        CustomerOnHold,
        InsufficientStock,
        PeriodClosed,
        AccountNotPostable,
        AccountNotSuitable,
        PriceMissing,
        ExchangeRateMissing,
        TaxUndetermined,
        TaxRateMissing,
        TaxCurrencyDiffers,
    ],
    grouped=True,
)
def create_invoice(new: NewInvoice, context: Context) -> Invoice:
    """Create an invoice from customer and product codes."""
    return invoicing.create(new, context)
