"""Tell callers who they are."""

from bigledger.kernel import Context, operation
from bigledger.kernel.operation import SIGNED_IN
from bigledger.platform import Caller, callers


@operation("GET /api/v1/auth/verify", permission=SIGNED_IN)
def verify_auth(context: Context) -> Caller:
    """Say who calls, for which tenant and companies, and with which permissions."""
    return callers.describe(context)
