"""What approvals read, each need in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from bigledger.kernel import Context, Document, NotFound
from bigledger.kernel.documents import AS_JSON, from_json, is_id

TYPE = "approval"
"""The document type of approvals."""

LINK = "approval"
"""The kind of link that leads from a document to its approvals."""

_PENDING = (
    f"SELECT {AS_JSON} AS body FROM kernel.document d WHERE d.type = '{TYPE}' AND d.status = 'pending' AND d.id IN"
    f" (SELECT l.to_id FROM kernel.document_link l WHERE l.from_id = {{document}} AND l.kind = '{LINK}') ORDER BY d.id"
)

_DOCUMENT = f"""
    WITH subject AS (
        SELECT d.id, {AS_JSON} AS body FROM kernel.document d WHERE d.id = cast(:id AS uuid))
    SELECT jsonb_build_object(
        'document', subject.body,
        'pending', ({_PENDING.format(document="subject.id")} LIMIT 1),
        'approvals', (SELECT count(*) FROM kernel.document_link l WHERE l.from_id = subject.id AND l.kind = '{LINK}')
    )::text
    FROM subject
"""

_APPROVAL = f"""
    WITH approval AS (
        SELECT d.data, {AS_JSON} AS body FROM kernel.document d
        WHERE d.type = '{TYPE}' AND d.id = cast(:id AS uuid))
    SELECT jsonb_build_object(
        'approval', approval.body,
        'makers', (SELECT coalesce(jsonb_agg(DISTINCT e.actor_id), '[]') FROM kernel.event e
                   WHERE e.subject_id = cast(approval.data->'document'->>'id' AS uuid)
                     AND e.operation <> :deciding),
        'document', (SELECT {AS_JSON} FROM kernel.document d
                     WHERE d.id = cast(approval.data->'document'->>'id' AS uuid))
    )::text
    FROM approval
"""


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document, the approval that is pending about it if any, and how many there have been."""

    document: Document
    pending: Document | None
    approvals: int


@dataclass(frozen=True, slots=True)
class FoundApproval:
    """An approval, the document it is about, and the ids of all actors who made or changed that.

    Every change of a document leaves an event; what follows from a decision is not the decider's change.
    """

    approval: Document
    document: Document
    makers: frozenset[str]


def document(context: Context, reference: str) -> FoundDocument:
    """Read a document of any type by its id. Raises NotFound."""
    found = context.work.read_json(_DOCUMENT, id=reference) if is_id(reference) else None
    if found is None:
        raise NotFound(f"There is no document {reference}. A document is named by its id here.")
    pending = from_json(found["pending"]) if found["pending"] else None
    return FoundDocument(from_json(found["document"]), pending, found["approvals"])


def approval(context: Context, reference: str) -> FoundApproval:
    """Read an approval by its id. Raises NotFound."""
    deciding = context.request.operation
    found = context.work.read_json(_APPROVAL, id=reference, deciding=deciding) if is_id(reference) else None
    if found is None:
        raise NotFound(f"There is no approval {reference}.")
    return FoundApproval(from_json(found["approval"]), from_json(found["document"]), frozenset(found["makers"]))


def pending(context: Context, document_id: UUID) -> Sequence[Document]:
    """Read the approvals that are pending about a document, oldest first."""
    rows = context.work.read(
        f"SELECT body::text FROM ({_PENDING.format(document='cast(:id AS uuid)')}) found", id=str(document_id)
    )
    return [from_json(orjson.loads(row[0])) for row in rows]
