"""Show what accounts come to, by period and by the values of a dimension."""

from bigledger.kernel import Context, operation
from bigledger.ledger import AccountBalances, AccountBalancesQuery, account_balances


@operation("GET /api/v1/account-balances")
def get_account_balances(query: AccountBalancesQuery, context: Context) -> AccountBalances:
    """The balances of one account or of all, on demand by period and dimension."""
    return account_balances(query, context)
