"""The events of imports."""

from uuid import UUID

from bigledger.kernel import Event, event


@event("import.completed")
class ImportCompleted(Event):
    """Everything of an import is there: so many were created, so many had been imported before."""

    id: UUID
    kind: str
    total: int
    created: int
    skipped: int
