"""Make an API key."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.platform import ApiKeyCreated, ApiKeyWithSecret, NewApiKey, PermissionBeyondOwn, keys


@operation("POST /api/v1/api-keys", emits=[ApiKeyCreated], problems=[PermissionBeyondOwn, UnknownReference])
def create_api_key(new: NewApiKey, context: Context) -> ApiKeyWithSecret:
    """Make a key that holds roles, none of which may do more than the caller. Its secret is told this once."""
    return keys.create(new, context)
