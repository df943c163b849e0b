"""What happens to approvals."""

from uuid import UUID

from bigledger.kernel import Amount, Event, event
from bigledger.workflow.model import ApprovalSubject, MatchedCondition, Person


class ApprovalEvent(Event):
    """The approval, the document it is about, and the document's total in ``currency``."""

    id: UUID
    document: ApprovalSubject
    review: bool
    amount: Amount | None = None
    currency: str | None = None
    requested_by: Person


@event("approval.requested")
class ApprovalRequested(ApprovalEvent):
    """A document waits for a decision, or a review of it was asked for."""

    reason: str
    rules: list[MatchedCondition]
    approver_roles: list[str]
    four_eyes: bool


@event("approval.approved")
class ApprovalApproved(ApprovalEvent):
    """Somebody approved a document; what follows from it is told by events of the document."""

    decided_by: Person
    decision_reason: str | None = None


@event("approval.rejected")
class ApprovalRejected(ApprovalEvent):
    """Somebody rejected a document; what follows from it is told by events of the document."""

    decided_by: Person
    decision_reason: str


@event("approval.withdrawn")
class ApprovalWithdrawn(ApprovalEvent):
    """There is nothing to decide any more: the document was voided or changed."""

    decided_by: Person
    decision_reason: str
