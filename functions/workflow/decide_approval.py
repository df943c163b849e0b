"""Approve or reject, and let the document's own module carry it out."""

from bigledger.inventory import StockReleased
from bigledger.kernel import Context, Document, StaleVersion, operation
from bigledger.ledger import DatedTooEarly, PeriodClosed
from bigledger.payables import BillCancelled, BillPosted
from bigledger.payables import after_approval as after_bill_approval
from bigledger.receivables import InvoiceCancelled, InvoicePosted, after_approval
from bigledger.workflow import (
    AlreadyDecided,
    ApprovalApproved,
    ApprovalRejected,
    ApprovalWithdrawn,
    ApproverRoleMissing,
    DecidedApproval,
    Decision,
    FourEyesRequired,
    decide,
)


def after_invoice(document: Document, decision: Decision, context: Context) -> Document:
    """An approved invoice is issued, on the day given or its own; a rejected one is void."""
    return after_approval(document, decision.approved, decision.reason, decision.date, context)


def after_bill(document: Document, decision: Decision, context: Context) -> Document:
    """An approved bill is posted, on the day given or its own; a rejected one is void."""
    return after_bill_approval(document, decision.approved, decision.reason, decision.date, context)


@operation(
    "POST /api/v1/approvals/{id}/{decision}",
    emits=[
        ApprovalApproved,
        ApprovalRejected,
        ApprovalWithdrawn,
        InvoicePosted,
        InvoiceCancelled,
        StockReleased,
        BillPosted,
        BillCancelled,
    ],
    problems=[AlreadyDecided, ApproverRoleMissing, DatedTooEarly, FourEyesRequired, PeriodClosed, StaleVersion],
)
def decide_approval(decision: Decision, context: Context) -> DecidedApproval:
    """Approve or reject a document: approved, it goes on; rejected, it gives back what it held. Takes If-Match."""
    return decide(decision, context, {"invoice": after_invoice, "bill": after_bill})
