"""Give an API key a new secret."""

from bigledger.kernel import Conflict, Context, operation
from bigledger.platform import ApiKeyRotated, ApiKeyWithSecret, KeyReference, PermissionBeyondOwn, keys


@operation("POST /api/v1/api-keys/{id}/rotate", emits=[ApiKeyRotated], problems=[Conflict, PermissionBeyondOwn])
def rotate_api_key(reference: KeyReference, context: Context) -> ApiKeyWithSecret:
    """Replace a key's secret; the old one stops working at once. The new one is told this once."""
    return keys.rotate(reference, context)
