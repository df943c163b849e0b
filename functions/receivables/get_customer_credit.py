"""Read a customer's credit."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.receivables import CreditQuery, CustomerCredit, credit_control


@operation("GET /api/v1/customers/{id}/credit", problems=[UnknownReference])
def get_customer_credit(query: CreditQuery, context: Context) -> CustomerCredit:
    """Read a customer's credit: its limit, what it uses of it, and whether it is on hold."""
    return credit_control.credit(query, context)
