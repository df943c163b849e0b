"""What a function weighs: its import against the bare stack, the memory of a warm worker, the size of the layers."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devtools.local.state import ROOT

BARE = (
    "import pydantic, psycopg\n"
    "from sqlalchemy import create_engine, text\n"
    "from aws_lambda_powertools import Logger\n"
    "from aws_lambda_powertools.metrics import EphemeralMetrics"
)
"""What every operation stands on: pydantic, Powertools' Logger and Metrics, SQLAlchemy Core and the driver."""

AIM = 1.3
"""The import of an operation, as a multiple of the bare stack's."""

_CLOCKED = "import time\nbegin = time.process_time()\n{body}\nprint(time.process_time() - begin)"


@dataclass(frozen=True, slots=True)
class Import:
    """The import of an operation's module: CPU milliseconds, and as a multiple of the bare stack's."""

    operation: str
    milliseconds: float
    ratio: float


def imports(times: int, say: Callable[[str], None]) -> list[Import]:
    """The import of every operation, in an interpreter of its own; medians, in turn with the bare stack."""
    found = []
    for file in sorted((ROOT / "functions").glob("*/[a-z]*.py")):
        body = f"import sys\nsys.path.insert(0, {str(file.parent)!r})\nimport {file.stem}"
        pairs = [(_seconds(BARE), _seconds(body)) for _ in range(times)]
        ratio = statistics.median(own / bare for bare, own in pairs)
        found.append(Import(file.stem, 1000 * statistics.median(own for _, own in pairs), ratio))
        say(f"{file.stem}: {found[-1].milliseconds:.0f} ms, {ratio:.2f} of the bare stack")
    return found


def _seconds(body: str) -> float:
    told = subprocess.run(
        [sys.executable, "-c", _CLOCKED.format(body=body)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={
            "PYTHONPATH": str(ROOT / "layers" / "bigledger"),
            "PATH": "/usr/bin:/bin",
            "AWS_DEFAULT_REGION": "eu-west-1",
        },
    )
    return float(told.stdout.split()[-1])


def sizes() -> dict[str, int]:
    """Bytes of the domain layer and of the largest function's folder, without what interpreters leave behind."""
    layer = _bytes(ROOT / "layers" / "bigledger" / "bigledger")
    folders = {folder.name: _bytes(folder) for folder in (ROOT / "functions").iterdir() if folder.is_dir()}
    return {"layer bigledger": layer, "largest folder of functions": max(folders.values())}


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def resident(pid: int) -> int:
    """The resident memory of a process in bytes, as the kernel tells it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
