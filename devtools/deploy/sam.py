"""AWS SAM CLI in its own environment, `.venv-sam`: its command line, and questions to its own code.

It runs without an AWS account, without telemetry and without asking for a newer version of itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from devtools.environment import ENVIRONMENTS, ROOT
from devtools.local.cloudformation import REGION

WORK = ROOT / ".aws-sam"
"""Where SAM CLI builds, and where it keeps what it wants to remember."""

_HOME = WORK / "home"
_INSIDE = "devtools/deploy/inside_sam.py"
_LINES = 40  # of what a failed command said


class SamError(Exception):
    """SAM CLI refused or failed; the message holds what it said and what to do."""


def ready() -> bool:
    """Whether `.venv-sam` is there; `make sam-environment` makes it."""
    return ENVIRONMENTS["sam"].stamp.is_file()


def variables() -> dict[str, str]:
    """The environment of SAM CLI: ours, without this person's AWS account, and with Python 3.11 on the path."""
    _HOME.mkdir(parents=True, exist_ok=True)
    # So SAM CLI does not ask the registry for a newer release of itself.
    (_HOME / "metadata.json").write_text(json.dumps({"telemetryEnabled": False, "lastVersionCheck": time.time()}))
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_", "PYTHON"))}
    programs = ENVIRONMENTS["sam"].folder / "bin"
    return {
        **ours,
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(_HOME),
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
    }


def run(arguments: Sequence[str], heard: Callable[[str], None] = lambda line: None) -> None:
    """Run `sam`, telling every line that it prints. Raises SamError with the last of them when it fails."""
    command = [str(ENVIRONMENTS["sam"].folder / "bin" / "sam"), *arguments]
    said = []
    with _started(command, subprocess.DEVNULL, subprocess.STDOUT) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            heard(line.rstrip())
    if process.returncode:
        raise SamError(f"sam {' '.join(arguments)} failed:\n{''.join(said[-_LINES:])}")


def ask(task: str, **request: Any) -> Iterator[Mapping[str, Any]]:
    """Ask SAM CLI's own code (see inside_sam.py); answers as they come. Raises SamError when it fails."""
    command = [str(ENVIRONMENTS["sam"].python), "-P", _INSIDE, task]
    with tempfile.TemporaryFile("w+") as asked, tempfile.TemporaryFile("w+") as aside:
        json.dump(request, asked)
        asked.seek(0)
        with _started(command, asked.fileno(), aside.fileno()) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield json.loads(line)
        if process.returncode:
            aside.seek(0)
            raise SamError(f"SAM CLI could not answer ({task}):\n{aside.read()}")


def empty_configuration() -> Path:
    """A samconfig.toml with nothing in it, for commands that are to do what they do by themselves."""
    path = WORK / "samconfig.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("version = 0.1\n")
    return path


def _started(command: Sequence[str], stdin: int, stderr: int) -> subprocess.Popen[str]:
    if not ready():
        raise SamError("AWS SAM CLI is not installed here. Make its environment with `make sam-environment`.")
    return subprocess.Popen(
        command, cwd=ROOT, env=variables(), text=True, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr
    )
