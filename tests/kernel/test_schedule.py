"""Functions whose caller is the clock: run once per call, counted, and for every tenant in its own transaction."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from bigledger.kernel import Context, Document, documents, runtime, schedule
from bigledger.kernel.database import ConcurrentChange
from bigledger.kernel.observability import logger
from bigledger.kernel.tenants import Swept, for_each_tenant
from tests.kernel.notes import NoteWritten
from tests.support.api import Api
from tests.support.bare import working


class Counted(BaseModel):
    """What the schedule did."""

    done: int


@schedule("rate(5 minutes)", role="dispatcher", memory=256, timeout=30)
def count_once() -> Counted:
    """Count one.

    And no more.
    """
    return Counted(done=1)


def test_a_schedule_is_what_it_was_declared_to_be() -> None:
    assert (count_once.name, count_once.module, count_once.rate) == ("count_once", "kernel", "rate(5 minutes)")
    assert (count_once.role, count_once.memory, count_once.timeout) == ("dispatcher", 256, 30)
    assert count_once.summary == "Count one."


def test_it_answers_what_it_did_whatever_the_event() -> None:
    assert count_once({"anything": 1}, None) == {"done": 1}
    assert count_once.run() == Counted(done=1)


def test_its_lines_name_it_and_no_tenant() -> None:
    count_once({}, None)
    keys = logger.thread_safe_get_current_keys()
    assert (keys["operation"], keys["actor"], keys["tenant_id"]) == ("count_once", "scheduler", "")
    assert keys["correlation_id"] == keys["request_id"]


def test_a_failure_is_raised_for_the_platform_to_see() -> None:
    @schedule("rate(1 minute)")
    def fail() -> Counted:
        """Fail."""
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail({}, None)


@pytest.fixture
def alone(tenant: Api, other: Api, owner_url: str) -> Iterator[tuple[Api, Api]]:
    """Two tenants that no other active tenant is beside."""
    import psycopg

    with psycopg.connect(owner_url.replace("bigledger_owner@", "postgres@"), autocommit=True) as connection:
        elsewhere = "tenant_id NOT IN (%s, %s)"
        mine = (tenant.tenant_id, other.tenant_id)
        found = connection.execute(
            f"UPDATE kernel.tenant SET status = 'suspended' WHERE status = 'active' AND {elsewhere}"
            " RETURNING tenant_id", mine
        ).fetchall()  # fmt: skip
        yield tenant, other
        connection.execute(
            "UPDATE kernel.tenant SET status = 'active' WHERE tenant_id = ANY(%s)", ([row[0] for row in found],)
        )


def write_one(context: Context) -> int:
    """Write a note."""
    note = documents.create(context, Document(context.new_id(), "note", "open", {}))
    context.emit(NoteWritten(text=context.tenant.name), note)
    return 1


class TestForEachTenant:
    """Work that is done for every tenant."""

    def test_every_active_tenant_has_it_done_as_the_scheduler(self, alone: tuple[Api, Api]) -> None:
        assert for_each_tenant("kernel.sweep", write_one, batch=2) == Swept(tenants=2, done=2, failed=0)
        told = [api.events()[0] for api in alone]
        assert [event["data"]["text"] for event in told] == ["Bare", "Other"]
        assert {(event["actorid"], event["operation"]) for event in told} == {("scheduler", "kernel.sweep")}

    def test_a_suspended_tenant_is_left_out(self, alone: tuple[Api, Api]) -> None:
        with working(alone[0]) as context:
            context.work.read("UPDATE kernel.tenant SET status = 'suspended'")
        assert for_each_tenant("kernel.sweep", write_one, batch=2) == Swept(tenants=1, done=1, failed=0)
        assert [api.counts()["kernel.document"] for api in alone] == [0, 1]

    def test_it_goes_on_while_a_whole_batch_was_done(self, alone: tuple[Api, Api]) -> None:
        def up_to_three(context: Context) -> int:
            left = 3 - context.work.read("SELECT count(*) FROM kernel.document")[0][0]
            return write_one(context) if left else 0

        assert for_each_tenant("kernel.sweep", up_to_three, batch=1).done == 6
        assert [api.counts()["kernel.document"] for api in alone] == [3, 3]

    def test_a_tenant_that_fails_changes_nothing_and_keeps_no_one_waiting(self, alone: tuple[Api, Api]) -> None:
        def fail_for_bare(context: Context) -> int:
            done = write_one(context)
            if context.tenant.name == "Bare":
                context.work.flush()
                raise ZeroDivisionError
            return done

        assert for_each_tenant("kernel.sweep", fail_for_bare, batch=2) == Swept(tenants=2, done=1, failed=1)
        assert [api.counts()["kernel.document"] for api in alone] == [0, 1]

    def test_a_conflict_is_tried_again(self, alone: tuple[Api, Api]) -> None:
        tried: list[str] = []

        def hindered(context: Context) -> int:
            tried.append(context.tenant.name)
            done = write_one(context)
            if tried.count(context.tenant.name) < 3:
                context.work.flush()
                raise ConcurrentChange("in the way")
            return done

        assert for_each_tenant("kernel.sweep", hindered, batch=2) == Swept(tenants=2, done=2, failed=0)
        assert tried == ["Bare"] * 3 + ["Other"] * 3
        assert [api.counts()["kernel.document"] for api in alone] == [1, 1]

    def test_the_relay_is_told_when_something_was_done(
        self, alone: tuple[Api, Api], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[str] = []
        monkeypatch.setattr(runtime, "nudge", lambda: told.append("nudged"))
        for_each_tenant("kernel.sweep", lambda context: 0, batch=1)
        assert told == []
        for_each_tenant("kernel.sweep", write_one, batch=2)
        assert told == ["nudged"]
