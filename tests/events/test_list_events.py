"""The feed: every event, in an order in which a reader who keeps the cursor misses none."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bigledger.events import reading
from bigledger.kernel import Actor, Context, Document, Request, Tenant, documents, runtime
from bigledger.kernel.database import transaction
from bigledger.kernel.listing import cursor
from bigledger.kernel.unit_of_work import UnitOfWork
from tests.events.bus import CustomerGreeted, customer
from tests.support.api import Api
from tests.support.statements import counted


@pytest.mark.example
def test_example(example: Any, api: Api) -> None:
    customer(api, "CUST100", "Harbour Cafe")
    settled(api)
    answer = example(query={"type": "customer.created"})
    assert answer.expect(200)["data"][-1]["data"]["code"] == "CUST100"
    assert answer["next_cursor"] == cursor(answer["data"][-1]["id"])


def settled(api: Api) -> None:
    """Wait until what the tenant has committed is in the feed: other tests on the server may still be writing."""
    stored = len(api.events())
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        (row,) = api.rows(
            "SELECT count(*) AS n FROM kernel.event"
            " WHERE transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        if row.n == stored:
            return
        time.sleep(0.01)
    raise AssertionError("a transaction on this server has been open for half a minute")


def read(api: Api, **query: Any) -> Any:
    return api.call("list_events", query={name: str(value) for name, value in query.items()}).expect(200)


def codes(answer: Any) -> list[str]:
    return [event["data"]["code"] for event in answer["data"]]


@contextmanager
def recording(api: Api, code: str) -> Iterator[None]:
    """An event is recorded; its transaction commits when the block ends."""
    with transaction() as opened:
        work = UnitOfWork(opened, runtime.clock)
        tenant = Tenant(api.tenant_id)  # type: ignore[arg-type]
        context = Context(tenant, Actor("slow"), runtime.clock, work, Request("test", "test", "test"))
        opened.rows(
            "SELECT * FROM kernel.open(:tenant, :instant, NULL, NULL)",
            tenant=str(api.tenant_id),
            instant=context.now.isoformat(),
        )
        greeting = documents.create(context, Document(context.new_id(), "greeting", "sent", {}))
        context.emit(CustomerGreeted(code=code), greeting)
        work.flush()
        yield


def test_events_come_as_they_are_published_oldest_first(api: Api) -> None:
    customer(api, "C1")
    customer(api, "C2")
    settled(api)
    answer = read(api)
    stored = [{name: value for name, value in event.items() if value is not None} for event in api.events()]
    assert answer["data"] == stored
    assert [event["type"] for event in stored] == ["tenant.created", "customer.created", "customer.created"]
    assert stored[1]["specversion"] == "1.0"
    assert stored[1]["source"] == "bigledger.records"
    assert stored[1]["actorid"] == "tester"


def test_the_cursor_goes_on_where_the_page_ended_and_stays_when_nothing_happened(api: Api) -> None:
    for code in ("C1", "C2", "C3"):
        customer(api, code)
    settled(api)
    first = read(api, type="customer.created", limit=2)
    second = read(api, type="customer.created", limit=2, after=first["next_cursor"])
    third = read(api, type="customer.created", limit=2, after=second["next_cursor"])
    assert (codes(first), codes(second), codes(third)) == (["C1", "C2"], ["C3"], [])
    assert third["next_cursor"] == second["next_cursor"]
    customer(api, "C4")
    settled(api)
    assert codes(read(api, type="customer.created", after=third["next_cursor"])) == ["C4"]


def test_an_event_that_commits_late_is_not_skipped(api: Api) -> None:
    customer(api, "C0")
    settled(api)
    start = read(api)["next_cursor"]
    with recording(api, "LATE"):
        customer(api, "EARLY")
        during = read(api, after=start)
        assert during["data"] == []
        assert during["next_cursor"] == start
    settled(api)
    after = read(api, after=during["next_cursor"])
    assert codes(after) == ["LATE", "EARLY"]
    assert read(api, after=after["next_cursor"])["data"] == []


def test_events_of_one_document(api: Api) -> None:
    told = customer(api, "C1")
    customer(api, "C2")
    path = {"resource": "customers", "id": "C1"}
    api.call("update_record", {"name": "Else"}, path=path, headers={"If-Match": "*"}).expect(200)
    settled(api)
    answer = read(api, subject=told["subject"])
    assert [(event["type"], event["sequence"]) for event in answer["data"]] == [
        ("customer.created", 1),
        ("customer.updated", 2),
    ]
    assert [event["sequence"] for event in read(api, subject=told["subject"], type="customer.updated")["data"]] == [2]


def test_a_page_is_bounded_by_its_size_but_never_empty_before_the_end(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("C1", "C2", "C3"):
        customer(api, code)
    settled(api)
    size = len(api.rows("SELECT data::text FROM kernel.event WHERE type = 'customer.created'")[0][0])
    monkeypatch.setattr(reading, "BUDGET", 2 * size)
    first = read(api, type="customer.created")
    assert codes(first) == ["C1", "C2"]
    assert codes(read(api, type="customer.created", after=first["next_cursor"])) == ["C3"]
    monkeypatch.setattr(reading, "BUDGET", 1)
    assert codes(read(api, type="customer.created")) == ["C1"]


def test_another_tenant_has_a_feed_of_its_own(api: Api, other: Api) -> None:
    customer(api, "C1")
    settled(api)
    settled(other)
    theirs = read(api)["next_cursor"]
    assert [event["type"] for event in read(other)["data"]] == ["tenant.created"]
    assert {event["tenantid"] for event in read(other)["data"]} == {other.tenant_id}
    assert {event["tenantid"] for event in read(api)["data"]} == {api.tenant_id}
    answer = other.call("list_events", query={"after": theirs}).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == ["/after"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"after": "nonsense"}, "/after"),
        ({"after": cursor("x")}, "/after"),
        ({"after": cursor("0195b4f2-0000-7000-8000-000000000000")}, "/after"),
        ({"after": cursor("0195b4f2-0000-7000-8000-000000000000", "x")}, "/after"),
        ({"limit": "0"}, "/limit"),
        ({"limit": "201"}, "/limit"),
        ({"type": "Robert'); DROP TABLE"}, "/type"),
        ({"subject": "invoice"}, "/subject"),
        ({"status": "open"}, "/status"),
    ],
)
def test_a_query_that_means_nothing_is_pointed_at(api: Api, query: dict[str, str], pointer: str) -> None:
    answer = api.call("list_events", query=query).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == [pointer]


def test_reading_takes_one_statement_after_the_request_is_opened(api: Api) -> None:
    customer(api, "C1")
    settled(api)
    _, sent = counted(lambda: read(api))
    assert len(sent) == 2


def test_the_index_of_the_feed_serves_it_under_row_level_security(api: Api) -> None:
    """Also where the rows before the cursor and those of other tenants are many."""
    customer(api, "C1")
    settled(api)
    after = read(api, limit=1)["next_cursor"]
    _, (_, statement) = counted(lambda: read(api, after=after))
    with transaction() as opened:
        opened.rows("SELECT set_config('app.tenant_id', :tenant, true)", tenant=str(api.tenant_id))
        opened.rows("SET LOCAL enable_seqscan = off")
        plan = opened.rows(
            f"EXPLAIN {statement}",
            after="0195b4f2-0000-7000-8000-000000000000",
            beginning=False,
            limit=50,
            budget=reading.BUDGET,
        )
    (condition,) = [row[0] for row in plan if "ROW(transaction_id, id) > ROW(" in row[0]]
    assert condition.strip().startswith("Index Cond: ((tenant_id = ")
    assert "transaction_id < ((pg_snapshot_xmin(" in condition
    assert not any("Sort" in row[0] for row in plan)


def test_without_the_permission_nothing_is_read(api: Api) -> None:
    answer = api.as_("clerk", "events.list_dead_letters").call("list_events").expect(403)
    assert answer["permission"] == "events.list_events"
