"""The shapes of approvals: what callers send, what is stored, what is answered."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from bigledger.kernel import Amount, Answer, Command, Day, Document, Filter, ListQuery, Reference, Text


class ApprovalSubject(Answer):
    """The document an approval is about; the number is absent until the document has one."""

    type: str
    id: UUID
    number: str | None = None


class DocumentState(ApprovalSubject):
    """What became of a document."""

    status: str


class Person(Answer):
    """Who did something: a user, an API key or an applet."""

    id: str
    kind: str
    name: str


class MatchedCondition(Answer):
    """An approval rule that asked for the approval; ``reason`` is its condition, and why it had no answer if so."""

    code: str
    name: str
    reason: str


class ApprovalFacts(Answer):
    """What an approval says. ``amount`` is the document's total in ``currency`` when it was asked for.

    A ``review`` was asked for over the API: the decision is recorded and the document stays as it is.
    ``made_by`` is the id of the actor who made the document. ``decision_reason`` is also why it was withdrawn.
    """

    document: ApprovalSubject
    reason: str
    review: bool
    rules: list[MatchedCondition]
    requested_by: Person
    made_by: str
    amount: Amount | None = None
    currency: str | None = None
    approver_roles: list[str]
    four_eyes: bool
    decided_by: Person | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None


class Approval(ApprovalFacts):
    """An approval; its status is pending, approved, rejected or withdrawn."""

    id: UUID
    status: str
    version: int
    requested_at: datetime

    @classmethod
    def of(cls, document: Document, **more: Any) -> Self:
        """The approval that a document of type approval is, and what its answer says more."""
        facts: dict[str, Any] = {**dict(document.read(ApprovalFacts)), **more}
        return cls(
            id=document.id,
            status=document.status,
            version=document.version,
            requested_at=document.created_at,
            **facts,
        )


class DecidedApproval(Approval):
    """An approval that was decided, and under ``outcome`` what became of its document."""

    outcome: DocumentState


class ApprovalList(ListQuery):
    """A list of approvals; those that are pending unless the status filter asks for others."""

    allowed_filters = {"status": Filter("status"), "customer": Filter("party_id", "uuid", refers_to="customer")}
    default_filters = {"status": "pending"}


class ApprovalRequest(Command):
    """Asks for an approval of the document with this id."""

    id: Reference
    reason: Text


class Decision(Command):
    """Approves or rejects. A rejection says why.

    ``date`` is the day what follows is posted on, for a document whose own day takes no postings any more; the
    document's own when absent.
    """

    id: Reference
    decision: Literal["approve", "reject"]
    reason: Text | None = None
    date: Day | None = None

    @property
    def approved(self) -> bool:
        """Whether the decision is in favour."""
        return self.decision == "approve"
