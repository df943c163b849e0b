"""SAM CLI is run without this person's AWS account, without telemetry, and from its own environment."""

import json
import os
from pathlib import Path

import pytest

from devtools import environment
from devtools.deploy import sam


def test_it_sees_nothing_of_an_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sam, "WORK", tmp_path)
    monkeypatch.setattr(sam, "_HOME", tmp_path / "home")
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "SAM_CLI_TELEMETRY"):
        monkeypatch.setenv(name, "mine")
    found = sam.variables()
    assert {name: value for name, value in found.items() if name.startswith(("AWS_", "SAM_", "__SAM"))} == {
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(tmp_path / "home"),
    }
    assert found["PATH"].split(os.pathsep)[0] == str(environment.ROOT / ".venv-sam" / "bin")
    assert json.loads((tmp_path / "home" / "metadata.json").read_text())["telemetryEnabled"] is False


@pytest.fixture
def without_sam(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`.venv-sam` was not made yet."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)


def test_where_it_is_not_installed_it_says_how(without_sam: None) -> None:
    assert not sam.ready()
    with pytest.raises(sam.SamError, match="Make its environment with `make sam-environment`"):
        sam.run(["build"])
    with pytest.raises(sam.SamError, match="Make its environment with `make sam-environment`"):
        list(sam.ask("routes", template="x"))


def test_a_failure_tells_the_end_of_what_was_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    programs = tmp_path / ".venv-sam" / "bin"
    programs.mkdir(parents=True)
    (programs.parent / "ready.json").write_text("{}")
    for name in ("sam", "python"):
        (programs / name).write_text("#!/bin/sh\necho '{\"line\": 1}'\necho it is broken >&2\nexit 3\n")
        (programs / name).chmod(0o755)
    heard: list[str] = []
    with pytest.raises(sam.SamError, match=r"sam build --cached failed:\n(.*\n)*it is broken"):
        sam.run(["build", "--cached"], heard.append)
    assert sorted(heard) == ["it is broken", '{"line": 1}']
    answers = sam.ask("routes", template="x")
    assert next(answers) == {"line": 1}
    with pytest.raises(sam.SamError, match="it is broken"):
        next(answers)
