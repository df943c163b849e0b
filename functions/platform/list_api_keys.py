"""List the API keys."""

from bigledger.kernel import Context, Page, operation
from bigledger.platform import ApiKey, KeyList, keys


@operation("GET /api/v1/api-keys")
def list_api_keys(query: KeyList, context: Context) -> Page[ApiKey]:
    """List the tenant's keys without their secrets, the newest first; revoked ones too."""
    return keys.list_all(query, context)
