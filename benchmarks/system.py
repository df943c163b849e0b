"""The system under measurement: a local cloud of its own with a durable server, and tenants that sell."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.load import request
from devtools import demo_company
from devtools.local.api import answer_of, api_client
from devtools.local.options import Options
from devtools.local.postgres import PostgresServer
from devtools.local.supervisor import LocalCloud

PRODUCTS = [f"PROD{number}" for number in range(1, 13)]
CUSTOMERS = [f"CUST{number}" for number in range(1, 41)]


def invoice_body(customer: str, lines: int, first: int = 0) -> dict[str, Any]:
    """An invoice of so many lines, each a product in stock at a price of its own."""
    items = [
        {"product": PRODUCTS[(first + line) % len(PRODUCTS)], "quantity": "1", "unit_price": "12.50"}
        for line in range(lines)
    ]
    return {"customer": customer, "items": items}


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant with customers in two tax jurisdictions, stock and credit that do not run out."""

    key: str

    def invoices(self, client: int, lines: int = 3) -> Iterator[bytes]:
        """Requests for invoices, without end: two taxes, stock reserved, credit checked."""
        for number in itertools.count(client * 7):
            body = invoice_body(CUSTOMERS[number % len(CUSTOMERS)], lines, number)
            yield request(
                "POST", "/api/v1/invoices", self.key, json.dumps(body).encode(), f"invoice-{client}-{number}-{lines}"
            )

    def bulks(self, client: int, invoices: int, atomic: bool) -> Iterator[bytes]:
        """Requests for many invoices at once, without end."""
        for number in itertools.count(client * 7):
            items = [
                {
                    "operation": "create_invoice",
                    "body": invoice_body(CUSTOMERS[(number + place) % len(CUSTOMERS)], 3, number + place),
                }
                for place in range(invoices)
            ]
            body = {"items": items, "atomic": atomic, "answers": "brief"}
            key = f"bulk-{client}-{number}-{atomic}"
            yield request("POST", "/api/v1/bulk", self.key, json.dumps(body).encode(), key)

    def payments(self, client: int) -> Iterator[bytes]:
        """Requests for keyed payments, each kept as an advance."""
        for number in itertools.count():
            body = {"customer": CUSTOMERS[number % len(CUSTOMERS)], "amount": "10.00", "allocations": []}
            yield request("POST", "/api/v1/payments", self.key, json.dumps(body).encode(), f"payment-{client}-{number}")

    def reads(self, path: str) -> Iterator[bytes]:
        """The same reading request, without end."""
        return itertools.repeat(request("GET", path, self.key))


class System:
    """A running local cloud whose gateway, database and load share the machine."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.url = cloud.url
        self.server: PostgresServer = cloud.embedded

    def tenant(self, name: str) -> Tenant:
        """Make a tenant that sells."""
        with api_client(self.url, self.cloud.operator_key) as operator:
            made = answer_of(operator.post("/api/v1/tenants", json={**demo_company.TENANT, "name": name}))
        tenant = Tenant(made["api_key"])
        with api_client(self.url, tenant.key) as api:
            for resource, body in records():
                answer_of(api.post(f"/api/v1/{resource}", json=body))
        let_plan(self.cloud.database.owner)
        return tenant

    @contextlib.contextmanager
    def without_delivery(self) -> Iterator[None]:
        """Hold the emulated bus, the relay and the subscribers meanwhile; the events wait in the outbox."""
        held = [child.pid for name, child in self.cloud.children.items() if name != "gateway"]
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in held:
                os.kill(pid, signal.SIGCONT)

    def get(self, tenant: Tenant, path: str) -> Any:
        """An answer of the API."""
        with api_client(self.url, tenant.key) as api:
            return answer_of(api.get(path))


@contextlib.contextmanager
def running() -> Iterator[System]:
    """Start a system in a folder of its own, and forget it afterwards."""
    with tempfile.TemporaryDirectory(prefix="bigledger-bench-") as folder:
        with LocalCloud(Options(folder=Path(folder), port=0, durable=True)) as cloud:
            yield System(cloud)


def let_plan(owner_url: str) -> None:
    """Let Postgres look at the tables, as it does by itself within a minute; until then its plans are guesses."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE")


def records() -> Iterator[tuple[str, dict[str, Any]]]:
    """What a tenant needs to sell: the path of each record and its body."""
    places = ["US-CA-SF", "US-NY-NYC"]
    yield from (("taxes", tax) for tax in demo_company.TAXES)
    yield from (("tax-rules", rule) for rule in demo_company.TAX_RULES)
    for code in PRODUCTS:
        yield "products", {"code": code, "name": f"Product {code}", "unit": "EA"}
    for number, code in enumerate(CUSTOMERS):
        yield (
            "customers",
            {
                "code": code,
                "name": f"Customer {code}",
                "jurisdiction": places[number % 2],
                "credit_limit": "900000000000",
                "payment_terms": "NET30",
            },
        )
    items = [{"product": code, "quantity": "100000000", "unit_cost": "1.00"} for code in PRODUCTS]
    yield "stock-movements", {"items": items}
