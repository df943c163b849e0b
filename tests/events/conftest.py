"""A bus in this process, and an outbox in which nothing of other tests waits."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from moto import mock_aws

from bigledger.kernel import relay
from tests.events.bus import Bus
from tests.support.api import Api
from tests.support.database import url


@pytest.fixture
def outbox(api: Api, admin_url: str) -> None:
    """Only what a test causes waits to be published: not the making of its tenant, nor what other tests left."""
    database = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url(admin_url, database, "postgres"), autocommit=True) as connection:
        connection.execute("DELETE FROM kernel.outbox")


@pytest.fixture
def bus(outbox: None) -> Iterator[Bus]:
    """The bus that the relay publishes on."""
    with mock_aws():
        relay._client.cache_clear()
        yield Bus()
    relay._client.cache_clear()


@pytest.fixture
def other(operator: Api) -> Api:
    """Another tenant."""
    body: Any = {"name": "Other", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    return Api(operator.call("create_tenant", body).expect(201)["id"])
