"""Tenants, API keys and roles: who may call what."""

from bigledger.platform.events import (
    ApiKeyCreated,
    ApiKeyRevoked,
    ApiKeyRotated,
    RoleAssigned,
    RoleCreated,
    TenantCreated,
)
from bigledger.platform.keys import ApiKey, ApiKeyWithSecret, KeyList, KeyReference, NewApiKey
from bigledger.platform.roles import Assignment, NewAssignment, NewRole, PermissionBeyondOwn, Role, RoleExists
from bigledger.platform.tenants import (
    NewTenant,
    NewTenantAnswer,
    OperatorOnly,
    TenantExists,
    TenantReference,
    TenantWithCompanies,
)
