"""What happens to tenants, keys, roles and feature flags."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from bigledger.kernel import Event, Number, Ref, event


@event("tenant.created")
class TenantCreated(Event):
    """A tenant was set up with its first company, chart of accounts, series, roles and key."""

    id: UUID
    name: str
    api_version: str
    company: Ref
    currency: str
    jurisdiction: str
    api_key_id: UUID
    """The first key, which holds the role admin."""


@event("api_key.created")
class ApiKeyCreated(Event):
    """A key was made. Its secret is nowhere in the event."""

    id: UUID
    name: str
    prefix: str
    roles: list[str]
    expires_at: datetime | None = None


@event("api_key.rotated")
class ApiKeyRotated(Event):
    """A key has a new secret; the old one stopped working at that moment."""

    id: UUID
    name: str
    prefix: str


@event("api_key.revoked")
class ApiKeyRevoked(Event):
    """A key stopped working for good."""

    id: UUID
    name: str
    prefix: str


@event("role.created")
class RoleCreated(Event):
    """A set of permissions got a name."""

    id: UUID
    code: str
    name: str
    permissions: list[str]


@event("role.assigned")
class RoleAssigned(Event):
    """A user or a key holds a role, until ``expires_at`` if there is one."""

    id: UUID
    role: str
    user: str | None = None
    api_key_id: UUID | None = None
    expires_at: datetime | None = None


@event("feature_flag.changed")
class FeatureFlagChanged(Event):
    """A feature flag was set: for the installation, or by a tenant for itself. ``enabled`` null took a setting back."""

    id: UUID
    key: str
    scope: Literal["installation", "tenant"]
    enabled: bool | None = None
    percentage: Number
    of: Literal["tenants", "actors"]
    tenants: list[UUID]
    actors: list[str]
    starts_at: datetime | None = None
    ends_at: datetime | None = None
