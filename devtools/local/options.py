"""What the local cloud is started with: from the environment (PORT, WORKERS, THREADS, DATABASE_URL) or from a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devtools.local.state import LOCAL, ROOT, CloudError


@dataclass(frozen=True)
class Options:
    """Where the local cloud keeps its data, what it serves and how."""

    folder: Path = LOCAL
    root: Path = ROOT
    """The project: `functions`, `applets` and `template.yaml` below it are served."""
    port: int = 8080
    """Where the API is served; 0 for any free port."""
    workers: int = 2
    threads: int = 4
    durable: bool = True
    """Whether the embedded database's data survives a power cut."""
    database_url: str | None = None
    """The owner's URL of a database on another server; None for the embedded one."""


def from_environment(variables: Mapping[str, str]) -> Options:
    """The options that environment variables ask for. Raises CloudError for a value that makes no sense."""
    return Options(
        port=_number(variables, "PORT", 8080, 0, 65535),
        workers=_number(variables, "WORKERS", 2, 1, 64),
        threads=_number(variables, "THREADS", 4, 1, 64),
        database_url=variables.get("DATABASE_URL") or None,
    )


def _number(variables: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = variables.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise CloudError(f"{name} has to be a number from {least} to {most}, and is {text!r}.")
    return int(text)
