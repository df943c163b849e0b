"""Allocate advances and supplier credits to bills."""

from bigledger.currency import ExchangeRateMissing
from bigledger.kernel import Context, UnknownReference, operation
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, DatedTooEarly, OverAllocated, PeriodClosed
from bigledger.payables import (
    BillPaid,
    BillPartiallyPaid,
    ExpenseClaimReimbursed,
    NewSupplierAllocation,
    SupplierAllocationMade,
    SupplierCreditSettled,
    SupplierPaymentMatched,
    allocations,
)


@operation(
    "POST /api/v1/supplier-allocations",
    emits=[ExpenseClaimReimbursed, SupplierPaymentMatched, BillPaid, BillPartiallyPaid, SupplierCreditSettled],
    problems=[
        UnknownReference,
        OverAllocated,
        DatedTooEarly,
        PeriodClosed,
        ExchangeRateMissing,
        AccountNotPostable,
        AccountNotSuitable,
    ],
    key_required=True,
)
def create_supplier_allocation(new: NewSupplierAllocation, context: Context) -> SupplierAllocationMade:
    """Set advances and supplier credits against open bills, many to many, also in part."""
    return allocations.create(new, context)
