"""Read what stock is worth."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import StockValuation, StockValuationQuery, stock_valuation


@operation("GET /api/v1/reports/stock-valuation", problems=[UnknownReference])
def get_stock_valuation(query: StockValuationQuery, context: Context) -> StockValuation:
    """Read quantity, average cost and value per product and location as of a day; it ties to the inventory accounts."""
    return stock_valuation(query, context)
