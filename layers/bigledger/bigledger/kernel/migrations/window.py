"""Which releases have migrated a database, and what may therefore be taken away from it.

While a release is deployed, and when it is rolled back, functions of the release before it run on the new schema. So
a contract revision waits until the release that this database has seen last does not use any more what is dropped.
"""

import json
from collections.abc import Mapping

from sqlalchemy import Connection, text

from bigledger.kernel.migrations.revisions import Revision, place_of, with_all_before


class WindowOpen(Exception):
    """A release that may still be running uses what a contract revision takes away; the message says what to do."""


def refuse_early_contract(
    connection: Connection, applied: Mapping[str, Revision], known: Mapping[str, Revision]
) -> None:
    """Raise WindowOpen for a revision that would take away what the last release uses."""
    last = _last_release(connection)
    if not applied:
        return  # nothing runs on an empty database
    for revision in known.values():
        since = revision.unused_since
        if since is None or revision.name in applied:
            continue
        if last is None or place_of(last) < place_of(since):
            raise WindowOpen(
                f"{revision.name} takes away what release {last or 'before it'} uses, whose functions run on this"
                f" database. Deploy release {since}, or a later one without {revision.name}, and then this one."
            )


def note(connection: Connection, release: str, heads: tuple[str, ...], known: Mapping[str, Revision]) -> None:
    """Write down which revisions the database has now, and which release brought it there."""
    if _is_noted(connection):
        applied = {name: revision.unused_since for name, revision in with_all_before(heads, known).items()}
        connection.execute(
            text(
                "INSERT INTO kernel.release (version, revisions) VALUES (:version, cast(:revisions AS jsonb))"
                " ON CONFLICT (version) DO UPDATE SET revisions = excluded.revisions, migrated_at = now()"
                " WHERE release.revisions <> excluded.revisions"
            ),
            {"version": release, "revisions": json.dumps(applied)},
        )


def _last_release(connection: Connection) -> str | None:
    if not _is_noted(connection):
        return None
    versions = connection.execute(text("SELECT version FROM kernel.release")).scalars().all()
    return max(versions, key=place_of, default=None)


def _is_noted(connection: Connection) -> bool:
    return connection.execute(text("SELECT to_regclass('kernel.release') IS NOT NULL")).scalar_one() is True
