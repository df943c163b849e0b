"""Whether this code and the database suit each other: asked of a new version of a function before it takes traffic.

The function itself answers, when the deployment calls it (see ``deployment``). So everything that its real calls need
is tried: its imports, its layers, its rights, its way to the database, and that the schema has what the code uses.
"""

import json
import os
from typing import Any

from bigledger import __version__
from bigledger.kernel.database import URLS, Transaction, transaction
from bigledger.kernel.migrations.revisions import Applied, own, place_of
from bigledger.kernel.observability import logger
from bigledger.kernel.problems import Unavailable


class Unsuited(Exception):
    """The database does not suit this release; the message says what to do."""


def answer() -> dict[str, Any]:
    """``{"ready": true, "release": …}``, or ``ready`` false with a ``reason`` and whether asking again may help."""
    told: dict[str, Any] = {"release": __version__}
    try:
        check()
    except Unsuited as error:
        return {**told, "ready": False, "retry": False, "reason": str(error)}
    except Unavailable as error:
        return {**told, "ready": False, "retry": True, "reason": error.detail}
    except Exception as error:  # noqa: BLE001 - the boundary: told to the deployment, which must not go on
        logger.exception("not ready")
        return {**told, "ready": False, "retry": False, "reason": f"{type(error).__name__}: {error}"}
    return {**told, "ready": True}


def check() -> None:
    """Read, in each database role of this function, which revisions were applied. Raises Unsuited, Unavailable."""
    for role, variable in URLS.items():
        if os.environ.get(variable):
            with transaction(role) as opened:
                suits(applied(opened), own(), __version__)


def applied(opened: Transaction) -> Applied:
    """The revisions that some release has brought to this database."""
    rows = opened.rows("SELECT revisions::text FROM kernel.release")
    return {name: since for row in rows for name, since in json.loads(row[0]).items()}


def suits(database: Applied, code: Applied, release: str) -> None:
    """Raise Unsuited when code of a release would not work on a database with these revisions.

    The database may be ahead: what newer releases add does no harm. It must not be behind, and nothing may have been
    taken away that this release still uses.
    """
    missing = sorted(code.keys() - database.keys())
    if missing:
        raise Unsuited(f"The database has not got {', '.join(missing)}. Migrate it before you deploy {release}.")
    for name, since in sorted(database.items()):
        if since is not None and place_of(since) > place_of(release):
            raise Unsuited(f"{name} took away what release {release} uses. Deploy release {since} or a later one.")
