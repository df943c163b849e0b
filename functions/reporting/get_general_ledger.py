"""Read the general ledger."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import GeneralLedger, GeneralLedgerQuery, general_ledger


@operation("GET /api/v1/reports/general-ledger", problems=[UnknownReference])
def get_general_ledger(query: GeneralLedgerQuery, context: Context) -> GeneralLedger:
    """Read every account, or one: its balance before a period, its lines with their running balance, and after."""
    return general_ledger(query, context)
