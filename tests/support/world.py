"""A tenant in which everything there is exists: every kind of document, a row in every table."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from typing import Any

from bigledger.kernel import Actor, Request, runtime
from bigledger.kernel.clock import seeded_clock
from bigledger.kernel.dead_letters import put_aside
from bigledger.kernel.events import delivery
from tests.support.api import Api, find, operator_client
from tests.support.ledger import Books
from tests.support.shop import Shop

SECRETS = ("Confidential", "confidential")
"""Words that stand in this tenant's data, and that no other tenant may ever read."""

_worlds = count(1)

OPERATOR = operator_client()


class World(Shop):
    """A shop in the middle of its day."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        api.record("units", code="CONF", name="Confidential")
        for resource, code in (("customers", "CUST001"), ("customers", "CUST002"), ("products", "PROD001")):
            path = {"resource": resource, "id": code}
            api.call("update_record", {"name": "Confidential"}, path=path, headers={"If-Match": '"1"'}).expect(200)
        self.issued = self.invoice()
        self.paid = self.pay("100.00")
        self.issued = self.get(self.issued)
        self.voidable = self.invoice()
        self.draft = self.invoice(draft=True)
        api.record("approval-rules", code="LARGE", name="Large invoices", condition="document.total > 10000.00")
        self.pending = self.invoice(items=[{"product": "PROD002", "quantity": 20, "unit_price": "600.00"}])
        assert self.pending["status"] == "pending_approval"
        self.approval = api.call("list_approvals").expect(200)["data"][0]
        self.reservation = self.make("create_reservation", {"product": "PROD001", "quantity": "1"})
        self.make("set_exchange_rates", {"rates": [{"currency": "EUR", "date": "2026-11-01", "rate": "1.1"}]})
        self._keep_books()
        self._give_back()
        self.role = self.make("create_role", {"code": "CONF", "name": "Confidential", "permissions": ["ledger.*"]})
        self.key = self.make("create_api_key", {"name": "Confidential", "roles": ["CONF"]})
        self.make("assign_role", {"role": "CONF", "user": "confidential"})
        api.call(
            "set_feature_flag",
            {"enabled": True, "percentage": "0", "actors": ["Confidential"]},
            path={"key": "receivables.match_exact_payments"},
            headers={"If-Match": '"0"'},
        ).expect(200)
        self.event = api.events("invoice.created")[0]
        self.deliver("reporting.on_invoice_created", self.event)
        request = Request("reporting.on_invoice_created", "request", "correlation")
        put_aside("reporting.on_invoice_created", delivery(self.event), "Confidential", request, Actor("dispatcher"))
        self.letter = api.call("list_dead_letters").expect(200)["data"][0]

    def _keep_books(self) -> None:
        """Entries by hand, a closed year, and an exception to a closed period."""
        books = Books(self.api)
        self.entry, self.entry_draft = (
            books.rent(text="Confidential", post=post, date="2026-10-31") for post in (True, False)
        )
        books.year(2024)
        books.act("close_fiscal_year", {"id": "FY2024"})
        books.year(2025)
        books.period("close_period", 1, year="FY2025")
        self.exception = self.make(
            "grant_period_exception",
            {
                "period": "FY2025-1",
                "areas": ["gl"],
                "user": "someone",
                "reason": "Confidential",
                "expires_at": "2099-01-01T00:00:00Z",
            },
        )

    def _give_back(self) -> None:
        """Credit notes, an advance, and an allocation of another one."""
        path = {"id": self.invoice()["id"]}
        body = {"reason": "Confidential", "lines": [{"line": 1, "quantity": 1}]}
        self.credited = self.api.call("credit_invoice", body, path=path).expect(201).json
        note = {"customer": "CUST001", "reason": "Confidential", "items": [{"product": "SERV001", "quantity": 1}]}
        self.note = self.make("create_credit_note", note)
        self.note_draft = self.make("create_credit_note", note | {"draft": True})
        self.advance, used = (self.pay("50.00", allocations=[]) for _ in range(2))
        allocation = {
            "customer": "CUST001",
            "sources": [{"document": used["id"]}],
            "invoices": [{"invoice": self.invoice()["id"]}],
        }
        key = {"Idempotency-Key": "allocation"}
        self.allocation = self.api.call("create_allocation", allocation, headers=key).expect(201).json

    def make(self, operation: str, body: Any) -> Any:
        """Create something."""
        return self.api.call(operation, body).expect(201).json

    def deliver(self, subscriber: str, envelope: Any) -> None:
        """Hand an event to a subscriber, as the queue does."""
        attributes = {"ApproximateReceiveCount": "1"}
        record = {"messageId": "message", "body": json.dumps({"detail": envelope}), "attributes": attributes}
        assert find(subscriber)({"Records": [record]}, None) == {"batchItemFailures": []}

    def id_of(self, resource: str, code: str) -> str:
        """The id of a record of master data."""
        return str(self.api.call("get_record", path={"resource": resource, "id": code}).expect(200)["id"])

    def cell(self, report: str) -> str:
        """The identifier of the first cell of a report."""
        return str(self.api.call(report).expect(200)["rows"][0]["cells"][0]["cell"])

    def of_collection(self, collection: str) -> Any:
        """The document of a collection that an example may be about: ``invoices`` gives the issued one."""
        known = {"invoices": self.issued, "documents": self.issued, "payments": self.paid, "approvals": self.approval}
        known |= {"journal-entries": self.entry, "period-exceptions": self.exception, "credit-notes": self.note}
        return known[collection]

    @cached_property
    def ids(self) -> frozenset[str]:
        """The id of every document and event, and of the tenant itself."""
        rows = self.api.rows("SELECT id::text FROM kernel.document UNION SELECT id::text FROM kernel.event")
        return frozenset({str(self.api.tenant_id), *(row.id for row in rows)})


def make_tenant(name: str) -> Api:
    """A fresh tenant with all permissions."""
    body = {"name": name, "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    return Api(OPERATOR.call("create_tenant", body).expect(201)["id"], f"of {name}")


@contextmanager
def world_clock() -> Iterator[None]:
    """The clock of a world that several tests look at: it starts as every test's does.

    Its ids are its own: the worlds of one process live in one database, and workers that share the tests of a file
    may make its world more than once.
    """
    before = runtime.clock
    runtime.clock = seeded_clock(next(_worlds), datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    yield
    runtime.clock = before
