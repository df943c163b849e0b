"""Nothing is lost with the queues, which live in memory: what was perhaps not delivered is published again.

As long as work is under way nobody knows which messages a crash would take along. So the last moment is kept at which
everything recorded before had been delivered; the next start puts the events recorded since into the outbox again.
A subscriber that has seen one of them recognizes its id.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg

from devtools.local.databases import Database
from devtools.local.provision import Services
from devtools.local.state import Folder, read_json, remember

MARGIN = timedelta(seconds=60)
"""A request records its events under the instant it began at, and may commit them so much later."""

_AGAIN = """
    INSERT INTO kernel.outbox (event_id)
    SELECT id FROM kernel.event WHERE id >= %(first)s::uuid AND recorded_at >= %(since)s ON CONFLICT DO NOTHING
"""

# An event that the relay has handed to queues which are gone still stands in the outbox until its transaction ends;
# until then it could not be put there again, and would be lost.
_AFTER_THE_RELAY = "SELECT count(*) FROM (SELECT FROM kernel.outbox FOR UPDATE) AS under_way"


def all_delivered(database: Database, services: Services) -> bool:
    """Whether every event so far was published and every message taken."""
    with psycopg.connect(database.dispatcher, autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM kernel.outbox").fetchone()
    return row == (0,) and services.waiting() == 0


def note(folder: Folder, database: Database, services: Services, margin: timedelta = MARGIN) -> bool:
    """Keep the present moment, less the margin, if everything before it has been delivered; answers whether it has."""
    now = datetime.now(UTC)
    delivered = all_delivered(database, services)
    if delivered:
        remember(folder, delivered_until=(now - margin).isoformat())
    return delivered


def publish_again(folder: Folder, database: Database) -> int:
    """Put the events recorded since the last such moment into the outbox; answers how many those are."""
    kept = read_json(folder.state).get("delivered_until")
    if kept is None:
        remember(folder, delivered_until=datetime.now(UTC).isoformat())
        return 0
    since = datetime.fromisoformat(kept)
    first = f"{int(since.timestamp() * 1000):012x}".ljust(32, "0")  # the smallest id of that millisecond
    count = 0
    with psycopg.connect(database.dispatcher, autocommit=True) as connection:
        connection.execute(_AFTER_THE_RELAY)
        tenants = connection.execute("SELECT tenant_id::text FROM kernel.tenant").fetchall()
    with psycopg.connect(database.application) as connection:
        for (tenant,) in tenants:
            connection.execute("SELECT set_config('app.tenant_id', %s, true)", [tenant])
            count += connection.execute(_AGAIN, {"first": first, "since": since}).rowcount
            connection.commit()
    return count
