"""Release a customer's credit."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.receivables import CreditChange, CreditHeld, CustomerStatusChanged, credit_control


@operation(
    "POST /api/v1/customers/{id}/credit-release",
    status=200,
    emits=[CustomerStatusChanged],
    problems=[Conflict, StaleVersion],
)
def release_customer_credit(command: CreditChange, context: Context) -> CreditHeld:
    """Release the credit of a customer that was on hold."""
    return credit_control.change(command, False, context)
