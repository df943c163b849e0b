"""Ask for a review of a document, as applets do."""

from bigledger.kernel import Context, operation
from bigledger.workflow import Approval, ApprovalRequest, ApprovalRequested, request


@operation("POST /api/v1/documents/{id}/approval-requests", emits=[ApprovalRequested])
def request_approval(command: ApprovalRequest, context: Context) -> Approval:
    """Ask somebody to approve a document; one that is pending about it already is answered instead of a second.

    A document that waits for an approval by rule goes on when that one is decided. Any other request is a review:
    the decision is recorded in the document's history and changes nothing by itself.
    """
    return request(command, context)
