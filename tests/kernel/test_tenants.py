"""Work for every tenant: each in its own transaction, none kept waiting by another's failure."""

from collections import Counter
from uuid import UUID

import pytest

from bigledger.kernel import Context, transactions
from bigledger.kernel.database import ConcurrentChange
from bigledger.kernel.tenants import for_each_tenant
from tests.support.api import Api


@pytest.fixture
def other(operator: Api) -> Api:
    """A second tenant."""
    company = {"currency": "EUR", "jurisdiction": "DE"}
    return Api(operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)["id"])


def test_each_tenant_is_its_own_transaction_and_sees_only_itself(api: Api, other: Api) -> None:
    seen: dict[UUID, list[str]] = {}

    def look(context: Context) -> int:
        rows = context.work.read("SELECT tenant_id::text AS tenant_id FROM kernel.tenant")
        seen[context.tenant.id] = [row.tenant_id for row in rows]
        assert context.request.operation == "test.look"
        return 1

    swept = for_each_tenant("test.look", look, 10)
    assert swept.tenants == swept.done == len(seen)
    assert swept.failed == 0
    assert seen[UUID(str(api.tenant_id))] == [str(api.tenant_id)]
    assert seen[UUID(str(other.tenant_id))] == [str(other.tenant_id)]


def test_a_tenant_that_fails_is_counted_and_the_others_go_on(api: Api, other: Api) -> None:
    done = []

    def fail_for_one(context: Context) -> int:
        if str(context.tenant.id) == str(api.tenant_id):
            raise ZeroDivisionError("a defect")
        done.append(str(context.tenant.id))
        return 0

    swept = for_each_tenant("test.fail", fail_for_one, 10)
    assert swept.failed == 1
    assert str(other.tenant_id) in done
    assert len(done) == swept.tenants - 1


def test_whole_batches_are_followed_by_another_and_conflicts_are_tried_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions.time, "sleep", lambda seconds: None)
    calls: Counter[UUID] = Counter()

    def busy(context: Context) -> int:
        if str(context.tenant.id) != str(api.tenant_id):
            return 0
        calls[context.tenant.id] += 1
        if calls[context.tenant.id] == 2:
            raise ConcurrentChange("someone was faster")
        return 10 if calls[context.tenant.id] < 4 else 3

    swept = for_each_tenant("test.busy", busy, 10)
    assert (swept.done, swept.failed) == (23, 0)
    assert list(calls.values()) == [4]


def test_a_suspended_tenant_is_left_alone(api: Api) -> None:
    api.rows("UPDATE kernel.tenant SET status = 'suspended'")
    seen = []

    def look(context: Context) -> int:
        seen.append(str(context.tenant.id))
        return 0

    for_each_tenant("test.look", look, 10)
    assert str(api.tenant_id) not in seen
