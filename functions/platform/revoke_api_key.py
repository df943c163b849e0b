"""End an API key."""

from bigledger.kernel import Context, operation
from bigledger.platform import ApiKey, ApiKeyRevoked, KeyReference, keys


@operation("DELETE /api/v1/api-keys/{id}", emits=[ApiKeyRevoked])
def revoke_api_key(reference: KeyReference, context: Context) -> ApiKey:
    """End a key for good; it stops working at once. It stays in the list, so that what it did can be traced."""
    return keys.revoke(reference, context)
