"""A storm: every request many times, in any order, by threads at the same time, dying at every step on the way.

It ends as if every request had been sent once.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from tests.simulation import books
from tests.simulation.bus import Bus, Message
from tests.simulation.ground import START, Ground
from tests.simulation.processes import Fault, Process, nanoseconds
from tests.simulation.scripts import Request
from tests.simulation.simulation import LATER, tried, world
from tests.support.api import Api, Response, find
from tests.support.events import subscribers
from tests.support.integrity import sound

STEPS = ("begin", "open", "opened", "read", "has read", "flush", "flushed", "commit", "committed", "nudge")
"""Every step of a request that writes."""

THREADS = 5
SHOP = "strict"
NOW = nanoseconds(START)

IDS = [f"0195d6a0-0000-7000-8000-{place:012}" for place in range(20)]
LARGE, VOIDED, PAID, PARTLY, DRAFT, HELD, OTHER, REJECTED = IDS[:8]


def item(product: str, quantity: int) -> dict[str, Any]:
    return {"product": product, "quantity": quantity}


def invoice(identifier: str, customer: str, *items: dict[str, Any], **more: Any) -> Request:
    return Request(
        f"invoice {identifier}", "create_invoice", {"id": identifier, "customer": customer, "items": items, **more}
    )


def payment(identifier: str, customer: str, amount: str, allocations: list[Any]) -> Request:
    body = {"id": identifier, "customer": customer, "amount": amount, "allocations": allocations}
    return Request(f"payment {identifier}", "record_payment", body)


REQUESTS = [
    Request("receipt 1", "receive_stock", {"id": IDS[10], "items": [{**item("PROD001", 7), "unit_cost": "61.00"}]}),
    Request("receipt 2", "receive_stock", {"id": IDS[11], "items": [{**item("PROD001", 3), "unit_cost": "62.50"}]}),
    invoice(PAID, "CUST001", item("PROD001", 2), item("SERV001", 1)),
    invoice(PARTLY, "CUST002", item("PROD002", 1)),
    invoice(VOIDED, "CUST001", item("PROD001", 5)),
    invoice(LARGE, "CUST002", item("PROD001", 30)),
    invoice(REJECTED, "CUST002", item("PROD001", 25)),
    invoice(OTHER, "CUST003", item("SERV001", 3)),
    invoice(DRAFT, "CUST002", item("SERV001", 1), draft=True),
    Request("update", "update_invoice", {"items": [item("PROD002", 2)]}, {"id": DRAFT}, headers={"If-Match": '"1"'}),
    Request("issue", "issue_invoice", {}, {"id": DRAFT}, headers={"If-Match": '"2"'}),
    Request("void", "void_invoice", {"reason": "ordered twice"}, {"id": VOIDED}),
    payment(IDS[12], "CUST001", "334.95", [{"invoice": PAID}]),
    payment(IDS[13], "CUST002", "100.00", [{"invoice": PARTLY}]),
    payment(IDS[14], "CUST003", "50.00", []),
    Request("reservation", "create_reservation", {"id": HELD, "product": "PROD002", "quantity": 3}),
    Request("release", "release_reservation", None, {"id": HELD}),
    Request("approve", "decide_approval", {"reason": "seen"}, {"id": LARGE, "decision": "approve"}, decides=True),
    Request("reject", "decide_approval", {"reason": "no"}, {"id": REJECTED, "decision": "reject"}, decides=True),
]
"""Requests whose outcome does not depend on their order, as long as each is sent until it is accepted."""

REFUSED = [
    invoice(IDS[15], "CUST002", item("PROD002", 500)),
    invoice(IDS[16], "NOBODY", item("PROD002", 1)),
    Request("reservation of too many", "create_reservation", {"id": IDS[17], "product": "PROD002", "quantity": 500}),
]
"""Requests that are refused whenever they come."""


@dataclass
class Storm:
    """The threads' common state."""

    api: Api
    bus: Bus
    random: Random
    accepted: dict[str, Response] = field(default_factory=dict)
    approvals: dict[str, str] = field(default_factory=dict)
    died: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def send(self, request: Request, dies_at: str | None = None) -> None:
        """Send a request once; its process dies when it gets to a step."""
        prepared = self.prepared(request)
        if prepared is None:
            return
        process = Process(request.name, lambda p: prepared.send(self.api), lambda: NOW)
        process.reached = self._dying(dies_at)
        response: Response | None = process.run()
        if response is None or response.status >= 400:
            assert response is None or response.status != 500, response.text
            return
        with self.lock:
            if request.dry:
                return
            known = self.accepted.setdefault(request.name, response)
            assert response.text == known.text, "another answer to the same request"
            approval = response.json.get("approval", {})
            if request.operation == "create_invoice" and approval.get("required"):
                self.approvals[response["id"]] = approval["id"]

    def prepared(self, request: Request) -> Request | None:
        """The request as it can be sent; None when the approval it is about was not asked for yet."""
        if not request.decides:
            return request
        known = self.approvals.get(request.path["id"])
        path = {"id": known or "", "decision": request.path["decision"]}
        return replace(request, path=path) if known else None

    def relay(self) -> None:
        """Publish until the storm is over, dying now and then."""
        while not self.over.is_set():
            step = self.random.choice(["taken", "publish", "published", "delete", "deleted", "commit", None])
            process = Process("relay", lambda p: tried(find("relay_events")), lambda: LATER)
            process.reached = self._dying(step)
            process.run()
            self.over.wait(0.01)

    def deliver(self) -> None:
        """Deliver until the storm is over, dying now and then; whatever is not taken stays in its queue."""
        while not self.over.is_set():
            for subscriber in subscribers():
                with self.lock:
                    queue = [one for one in self.bus.queues[subscriber.consumer] if one.receives < 4]
                    some = self.random.sample(queue, min(3, len(queue)))
                    again = [one for one in some if self.random.random() < 0.3]
                for messages in (some, again):
                    self._hand_over(subscriber, messages, self.random.choice([*STEPS[:-1], None, None]))
            self.over.wait(0.01)

    def settle(self) -> None:
        """Relay and deliver what is left, without faults."""
        Process("relay", lambda p: find("relay_events")({}, None), lambda: LATER).run()
        for subscriber in subscribers():
            while queue := self.bus.queues[subscriber.consumer]:
                self._hand_over(subscriber, queue[:5], None)

    def _hand_over(self, subscriber: Any, messages: list[Message], dies_at: str | None) -> None:
        if not messages:
            return
        with self.lock:
            for one in messages:
                one.receives += 1
            records = [{**one.record(), "messageId": str(place)} for place, one in enumerate(messages)]
        process = Process(subscriber.name, lambda p: subscriber({"Records": records}, None), lambda: LATER)
        process.reached = self._dying(dies_at)
        answer = process.run()
        if answer is None:
            return
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        with self.lock:
            for place, one in enumerate(messages):
                if str(place) not in failed and one in self.bus.queues[subscriber.consumer]:
                    self.bus.queues[subscriber.consumer].remove(one)

    def _dying(self, at: str | None) -> Callable[[Process, str], Fault | None]:
        def reached(process: Process, step: str) -> Fault | None:
            if step != at:
                return None
            self.died.add(step)
            return "crash"

        return reached


def at_once(storm: Storm, sends: Iterable[tuple[Request, str | None]]) -> None:
    """All of it by several threads, while others relay and deliver."""
    helpers = [threading.Thread(target=work) for work in (storm.relay, storm.deliver, storm.deliver)]
    for helper in helpers:
        helper.start()
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            for sent in [pool.submit(storm.send, *send) for send in sends]:
                sent.result()
            while waiting := [request for request in REQUESTS if request.name not in storm.accepted]:
                list(pool.map(storm.send, waiting))
    finally:
        storm.over.set()
        for helper in helpers:
            helper.join()


def left_behind(ground: Ground, api: Api) -> list[tuple[str, str]]:
    """The tenant's rows, each number replaced by the id of what has it: which number it got is left to chance."""
    rows = ground.rows(api, SHOP)
    numbers = {}
    for text in rows:
        table, row = json.loads(text)
        if table == "kernel.document" and row["number"]:
            numbers[row["number"]] = row["id"]
    told = re.compile("|".join(sorted(map(re.escape, numbers), key=len, reverse=True)))
    return books.state(told.sub(lambda found: f"number of {numbers[found[0]]}", text) for text in rows)


def blow(ground: Ground, seed: int) -> set[str]:
    """One storm; answers at which steps processes died. Raises AssertionError unless it ends as each sent once does."""
    random = Random(seed)
    storm = Storm(ground.copy(SHOP), Bus(), random)
    sends: list[tuple[Request, str | None]] = []
    for request in REQUESTS:
        fates = random.sample([*STEPS, None, None], random.randint(1, 10))
        sends += [(request, fate) for fate in fates]
    rehearsals = [
        replace(request, name=f"rehearsal of {request.name}", query={"dry_run": "true"}) for request in REQUESTS
    ]
    sends += [(request, None) for request in [*rehearsals, *REFUSED, *REFUSED]]
    random.shuffle(sends)
    with world(storm.bus, lambda: None):
        at_once(storm, sends)
        storm.settle()
    assert {*storm.accepted} == {request.name for request in REQUESTS}
    told = books.feed(storm.api)
    books.in_order(told)
    recorded = {event["id"]: event for event in storm.api.events() if event["time"] >= f"{START:%Y-%m-%dT%H:%M}"}
    assert recorded == storm.bus.accepted
    once = Storm(ground.copy(SHOP), Bus(), random)
    with world(once.bus, lambda: None):
        for request in REQUESTS:
            once.send(request)
        once.settle()
    assert {*once.accepted} == {request.name for request in REQUESTS}
    rows = left_behind(ground, storm.api)
    assert books.difference(rows, left_behind(ground, once.api)) == []
    assert ground.waiting() == 0
    sound(once.api)
    return storm.died
