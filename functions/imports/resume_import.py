"""Go on with an import that was interrupted."""

from bigledger.imports import (
    IMPORT_EVENTS,
    Import,
    ImportAdvanced,
    ImportCompleted,
    ImportReference,
    ImportRefused,
    service,
)
from bigledger.inventory import StockReserved
from bigledger.kernel import Context, operation
from bigledger.ledger import JournalEntryCreated, JournalEntryPosted, OpeningBalancePosted
from bigledger.receivables import InvoiceCreated
from bigledger.workflow import ApprovalRequested


@operation(
    "POST /api/v1/imports/{id}/resume",
    emits=[
        *IMPORT_EVENTS,
        JournalEntryCreated,
        JournalEntryPosted,
        OpeningBalancePosted,
        InvoiceCreated,
        StockReserved,
        ApprovalRequested,
        ImportAdvanced,
        ImportCompleted,
    ],
    problems=[ImportRefused],
    key_required=True,
    memory=1024,
)
def resume_import(reference: ImportReference, context: Context) -> Import:
    """Import what is left of an import that was interrupted, nothing twice."""
    return service.resume(reference, context)
