"""What the local cloud keeps in `.local` besides the database, and the lock that lets one run at a time use it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"


class CloudError(Exception):
    """The local cloud cannot start or go on; the message says in a sentence or two what to do."""


@dataclass(frozen=True)
class Folder:
    """The paths below one `.local` folder."""

    path: Path

    @property
    def postgres(self) -> Path:
        """The data directory of the embedded Postgres."""
        return self.path / "postgres"

    @property
    def logs(self) -> Path:
        """A log file per process."""
        return self.path / "logs"

    @property
    def run(self) -> Path:
        """Files of the present run only."""
        return self.path / "run"

    @property
    def running(self) -> Path:
        """The addresses of the cloud that runs at this moment."""
        return self.run / "cloud.json"

    @property
    def credentials(self) -> Path:
        """The address and the keys of the demo company, for people and programs."""
        return self.path / "credentials.json"

    @property
    def faults(self) -> Path:
        """The fault switch (see faults.py)."""
        return self.path / "faults.json"

    @property
    def state(self) -> Path:
        """What one run leaves to the next."""
        return self.path / "state.json"

    def make(self) -> None:
        """Create what is missing. Raises CloudError when the folder is another user's."""
        try:
            for path in (self.path, self.logs, self.run):
                path.mkdir(parents=True, exist_ok=True)
        except PermissionError as error:
            raise CloudError(
                f"{error.filename} may not be written by this user. An earlier run was another user's: run as that"
                " user, or let that user run `make clean`."
            ) from error


def take_lock(folder: Folder) -> IO[str]:
    """Become the one run of a folder, until the answered file is closed or this process ends. Raises CloudError."""
    try:
        file = (folder.path / "cloud.lock").open("a+")
    except PermissionError as error:
        raise CloudError(f"{error.filename} belongs to another user; run as that user.") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        pid = file.read().strip() or "unknown"
        file.close()
        raise CloudError(
            f"BigLedger is already running here (process {pid}). Use that one, or stop it with Ctrl-C in its terminal"
            f" or with `kill {pid}`."
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty when there is none. Raises CloudError when it cannot be read."""
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise CloudError(f"{path} is damaged ({error}). Restore it, or start afresh with `make clean`.") from error
    if not isinstance(found, dict):
        raise CloudError(f"{path} is damaged. Restore it, or start afresh with `make clean`.")
    return found


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a file at once with a JSON object that only its owner may read."""
    partial = path.with_name(f"{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
    partial.replace(path)


def remember(folder: Folder, **values: Any) -> dict[str, Any]:
    """Add values to the state that the next run finds; answers all of it."""
    state = read_json(folder.state) | values
    write_json(folder.state, state)
    return state
