"""What every transaction of a tenant has in common: how it begins, how it is tried again, what follows its commit."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from bigledger.kernel import runtime
from bigledger.kernel.context import Tenant
from bigledger.kernel.database import ConcurrentChange, Transaction
from bigledger.kernel.observability import logger
from bigledger.kernel.serialization import json_text

Result = TypeVar("Result")

_ATTEMPTS = 5
_KEYS = 100  # their stored answers come along, and the Data API hands over a megabyte


def open_tenant(
    transaction: Transaction, tenant_id: UUID, now: datetime, *, actor: str | None = None, key: str | None = None
) -> Any:
    """Begin a tenant's work: its row-level security and its instant hold from here on. The first statement of all.

    ``actor`` is the id of a key whose present version is asked for. With ``key``, one transaction of that key
    passes at a time. Answers the tenant's ``name``, ``status`` and ``configuration_version`` (null when there is no
    such tenant), ``actor_version``, and ``request_hash``, ``response_status`` and ``response_body`` of what was
    recorded under the key.
    """
    return transaction.row(
        "SELECT * FROM kernel.open(:tenant, :instant, :actor, :key)",
        tenant=str(tenant_id),
        instant=now.isoformat(),
        actor=actor,
        key=key,
    )


def open_keys(
    transaction: Transaction, tenant_id: UUID, now: datetime, *, actor: str | None, keys: Sequence[str]
) -> dict[str, Any]:
    """What ``open_tenant`` answers for each of several keys, taken in one order by everyone; a hundred at a time."""
    found: dict[str, Any] = {}
    ordered = sorted(keys)
    for first in range(0, len(ordered), _KEYS):
        rows = transaction.rows(
            "SELECT k.key, o.* FROM jsonb_array_elements_text(cast(:keys AS jsonb)) AS k(key),"
            " LATERAL kernel.open(:tenant, :instant, :actor, k.key) o",
            tenant=str(tenant_id),
            instant=now.isoformat(),
            actor=actor,
            keys=json_text(ordered[first : first + _KEYS]),
        )
        found |= {row.key: row for row in rows}
    return found


def tenant_of(tenant_id: UUID, opened: Any) -> Tenant:
    """The tenant as the row of ``open_tenant`` describes it; one that is only being made has no name yet."""
    return Tenant(tenant_id, opened.name or "", opened.status or "active", opened.configuration_version or 0)


def insistently(work: Callable[[], Result]) -> Result:
    """Do the work, some more times when concurrent requests got in its way. Raises ConcurrentChange in the end."""
    for attempt in range(_ATTEMPTS - 1):
        try:
            return work()
        except ConcurrentChange as conflict:
            logger.warning("retried", extra={"reason": str(conflict), "attempt": attempt + 1})
            time.sleep(0.005 * 2**attempt)
    return work()


def nudge() -> None:
    """Tell the relay, after the commit, that events wait. A failure does no harm, since the relay sweeps by itself."""
    try:
        runtime.nudge()
    except Exception:  # noqa: BLE001 - the work is committed, and nothing is lost by it
        logger.exception("the relay could not be nudged; its next sweep publishes")
