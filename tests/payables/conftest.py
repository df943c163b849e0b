"""A firm that buys, and the checks that its books hold after every test."""

from collections.abc import Iterator

import pytest

from tests.payables.runs import Runs
from tests.support.api import Api
from tests.support.purchases import Purchases


@pytest.fixture
def buyer(api: Api) -> Iterator[Purchases]:
    """A tenant that buys; whatever a test did, every check of the books passes afterwards."""
    made = Purchases(api)
    yield made
    made.holds()


@pytest.fixture
def runs(buyer: Purchases) -> Runs:
    """The same firm with bank accounts."""
    return Runs(buyer)
