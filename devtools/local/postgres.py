"""Start, supervise and stop the Postgres that is installed with the developer's packages.

The server listens on a Unix socket in a private folder and nowhere else. One supervisor per data directory: it holds a
lock that ends with it, and on Linux the server ends with it too, even when it is killed. What a killed supervisor, a
killed server or an interrupted `initdb` left behind is put in order at the next start.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Self
from urllib.parse import quote, urlencode

from devtools.local.postgres_account import Account, PostgresError, account_of, programs
from devtools.local.postgres_directory import (
    SUPERUSER,
    check,
    create,
    end_leftovers,
    remove_interrupted,
    server_of,
    supervisor_of,
    tail,
    take_lock,
)

__all__ = ["PostgresError", "PostgresServer", "log_file_of", "server_of", "supervisor_of"]

START_TIMEOUT = 120.0  # seconds; recovery after a crash may take its time
STOP_TIMEOUT = 30.0  # seconds that a fast shutdown may take before it is made an immediate one
LONGEST_SOCKET_PATH = 107  # bytes, the limit of Unix sockets

# For a laptop: enough memory to be quick, no time lost on compiling plans.
LAPTOP: Mapping[str, str] = MappingProxyType(
    {
        "shared_buffers": "256MB",
        "effective_cache_size": "1GB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "max_connections": "200",
        "max_wal_size": "2GB",
        "wal_compression": "on",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
)
# For tests: the data need not survive a power cut.
FLEETING: Mapping[str, str] = MappingProxyType({"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
NOTHING: Mapping[str, str] = MappingProxyType({})


class PostgresServer:
    """A running server over one data directory. Made by `PostgresServer.start`; a context manager that stops it.

    `bin` is the folder of `psql`, `pgbench` and the other programs; `log_file` is what the server writes to.
    """

    def __init__(
        self,
        data: Path,
        socket_folder: Path,
        process: subprocess.Popen[bytes],
        watcher: threading.Thread,
        lock: IO[str],
    ) -> None:
        self.data = data
        self.bin = programs()
        self.log_file = log_file_of(data)
        self.socket_folder = socket_folder
        self._process = process
        self._watcher = watcher
        self._lock = lock

    @classmethod
    def start(cls, data: Path, *, durable: bool = True, settings: Mapping[str, str] = NOTHING) -> Self:
        """Start the server of a data directory, which is created when it does not exist, and wait until it accepts.

        `durable=False` trades the safety of the data in a power cut for speed. `settings` are server settings that
        take precedence over those of this module.

        Raises PostgresError when another supervisor runs this data directory, when it is incomplete or of another
        major version, or when the server does not start (with the end of its log).
        """
        data = data.resolve()
        data.parent.mkdir(parents=True, exist_ok=True)
        lock = take_lock(data)
        try:
            remove_interrupted(data)
            if not data.exists() or not any(data.iterdir()):
                create(data, durable)
            check(data)
            end_leftovers(data)
            account = account_of(data)
            socket_folder = _prepare_socket_folder(data, account)
            try:
                command = [*account.prefix, str(programs() / "postgres"), "-D", str(data)]
                for name, value in _all_settings(socket_folder, durable, settings).items():
                    command += ["-c", f"{name}={value}"]
                process, watcher = _launch(command, account, log_file_of(data))
                _wait_until_ready(data, process, watcher)
            except BaseException:
                shutil.rmtree(socket_folder)
                raise
        except BaseException:
            lock.close()
            raise
        return cls(data, socket_folder, process, watcher, lock)

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the server's process is still there."""
        return self._watcher.is_alive()

    def url(self, database: str, user: str = SUPERUSER) -> str:
        """The address of a database: `postgresql://user@/database?host=<socket folder>`, without a password."""
        where = urlencode({"host": str(self.socket_folder)}, safe="/")
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?{where}"

    def stop(self) -> None:
        """Disconnect the clients, write everything out, end the server and wait for it. A second call does nothing."""
        if self._lock.closed:
            return
        try:
            _end(self._process, self._watcher)
            if self.socket_folder.exists():
                shutil.rmtree(self.socket_folder)
        finally:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def log_file_of(data: Path) -> Path:
    """Where the server of a data directory writes its log: beside the directory, started anew at each start."""
    return data.with_name(data.name + ".log")


# ---- the server's process -------------------------------------------------------------------------------------------


def _prepare_socket_folder(data: Path, account: Account) -> Path:
    """An empty private folder for the socket, the same one for the same data directory."""
    name = f"bigledger-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()).resolve() / name
    if len(os.fsencode(folder / ".s.PGSQL.5432.lock")) > LONGEST_SOCKET_PATH:
        folder = Path("/tmp") / name  # noqa: S108 (made private below)
    if folder.is_symlink() or (folder.exists() and folder.stat().st_uid not in (os.geteuid(), account.uid)):
        raise PostgresError(f"{folder} belongs to somebody else. Remove it, or set TMPDIR to another folder.")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    os.chown(folder, account.uid, account.gid)
    return folder


def _all_settings(socket_folder: Path, durable: bool, settings: Mapping[str, str]) -> dict[str, str]:
    statistics = any((programs().parent / "lib").glob("**/pg_stat_statements.*"))
    return {
        **LAPTOP,
        **({"shared_preload_libraries": "pg_stat_statements"} if statistics else {}),
        **({} if durable else FLEETING),
        **settings,
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0700",
    }


def _launch(command: list[str], account: Account, log_file: Path) -> tuple[subprocess.Popen[bytes], threading.Thread]:
    """Start the server from a thread that lives as long as it does.

    The kernel ends the server when the *thread* that started it ends, so it cannot be one that may end earlier.
    """
    started: Future[subprocess.Popen[bytes]] = Future()

    def watch() -> None:
        try:
            with log_file.open("wb") as output:
                process = account.popen(command, stdout=output)
        except (OSError, subprocess.SubprocessError) as error:
            started.set_exception(error)
            return
        started.set_result(process)
        process.wait()

    watcher = threading.Thread(target=watch, name="postgres", daemon=True)
    watcher.start()
    try:
        return started.result(), watcher
    except (OSError, subprocess.SubprocessError) as error:
        raise PostgresError(f"Postgres could not be started: {error}") from error


def _wait_until_ready(data: Path, process: subprocess.Popen[bytes], watcher: threading.Thread) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    try:
        while not _is_ready(data, process.pid):
            if not watcher.is_alive():
                raise PostgresError(f"Postgres did not start. The end of {log_file_of(data)}:\n{_log_tail(data)}")
            if time.monotonic() > deadline:
                raise PostgresError(
                    f"Postgres was not ready after {START_TIMEOUT:.0f} seconds. The end of {log_file_of(data)}:\n"
                    f"{_log_tail(data)}"
                )
            time.sleep(0.02)
    except BaseException:
        _end(process, watcher)
        raise


def _is_ready(data: Path, pid: int) -> bool:
    """Whether the server has written into its pid file (process id first, state eighth) that it accepts clients."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _end(process: subprocess.Popen[bytes], watcher: threading.Thread) -> None:
    """A fast shutdown; if it takes too long an immediate one, and at last the end by force."""
    for step, patience in ((signal.SIGINT, STOP_TIMEOUT), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        if not watcher.is_alive():
            return
        process.send_signal(step)
        watcher.join(patience)
    if watcher.is_alive():
        raise PostgresError(f"Postgres (process {process.pid}) does not end.")


def _log_tail(data: Path) -> str:
    return tail(log_file_of(data).read_text(errors="replace"))
