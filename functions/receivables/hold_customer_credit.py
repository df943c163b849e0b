"""Hold a customer's credit."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.receivables import CreditChange, CreditHeld, CustomerStatusChanged, credit_control


@operation(
    "POST /api/v1/customers/{id}/credit-hold",
    status=200,
    emits=[CustomerStatusChanged],
    problems=[Conflict, StaleVersion],
)
def hold_customer_credit(command: CreditChange, context: Context) -> CreditHeld:
    """Hold the credit of a customer: no invoice to it is issued until it is released."""
    return credit_control.change(command, True, context)
