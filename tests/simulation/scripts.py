"""What the clients of a simulation ask for: small scripts of requests, drawn from a seed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from tests.support.api import Api, Response, find

CLIENTS = 3
"""How many clients send at a time, each one request after the other."""


@dataclass(frozen=True)
class Request:
    """One request; its name is its idempotency key, so that a client may send it again."""

    name: str
    operation: str
    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    decides: bool = False
    """Whether it is about an approval, which has no id before it is asked for."""

    @property
    def dry(self) -> bool:
        """Whether it only asks what would happen."""
        return self.query.get("dry_run") == "true"

    def send(self, api: Api) -> Response:
        """Send it, or send it again."""
        headers = {"Idempotency-Key": self.name, "X-Correlation-Id": self.name, **self.headers}
        return api.call(_operation(self.operation), self.body, path=self.path, query=self.query, headers=headers)

    def resolved(self, approvals: Sequence[str], random: Random) -> "Request | None":
        """The request with the id of an approval in its path; None when none is known."""
        if not self.decides or "id" in self.path:
            return self
        return replace(self, path={**self.path, "id": random.choice(approvals)}) if approvals else None


@cache
def _operation(name: str) -> Any:
    return find(name)


def script(random: Random) -> list[list[Request]]:
    """The requests of every client, 8 to 15 in all."""
    author = _Author(random)
    requests = [author.write(place) for place in range(random.randint(8, 15))]
    clients: list[list[Request]] = [[] for _ in range(CLIENTS)]
    for request in requests:
        random.choice(clients).append(request)
    return clients


class _Author:
    """Writes requests that have to do with each other: about the same few invoices, products and customers."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.invoices: list[str] = [self._id() for _ in range(2)]
        self.drafts: list[str] = [self._id()]
        self.reservations: list[str] = [self._id()]
        self._unborn = {*self.invoices, *self.drafts, *self.reservations}
        self._kinds: list[tuple[int, Callable[[], Request]]] = [
            (6, self._invoice),
            (3, self._draft),
            (2, self._update),
            (3, self._issue),
            (6, self._payment),
            (3, self._void),
            (2, self._receipt),
            (3, self._reservation),
            (2, self._release),
            (4, self._decision),
            (1, self._review),
            (1, self._customer),
            (1, self._rule),
            (2, self._look),
        ]

        self._first: dict[Callable[[], Request], tuple[list[str], Callable[[], Request]]] = {
            self._update: (self.drafts, self._draft),
            self._issue: (self.drafts, self._draft),
            self._void: (self.invoices, self._invoice),
            self._review: (self.invoices, self._invoice),
            self._payment: (self.invoices, self._invoice),
            self._release: (self.reservations, self._reservation),
        }
        """What there has to be first, and what makes it."""

    def write(self, place: int) -> Request:
        """The next request."""
        make = self.random.choices([kind for _, kind in self._kinds], [weight for weight, _ in self._kinds])[0]
        first = self._first.get(make)
        if first is not None and not self._has_born(first[0]) and self.random.random() < 0.85:
            make = first[1]
        request = replace(make(), name=f"{place:02} {make.__name__[1:]}")
        if request.operation.startswith(("get_", "list_")) or self.random.random() > 0.06:
            return request
        return replace(request, query={**request.query, "dry_run": "true"})

    def _id(self) -> str:
        bits = self.random.getrandbits(128)
        return str(UUID(int=bits & ~(0xF << 76) & ~(0b11 << 62) | 0x7 << 76 | 0b10 << 62))

    def _born(self, ids: list[str]) -> str:
        """The id of something new, which others may have named already."""
        waiting = [one for one in ids if one in self._unborn]
        if not waiting:
            ids.append(self._id())
            return ids[-1]
        self._unborn.discard(waiting[0])
        return waiting[0]

    def _has_born(self, ids: list[str]) -> bool:
        return any(one not in self._unborn for one in ids)

    def _one(self, *lists: list[str]) -> str:
        """The id of one of these, mostly of one that an earlier request makes."""
        ids = [one for some in lists for one in some]
        born = [one for one in ids if one not in self._unborn]
        return self.random.choice(born if born and self.random.random() < 0.85 else ids)

    def _customer_code(self) -> str:
        return self.random.choice(["CUST001", "CUST002", *["CUST003"] * 3])

    def _items(self) -> list[dict[str, Any]]:
        items = []
        for _ in range(self.random.choice([1, 1, 2, 3])):
            product, most = self.random.choice([("PROD001", 45), ("PROD002", 9), ("SERV001", 12)])
            item: dict[str, Any] = {"product": product, "quantity": min(self.random.randint(1, most) for _ in range(2))}
            if self.random.random() < 0.2:
                item["discount_percent"] = "12.5"
            items.append(item)
        return items

    def _invoice(self) -> Request:
        body = {"id": self._born(self.invoices), "customer": self._customer_code(), "items": self._items()}
        return Request("", "create_invoice", body)

    def _draft(self) -> Request:
        body = {"id": self._born(self.drafts), "customer": self._customer_code(), "items": self._items(), "draft": True}
        return Request("", "create_invoice", body)

    def _update(self) -> Request:
        seen = self.random.choice(['"1"', '"2"', "*"])
        body = self.random.choice([{"items": self._items()}, {"customer": self._customer_code()}, {"note": "soon"}])
        path = {"id": self._one(self.drafts)}
        return Request("", "update_invoice", body, path, headers={"If-Match": seen})

    def _issue(self) -> Request:
        return Request("", "issue_invoice", {}, {"id": self._one(self.drafts)})

    def _payment(self) -> Request:
        body: dict[str, Any] = {"customer": self._customer_code(), "amount": f"{self.random.randint(1, 4000)}.00"}
        kind = self.random.random()
        if kind < 0.4:
            body["allocations"] = [{"invoice": self._one(self.invoices, self.drafts)}]
        elif kind < 0.5:
            body["allocations"] = []
        if 0.2 < kind < 0.3:
            body["write_off"] = {"amount": "3.00", "account": "6340", "reason": "a scratch"}
        return Request("", "record_payment", {"id": self._id(), **body})

    def _void(self) -> Request:
        path = {"id": self._one(self.invoices, self.drafts)}
        return Request("", "void_invoice", {"reason": "ordered twice"}, path)

    def _receipt(self) -> Request:
        product = self.random.choice(["PROD001", "PROD002"])
        item = {"product": product, "quantity": self.random.randint(1, 20), "unit_cost": "55.10"}
        return Request("", "receive_stock", {"id": self._id(), "items": [item]})

    def _reservation(self) -> Request:
        product, most = self.random.choice([("PROD001", 60), ("PROD002", 12)])
        body = {"id": self._born(self.reservations), "product": product, "quantity": self.random.randint(1, most)}
        if self.random.random() < 0.7:
            body["ttl_seconds"] = self.random.choice([1, 60, 600])
        return Request("", "create_reservation", body)

    def _release(self) -> Request:
        return Request("", "release_reservation", None, {"id": self._one(self.reservations)})

    def _decision(self) -> Request:
        decision = self.random.choice(["approve", "approve", "reject"])
        return Request("", "decide_approval", {"reason": "seen"}, {"decision": decision}, decides=True)

    def _review(self) -> Request:
        path = {"id": self._one(self.invoices, self.drafts)}
        return Request("", "request_approval", {"reason": "please look"}, path)

    def _customer(self) -> Request:
        path = {"resource": "customers", "id": self._customer_code()}
        limit = self.random.choice(["500.00", "5000.00", None])
        return Request("", "update_record", {"credit_limit": limit}, path, headers={"If-Match": "*"})

    def _rule(self) -> Request:
        """Set-up changes too: what every worker keeps of it has to be read anew."""
        over = self.random.choice(["400.00", "3000.00", "20000.00"])
        path = {"resource": "approval-rules", "id": "LARGE"}
        body = {"condition": f"document.total > {over}"}
        return Request("", "update_record", body, path, headers={"If-Match": "*"})

    def _look(self) -> Request:
        return self.random.choice(
            [
                Request("", "get_kpis"),
                Request("", "get_trial_balance"),
                Request("", "list_events", query={"limit": "200"}),
                Request("", "get_availability", query={"product": "PROD001"}),
                Request("", "get_invoice", path={"id": self._one(self.invoices)}),
            ]
        )
