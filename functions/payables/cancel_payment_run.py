"""Cancel a payment run."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.payables import CancelPaymentRun, PaymentRun, PaymentRunCancelled, runs


@operation(
    "POST /api/v1/payment-runs/{id}/cancel",
    emits=[PaymentRunCancelled],
    problems=[Conflict, StaleVersion],
)
def cancel_payment_run(command: CancelPaymentRun, context: Context) -> PaymentRun:
    """Cancel a run of which the bank has paid nothing; its bills can go into another."""
    return runs.cancel(command, context)
