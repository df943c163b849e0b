"""Read the aged receivables."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import AgeingQuery, Report, aged_receivables


@operation("GET /api/v1/reports/aged-receivables", problems=[UnknownReference])
def get_aged_receivables(query: AgeingQuery, context: Context) -> Report:
    """Read what customers owe as of a day, by how long it is past due; it ties to the control accounts."""
    return aged_receivables(query, context)
