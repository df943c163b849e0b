"""What the tests of the ledger start from."""

import pytest

from tests.support.api import Api
from tests.support.ledger import Books


@pytest.fixture
def books(api: Api) -> Books:
    """A fresh tenant's books."""
    return Books(api)
