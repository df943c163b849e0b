"""Read the balance sheet."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import BalanceSheetQuery, Report, balance_sheet_report


@operation("GET /api/v1/reports/balance-sheet", problems=[UnknownReference])
def get_balance_sheet(query: BalanceSheetQuery, context: Context) -> Report:
    """Read assets, liabilities and equity as of a day; assets equal liabilities and equity, and the answer says so."""
    return balance_sheet_report(query, context)
