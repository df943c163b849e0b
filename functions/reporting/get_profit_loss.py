"""Read profit or loss."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import PeriodQuery, Report, profit_loss_report


@operation("GET /api/v1/reports/profit-loss", problems=[UnknownReference])
def get_profit_loss(query: PeriodQuery, context: Context) -> Report:
    """Read income, expenses and the result of a period; entries that close a year do not count."""
    return profit_loss_report(query, context)
