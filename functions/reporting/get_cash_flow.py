"""Read the cash flow statement."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import PeriodQuery, Report, cash_flow_report


@operation("GET /api/v1/reports/cash-flow", problems=[UnknownReference])
def get_cash_flow(query: PeriodQuery, context: Context) -> Report:
    """Read the cash flows of a period, from the result to the change of cash; it ends at the cash accounts."""
    return cash_flow_report(query, context)
