"""The emulator keeps its files in memory where there is plenty, serves this machine only, and says why it failed."""

import time
from pathlib import Path

import pytest

from devtools import environment
from devtools.deploy import emulator
from devtools.deploy.emulator import Emulator, EmulatorUnavailable, memory


def statistics(folder: Path, kilobytes: int) -> Path:
    path = folder / "meminfo"
    path.write_text(f"MemTotal: 1 kB\nMemAvailable:   {kilobytes} kB\n")
    return path


@pytest.mark.parametrize(("room", "is_used"), [(1024, True), (512 * 1024, False)])
def test_memory_is_used_when_half_of_what_is_available_is_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, is_used: bool
) -> None:
    monkeypatch.setattr(emulator, "ROOM", room)
    assert memory(tmp_path, statistics(tmp_path, 1024)) == (tmp_path if is_used else None)


def test_without_such_a_folder_temporary_files_go_where_they_always_go(tmp_path: Path) -> None:
    assert memory(tmp_path / "none", statistics(tmp_path, 10**9)) is None
    assert memory(tmp_path, tmp_path / "none") is None


def test_it_serves_the_loopback_address_without_docker_and_without_further_ports(tmp_path: Path) -> None:
    found = Emulator()
    found._folder = tmp_path
    variables = found._variables()
    assert (variables["BIND_HOST"], variables["TMPDIR"]) == ("127.0.0.1", str(tmp_path))
    assert (variables["IOT_MTLS_ENABLED"], variables["SFTP_ENABLED"]) == ("0", "0")
    assert variables["DOCKER_HOST"] == f"unix://{tmp_path}/none"
    assert not [name for name in variables if name.startswith("AWS_")]


def program(folder: Path, script: str) -> None:
    programs = folder / ".venv-sam" / "bin"
    programs.mkdir(parents=True)
    (programs / "ministack").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "ministack").chmod(0o755)


def test_a_missing_emulator_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    with pytest.raises(EmulatorUnavailable, match="ministack cannot be run: "):
        Emulator().__enter__()


def test_one_that_ends_tells_what_it_said_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(emulator, "memory", lambda: tmp_path)
    program(tmp_path, "echo no room; exit 3")
    with pytest.raises(EmulatorUnavailable, match=r"ministack ended with exit status 3:\n +no room"):
        Emulator().__enter__()
    assert list(tmp_path.glob("bigledger-emulator-*")) == []


def test_one_that_does_not_answer_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(emulator, "memory", lambda: tmp_path)
    monkeypatch.setattr(emulator, "START_TIMEOUT", 0.3)
    program(tmp_path, "sleep 60 & echo $! > ../child; exec sleep 60")
    started = Emulator()
    with pytest.raises(EmulatorUnavailable, match="ministack did not answer within 0 seconds"):
        started.__enter__()
    assert started._process is not None
    assert started._process.poll() is not None
    for _ in range(100):  # what it has started ends with it
        if not Path("/proc", (tmp_path / "child").read_text().strip(), "cwd").exists():
            break
        time.sleep(0.1)
    else:
        raise AssertionError("its child is still there")
    assert list(tmp_path.glob("bigledger-emulator-*")) == []
