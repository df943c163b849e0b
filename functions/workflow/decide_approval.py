"""Approve or reject, and let the document's own module carry it out."""

from collections.abc import Mapping

from bigledger.kernel import Context, StaleVersion, operation
from bigledger.workflow import (
    AlreadyDecided,
    ApprovalApproved,
    ApprovalRejected,
    ApprovalWithdrawn,
    ApproverRoleMissing,
    DecidedApproval,
    Decision,
    FourEyesRequired,
    Outcome,
    decide,
)

OUTCOMES: Mapping[str, Outcome] = {}
"""What a decision means for each type of document that can wait for one."""


@operation(
    "POST /api/v1/approvals/{id}/{decision}",
    emits=[ApprovalApproved, ApprovalRejected, ApprovalWithdrawn],
    problems=[AlreadyDecided, ApproverRoleMissing, FourEyesRequired, StaleVersion],
)
def decide_approval(decision: Decision, context: Context) -> DecidedApproval:
    """Approve or reject a document: approved, it goes on; rejected, it gives back what it held. Takes If-Match."""
    return decide(decision, context, OUTCOMES)
