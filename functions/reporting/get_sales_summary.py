"""Read the sales summary."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import Report, SalesSummaryQuery, sales_summary


@operation("GET /api/v1/reports/sales-summary", problems=[UnknownReference])
def get_sales_summary(query: SalesSummaryQuery, context: Context) -> Report:
    """Read net sales of a period by customer or by product; they tie to revenue."""
    return sales_summary(query, context)
