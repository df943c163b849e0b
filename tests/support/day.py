"""The day of the tests, 23 November 2026 from 9:00 UTC on, for processes that read a clock of their own."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

from bigledger.kernel.clock import Clock

_BEFORE = int(datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()) * 1_000_000_000 - time.monotonic_ns()
"""How far that day is from the monotonic clock, which all processes of a machine share."""

_CLIENT = "awslambdaric"

_DAY = f"""import time

time.time_ns = lambda: {_BEFORE} + time.monotonic_ns()
"""


def moving_clock() -> Clock:
    """A clock of that day that goes on as time does; its ids are as unpredictable as the system's own."""
    return Clock(lambda: _BEFORE + time.monotonic_ns())


def runtime_of_the_day(runtime: str, folder: Path) -> str:
    """A folder with AWS's runtime client, as in ``runtime``, that lets functions begin on that day."""
    for entry in Path(runtime).iterdir():
        if entry.name != _CLIENT:
            (folder / entry.name).symlink_to(entry)
    shutil.copytree(Path(runtime, _CLIENT), folder / _CLIENT)
    for compiled in (folder / _CLIENT / "__pycache__").glob("__main__.*"):
        compiled.unlink()
    main = folder / _CLIENT / "__main__.py"
    main.write_text(_DAY + main.read_text())
    return str(folder)
