"""Make a tenant: its company, chart of accounts, series, fiscal years, roles and first key in one call."""

from bigledger.kernel import Context, operation
from bigledger.platform import NewTenant, NewTenantAnswer, OperatorOnly, TenantCreated, TenantExists, tenants


@operation(
    "POST /api/v1/tenants", tenant="new", status=201, emits=[TenantCreated], problems=[OperatorOnly, TenantExists]
)
def create_tenant(new: NewTenant, context: Context) -> NewTenantAnswer:
    """Set up a tenant that can write its first invoice. Takes the operator's key; the tenant's own is told once."""
    return tenants.create(new, context)
