"""The ground on which whole businesses are played through."""

import os
from collections.abc import Iterator
from itertools import count

import pytest

from tests.simulation.ground import Ground, ground

_grounds = count(1)


@pytest.fixture(scope="module")
def prepared(admin_url: str) -> Iterator[Ground]:
    """A database in which only this module's businesses live, each in a tenant of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with ground(admin_url, f"properties_{worker}_{next(_grounds)}") as made:
        yield made
