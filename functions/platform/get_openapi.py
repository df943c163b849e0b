"""Publish the contract."""

from bigledger.kernel import Context, operation
from bigledger.platform import Contract, installation


@operation("GET /api/v1/openapi.json", public=True)
def get_openapi(context: Context) -> Contract:
    """Answer the OpenAPI 3.1 document of every operation."""
    return installation.contract()
