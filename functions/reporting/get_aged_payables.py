"""Read the aged payables."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import AgeingQuery, Report, aged_payables


@operation("GET /api/v1/reports/aged-payables", problems=[UnknownReference])
def get_aged_payables(query: AgeingQuery, context: Context) -> Report:
    """Read what is owed to suppliers as of a day, by how long it is past due; it ties to the control accounts."""
    return aged_payables(query, context)
