"""The events of exports; each step of one follows from the event of the step before."""

from uuid import UUID

from bigledger.kernel import Event, event


class ExportFact(Event):
    """An export at the moment of the event: ``step`` is the one to be done next."""

    id: UUID
    step: int
    rows_done: int
    rows_total: int


@event("export.created")
class ExportCreated(ExportFact):
    """An export was asked for."""


@event("export.advanced")
class ExportAdvanced(ExportFact):
    """A step of an export is done, and more remains."""


@event("export.completed")
class ExportCompleted(ExportFact):
    """Every file of an export is stored; ``manifest_sha256`` is the hash of the manifest, which has all others."""

    files: int
    bytes: int
    manifest_sha256: str
