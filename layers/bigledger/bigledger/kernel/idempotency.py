"""How long the answers to requests with an Idempotency-Key are kept."""

from datetime import timedelta

from pydantic import BaseModel

from bigledger.kernel import runtime
from bigledger.kernel.database import transaction

RETENTION = timedelta(days=30)
"""For so long a repeated request is answered what it was answered first; after that it acts as a new one."""

BATCH = 5_000
"""Answers deleted per transaction."""

# That a subscriber has taken an event stays known: years later the event may be delivered from an archive once more.
_PURGE = """
    WITH old AS (
        SELECT tenant_id, key FROM kernel.idempotency
        WHERE created_at < cast(:before AS timestamptz) AND starts_with(key, 'request ')
        ORDER BY created_at LIMIT :batch),
    purged AS (
        DELETE FROM kernel.idempotency i USING old WHERE i.tenant_id = old.tenant_id AND i.key = old.key RETURNING 1)
    SELECT count(*) AS answers FROM purged
"""


class Purged(BaseModel):
    """What one run deleted."""

    answers: int = 0


def purge(limit: int = 2_000_000) -> Purged:
    """Delete the answers older than the retention, of all tenants, oldest first, until ``limit`` is reached.

    Each batch is a transaction of its own: what was deleted stays deleted whatever becomes of the next one.
    """
    before = (runtime.clock.now() - RETENTION).isoformat()
    answers = 0
    while answers < limit:
        with transaction("dispatcher") as opened:
            batch = int(opened.row(_PURGE, before=before, batch=BATCH).answers)
        answers += batch
        if batch < BATCH:
            break
    return Purged(answers=answers)
