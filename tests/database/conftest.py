"""A tenant with a row in every table, and another one that may see none of them."""

from collections.abc import Iterator

import pytest

from tests.support.api import Api
from tests.support.world import World, make_tenant, world_clock


@pytest.fixture(scope="module")
def world(owner_url: str) -> Iterator[World]:
    """A tenant with everything in it. The tests of a module share it, so each leaves it as it was."""
    with world_clock():
        yield World(make_tenant("Confidential"))


@pytest.fixture(scope="module")
def stranger(world: World) -> Api:
    """Another tenant's client, who may do everything there."""
    return make_tenant("Stranger")
