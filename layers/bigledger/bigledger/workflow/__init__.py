"""Approvals: rules say which documents wait, people decide, and each document's module knows what follows."""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.workflow.approvals import (
        AlreadyDecided,
        ApproverRoleMissing,
        FourEyesRequired,
        decide,
        list_all,
        request,
        request_approval,
        withdraw_approvals,
    )
    from bigledger.workflow.events import ApprovalApproved, ApprovalRejected, ApprovalRequested, ApprovalWithdrawn
    from bigledger.workflow.model import Approval, ApprovalList, ApprovalRequest, DecidedApproval, Decision
    from bigledger.workflow.rules import matching_rules
else:
    __getattr__ = face(__name__)

__all__ = [
    "AlreadyDecided",
    "Approval",
    "ApprovalApproved",
    "ApprovalList",
    "ApprovalRejected",
    "ApprovalRequest",
    "ApprovalRequested",
    "ApprovalWithdrawn",
    "ApproverRoleMissing",
    "DecidedApproval",
    "Decision",
    "FourEyesRequired",
    "decide",
    "list_all",
    "matching_rules",
    "request",
    "request_approval",
    "withdraw_approvals",
]
