"""An object store in this process, and tenants to export."""

from collections.abc import Iterator

import pytest

from tests.support.api import Api
from tests.support.store import Store, store_in_process


@pytest.fixture
def store() -> Iterator[Store]:
    """The store that files are put in."""
    with store_in_process() as made:
        yield made


@pytest.fixture
def other(operator: Api) -> Api:
    """Another tenant."""
    body = {"name": "Other", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    return Api(operator.call("create_tenant", body).expect(201)["id"])
