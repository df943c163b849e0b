"""Read an account's ledger."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountLedger, AccountLedgerQuery, account_ledger


@operation("GET /api/v1/accounts/{id}/ledger", problems=[UnknownReference])
def get_account_ledger(query: AccountLedgerQuery, context: Context) -> AccountLedger:
    """Read an account's posted lines with their running balance, as of a day and as known at an instant."""
    return account_ledger(query, context)
