"""List what waits for a decision."""

from bigledger.kernel import Context, Page, operation
from bigledger.workflow import Approval, ApprovalList, list_all


@operation("GET /api/v1/approvals")
def list_approvals(query: ApprovalList, context: Context) -> Page[Approval]:
    """List approvals, the newest first: the pending ones, or those of the status that is asked for."""
    return list_all(query, context)
