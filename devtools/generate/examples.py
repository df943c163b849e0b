"""Runs the example tests and collects what they record."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from devtools.generate.recorded import OWNERS, Recorded, read

PLUGIN = "tests.support.example_plugin"

_PROGRESS = re.compile(r"(?:PASSED|FAILED|ERROR)\s+\[ *(\d+)%\]")
_NOTHING_COLLECTED = 5


class ExamplesFailed(Exception):
    """Some example tests failed; the message is what pytest told."""


def record(root: Path, progress: Callable[[int], None]) -> Recorded:
    """Run every example test in a process of its own and answer what they recorded; nothing in ``root`` changes.

    ``progress`` is told the percentage done. Raises ExamplesFailed.
    """
    with tempfile.TemporaryDirectory(prefix="bigledger-examples-") as folder:
        owners = root / OWNERS
        if owners.is_file():
            (Path(folder) / OWNERS).parent.mkdir(parents=True)
            (Path(folder) / OWNERS).write_text(owners.read_text())
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-m",
            "example",
            f"--record-into={folder}",
            "-v",
            "-p",
            "no:randomly",
        ]
        process = subprocess.Popen(
            [*command, "--color=no", "--tb=short", "-p", "no:cacheprovider", "-p", PLUGIN],
            cwd=root,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            found = _PROGRESS.search(line)
            if found:
                progress(int(found[1]))
        if process.wait() not in (0, _NOTHING_COLLECTED):
            shown = [line for line in told if not line.rstrip().endswith("%]") or "PASSED" not in line]
            raise ExamplesFailed("".join(shown[-120:]))
        return read(Path(folder))
