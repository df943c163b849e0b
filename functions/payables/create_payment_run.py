"""Propose a payment run."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable
from bigledger.payables import BillInRun, NewPaymentRun, NothingDue, PaymentRun, PaymentRunCreated, runs


@operation(
    "POST /api/v1/payment-runs",
    emits=[PaymentRunCreated],
    problems=[UnknownReference, NothingDue, BillInRun, AccountNotPostable, AccountNotSuitable],
    key_required=True,
)
def create_payment_run(new: NewPaymentRun, context: Context) -> PaymentRun:
    """Select the bills that are due, or whose discount can still be taken, and propose a transfer per supplier."""
    return runs.create(new, context)
