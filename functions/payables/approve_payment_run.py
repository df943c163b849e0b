"""Approve a payment run."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.payables import BankAccountMissing, BillOnHold, PaymentRun, PaymentRunApproved, PaymentRunReference, runs
from bigledger.workflow import FourEyesRequired


@operation(
    "POST /api/v1/payment-runs/{id}/approve",
    emits=[PaymentRunApproved],
    problems=[BillOnHold, Conflict, StaleVersion, FourEyesRequired, BankAccountMissing],
    key_required=True,
)
def approve_payment_run(reference: PaymentRunReference, context: Context) -> PaymentRun:
    """Approve a run that somebody else proposed; from here on its file can be taken to the bank."""
    return runs.approve(reference, context)
