"""The server is killed in the middle of its work, again and again: what was acknowledged is there, nothing is half."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from bigledger.kernel import runtime
from bigledger.kernel.clock import Clock
from bigledger.kernel.database import engine
from bigledger.kernel.migrations.upgrade import upgrade
from devtools.local.postgres import PostgresServer
from tests.support.api import Api, Response, find, operator_client
from tests.support.integrity import sound
from tests.support.shop import Shop

KILLS = 20
THREADS = 4

SMALL = {"shared_buffers": "32MB", "autovacuum": "off", "recovery_init_sync_method": "syncfs"}

WHOLE = """
    WITH sent AS (SELECT id, key, kind FROM jsonb_to_recordset(%s::jsonb) AS r(id uuid, key text, kind text))
    SELECT s.id::text, s.kind, d.status, ARRAY[
        d.id IS NOT NULL,
        EXISTS (SELECT 1 FROM kernel.idempotency i WHERE i.key = 'request ' || s.key),
        EXISTS (SELECT 1 FROM kernel.event e WHERE e.subject_id = s.id),
        EXISTS (SELECT 1 FROM kernel.outbox o JOIN kernel.event e ON e.id = o.event_id WHERE e.subject_id = s.id)
    ] || CASE s.kind WHEN 'reservation' THEN '{}'::boolean[] ELSE ARRAY[
        d.number IS NOT NULL,
        EXISTS (SELECT 1 FROM ledger.journal_line l WHERE l.document_id = s.id)]
    END || CASE s.kind WHEN 'payment' THEN ARRAY[
        EXISTS (SELECT 1 FROM ledger.settlement t WHERE t.document_id = s.id)
        OR EXISTS (SELECT 1 FROM ledger.open_item o WHERE o.document_id = s.id)]
    ELSE ARRAY[
        EXISTS (SELECT 1 FROM inventory.reservation r WHERE r.document_id = s.id),
        EXISTS (SELECT 1 FROM inventory.reservation_balance b WHERE b.document_id = s.id)]
    END || CASE s.kind WHEN 'invoice' THEN ARRAY[
        EXISTS (SELECT 1 FROM ledger.open_item o WHERE o.document_id = s.id),
        EXISTS (SELECT 1 FROM ledger.open_item_balance o WHERE o.document_id = s.id),
        EXISTS (SELECT 1 FROM receivables.exposure_entry x WHERE x.document_id = s.id)]
    ELSE '{}' END AS parts
    FROM sent s LEFT JOIN kernel.document d ON d.id = s.id
"""
"""Of everything that was sent: which of the rows that belong together are there."""

GAPLESS = """
    SELECT type, count(*), min(right(number, 6)::integer), max(right(number, 6)::integer)
    FROM kernel.document WHERE type IN ('invoice', 'payment') AND number IS NOT NULL GROUP BY type
"""


@dataclass
class Sent:
    """A request and its last answer; None when none came, or none that says what became of it."""

    kind: str
    id: str
    body: dict[str, Any]
    answer: Response | None = None
    denied: bool = False
    """Whether the last answer said that nothing was changed."""

    @property
    def key(self) -> str:
        return f"{self.kind} {self.id}"


class MortalServer:
    """A server that is killed, and started again on what is left of it."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._server = PostgresServer.start(data, settings=SMALL)

    @property
    def url(self) -> Callable[..., str]:
        """The address of a database; it stays the same."""
        return self._server.url

    def kill(self) -> None:
        """SIGKILL the server with all its processes; nothing gets to write anything out."""
        server = self._server.pid
        os.kill(server, signal.SIGSTOP)  # so that it cannot do anything about the end of the others
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        for process in (*map(int, children), server):
            with suppress(ProcessLookupError):  # a client has just left
                os.kill(process, signal.SIGKILL)

    def restart(self) -> None:
        """Start it again, once it is dead."""
        while self._server.running:
            time.sleep(0.01)
        self._server.stop()
        self._server = PostgresServer.start(self._data, settings=SMALL)

    def stop(self) -> None:
        """End it for good."""
        self._server.stop()


@dataclass
class Load:
    """Clients at work, and the server that they lose."""

    api: Api
    server: MortalServer
    random: Random
    sent: list[Sent] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def until_killed(self) -> None:
        """Work with several threads; one of them kills the server while the others are in the middle of something."""
        left = self.random.randint(3, 40)
        dead = threading.Event()

        def work() -> None:
            nonlocal left
            while not dead.is_set():
                request = self._next()
                self.send(request)
                with self.lock:
                    left -= request.answer is not None
                    last = left <= 0 and not dead.is_set()
                    if last:
                        dead.set()
                if last:
                    self.server.kill()

        with ThreadPoolExecutor(THREADS) as pool:
            for thread in [pool.submit(work) for _ in range(THREADS)]:
                thread.result()

    def send(self, request: Sent) -> None:
        """Send a request; what it answers is acknowledged, unless it says that the database does not answer."""
        operation = {
            "invoice": "receivables.create_invoice",
            "payment": "receivables.record_payment",
            "reservation": "inventory.create_reservation",
        }[request.kind]
        answer = self.api.call(find(operation), request.body, headers={"Idempotency-Key": request.key})
        assert answer.status in (201, 503), answer.text
        request.answer = answer if answer.status == 201 else None
        request.denied = answer.status == 503 and "Nothing was changed" in answer["detail"]

    def _next(self) -> Sent:
        with self.lock:
            identifier = str(runtime.clock.new_id())
            kind = self.random.choice(["invoice", "invoice", "payment", "reservation"])
            customer = self.random.choice(["CUST001", "CUST002"])
            item = {"product": self.random.choice(["PROD001", "PROD002"]), "quantity": 1}
            body = {
                "invoice": {"customer": customer, "items": [item, {"product": "SERV001", "quantity": 1}]},
                "payment": {"customer": customer, "amount": f"{self.random.randint(1, 300)}.00"},
                "reservation": item,
            }[kind]
            request = Sent(kind, identifier, {"id": identifier, **body})
            self.sent.append(request)
            return request


@contextmanager
def set_aside(*names: str) -> Iterator[None]:
    """The environment is what it was when the block ends."""
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[MortalServer]:
    """A server of its own that keeps what it says it keeps, with the database of this test."""
    server = MortalServer(tmp_path / "postgres")
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE ROLE bigledger_owner LOGIN CREATEROLE")
            connection.execute("CREATE DATABASE mortal OWNER bigledger_owner")
        upgrade(server.url("mortal", "bigledger_owner"))
        with set_aside("DATABASE_URL", "DISPATCHER_DATABASE_URL"):
            os.environ["DATABASE_URL"] = server.url("mortal", "bigledger_application")
            os.environ["DISPATCHER_DATABASE_URL"] = server.url("mortal", "bigledger_dispatcher")
            yield server
            engine().dispose()
    finally:
        server.stop()


def check(load: Load) -> None:
    """Hold what is stored against what was acknowledged, and against what was said not to be done."""
    told = json.dumps([{"id": one.id, "key": one.key, "kind": one.kind} for one in load.sent])
    with psycopg.connect(load.server.url("mortal")) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(load.api.tenant_id)])
        found = connection.execute(WHOLE, [told]).fetchall()
        counts = connection.execute(GAPLESS).fetchall()
    halves = [(kind, parts) for _, kind, _, parts in found if len(set(parts)) != 1]
    assert halves == []
    there = {identifier for identifier, _, _, parts in found if all(parts)}
    lost = [one.key for one in load.sent if one.answer is not None and one.id not in there]
    assert lost == [], "acknowledged, and not there"
    denied = [one.key for one in load.sent if one.denied and one.id in there]
    assert denied == [], "told that nothing was changed, and it was"
    for type, count, first, last in counts:
        assert (first, last) == (1, count), f"the numbers of {type}s have gaps"
    balance = load.api.call("get_trial_balance").expect(200)
    assert balance["total_debit"] == balance["total_credit"]


def test_twenty_kills_lose_nothing_that_was_acknowledged_and_leave_nothing_half(
    mortal: MortalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "clock", Clock())
    company = {"currency": "USD", "jurisdiction": "US-CA"}
    made = operator_client().call("create_tenant", {"name": "Mortal", "company": company})
    shop = Shop(Api(made.expect(201)["id"]))
    path = {"resource": "customers", "id": "CUST001"}
    shop.api.call("update_record", {"credit_limit": None}, path=path, headers={"If-Match": "*"}).expect(200)
    shop.receive(PROD001="100000", PROD002="100000")
    load = Load(shop.api, mortal, Random(1))
    in_use = 0
    for _ in range(KILLS):
        load.until_killed()
        mortal.restart()
        check(load)
        interrupted = [request for request in load.sent if request.answer is None]
        in_use += bool(interrupted)
        for request in interrupted:
            while request.answer is None:
                load.send(request)
    assert in_use >= KILLS / 2, "the server mostly died while nobody was using it"
    sound(shop.api)
