"""Read the tax summary."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import Report, TaxSummaryQuery, tax_summary


@operation("GET /api/v1/reports/tax-summary", problems=[UnknownReference])
def get_tax_summary(query: TaxSummaryQuery, context: Context) -> Report:
    """Read the taxes of a period by tax and rate, with the amounts they were computed on."""
    return tax_summary(query, context)
