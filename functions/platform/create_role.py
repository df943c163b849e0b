"""Create a role."""

from bigledger.kernel import Context, operation
from bigledger.platform import NewRole, PermissionBeyondOwn, Role, RoleCreated, RoleExists, roles


@operation("POST /api/v1/roles", emits=[RoleCreated], problems=[PermissionBeyondOwn, RoleExists])
def create_role(new: NewRole, context: Context) -> Role:
    """Create a role out of permissions that the caller has."""
    return roles.create(new, context)
