"""The acceptance cases beside the repository: inputs and numbers that were published elsewhere."""

import json
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[3] / "shared" / "cases"
"""Where they are; tests that read them skip when the folder is absent."""


def case(name: str) -> dict[str, Any]:
    """A case by its id."""
    found: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def then(found: dict[str, Any], after: int) -> dict[str, Any]:
    """What a case expects after a step."""
    return next(expected for expected in found["then"] if expected["after"] == after)
