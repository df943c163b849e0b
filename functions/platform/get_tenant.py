"""Read a tenant."""

from bigledger.kernel import Context, operation
from bigledger.platform import TenantReference, TenantWithCompanies, tenants


@operation("GET /api/v1/tenants/{id}", tenant="path")
def get_tenant(reference: TenantReference, context: Context) -> TenantWithCompanies:
    """Read a tenant and its companies; a tenant's key reads its own, the operator's key any."""
    return tenants.get(reference, context)
