"""Take an allocation of a supplier back."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import PeriodClosed
from bigledger.payables import (
    BillReopened,
    ExpenseClaimReopened,
    SupplierAllocationMade,
    SupplierAllocationReference,
    SupplierCreditReopened,
    SupplierPaymentUnmatched,
    allocations,
)


@operation(
    "DELETE /api/v1/supplier-allocations/{id}",
    emits=[ExpenseClaimReopened, SupplierPaymentUnmatched, BillReopened, SupplierCreditReopened],
    problems=[Conflict, StaleVersion, PeriodClosed],
)
def delete_supplier_allocation(reference: SupplierAllocationReference, context: Context) -> SupplierAllocationMade:
    """Take an allocation back by contrary rows: its bills are due again, its sources left over again."""
    return allocations.take_back_allocation(reference, context)
