"""The file of a payment run for the bank."""

from bigledger.kernel import Conflict, Context, operation
from bigledger.payables import PaymentFile, PaymentRunReference, runs


@operation(
    "GET /api/v1/payment-runs/{id}/file",
    problems=[Conflict],
)
def get_payment_run_file(reference: PaymentRunReference, context: Context) -> PaymentFile:
    """Take the ISO 20022 file (pain.001) of an approved run, the same each time."""
    return runs.file(reference, context)
