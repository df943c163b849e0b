"""Brings a database to the newest schema of every installed module."""

from collections.abc import Iterable
from pathlib import Path

from alembic import command
from alembic.config import Config

from bigledger import __version__
from bigledger.kernel.migrations.revisions import folders

PATIENCE = 10
"""Seconds that a change of a table waits for requests that use it. Requests that come after it wait as long."""


def config(url: str, also: Iterable[Path] = (), release: str = __version__, patience: int = PATIENCE) -> Config:
    """An alembic configuration over the migrations of all modules; ``url`` is the owner's.

    ``also`` names further folders of revisions, and ``release`` the release that brings them all. A lock is waited
    for as many seconds as ``patience`` says.
    """
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", "\n".join(str(folder) for folder in [*folders(), *also]))
    settings.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    settings.set_main_option("release", release)
    settings.set_main_option("lock_timeout", f"{patience}s")
    return settings


def upgrade(url: str, also: Iterable[Path] = (), release: str = __version__, patience: int = PATIENCE) -> None:
    """Apply what is missing, all modules, in one transaction.

    Raises WindowOpen when something would be taken away that the release before may still use, and what the database
    raises when tables stay locked by others for too long; nothing was changed then.
    """
    command.upgrade(config(url, also, release, patience), "heads")
