"""Receive goods into stock."""

from bigledger.inventory import NewStockReceipt, StockReceipt, StockReceived, receive
from bigledger.kernel import Context, InvalidRequest, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, PeriodClosed


@operation(
    "POST /api/v1/stock-movements",
    emits=[StockReceived],
    problems=[UnknownReference, InvalidRequest, PeriodClosed, AccountNotPostable, AccountNotSuitable],
)
def receive_stock(new: NewStockReceipt, context: Context) -> StockReceipt:
    """Receive goods at their cost: they are in stock and in the books at once, with the same values."""
    return receive(new, context)
