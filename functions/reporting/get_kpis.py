"""Read the key figures."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import KpiQuery, Kpis, kpis


@operation("GET /api/v1/reports/kpis", problems=[UnknownReference])
def get_kpis(query: KpiQuery, context: Context) -> Kpis:
    """Read revenue, receivables, overdue items and the best selling products as of a day."""
    return kpis(query, context)
