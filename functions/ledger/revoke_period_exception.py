"""Revoke an exception to a closed period."""

from bigledger.kernel import Context, StaleVersion, operation
from bigledger.ledger import PeriodException, PeriodExceptionReference, PeriodExceptionRevoked, period_exceptions


@operation("DELETE /api/v1/period-exceptions/{id}", emits=[PeriodExceptionRevoked], problems=[StaleVersion])
def revoke_period_exception(reference: PeriodExceptionReference, context: Context) -> PeriodException:
    """Take an exception back before it expires; it stays in the list, and its postings in the ledger."""
    return period_exceptions.revoke(reference, context)
