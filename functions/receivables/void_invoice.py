"""Void an invoice."""

from bigledger.inventory import StockReleased
from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import DatedTooEarly, DeferralReduced, PeriodClosed
from bigledger.receivables import Invoice, InvoiceCancelled, InvoiceSettled, VoidInvoice, invoicing
from bigledger.workflow import ApprovalWithdrawn


@operation(
    "POST /api/v1/invoices/{id}/void",
    emits=[DeferralReduced, InvoiceCancelled, StockReleased, ApprovalWithdrawn],
    problems=[Conflict, StaleVersion, InvoiceSettled, DatedTooEarly, PeriodClosed],
)
def void_invoice(command: VoidInvoice, context: Context) -> Invoice:
    """Void an unpaid invoice: its entry is reversed, its number kept, its stock and credit given back."""
    return invoicing.void(command, context)
