"""Import the next chunk of an import."""

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
    "POST /api/v1/imports/{id}/commit",
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
def commit_import(reference: ImportReference, context: Context) -> Import:
    """Import the next rows of a validated import; call it until nothing remains."""
    return service.commit(reference, context)
