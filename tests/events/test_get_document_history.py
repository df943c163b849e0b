"""The history of a document: who did what to it and to what belongs to it, and when; the newest last."""

from typing import Any

import pytest

from tests.events.bus import customer
from tests.support.api import Api
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(example: Any, shop: Shop) -> None:
    invoice = shop.invoice()
    answer = example(path={"id": invoice["id"]})
    assert answer.expect(200)["data"][0]["type"] == "invoice.created"


def history(api: Api, id: str, **query: str) -> Any:
    return api.call("get_document_history", path={"id": id}, query=query).expect(200)


def update(api: Api, code: str, name: str) -> None:
    path = {"resource": "customers", "id": code}
    api.call("update_record", {"name": name}, path=path, headers={"If-Match": "*"}).expect(200)


def test_it_tells_who_did_what_when_and_through_which_operation(api: Api) -> None:
    told = customer(api, "C1", "Old")
    update(api.as_("clerk", "records.update_customer"), "C1", "New")
    answer = history(api, told["customer"])
    created, updated = answer["data"]
    assert answer["next_cursor"] is None
    assert created["type"] == "customer.created"
    assert updated == {
        "id": api.events("customer.updated")[0]["id"],
        "time": api.events("customer.updated")[0]["time"],
        "type": "customer.updated",
        "version": 1,
        "document": {"type": "customer", "id": told["customer"], "number": "C1"},
        "relation": "self",
        "actor": {"id": "clerk", "kind": "user", "name": "clerk"},
        "operation": "records.update_record",
        "correlation_id": "request-0001",
        "data": {
            "id": told["customer"],
            "code": "C1",
            "changes": {"name": {"before": "Old", "after": "New"}},
            "data": {"code": "C1", "name": "New", "jurisdiction": "US", "exemptions": []},
        },
    }


def test_linked_documents_tell_their_part_with_their_relation(api: Api) -> None:
    told = customer(api, "C1")
    asked = api.call("request_approval", {"reason": "look"}, path={"id": told["customer"]}).expect(200)
    api.call("decide_approval", path={"id": asked["id"], "decision": "approve"}).expect(200)
    update(api, "C1", "Approved")
    customer(api, "C2")

    def told_of(id: str) -> list[tuple[str, str, str | None]]:
        entries = history(api, id)["data"]
        return [(entry["type"], entry["relation"], entry.get("direction")) for entry in entries]

    assert told_of(told["customer"]) == [
        ("customer.created", "self", None),
        ("approval.requested", "approval", "to"),
        ("approval.approved", "approval", "to"),
        ("customer.updated", "self", None),
    ]
    assert told_of(asked["id"]) == [
        ("customer.created", "approval", "from"),
        ("approval.requested", "self", None),
        ("approval.approved", "self", None),
        ("customer.updated", "approval", "from"),
    ]


def test_a_document_linked_twice_tells_its_events_once(api: Api) -> None:
    one, two = customer(api, "C1"), customer(api, "C2")
    api.rows(
        "INSERT INTO kernel.document_link (from_id, to_id, kind) SELECT cast(:one AS uuid), cast(:two AS uuid), kind"
        " FROM (VALUES ('owns'), ('bills')) AS kinds(kind)",
        one=one["customer"],
        two=two["customer"],
    )
    entries = history(api, one["customer"])["data"]
    assert [(entry["type"], entry["relation"]) for entry in entries] == [
        ("customer.created", "self"),
        ("customer.created", "bills"),
    ]


def test_pages_follow_one_another(api: Api) -> None:
    told = customer(api, "C1")
    for place in range(4):
        update(api, "C1", f"Name {place}")
    whole = history(api, told["customer"])["data"]
    first = history(api, told["customer"], limit="2")
    second = history(api, told["customer"], limit="2", cursor=first["next_cursor"])
    third = history(api, told["customer"], limit="2", cursor=second["next_cursor"])
    assert [*first["data"], *second["data"], *third["data"]] == whole
    assert [len(page["data"]) for page in (first, second, third)] == [2, 2, 1]
    assert third["next_cursor"] is None


def test_a_document_without_events_has_an_empty_history(api: Api) -> None:
    (role,) = api.rows("SELECT id FROM kernel.document WHERE type = 'role' AND number = 'admin'")
    assert history(api, str(role.id))["data"] == []


def test_it_takes_one_statement_after_the_request_is_opened(api: Api) -> None:
    told = customer(api, "C1")
    _, sent = counted(lambda: history(api, told["customer"]))
    assert len(sent) == 2


def test_another_tenants_document_is_not_found(api: Api, other: Api) -> None:
    told = customer(api, "C1")
    for id in (told["customer"], "C1", "0195b4f2-0000-7000-8000-000000000000"):
        answer = other.call("get_document_history", path={"id": id}).expect(404)
        assert answer["detail"] == f"There is no document {id}. A document is named by its id here."


def test_a_cursor_that_is_none_is_pointed_at(api: Api) -> None:
    told = customer(api, "C1")
    answer = api.call("get_document_history", path={"id": told["customer"]}, query={"cursor": "x"}).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == ["/cursor"]


def test_without_the_permission_nothing_is_told(api: Api) -> None:
    told = customer(api, "C1")
    answer = api.as_("clerk", "records.*").call("get_document_history", path={"id": told["customer"]}).expect(403)
    assert answer["permission"] == "events.get_document_history"


def test_a_cursor_serves_only_the_history_it_was_given_for(api: Api) -> None:
    told, other = customer(api, "C1"), customer(api, "C2")
    update(api, "C1", "Another")
    cursor = history(api, told["customer"], limit="1")["next_cursor"]
    feed = api.call("list_events", query={"limit": "1"}).expect(200)["next_cursor"]
    for id, given in ((other["customer"], cursor), (told["customer"], feed)):
        answer = api.call("get_document_history", path={"id": id}, query={"cursor": given}).expect(422)
        assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/cursor", "invalid_cursor")]
    refused = api.call("list_events", query={"after": cursor}).expect(422)
    assert [error["pointer"] for error in refused["errors"]] == ["/after"]
    assert len(history(api, told["customer"].upper(), cursor=cursor)["data"]) == 1
