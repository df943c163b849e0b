"""Say whether the installation works."""

from bigledger.kernel import Context, operation
from bigledger.kernel.problems import Unavailable
from bigledger.platform import Health, installation


@operation("GET /api/v1/health", public=True, problems=[Unavailable])
def get_health(context: Context) -> Health:
    """Answer the version when the database answers; 503 when it does not."""
    return installation.health()
