"""What the starts and calls of functions took in the local cloud: `bigledger functions`, and the end of a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from devtools.local.deploy import STACK
from devtools.local.state import LOCAL, CloudError, Folder, read_json

Figures = Mapping[str, Mapping[str, Any]]
"""By function; see lambda_pool.Figures."""

USAGE = """\
Usage: bigledger functions

Shows what the cold starts and the calls of functions took in the cloud that `make run RUNTIME=lambda` runs here.
"""


def figures(url: str) -> Figures:
    """The figures of the service at an address. Raises CloudError when it does not answer."""
    try:
        found: Figures = httpx.get(f"{url}/figures", trust_env=False, timeout=5).raise_for_status().json()
    except httpx.HTTPError as error:
        raise CloudError(f"The service that runs the functions does not answer: {error}") from error
    return found


def table(found: Figures) -> Iterator[str]:
    """The figures as lines, the slowest start first; milliseconds and megabytes."""
    if not found:
        yield "No function was called yet."
        return
    columns = ("starts", "load", "first call", "later calls", "median", "memory")
    yield f"{'function':<42}" + "".join(f"{column:>12}" for column in columns)
    for name, one in sorted(found.items(), key=lambda item: -item[1]["init"]):
        cells = (one["starts"], one["init"], one["first"], one["calls"], one["warm"], one["memory"])
        yield f"{name.removeprefix(f'{STACK}-'):<42}" + "".join(f"{_shown(cell):>12}" for cell in cells)


def _shown(cell: float | None) -> str:
    if cell is None:
        return "-"
    return f"{cell:.0f}" if cell >= 100 else f"{cell:.3g}"


def main(arguments: list[str] | None = None) -> int:
    """Print the table of the cloud that runs here. Returns the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    if words:
        asked = words[0] in ("-h", "--help")
        print(USAGE, end="", file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        url = read_json(Folder(LOCAL).running).get("lambda_url")
        if not url:
            raise CloudError("Nothing runs here with RUNTIME=lambda. Start it: make run RUNTIME=lambda")
        for line in table(figures(url)):
            print(line)
    except CloudError as error:
        print(error, file=sys.stderr)
        return 1
    return 0
