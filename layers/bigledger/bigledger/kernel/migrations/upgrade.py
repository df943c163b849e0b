"""Brings a database to the newest schema of every installed module."""

from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config


def config(url: str) -> Config:
    """An alembic configuration over the migrations of all modules; ``url`` is the owner's."""
    root = Path(find_spec("bigledger").submodule_search_locations[0])  # type: ignore[union-attr, index]
    folders = sorted(str(folder) for folder in root.glob("*/migrations/versions"))
    settings = Config()
    settings.set_main_option("script_location", str(root / "kernel" / "migrations"))
    settings.set_main_option("path_separator", "newline")
    settings.set_main_option("version_locations", "\n".join(folders))
    settings.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return settings


def upgrade(url: str) -> None:
    """Apply what is missing, all modules, in one transaction."""
    command.upgrade(config(url), "heads")
