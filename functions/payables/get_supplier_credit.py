"""Read one supplier credit."""

from bigledger.kernel import Context, operation
from bigledger.payables import SupplierCredit, SupplierCreditReference, credits


@operation("GET /api/v1/supplier-credits/{id}")
def get_supplier_credit(reference: SupplierCreditReference, context: Context) -> SupplierCredit:
    """Read a supplier credit by its id or own number, with its posting and its events."""
    return credits.get(reference, context)
