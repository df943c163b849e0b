"""What an operation causes, from the call to the last subscriber, counted over the RDS Data API."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from bigledger.kernel import data_api as driver
from bigledger.kernel import database, relay
from bigledger.kernel.database import URLS
from devtools.local.rds_data import Cluster
from devtools.local.rds_data_server import DataApiServer
from functions.events.relay_events import relay_events
from tests.platform.callers import KeyApi, bearer
from tests.support import data_api
from tests.support.api import FUNCTIONS, find
from tests.support.database import plain_url
from tests.support.shop import Shop

_benches = count(1)

ITEMS = [
    {"product": "PROD001", "quantity": 1},
    {"product": "PROD002", "quantity": 1},
    {"product": "SERV001", "quantity": 1},
]
"""Three lines, two of them stocked; the customer is taxed in two jurisdictions."""


@dataclass
class Invoked:
    """One invocation of a function: its calls of the Data API by name."""

    calls: dict[str, int]

    @property
    def requests(self) -> int:
        """How many requests the Data API got."""
        return sum(self.calls.values())


@dataclass
class Bus:
    """Takes what the relay publishes."""

    entries: list[dict[str, Any]] = field(default_factory=list)

    def put_events(self, Entries: list[dict[str, Any]]) -> Any:  # noqa: N803 - as boto3 names it
        """Accept everything."""
        self.entries += Entries
        return {"Entries": [{"EventId": "accepted"} for _ in Entries]}


@dataclass
class Bench:
    """A shop whose calls are counted."""

    client: KeyApi
    key: str
    server: DataApiServer
    bus: Bus
    tenant_id: str

    def invoked(self, call: Callable[[], Any]) -> Invoked:
        """What one invocation took."""
        before = dict(self.server.api.calls)
        call()
        after = self.server.api.calls
        calls = {name: after[name] - before.get(name, 0) for name in sorted(after) if after[name] > before.get(name, 0)}
        return Invoked(calls)

    def authorized(self) -> Invoked:
        """The authorizer, asked about a key."""
        return self.invoked(lambda: bearer(self.key))

    def relayed(self) -> tuple[Invoked, list[dict[str, Any]]]:
        """One run of the relay, and the entries of the shop that it published."""
        self.bus.entries.clear()
        found = self.invoked(lambda: relay_events({}, None))
        told = [entry for entry in self.bus.entries if json.loads(entry["Detail"])["tenantid"] == self.tenant_id]
        return found, told

    def subscribed(self, entry: dict[str, Any]) -> dict[str, Invoked]:
        """Every subscriber of a published event, by its name."""
        found = {}
        for path in sorted(FUNCTIONS.glob("*/on_*.py")):
            subscriber = find(f"{path.parent.name}.{path.stem}")
            if subscriber.event.type == entry["DetailType"]:
                body = json.dumps({"detail": json.loads(entry["Detail"])})
                record = {"messageId": "1", "body": body, "attributes": {"ApproximateReceiveCount": "1"}}
                batch = {"Records": [record]}
                found[subscriber.consumer] = self.invoked(partial(subscriber, batch, None))
        return found

    def invoice(self) -> Any:
        """Create an invoice of three lines."""
        return self.client.call("create_invoice", {"customer": "CUST001", "items": ITEMS}).expect(201).json

    def payment(self, invoice: Any) -> Any:
        """Pay all of an invoice."""
        body = {"customer": "CUST001", "amount": invoice["total"], "allocations": [{"invoice": invoice["id"]}]}
        headers = {"Idempotency-Key": f"payment-{invoice['number']}"}
        return self.client.call("record_payment", body, headers=headers).expect(201).json


@contextmanager
def bench(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Let the shop work over the Data API."""
    with psycopg.connect(plain_url("DISPATCHER_DATABASE_URL")) as connection:
        connection.execute("DELETE FROM kernel.outbox")  # what other tests left would take the relay longer
    shop.receive(PROD001="1000", PROD002="1000")
    key = shop.api.call("create_api_key", {"name": "Till", "roles": ["admin"]}).expect(201)["api_key"]
    roles = {data_api.APPLICATION: plain_url(), data_api.DISPATCHER: plain_url("DISPATCHER_DATABASE_URL")}
    server = DataApiServer(Cluster(data_api.CLUSTER, roles)).start()
    driver._service.cache_clear()
    for name, value in data_api.variables(server).items():
        monkeypatch.setenv(name, value)
    name = str(conninfo_to_dict(plain_url())["dbname"])
    # An engine is kept by its URL, and with it the client that it was made with.
    unlike = f"&bench={next(_benches)}"
    monkeypatch.setenv("DATABASE_URL", data_api.url(name) + unlike)
    monkeypatch.setenv("DISPATCHER_DATABASE_URL", data_api.url(name, data_api.DISPATCHER) + unlike)
    bus = Bus()
    monkeypatch.setattr(relay, "_client", lambda name: bus)
    monkeypatch.setenv("EVENT_BUS", "bigledger")
    try:
        made = Bench(bearer(key), key, server, bus, str(shop.api.tenant_id))
        made.payment(made.invoice())
        made.relayed()
        yield made
    finally:
        for role in URLS:
            database.engine(role).dispose()
        server.stop()
        driver._service.cache_clear()
