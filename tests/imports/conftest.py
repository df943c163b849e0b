"""What the tests of imports start from besides what all do."""

import pytest

from tests.support.api import Api
from tests.support.ledger import Books


@pytest.fixture
def books(api: Api) -> Books:
    """A fresh tenant's books."""
    return Books(api)
