"""The database server of a run, a tenant per test, and a clock that a test can foresee."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import pytest

from bigledger.kernel import runtime
from bigledger.kernel.clock import Clock, seeded_clock
from tests.support import data_api
from tests.support.api import Api, operator_client
from tests.support.database import TestServer, make_database
from tests.support.shop import Shop

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""When every test begins."""

_server: TestServer | None = None


def pytest_configure_node(node: Any) -> None:
    """Give every worker the address of the one server (called in the process that distributes the tests)."""
    global _server
    _server = _server or TestServer()
    node.workerinput["admin_url"] = _server.admin_url


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the server when the run ends."""
    global _server
    if _server is not None:
        _server.stop()
        _server = None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A run with DRIVER=data-api has the tests that use the run's database: to the others no driver is known."""
    if data_api.asked():
        config.hook.pytest_deselected(items=[item for item in items if not _asks_for_a_driver(item)])
        items[:] = filter(_asks_for_a_driver, items)


def _asks_for_a_driver(item: pytest.Item) -> bool:
    return "owner_url" in getattr(item, "fixturenames", ()) and item.get_closest_marker("one_driver") is None


@pytest.fixture(scope="session")
def admin_url(request: pytest.FixtureRequest) -> str:
    """The superuser's URL of the run's server."""
    global _server
    given = getattr(request.config, "workerinput", None)
    if given is not None:
        return str(given["admin_url"])
    _server = _server or TestServer()
    return _server.admin_url


@pytest.fixture(scope="session")
def owner_url(admin_url: str) -> str:
    """The owner's URL of this worker's own database, which the environment names from here on."""
    return make_database(admin_url, f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Iterator[Clock]:
    """A clock that starts at START and draws its ids from the name of the test."""
    before = runtime.clock
    runtime.clock = seeded_clock(crc32(request.node.nodeid.encode()), START)
    yield runtime.clock
    runtime.clock = before


@pytest.fixture
def operator(owner_url: str, clock: Clock) -> Api:
    """The operator of the installation, who makes tenants."""
    return operator_client()


@pytest.fixture
def api(operator: Api) -> Api:
    """A fresh tenant with its first company, chart of accounts and series, and all permissions."""
    answer = operator.call("create_tenant", {"name": "Test", "company": {"currency": "USD", "jurisdiction": "US-CA"}})
    return Api(answer.expect(201)["id"])


@pytest.fixture
def shop(api: Api) -> Shop:
    """A tenant that sells: two tax jurisdictions, customers, products and stock."""
    return Shop(api)
