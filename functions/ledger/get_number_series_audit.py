"""Audit a number series."""

from bigledger.kernel import Context, operation
from bigledger.ledger import NumberSeriesAudit, NumberSeriesAuditQuery, numbers


@operation("GET /api/v1/number-series/{id}/audit")
def get_number_series_audit(query: NumberSeriesAuditQuery, context: Context) -> NumberSeriesAudit:
    """List every number a series has given with the document it stands on, and prove that none is missing."""
    return numbers.audit(query, context)
