"""Forget the data of the local cloud: everything in `.local`. Ends no process, and refuses while one uses the data.

Uses the standard library alone, so that it works without `.venv`.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from devtools.local.postgres_directory import server_of, supervisor_of

LOCAL = Path(__file__).resolve().parents[2] / ".local"


def clean(local: Path = LOCAL) -> str:
    """Remove the folder and answer what was done. Raises RuntimeError, and removes nothing, while it is in use."""
    if not local.exists():
        return "There is no local data."
    for lock in sorted(local.rglob("*.lock")):
        if (pid := supervisor_of(lock.with_suffix(""))) is not None:
            raise RuntimeError(
                f"The local cloud is still running (process {pid}); nothing was removed. Stop it with Ctrl-C in its"
                f" terminal, or with `kill {pid}`, then run `make clean` again."
            )
    for path in (local, *local.iterdir()):
        if os.geteuid() not in (0, owner := path.stat().st_uid):
            raise RuntimeError(
                f"{path} belongs to user {owner} (an earlier run was that user's, or root's); nothing was removed. Run"
                " `make clean` as that user or as root."
            )
    for pid_file in sorted(local.rglob("postmaster.pid")):
        if (pid := server_of(pid_file.parent)) is not None:
            raise RuntimeError(
                f"A Postgres of an interrupted run (process {pid}) still uses {pid_file.parent}; nothing was removed."
                f" End it with `kill -INT {pid}`, then run `make clean` again."
            )
    shutil.rmtree(local)
    return "The local data is forgotten; `make run` starts with a new demo company."


def main() -> int:
    """Clean and say so. Returns the exit status."""
    try:
        print(clean())
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
