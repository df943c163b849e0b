"""Read one payment run."""

from bigledger.kernel import Context, operation
from bigledger.payables import PaymentRun, PaymentRunReference, runs


@operation("GET /api/v1/payment-runs/{id}")
def get_payment_run(reference: PaymentRunReference, context: Context) -> PaymentRun:
    """Read a payment run by its id or number, with what became of each line."""
    return runs.get(reference, context)
