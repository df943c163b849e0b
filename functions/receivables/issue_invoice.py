"""Issue a draft invoice."""

from bigledger.currency import ExchangeRateMissing
from bigledger.inventory import InsufficientStock, StockReserved
from bigledger.kernel import Conflict, Context, StaleVersion, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, PeriodClosed
from bigledger.receivables import (
    CreditLimitExceeded,
    CustomerOnHold,
    Invoice,
    InvoicePosted,
    InvoiceReference,
    invoicing,
)
from bigledger.tax import TaxCurrencyDiffers, TaxRateMissing, TaxUndetermined
from bigledger.workflow import ApprovalRequested


@operation(
    "POST /api/v1/invoices/{id}/post",
    emits=[InvoicePosted, StockReserved, ApprovalRequested],
    problems=[
        Conflict,
        StaleVersion,
        UnknownReference,
        CreditLimitExceeded,
        CustomerOnHold,
        InsufficientStock,
        PeriodClosed,
        AccountNotPostable,
        AccountNotSuitable,
        ExchangeRateMissing,
        TaxUndetermined,
        TaxRateMissing,
        TaxCurrencyDiffers,
    ],
)
def issue_invoice(reference: InvoiceReference, context: Context) -> Invoice:
    """Issue a draft: reserve its stock, check its credit, ask for approval or number and post it."""
    return invoicing.issue(reference, context)
