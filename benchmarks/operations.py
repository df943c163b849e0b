"""What an operation costs besides time: statements, bytes to the database, and what one more line adds."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.system import CUSTOMERS, invoice_body, records
from bigledger.kernel.database import Parameter, Transaction
from tests.support.api import Api

LINES = (1, 3, 10, 100, 1000, 5000)


@dataclass(frozen=True, slots=True)
class Cost:
    """One call: its statements besides begin and commit, the bytes of their parameters, and its milliseconds."""

    what: str
    statements: int
    bytes: int
    milliseconds: float


def furnish(api: Api) -> None:
    """Give a tenant what the calls need."""
    for resource, body in records():
        if resource == "stock-movements":
            api.call("receive_stock", body).expect(201)
        else:
            api.record(resource, **body)


def measure(api: Api, repeat: int, say: Callable[[str], None]) -> list[Cost]:
    """The cost of the main operations, and of invoices from 1 to 5,000 lines; the least of several times."""
    costs = [
        _cost(f"create_invoice, {lines} lines", partial(_invoice, api, lines), max(1, repeat // lines))
        for lines in LINES
    ]
    newest = api.call("list_invoices", query={"limit": "1"}).expect(200)["data"][0]["id"]
    costs += [
        _cost("get_invoice, 5000 lines", lambda: api.call("get_invoice", path={"id": newest}).expect(200), 2),
        _cost("list_invoices, 50", lambda: api.call("list_invoices").expect(200), repeat),
        _cost("record_payment, as an advance", lambda: _payment(api, []), repeat),
        _cost(
            "record_payment, of one open invoice of many", partial(_payment_of_next, api, _open_invoices(api)), repeat
        ),
        _cost("get_trial_balance", lambda: api.call("get_trial_balance").expect(200), repeat),
        _cost("get_kpis", lambda: api.call("get_kpis").expect(200), repeat),
        _cost("list_events", lambda: api.call("list_events").expect(200), repeat),
        _cost("execute_bulk, 100 invoices, each alone", lambda: _bulk(api, 100, atomic=False), 1),
        _cost("execute_bulk, 100 invoices, together", lambda: _bulk(api, 100, atomic=True), 1),
        _cost("execute_bulk, 1000 invoices, together", lambda: _bulk(api, 1000, atomic=True), 1),
    ]
    for cost in costs:
        say(f"{cost.what}: {cost.statements} statements, {cost.bytes} bytes, {cost.milliseconds:.1f} ms")
    return costs


def per_line(costs: Sequence[Cost]) -> float:
    """Milliseconds that one more line adds, from the invoices of 100 and of 5,000 lines."""
    few, many = (
        next(cost.milliseconds for cost in costs if cost.what == f"create_invoice, {lines} lines")
        for lines in (100, 5000)
    )
    return (many - few) / 4900


def _cost(what: str, call: Callable[[], Any], times: int) -> Cost:
    call()
    with _noted() as sent:
        call()
    best = float("inf")
    for _ in range(times):
        begin = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begin)
    return Cost(what, len(sent), sum(sent), best * 1000)


@contextlib.contextmanager
def _noted() -> Iterator[list[int]]:
    """Gathers the bytes of the parameters of each statement that is sent meanwhile."""
    sent: list[int] = []
    rows = Transaction.rows

    def noting(self: Transaction, sql: str, **parameters: Parameter) -> Sequence[Any]:
        sent.append(sum(len(str(value)) for value in parameters.values()))
        return rows(self, sql, **parameters)

    Transaction.rows = noting  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        Transaction.rows = rows  # type: ignore[method-assign]


def _invoice(api: Api, lines: int) -> None:
    api.call("create_invoice", invoice_body(CUSTOMERS[0], lines)).expect(201)


def _bulk(api: Api, invoices: int, atomic: bool) -> None:
    items = [
        {"operation": "create_invoice", "body": invoice_body(CUSTOMERS[number % len(CUSTOMERS)], 3)}
        for number in range(invoices)
    ]
    answer = api.call("execute_bulk", {"items": items, "atomic": atomic, "answers": "brief"}).expect(200)
    assert answer["done"] == invoices


def _open_invoices(api: Api) -> Iterator[str]:
    """The numbers of small invoices that a customer has open among many more; the latest have thousands of lines."""
    found = api.call("list_invoices", query={"customer": CUSTOMERS[0], "status": "issued", "limit": "200"}).expect(200)
    return iter([invoice["number"] for invoice in reversed(found["data"])])


def _payment_of_next(api: Api, numbers: Iterator[str]) -> None:
    _payment(api, [{"invoice": next(numbers)}])


def _payment(api: Api, allocations: list[dict[str, str]]) -> None:
    body = {"customer": CUSTOMERS[0], "amount": "10.00", "allocations": allocations}
    api.call("record_payment", body, headers={"Idempotency-Key": f"bench-{api.requests}"}).expect(201)
