"""List supplier credits."""

from bigledger.kernel import Context, Page, operation
from bigledger.payables import SupplierCreditList, SupplierCreditSummary, credits


@operation("GET /api/v1/supplier-credits")
def list_supplier_credits(query: SupplierCreditList, context: Context) -> Page[SupplierCreditSummary]:
    """List supplier credits by status, supplier, number and date, each with what is left of it."""
    return credits.list_all(query, context)
