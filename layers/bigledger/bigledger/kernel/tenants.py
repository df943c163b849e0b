"""Work that the clock starts for every tenant: listed by the dispatcher, done by the application's role."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from pydantic import BaseModel

from bigledger.kernel import runtime
from bigledger.kernel.context import Actor, Context, Request, Tenant
from bigledger.kernel.database import transaction
from bigledger.kernel.observability import logger
from bigledger.kernel.transactions import insistently, nudge, open_tenant, tenant_of
from bigledger.kernel.unit_of_work import UnitOfWork


class Swept(BaseModel):
    """What one run over the tenants did. A tenant that failed is logged and does not keep the others waiting."""

    tenants: int = 0
    done: int = 0
    failed: int = 0


def for_each_tenant(name: str, work: Callable[[Context], int], batch: int) -> Swept:
    """Run ``work`` for every active tenant, in a transaction of its own, again while it did a whole ``batch``.

    ``name`` is the function's, such as ``inventory.release_expired_reservations``; ``work`` stages what it
    changes and answers how much it did. A schedule that uses this runs as the application and reads the list of
    tenants as the dispatcher, so its environment names both databases.
    """
    with transaction("dispatcher") as opened:
        rows = opened.rows("SELECT tenant_id FROM kernel.tenant WHERE status = 'active' ORDER BY tenant_id")
    swept = Swept(tenants=len(rows))
    for row in rows:
        try:
            while True:
                done = insistently(partial(_once, name, row.tenant_id, work))
                swept.done += done
                if done < batch:
                    break
        except Exception:  # noqa: BLE001 - the boundary between tenants: logged, counted, tried at the next run
            logger.exception("the schedule failed for a tenant", extra={"tenant_id": str(row.tenant_id)})
            swept.failed += 1
    if swept.done:
        nudge()
    return swept


def _once(name: str, tenant_id: UUID, work: Callable[[Context], int]) -> int:
    with transaction() as opened:
        staged = UnitOfWork(opened, runtime.clock)
        run = str(runtime.clock.new_id())
        context = Context(Tenant(tenant_id), Actor("scheduler"), runtime.clock, staged, Request(name, run, run))
        context.tenant = tenant_of(tenant_id, open_tenant(opened, tenant_id, context.now))
        done = work(context)
        staged.flush()
    return done
