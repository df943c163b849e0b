"""The local Postgres: it keeps what it was given through restarts, kills and interruptions, and never runs twice."""

import contextlib
import logging
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from devtools.local.clean import clean
from devtools.local.postgres import PostgresError, PostgresServer, server_of, supervisor_of
from devtools.local.postgres_account import UNPRIVILEGED

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory fresh from initdb, shut down."""
    data = tmp_path_factory.mktemp("pristine") / "postgres"
    PostgresServer.start(data, durable=False).stop()
    return data


@pytest.fixture
def data(pristine: Path, tmp_path: Path) -> Path:
    """A copy of the pristine data directory, in a folder of its own."""
    copy = tmp_path / "postgres"
    shutil.copytree(pristine, copy)
    return copy


def ask(server: PostgresServer, query: str) -> object:
    """The single value that a query answers."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def do(server: PostgresServer, statement: str) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(statement)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 30 seconds"
        time.sleep(0.02)


@contextlib.contextmanager
def supervised_elsewhere(data: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that starts the server and then waits, as `make run` does."""
    program = (
        "import pathlib, sys, time; from devtools.local.postgres import PostgresServer;"
        "server = PostgresServer.start(pathlib.Path(sys.argv[1]), durable=False);"
        "print(server.pid, flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        wait_for(lambda: server_of(data) is None)


def test_a_new_data_directory_serves_over_a_private_socket_only(tmp_path: Path) -> None:
    with PostgresServer.start(tmp_path / "postgres", durable=False) as server:
        assert ask(server, "SELECT current_user::text") == "postgres"
        assert ask(server, "SHOW server_encoding") == "UTF8"
        assert ask(server, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == "C"
        assert ask(server, "SHOW listen_addresses") == ""
        assert ask(server, "SELECT inet_server_addr()") is None
        assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
        assert (server.bin / "psql").is_file()
        assert (server.bin / "pgbench").is_file()
        assert supervisor_of(server.data) == os.getpid()
        assert server_of(server.data) == server.pid
    assert not server.running
    assert supervisor_of(server.data) is None
    assert server_of(server.data) is None
    assert not server.socket_folder.exists()


def test_durability_is_given_up_only_when_asked(data: Path) -> None:
    with PostgresServer.start(data) as server:
        durable = [ask(server, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]
    with PostgresServer.start(data, durable=False, settings={"work_mem": "5MB"}) as server:
        fleeting = [ask(server, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")]
        assert ask(server, "SHOW work_mem") == "5MB"
        assert ask(server, "SHOW shared_buffers") == "256MB"
        assert ask(server, "SHOW jit") == "off"
    assert durable == ["on", "on", "on"]
    assert fleeting == ["off", "off", "off"]


def test_a_url_names_database_and_user_exactly(data: Path) -> None:
    with PostgresServer.start(data, durable=False) as server:
        do(server, 'CREATE ROLE "clerk @ desk" LOGIN')
        do(server, 'CREATE DATABASE "books/2026?"')
        with psycopg.connect(server.url("books/2026?", user="clerk @ desk")) as connection:
            row = connection.execute("SELECT current_database(), current_user::text").fetchone()
    assert row == ("books/2026?", "clerk @ desk")


def test_the_environment_does_not_steer_the_server_elsewhere(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("LC_ALL", "tlh_QO.UTF-8")
    with PostgresServer.start(data, durable=False) as server:
        monkeypatch.undo()
        assert ask(server, "SHOW port") == "5432"


def test_a_restart_keeps_the_data(data: Path) -> None:
    with PostgresServer.start(data, durable=False) as server:
        do(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    with PostgresServer.start(data, durable=False) as server:
        assert ask(server, "SELECT answer FROM kept") == 42


def test_the_socket_path_stays_within_the_limit_below_a_deep_folder(data: Path, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-folder-with-a-rather-long-name"] * 5) / "postgres"
    deep.parent.mkdir(parents=True)
    data.rename(deep)
    with PostgresServer.start(deep, durable=False) as server:
        assert len(os.fsencode(server.socket_folder / ".s.PGSQL.5432.lock")) <= 107
        assert ask(server, "SELECT 1") == 1


def test_a_second_supervisor_is_refused_and_the_first_goes_on(data: Path) -> None:
    with PostgresServer.start(data, durable=False) as server:
        with pytest.raises(PostgresError, match=rf"already in use by process {os.getpid()}\."):
            PostgresServer.start(data, durable=False)
        assert ask(server, "SELECT 1") == 1


def test_an_interrupted_initdb_is_recognized_and_done_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = tmp_path / "postgres"
    partial = tmp_path / "postgres.partial"
    (partial / "base").mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")
    with caplog.at_level(logging.WARNING), PostgresServer.start(data, durable=False) as server:
        assert ask(server, "SELECT 1") == 1
    assert not partial.exists()
    assert [record.message for record in caplog.records] == [
        f"Creating {data} was interrupted earlier; its remains are removed and it is created again."
    ]


def test_an_incomplete_data_directory_is_refused_and_left_alone(data: Path) -> None:
    (data / "global" / "pg_control").unlink()
    before = sorted(path for path in data.rglob("*"))
    with pytest.raises(
        PostgresError, match=r"not a complete data directory: global/pg_control is missing\..*make clean"
    ):
        PostgresServer.start(data, durable=False)
    assert sorted(path for path in data.rglob("*")) == before
    assert supervisor_of(data) is None


def test_the_data_of_another_major_version_is_refused_and_left_alone(data: Path) -> None:
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(PostgresError, match=r"was written by Postgres 12 and this is Postgres \d\d, .*pg_dump"):
        PostgresServer.start(data, durable=False)
    assert (data / "PG_VERSION").read_text() == "12\n"


def test_a_stale_pid_that_another_program_has_now_does_not_hinder(data: Path, caplog: pytest.LogCaptureFixture) -> None:
    other = subprocess.Popen(["sleep", "600"])
    try:
        (data / "postmaster.pid").write_text(f"{other.pid}\n{data}\n1700000000\n5432\n/nowhere\n\n  1  1\nready   \n")
        assert server_of(data) is None
        with caplog.at_level(logging.WARNING), PostgresServer.start(data, durable=False) as server:
            assert ask(server, "SELECT 1") == 1
        assert other.poll() is None, "the other program was ended"
    finally:
        other.kill()
        other.wait()
    assert [record.message for record in caplog.records] == [
        f"The last Postgres of {data} did not shut down in order; it recovers from its own log."
    ]


@pytest.mark.parametrize("content", ["", "12", "garbage\n"])
def test_a_pid_file_cut_short_does_not_hinder(data: Path, content: str) -> None:
    (data / "postmaster.pid").write_text(content)
    with PostgresServer.start(data, durable=False) as server:
        assert ask(server, "SELECT 1") == 1


def test_committed_data_survives_a_killed_server(data: Path) -> None:
    first = PostgresServer.start(data)
    do(first, "CREATE TABLE kept AS SELECT 42 AS answer")
    idle = psycopg.connect(first.url("postgres"))
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: not first.running)
    first.stop()
    with PostgresServer.start(data) as second:
        assert ask(second, "SELECT answer FROM kept") == 42
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")
    idle.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with the one that started it")
def test_the_server_ends_with_a_killed_supervisor(data: Path) -> None:
    with supervised_elsewhere(data) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        assert server_of(data) == pid
        assert supervisor_of(data) == supervisor.pid
        supervisor.kill()
        wait_for(lambda: server_of(data) is None)
        wait_for(lambda: not (data / "postmaster.pid").exists())  # a shutdown in order, not a crash


def test_a_server_without_a_supervisor_is_stopped_before_the_next_one_starts(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    orphan = PostgresServer.start(data, durable=False)
    do(orphan, "CREATE TABLE kept AS SELECT 42 AS answer")
    orphan._lock.close()  # what the end of its supervisor would do
    assert server_of(data) == orphan.pid
    with caplog.at_level(logging.WARNING), PostgresServer.start(data, durable=False) as server:
        assert not orphan.running
        assert server.pid != orphan.pid
        assert ask(server, "SELECT answer FROM kept") == 42
    assert [record.message for record in caplog.records] == [
        f"A Postgres without a supervisor (process {orphan.pid}) still serves {data}; it is stopped first."
    ]


def test_a_server_that_does_not_start_shows_the_end_of_its_log(data: Path) -> None:
    with pytest.raises(
        PostgresError, match=r'(?s)did not start.*unrecognized configuration parameter "no_such_setting"'
    ):
        PostgresServer.start(data, durable=False, settings={"no_such_setting": "1"})
    assert server_of(data) is None
    with PostgresServer.start(data, durable=False) as server:
        assert ask(server, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start the server as another user")
def test_root_starts_it_as_nobody_even_below_a_closed_folder(data: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    data.rename(closed / "postgres")
    with PostgresServer.start(closed / "postgres", durable=False) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == UNPRIVILEGED
        assert ask(server, "SELECT 1") == 1
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert closed.stat().st_uid == 0


def test_clean_refuses_while_the_data_is_in_use_and_then_forgets_it(data: Path) -> None:
    local = data.parent
    with PostgresServer.start(data, durable=False) as server:
        with pytest.raises(RuntimeError, match=rf"still running \(process {os.getpid()}\); nothing was removed"):
            clean(local)
        assert ask(server, "SELECT 1") == 1
    assert clean(local) == "The local data is forgotten; `make run` starts with a new demo company."
    assert not local.exists()
    assert clean(local) == "There is no local data."


def test_clean_removes_nothing_of_another_user(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = data.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(RuntimeError, match=rf"belongs to user {owner} .*nothing was removed"):
        clean(data.parent)
    assert (data / "global" / "pg_control").is_file()


def test_the_data_of_another_user_is_refused_and_left_alone(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = data.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(PostgresError, match=rf"belongs to user {owner}: "):
        PostgresServer.start(data, durable=False)
    assert data.stat().st_uid == owner
