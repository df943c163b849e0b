"""Take an allocation back."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.ledger import PeriodClosed
from bigledger.receivables import (
    AllocationMade,
    AllocationReference,
    AllocationTakenBack,
    CreditNoteReopened,
    DebitNoteReopened,
    InvoiceReopened,
    allocations,
)


@operation(
    "DELETE /api/v1/allocations/{id}",
    emits=[AllocationTakenBack, InvoiceReopened, DebitNoteReopened, CreditNoteReopened],
    problems=[Conflict, StaleVersion, PeriodClosed],
)
def delete_allocation(reference: AllocationReference, context: Context) -> AllocationMade:
    """Take an allocation back by contrary rows: its invoices are due again, its sources left over again."""
    return allocations.take_back_allocation(reference, context)
