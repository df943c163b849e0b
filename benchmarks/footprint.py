"""What a function weighs: its import against the bare stack, the memory of a warm worker, the size of the layers."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
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

_CLOCKED = (
    "import resource, time\nbegin = time.process_time()\n{body}\n"
    "print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
)


@dataclass(frozen=True, slots=True)
class Import:
    """The import of an operation's module: CPU milliseconds, as a multiple of the bare stack's, and resident bytes."""

    operation: str
    milliseconds: float
    ratio: float
    bytes: int


def imports(times: int, say: Callable[[str], None]) -> list[Import]:
    """The import of every operation, in an interpreter of its own; medians, in turn with the bare stack."""
    found = []
    for file in sorted((ROOT / "functions").glob("*/[a-z]*.py")):
        body = f"import sys\nsys.path.insert(0, {str(file.parent)!r})\nimport {file.stem}"
        pairs = [(_measured(BARE), _measured(body)) for _ in range(times)]
        ratio = statistics.median(own[0] / bare[0] for bare, own in pairs)
        milliseconds = 1000 * statistics.median(own[0] for _, own in pairs)
        found.append(Import(file.stem, milliseconds, ratio, max(own[1] for _, own in pairs)))
        say(f"{file.stem}: {found[-1].milliseconds:.0f} ms, {ratio:.2f} of the bare stack")
    return found


def _measured(body: str) -> tuple[float, int]:
    """The CPU seconds that something takes in a new interpreter, and the most memory it had, in bytes."""
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
    seconds, resident = told.stdout.split()[-2:]
    return float(seconds), int(resident)


def sizes() -> dict[str, int]:
    """Bytes of both layers and of functions' folders, without what interpreters leave behind."""
    layer = _bytes(ROOT / "layers" / "bigledger" / "bigledger")
    folders = {folder.name: _bytes(folder) for folder in (ROOT / "functions").iterdir() if folder.is_dir()}
    return {
        "layer bigledger": layer,
        "layer dependencies": _installed(ROOT / "layers" / "dependencies" / "requirements.txt"),
        "largest folder of functions": max(folders.values()),
        "all folders of functions, which the bulk has": sum(folders.values()),
    }


def _installed(requirements: Path) -> int:
    """Bytes of the packages that a lock file names, as they are installed here."""
    names = re.findall(r"^([A-Za-z0-9._-]+)==", requirements.read_text(), re.MULTILINE)
    found = [metadata.distribution(name) for name in names if _is_here(name)]
    places = [Path(str(one.locate_file(file))) for one in found for file in one.files or ()]
    return sum(place.stat().st_size for place in places if place.is_file() and place.suffix != ".pyc")


def _is_here(name: str) -> bool:
    """Some are for other platforms alone."""
    return next(metadata.distributions(name=name), None) is not None


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def resident(pid: int) -> int:
    """The resident memory of a process in bytes, as the kernel tells it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
