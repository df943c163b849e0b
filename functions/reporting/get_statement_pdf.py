"""A customer's statement of account as a page to hand over."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.reporting import PrintStatement, StatementPage, statement_page


@operation("GET /api/v1/customers/{id}/statement/pdf", problems=[UnknownReference])
def get_statement_pdf(command: PrintStatement, context: Context) -> StatementPage:
    """Take what a customer owes as of a day, or what moved since another, as PDF pages with how to pay."""
    return statement_page(command, context)
