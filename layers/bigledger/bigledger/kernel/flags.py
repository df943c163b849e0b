"""Feature flags: new behaviour that reaches the tenants step by step, and can be taken back without a deployment.

Every flag is declared here, so that one list shows what is being rolled out; the rule that it guards asks
``enabled(FLAG, context)``. The operator of the installation sets a flag for everyone, by a percentage of the
tenants or by name; a tenant sets one that is open to it for itself. Settings are part of the tenant's set-up, which
every process has in memory, so asking costs no statement.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from bigledger.kernel.wire import Instant, Number

INSTALLATION = UUID(int=2**128 - 1)
"""In the place of a tenant: what belongs to the whole installation (the Max UUID of RFC 9562, which nothing gets)."""

PARTS = 10_000
"""How finely a roll-out is divided: a hundredth of a percent."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A declared flag. ``key`` is ``<module>.<behaviour>``, ``meaning`` what happens where it is on.

    ``default`` holds until somebody sets it. On ``decide_by`` it should be clear whether the behaviour stays: then
    the flag goes, and one of the two ways with it.
    """

    key: str
    meaning: str
    decide_by: dt.date
    default: bool = False
    open_to_tenants: bool = False
    """Whether tenants may set it for themselves."""


MATCH_EXACT_PAYMENTS = Flag(
    "receivables.match_exact_payments",
    "A payment that names no invoices and is just what is open on one of them settles that one; otherwise, and where"
    " the flag is off, those that are due first are settled first.",
    decide_by=dt.date(2027, 6, 30),
    open_to_tenants=True,
)

FLAGS: Mapping[str, Flag] = {flag.key: flag for flag in (MATCH_EXACT_PAYMENTS,)}
"""Every flag by its key."""


class FlagSetting(BaseModel):
    """How a flag is set, for the installation or for one tenant. Outside its instants it is as if there were none.

    ``percentage`` is of the tenants or of the actors, those named apart. ``enabled`` null takes a setting back.
    """

    # An older release may read what a newer one has stored.
    model_config = ConfigDict(extra="ignore", frozen=True)

    enabled: bool | None
    percentage: Annotated[Number, Field(ge=0, le=100, decimal_places=2)] = Decimal(100)
    of: Literal["tenants", "actors"] = "tenants"
    tenants: Annotated[list[UUID], Field(max_length=1000)] = []
    """Tenants that have it whatever the percentage."""
    actors: Annotated[list[Annotated[str, Field(min_length=1, max_length=128)]], Field(max_length=1000)] = []
    """Users (by the ``sub`` of their token) and keys (by their id) that have it whatever the percentage."""
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    """The instant from which it holds no more."""

    def holds(self, now: dt.datetime) -> bool:
        """Whether it says anything at this instant."""
        begun = self.starts_at is None or self.starts_at <= now
        return self.enabled is not None and begun and (self.ends_at is None or now < self.ends_at)

    def includes(self, key: str, tenant: UUID, actor: str) -> bool:
        """Whether the flag is on for this tenant and actor; the larger percentage includes all of the smaller."""
        if not self.enabled:
            return False
        if tenant in self.tenants or actor in self.actors:
            return True
        who = f"{tenant}" if self.of == "tenants" else f"{tenant} {actor}"
        return place(key, who) < self.percentage * PARTS / 100


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a flag is on, and who decided it: its declaration, the installation or the tenant."""

    on: bool
    by: Literal["default", "installation", "tenant"]


@dataclass(frozen=True, slots=True)
class FlagSettings:
    """All settings that concern one tenant, by key: the installation's and its own."""

    installation: Mapping[str, FlagSetting] = field(default_factory=dict)
    own: Mapping[str, FlagSetting] = field(default_factory=dict)

    def decide(self, flag: Flag, tenant: UUID, actor: str, now: dt.datetime) -> Decision:
        """Whether the flag is on for an actor of the tenant.

        What the operator has turned off is off for everyone. Otherwise the tenant's own setting goes before the
        installation's, if the flag is open to tenants, and that before the default.
        """
        everywhere, own = self.installation.get(flag.key), self.own.get(flag.key)
        if everywhere is not None and everywhere.holds(now) and not everywhere.enabled:
            return Decision(False, "installation")
        if flag.open_to_tenants and own is not None and own.holds(now):
            return Decision(own.includes(flag.key, tenant, actor), "tenant")
        if everywhere is not None and everywhere.holds(now):
            return Decision(everywhere.includes(flag.key, tenant, actor), "installation")
        return Decision(flag.default, "default")


def place(key: str, who: str) -> int:
    """Where someone stands among the PARTS of a flag's roll-out: always the same, and another for each flag."""
    return int.from_bytes(hashlib.sha256(f"{key} {who}".encode()).digest()[:8]) % PARTS
