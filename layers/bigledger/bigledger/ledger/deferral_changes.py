"""Deferring, crediting and voiding a document, one after the other.

How much of a line a schedule defers follows from what is credited of it, and what a credit takes off schedules from
which there are. Whoever writes one of them says how many there were when it was read; of two that have read the same
the database takes one, and the other is worked out anew.
"""

from uuid import UUID

from bigledger.kernel import Conflict, Context, Document, Table, database

_CHANGE = Table("ledger.deferral_change", ("source_id", "number", "document_id"))


class ChangedMeanwhile(Conflict):
    """Somebody deferred, credited or voided the document since it was read."""

    title = "The document was changed meanwhile"


database.constraint(
    "deferrable_changed_once",
    lambda: ChangedMeanwhile("Somebody deferred or credited lines of this document just now. Send this again."),
)


def changes_json(document: str) -> str:
    """SQL of how often a document was deferred, credited or voided; ``document`` is a uuid."""
    return f"(SELECT coalesce(max(g.number), 0) FROM ledger.deferral_change g WHERE g.source_id = {document})"


def count_change(context: Context, source: UUID, changes: int, by: Document) -> None:
    """Stage that a document was deferred, credited or voided by another, or by itself, after so many changes."""
    context.work.append(_CHANGE, [{"source_id": source, "number": changes + 1, "document_id": by.id}])
