"""`make sam-local` without Docker says what is missing and how to go on; with it, containers reach this machine."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from devtools.deploy import containers, flat, sam_local
from devtools.deploy.tree import stacks
from devtools.environment import ROOT
from devtools.local.cloudformation import REGION
from devtools.local.options import Options
from devtools.local.progress import Progress


def docker(folder: Path, script: str) -> None:
    (folder / "docker").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "docker").chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the only one on the path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_no_docker_is_told(programs: Path) -> None:
    assert containers.missing() == "There is no `docker` on this machine."


def test_a_docker_that_does_not_answer_is_told(programs: Path) -> None:
    docker(programs, "echo Client: fine; echo Cannot connect to the daemon >&2; exit 1")
    assert containers.missing() == ("`docker` is there, and its service does not answer: Cannot connect to the daemon")


def test_with_docker_nothing_is_missing(programs: Path) -> None:
    docker(programs, "exit 0")
    assert containers.missing() is None


def test_without_docker_the_template_is_written_and_the_other_ways_are_named(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = ROOT / ".local" / "sam-local" / "template.yaml"
    monkeypatch.setattr(flat.write, "__defaults__", (programs / "template.yaml",))
    monkeypatch.setattr(sam_local, "ROOT", programs)
    assert sam_local.main() == 1
    told = capsys.readouterr()
    assert "Wrote template.yaml: " in told.out
    assert "There is no `docker` on this machine." in told.err
    assert "make run" in told.err
    assert "make run RUNTIME=lambda" in told.err
    (written,) = stacks(programs / "template.yaml")
    assert written.document["Resources"]["Api"]["Type"] == "AWS::Serverless::HttpApi"
    assert path == flat.FLAT


def test_the_bridge_is_this_machine_s_address_in_docker_s_network(programs: Path) -> None:
    docker(programs, "echo 127.0.0.1")
    assert containers.bridge() == "127.0.0.1"


@pytest.mark.parametrize("script", ["echo 192.0.2.1", "exit 1", "echo"])
def test_in_docker_desktop_there_is_none(programs: Path, script: str) -> None:
    """Its network is in a machine of its own; containers reach the loopback address all the same."""
    docker(programs, script)
    assert containers.bridge() is None


def echo(serving: socket.socket) -> None:
    connection, _ = serving.accept()
    with connection:
        while chunk := connection.recv(65536):
            connection.sendall(chunk.upper())


def test_what_comes_to_the_bridge_goes_through_to_a_local_service_and_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as serving:
        thread = threading.Thread(target=echo, args=(serving,))
        thread.start()
        with containers.Forwarder("127.0.0.1", serving.getsockname()[1]) as forwarder:
            with socket.create_connection(("127.0.0.1", forwarder.port), timeout=20) as client:
                client.sendall(b"a" * 100_000)
                client.shutdown(socket.SHUT_WR)
                found = b"".join(iter(lambda: client.recv(65536), b""))
        thread.join(20)
    assert found == b"A" * 100_000


def test_without_a_service_the_connection_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with containers.Forwarder("127.0.0.1", port) as forwarder:
        with socket.create_connection(("127.0.0.1", forwarder.port), timeout=20) as client:
            assert client.recv(1) == b""


def test_nothing_listens_once_it_is_closed() -> None:
    with containers.Forwarder("127.0.0.1", 9) as forwarder:
        port = forwarder.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=20)


def test_sam_is_told_how_containers_reach_this_machine() -> None:
    command = list(sam_local._command(Path("template.yaml")))
    assert command[:4] == ["local", "start-api", "--template-file", "template.yaml"]
    assert command[command.index("--add-host") + 1] == "host.docker.internal:host-gateway"
    assert command[command.index("--port") + 1] == "3000"
    assert os.devnull not in command


def test_functions_in_containers_work_on_the_data_of_the_local_cloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of a container stands a process with the environment that the template gives to a function."""
    monkeypatch.setattr(sam_local, "build", lambda heard: None)
    monkeypatch.setattr(sam_local, "open_demo", lambda cloud: None)
    monkeypatch.setattr(sam_local, "bridge", lambda: "127.0.0.1")
    options = Options(folder=tmp_path / "local", port=0, workers=1, threads=2, durable=False)
    monkeypatch.setattr(sam_local, "from_environment", lambda variables: options)
    monkeypatch.setattr(flat.write, "__defaults__", (tmp_path / "template.yaml",))
    answers: list[dict[str, Any]] = []

    def run(command: list[str], heard: Any) -> None:
        (written,) = stacks(Path(command[command.index("--template-file") + 1]))
        properties = written.document["Resources"]["PlatformGetHealth"]["Properties"]
        answers.append(invoked(properties, "platform.get_health"))

    monkeypatch.setattr(sam_local.sam, "run", run)
    sam_local._serve(Progress(quiet=True))
    (answer,) = answers
    assert (answer["statusCode"], json.loads(answer["body"])["database"]) == (200, "ok")


def invoked(properties: dict[str, Any], payload: str) -> dict[str, Any]:
    """Call a function of a template, in a process that reaches what a container reaches."""
    file, _, name = str(properties["Handler"]).rpartition(".")
    program = f"import json, sys, {file}; print(json.dumps({file}.{name}(json.load(sys.stdin), None)))"
    variables = {
        key: value.replace(containers.HOST, "127.0.0.1")
        for key, value in properties["Environment"]["Variables"].items()
    }
    known = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "NO_PROXY": "*"}
    asked = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=properties["CodeUri"],
        env={**known, "AWS_DEFAULT_REGION": REGION, **variables},
        input=(ROOT / "events" / "operations" / f"{payload}.json").read_text(),
        capture_output=True,
        text=True,
    )
    assert asked.returncode == 0, asked.stderr
    found: dict[str, Any] = json.loads(asked.stdout.splitlines()[-1])
    return found
