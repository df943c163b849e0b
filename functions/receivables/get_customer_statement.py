"""Read a customer's statement."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.receivables import CustomerStatement, StatementQuery, statements


@operation("GET /api/v1/customers/{id}/statement", problems=[UnknownReference])
def get_customer_statement(query: StatementQuery, context: Context) -> CustomerStatement:
    """Read what a customer owes as of a day, or what moved since another, as known at an instant."""
    return statements.statement(query, context)
