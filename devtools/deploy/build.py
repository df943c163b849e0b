"""`sam build` of the whole project and of each applet, without Docker."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools.deploy import sam
from devtools.deploy.tree import MAIN

BUILT = sam.WORK / "build"
"""Where `sam build` leaves what `sam deploy` deploys; the template below it is the root's."""
BUILT_APPLETS = sam.WORK / "applets"

_CACHE = sam.WORK / "cache"


def build(template: str = MAIN, heard: Callable[[str], None] = lambda line: None) -> Path:
    """Build a template of the project with everything below it; answers the built template.

    What did not change since the last build is taken from it. Builds wait for one another. Raises SamError.
    """
    folder = BUILT if template == MAIN else BUILT_APPLETS / Path(template).parent.name
    places = ["--template-file", template, "--build-dir", str(folder), "--cache-dir", str(_CACHE)]
    with _alone():
        sam.run(["build", "--config-file", str(sam.empty_configuration()), "--cached", "--parallel", *places], heard)
    return folder / "template.yaml"


@contextmanager
def _alone() -> Iterator[None]:
    sam.WORK.mkdir(exist_ok=True)
    with (sam.WORK / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
