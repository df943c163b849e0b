"""The events of imports."""

from uuid import UUID

from bigledger.kernel import Event, event
from bigledger.records import RESOURCES

IMPORT_EVENTS = tuple(
    RESOURCES[name].created for name in ("customers", "suppliers", "contacts", "products", "accounts")
)
"""The events of the records that imports create."""


class ImportFact(Event):
    """An import at the moment of the event: of ``total`` objects so many are done, created or found to be there."""

    id: UUID
    kind: str
    status: str
    total: int
    done: int
    created: int
    skipped: int
    error_count: int


@event("import.created")
class ImportCreated(ImportFact):
    """Rows were read and checked; ``error_count`` of them or of their fields are wrong."""


@event("import.advanced")
class ImportAdvanced(ImportFact):
    """A chunk of an import was brought in, and more remains."""


@event("import.completed")
class ImportCompleted(ImportFact):
    """Everything of an import is there."""
