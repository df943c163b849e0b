"""Bring opening balances into the books."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import (
    AccountNotPostable,
    AccountNotSuitable,
    JournalEntryPosted,
    NewOpeningBalances,
    OpeningBalancePosted,
    OpeningBalances,
    PeriodClosed,
    opening,
)


@operation(
    "POST /api/v1/opening-balances",
    emits=[OpeningBalancePosted, JournalEntryPosted],
    problems=[UnknownReference, ExchangeRateMissing, AccountNotPostable, AccountNotSuitable, PeriodClosed],
    key_required=True,
)
def post_opening_balances(new: NewOpeningBalances, context: Context) -> OpeningBalances:
    """Bring along balances of accounts and open items of parties; the clearing account takes the difference."""
    return opening.bring_along(new, context)
