"""Read how stock moved over a period."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import StockMovements, StockMovementsQuery, stock_movements


@operation("GET /api/v1/reports/stock-movements", problems=[UnknownReference])
def get_stock_movements(query: StockMovementsQuery, context: Context) -> StockMovements:
    """Read what there was, came in, went out and is left per product and location; ties to the accounts."""
    return stock_movements(query, context)
