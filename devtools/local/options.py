"""What the local cloud is started with: from the environment (PORT, WORKERS, DATABASE_URL, RUNTIME…) or from a test."""

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
    on_lambda: bool = False
    """Whether each function runs in processes of its own, as in Lambda, over the Data API."""
    processes: int = 24
    """How many processes of functions there are at most, when they run so."""
    artifacts: Path | None = None
    """The folder that `sam build` has made, to run what is in it; None to build what is run."""


def from_environment(variables: Mapping[str, str]) -> Options:
    """The options that environment variables ask for. Raises CloudError for a value that makes no sense."""
    runtime = variables.get("RUNTIME", "").strip().lower()
    if runtime not in ("", "lambda"):
        raise CloudError(f"RUNTIME is lambda or nothing, and not {runtime!r}.")
    return Options(
        port=_number(variables, "PORT", 8080, 0, 65535),
        workers=_number(variables, "WORKERS", 2, 1, 64),
        threads=_number(variables, "THREADS", 4, 1, 64),
        database_url=variables.get("DATABASE_URL") or None,
        on_lambda=runtime == "lambda",
        processes=_number(variables, "PROCESSES", 24, 4, 1000),
        artifacts=Path(variables["ARTIFACTS"]).resolve() if variables.get("ARTIFACTS") else None,
    )


def _number(variables: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = variables.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise CloudError(f"{name} has to be a number from {least} to {most}, and is {text!r}.")
    return int(text)
