"""Tenants, API keys and roles: who may call what, and what anyone may know of the installation."""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.platform import callers, deployments, feature_flags, installation, keys, roles, tenants
    from bigledger.platform.authorization import identify
    from bigledger.platform.callers import Caller
    from bigledger.platform.events import (
        ApiKeyCreated,
        ApiKeyRevoked,
        ApiKeyRotated,
        FeatureFlagChanged,
        RoleAssigned,
        RoleCreated,
        TenantCreated,
    )
    from bigledger.platform.feature_flags import FeatureFlag, FlagNotOpen, SetFlag
    from bigledger.platform.installation import Contract, Health
    from bigledger.platform.keys import ApiKey, ApiKeyWithSecret, KeyList, KeyReference, NewApiKey
    from bigledger.platform.roles import Assignment, NewAssignment, NewRole, PermissionBeyondOwn, Role, RoleExists
    from bigledger.platform.secrets import new_operator_secret
    from bigledger.platform.tenants import (
        NewTenant,
        NewTenantAnswer,
        OperatorOnly,
        TenantExists,
        TenantReference,
        TenantWithCompanies,
    )
else:
    __getattr__ = face(__name__)

__all__ = [
    "ApiKey",
    "ApiKeyCreated",
    "ApiKeyRevoked",
    "ApiKeyRotated",
    "ApiKeyWithSecret",
    "Assignment",
    "Caller",
    "Contract",
    "FeatureFlag",
    "FeatureFlagChanged",
    "FlagNotOpen",
    "Health",
    "KeyList",
    "KeyReference",
    "NewApiKey",
    "NewAssignment",
    "NewRole",
    "NewTenant",
    "NewTenantAnswer",
    "OperatorOnly",
    "PermissionBeyondOwn",
    "Role",
    "RoleAssigned",
    "RoleCreated",
    "RoleExists",
    "SetFlag",
    "TenantCreated",
    "TenantExists",
    "TenantReference",
    "TenantWithCompanies",
    "callers",
    "deployments",
    "feature_flags",
    "identify",
    "installation",
    "keys",
    "new_operator_secret",
    "roles",
    "tenants",
]
