"""The data directory of the local Postgres: one supervisor, complete or absent, free of leftovers."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

from devtools.local.postgres_account import PostgresError, account_of, major_version, named, programs

SUPERUSER = "postgres"
LEAVING_TIMEOUT = 30.0  # seconds that the processes of an earlier server may take to end

log = logging.getLogger(__name__)


def supervisor_of(data: Path) -> int | None:
    """The process that supervises a data directory now, None when nobody does."""
    path = _lock_file_of(data)
    if not path.exists():
        return None
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read().strip() or "0")
    return None


def server_of(data: Path) -> int | None:
    """The process of the live server of a data directory, supervised or not; None when there is none."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if _is_postgres_of(pid, data) else None


def _lock_file_of(data: Path) -> Path:
    return data.with_name(data.name + ".lock")


def take_lock(data: Path) -> IO[str]:
    """Become the one supervisor of a data directory, until the answered file is closed or this process ends."""
    for path in (data, _lock_file_of(data)):
        if path.exists() and os.geteuid() not in (0, owner := path.stat().st_uid):
            raise PostgresError(
                f"{path} belongs to user {owner}: an earlier run was that user's, or root's. Run as that user, or have"
                " the data removed by that user (`make clean`) to start with an empty database."
            )
    file = _lock_file_of(data).open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        pid = file.read().strip() or "unknown"
        file.close()
        raise PostgresError(
            f"{data} is already in use by process {pid}. Stop that one first, or use another data directory."
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _partial_of(data: Path) -> Path:
    return data.with_name(data.name + ".partial")


def remove_interrupted(data: Path) -> None:
    """Remove what an interrupted `create` left behind."""
    partial = _partial_of(data)
    if partial.exists():
        log.warning("Creating %s was interrupted earlier; its remains are removed and it is created again.", data)
        shutil.rmtree(partial)


def create(data: Path, durable: bool) -> None:
    """Run initdb beside the final place and move the result there: a data directory is complete or absent."""
    partial = _partial_of(data)
    partial.mkdir(mode=0o700)
    try:
        account = named(account_of(partial))
    except PostgresError:
        partial.rmdir()
        raise
    command = [*account.prefix, str(programs() / "initdb"), "-D", str(partial), "-U", SUPERUSER]
    command += ["--encoding=UTF8", "--locale=C", "--auth-local=trust", "--auth-host=reject"]
    command += [] if durable else ["--no-sync"]
    with account.popen(command, stdout=subprocess.PIPE) as process:
        try:
            output = process.communicate()[0].decode(errors="replace")
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        shutil.rmtree(partial)
        raise PostgresError(f"The data directory {data} could not be created:\n{tail(output)}")
    partial.rename(data)


def check(data: Path) -> None:
    """Refuse what the installed server could not run, before it is touched."""
    for name in ("PG_VERSION", "global/pg_control", "postgresql.conf"):
        if not (data / name).is_file():
            raise PostgresError(
                f"{data} is not a complete data directory: {name} is missing. Restore it from a copy, or remove it"
                " (`make clean` does, for the local cloud) to start with an empty database."
            )
    found = (data / "PG_VERSION").read_text().strip()
    if found != str(major_version()):
        raise PostgresError(
            f"{data} was written by Postgres {found} and this is Postgres {major_version()}, which cannot read it."
            f" Carry it over with pg_dump of version {found}, or remove it (`make clean`) to start with an empty"
            " database."
        )


def end_leftovers(data: Path) -> None:
    """End what an earlier server of this data directory left behind. The lock says that nobody supervises it."""
    if (pid := server_of(data)) is not None:
        log.warning("A Postgres without a supervisor (process %d) still serves %s; it is stopped first.", pid, data)
        os.kill(pid, signal.SIGINT)
    # The other processes of a killed server end by themselves, and must have ended before another server writes.
    deadline = time.monotonic() + LEAVING_TIMEOUT
    while server_of(data) is not None or _at_work_in(data):
        if time.monotonic() > deadline:
            others = ", ".join(map(str, sorted({server_of(data) or 0, *_at_work_in(data)} - {0})))
            raise PostgresError(f"Earlier Postgres processes do not leave {data}: {others}. End them, then try again.")
        time.sleep(0.05)
    pid_file = data / "postmaster.pid"
    if pid_file.exists():
        log.warning("The last Postgres of %s did not shut down in order; it recovers from its own log.", data)
        # A process id that has ended Postgres recognizes itself, and then looks for its shared memory too. One that
        # was given to another program since, or a file cut short, would keep it from starting.
        first = pid_file.read_text().split("\n", 1)[0]
        if not first.isdigit() or _lives(int(first)):
            pid_file.unlink()


def _at_work_in(data: Path) -> list[int]:
    """All Postgres processes at home in the data directory, orphans of a killed server among them. Linux only."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if entry.readlink() == data and (entry.parent / "comm").read_text() == "postgres\n":
                found.append(int(entry.parent.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it ended meanwhile, or is another user's, who could not have opened this directory
    return found


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_postgres_of(pid: int, data: Path) -> bool:
    """Whether a process lives and is a Postgres server started for this data directory."""
    if Path("/proc/self/cmdline").exists():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return Path(words[0]).name == "postgres" and str(data) in words
    said = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout
    return "postgres" in said and f" {data} " in said + " "


def tail(text: str, lines: int = 15) -> str:
    """The last lines of a log, indented for a message."""
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-lines:])
