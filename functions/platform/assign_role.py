"""Give a role to a user or a key."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.platform import Assignment, NewAssignment, PermissionBeyondOwn, RoleAssigned, roles


@operation("POST /api/v1/role-assignments", emits=[RoleAssigned], problems=[PermissionBeyondOwn, UnknownReference])
def assign_role(new: NewAssignment, context: Context) -> Assignment:
    """Give a role to a user or a key, for good or until an instant; giving it again replaces the expiry."""
    return roles.assign(new, context)
