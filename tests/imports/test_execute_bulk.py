"""Many requests as one: each through the whole of its operation, alone, or all of them or none."""

import hashlib
from typing import Any

import pytest

from bigledger.imports import bulk
from bigledger.kernel import pipeline
from devtools.generate.discover import ROOT, discover
from devtools.generate.modules import brought_along
from tests.support.api import FUNCTIONS, Api, Response
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.statements import counted

LAMP = {"product": "PROD001", "quantity": 1}


def invoice(customer: str = "CUST001", /, key: str | None = None, **fields: Any) -> dict[str, Any]:
    fields.setdefault("items", [LAMP])
    item = {"operation": "create_invoice", "body": {"customer": customer, **fields}}
    return item | ({"idempotency_key": key} if key else {})


def send(
    api: Api, *items: Any, status: int = 200, key: str | None = None, query: Any = None, **fields: Any
) -> Response:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"items": list(items), **fields}
    return api.call("execute_bulk", body, headers=headers, query=query).expect(status)


def dump(api: Api) -> str:
    """A digest of every row of every table of the tenant."""
    tables = api.rows(
        "SELECT DISTINCT table_schema || '.' || table_name AS name FROM information_schema.columns"
        " WHERE column_name = 'tenant_id' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    )
    whole = hashlib.sha256()
    for table in tables:
        (row,) = api.rows(f"SELECT string_agg(t::text, E'\\n' ORDER BY t::text) AS text FROM {table.name} t")
        whole.update(f"{table.name} {row.text}".encode())
    return whole.hexdigest()


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    """Answers come in the order of the items, each with the status that its operation answers."""
    answer = example(
        body={
            "atomic": True,
            "items": [
                {
                    "operation": "create_record",
                    "path": {"resource": "customers"},
                    "body": {"code": "CUST003", "name": "Harbour Cafe", "jurisdiction": "US-CA"},
                },
                {
                    "operation": "create_invoice",
                    "body": {"customer": "CUST003", "items": [{"product": "PROD001", "quantity": 2}]},
                },
            ],
        },
        headers={"Idempotency-Key": "first-order"},
    )
    assert (answer["done"], answer["refused"]) == (2, 0)
    customer, made = (item["body"] for item in answer["items"])
    assert [item["status"] for item in answer["items"]] == [201, 201]
    assert (customer["code"], made["customer"]["id"], made["total"]) == ("CUST003", customer["id"], "254.40")
    sound(shop.api)


@pytest.mark.parametrize("atomic", [True, False])
def test_each_is_answered_as_it_would_be_alone(shop: Shop, atomic: bool) -> None:
    """Numbers run on, stock and credit are those that the items before left, every event is there."""
    answer = send(shop.api, *[invoice(items=[{"product": "PROD001", "quantity": n}]) for n in (1, 2, 3)], atomic=atomic)
    made = [item["body"] for item in answer["items"]]
    assert [one["number"] for one in made] == ["INV-2026-000001", "INV-2026-000002", "INV-2026-000003"]
    assert [one["reservations"][0]["available_after"] for one in made] == ["99", "97", "94"]
    assert [one["credit"]["exposure"] for one in made] == ["128.70", "386.10", "772.20"]
    assert [event["data"]["number"] for event in shop.api.events("invoice.created")] == [one["number"] for one in made]
    for one in made:
        told = shop.get(one)
        assert {name: told[name] for name in ("total", "posting", "taxes")} == {
            name: one[name] for name in ("total", "posting", "taxes")
        }
    sound(shop.api)


def test_alone_a_refused_item_keeps_no_other_waiting(shop: Shop) -> None:
    answer = send(shop.api, invoice(), invoice("NOBODY"), invoice())
    assert [item["status"] for item in answer["items"]] == [201, 422, 201]
    assert (answer["done"], answer["refused"]) == (2, 1)
    problem = answer["items"][1]["problem"]
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("unknown_reference", "/customer")
    assert [item["body"]["number"] for item in answer["items"] if "body" in item] == [
        "INV-2026-000001",
        "INV-2026-000002",
    ]


def test_together_one_refusal_refuses_all_and_tells_everything(shop: Shop) -> None:
    """Every item's problem is told where it stands, and no row of any table is another."""
    shop.invoice()
    before = dump(shop.api)
    items = [
        invoice(key="a"),
        invoice("NOBODY", key="b"),
        invoice(items=[{"product": "PROD001", "quantity": 1000}], key="c"),
        {"operation": "void_invoice", "path": {"id": "INV-2026-000009"}, "body": {"reason": "x"}},
    ]
    refused = send(shop.api, *items, atomic=True, status=422)
    assert refused["code"] == "bulk_refused"
    assert [(one["item"], one["code"], one["status"]) for one in refused["items"]] == [
        (1, "unknown_reference", 422),
        (2, "insufficient_stock", 422),
        (3, "not_found", 404),
    ]
    assert [error["pointer"] for error in refused["errors"]][:2] == [
        "/items/1/body/customer",
        "/items/2/body/items/0/quantity",
    ]
    assert dump(shop.api) == before
    assert send(shop.api, invoice(key="a"))["items"][0]["body"]["number"] == "INV-2026-000002"


def test_what_is_wrong_in_form_is_told_of_all_items_before_any_begins(shop: Shop) -> None:
    before = dump(shop.api)
    items = [
        {"operation": "create_invoice", "body": {"customer": "CUST001"}},
        {"operation": "void_invoice", "body": {"reason": "x"}},
        {"operation": "update_record", "path": {"resource": "customers", "id": "CUST001"}, "body": {"name": "New"}},
        {"operation": "record_payment", "body": {"customer": "CUST001", "amount": "1.00"}},
    ]
    refused = send(shop.api, *items, atomic=True, status=422)
    assert [(one["item"], one["code"]) for one in refused["items"]] == [
        (0, "invalid_request"),
        (1, "invalid_request"),
        (2, "precondition_missing"),
        (3, "precondition_missing"),
    ]
    assert [error["pointer"] for error in refused["errors"]] == [
        "/items/0/body/items",
        "/items/1/path/id",
        "/items/2",
        "/items/3",
    ]
    assert dump(shop.api) == before


def test_the_credit_that_one_took_is_gone_for_the_next(shop: Shop) -> None:
    """CUST003 may owe 200.00: one lamp fits, the second does not, alone or together."""
    shop.api.record("customers", code="CUST003", name="Small", jurisdiction="US-NV", credit_limit="200.00")
    before = dump(shop.api)
    refused = send(shop.api, invoice("CUST003"), invoice("CUST003"), atomic=True, status=422)
    assert [(one["item"], one["code"], one["exposure"]) for one in refused["items"]] == [
        (1, "credit_limit_exceeded", "120.00")
    ]
    assert dump(shop.api) == before
    alone = send(shop.api, invoice("CUST003"), invoice("CUST003"))
    assert [item["status"] for item in alone["items"]] == [201, 422]


@pytest.mark.parametrize("atomic", [True, False])
def test_keys_make_items_happen_once(shop: Shop, atomic: bool) -> None:
    """The item's own key, or the one that the bulk's key gives it; the stored answer is told, and told to be that."""
    items = [invoice(key="own"), invoice()]
    first = send(shop.api, *items, atomic=atomic, key="bulk")
    before = dump(shop.api)
    again = send(shop.api, *items, atomic=atomic, key="bulk")
    assert [item["idempotency_hit"] for item in again["items"]] == [True, True]
    assert [item["body"] for item in again["items"]] == [item["body"] for item in first["items"]]
    other = send(shop.api, *items, atomic=not atomic, key="bulk")
    assert [item["body"] for item in other["items"]] == [item["body"] for item in first["items"]]
    assert dump(shop.api) == before


def test_a_key_belongs_to_one_request(shop: Shop) -> None:
    send(shop.api, invoice(key="own"))
    before = dump(shop.api)
    (item,) = send(shop.api, invoice("CUST002", key="own"))["items"]
    assert (item["status"], item["problem"]["code"]) == (422, "idempotency_key_reused")
    refused = send(shop.api, invoice(), invoice("CUST002", key="own"), atomic=True, status=422)
    assert [(one["item"], one["code"]) for one in refused["items"]] == [(1, "idempotency_key_reused")]
    doubled = send(shop.api, invoice(key="k"), invoice(key="k"), status=422)
    assert [error["pointer"] for error in doubled["errors"]] == [
        "/items/0/idempotency_key",
        "/items/1/idempotency_key",
    ]
    assert dump(shop.api) == before


@pytest.mark.parametrize("atomic", [True, False])
def test_nobody_reaches_into_another_tenant(shop: Shop, operator: Api, atomic: bool) -> None:
    """Another tenant's ids are answered just as ids that nothing has."""
    made = shop.invoice()
    stranger = Api(
        operator.call(
            "create_tenant", {"name": "Other", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
        ).expect(201)["id"]
    )
    before, others = dump(shop.api), dump(stranger)
    told = []
    for identifier in (made["id"], "019b772d-0e3b-7000-8000-000000000000"):
        void = {"operation": "void_invoice", "path": {"id": identifier}, "body": {"reason": "x"}}
        stranger.requests = 0
        answer = send(stranger, void, atomic=atomic, status=422 if atomic else 200)
        assert answer["items"][0]["status"] == 404
        told.append(answer.text.replace(identifier, "ID"))
    assert told[0] == told[1]
    assert (dump(shop.api), dump(stranger)) == (before, others)


def test_each_asks_for_its_own_permission(shop: Shop) -> None:
    clerk = shop.api.as_("clerk", "imports.execute_bulk receivables.create_invoice")
    unit = {"operation": "create_record", "path": {"resource": "units"}, "body": {"code": "U7", "name": "Seven"}}
    answer = send(clerk, invoice(), unit)
    assert [item["status"] for item in answer["items"]] == [201, 403]
    assert answer["items"][1]["problem"]["permission"] == "records.create_unit"
    before = dump(shop.api)
    refused = send(clerk, invoice(), unit, atomic=True, status=422)
    assert [(one["item"], one["code"]) for one in refused["items"]] == [(1, "forbidden")]
    assert dump(shop.api) == before


@pytest.mark.parametrize(
    "name",
    [
        "execute_bulk",
        "imports.execute_bulk",
        "get_invoice",
        "create_api_key",
        "create_tenant",
        "no_such_thing",
        "get_kpis",
    ],
)
def test_what_reads_or_shows_a_secret_or_is_a_bulk_may_not_be_in_one(shop: Shop, name: str) -> None:
    before = dump(shop.api)
    nested = {"operation": name, "body": {"items": [invoice()]}}
    refused = send(shop.api, invoice(), nested, atomic=True, status=422)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/items/1/operation", "not_in_bulk")]
    assert dump(shop.api) == before


def test_set_up_of_one_item_serves_the_next_and_goes_with_a_refusal(shop: Shop) -> None:
    """An account made by an item is posted to by a later one; refused, nobody ever sees it."""
    account = {
        "operation": "create_record",
        "path": {"resource": "accounts"},
        "body": {"code": "6997", "name": "Rare costs", "kind": "expense", "parent": "6"},
    }
    lines = [{"account": "6997", "debit": "5.00"}, {"account": "1020", "credit": "5.00"}]
    entry = {"operation": "create_journal_entry", "body": {"lines": lines, "post": True}, "idempotency_key": "entry"}
    before = dump(shop.api)
    refused = send(shop.api, account, entry, invoice("NOBODY"), atomic=True, status=422)
    assert [one["item"] for one in refused["items"]] == [2]
    assert dump(shop.api) == before
    missing = shop.api.call("create_journal_entry", entry["body"], headers={"Idempotency-Key": "x"}).expect(422)
    assert missing["code"] == "unknown_reference"
    answer = send(shop.api, account, entry, atomic=True)
    assert [item["status"] for item in answer["items"]] == [201, 201]
    assert shop.trial_balance()["6997"] == "5.00"


@pytest.mark.parametrize("atomic", [True, False])
def test_a_dry_run_tells_of_each_and_changes_nothing(shop: Shop, atomic: bool) -> None:
    before = dump(shop.api)
    answer = send(shop.api, invoice(key="a"), invoice(), atomic=atomic, query={"dry_run": "true"})
    assert [item["status"] for item in answer["items"]] == [201, 201]
    assert [item["body"]["total"] for item in answer["items"]] == ["128.70", "128.70"]
    assert [event["type"] for event in answer["dry_run"]["events"]] == ["invoice.created", "stock.reserved"] * 2
    assert dump(shop.api) == before


def test_the_version_that_was_read_is_held_against_the_item(shop: Shop) -> None:
    draft = shop.invoice(draft=True)
    change = {"operation": "update_invoice", "path": {"id": draft["id"]}, "body": {"note": "Later"}}
    first, second = send(shop.api, change | {"if_match": 1}, change | {"if_match": 1})["items"]
    assert (first["status"], first["body"]["version"]) == (200, 2)
    assert (second["status"], second["problem"]["code"]) == (412, "stale_version")


def test_brief_answers_leave_the_rest_to_be_read(shop: Shop) -> None:
    (item,) = send(shop.api, invoice(), answers="brief")["items"]
    assert sorted(item["body"]) == ["id", "number", "status", "total", "version"]
    assert shop.get(item["body"])["total"] == item["body"]["total"]


@pytest.mark.parametrize("atomic", [True, False])
def test_what_there_is_no_room_or_time_for_is_not_begun(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, atomic: bool
) -> None:
    before = dump(shop.api)
    monkeypatch.setattr("bigledger.kernel.bulk.BYTES", 10)
    if atomic:
        assert send(shop.api, invoice(), invoice(), atomic=True, status=413)["limit"] == 10
        assert dump(shop.api) == before
    else:
        assert [item["status"] for item in send(shop.api, invoice(), invoice())["items"]] == [201, 413]
    monkeypatch.setattr("bigledger.kernel.bulk.TIME", -1)
    before = dump(shop.api)
    if atomic:
        assert send(shop.api, invoice(), atomic=True, status=503)["retryable"] is True
    else:
        assert [item["status"] for item in send(shop.api, invoice())["items"]] == [503]
    assert dump(shop.api) == before


def test_a_thousand_items_at_most(shop: Shop) -> None:
    refused = send(shop.api, *[invoice()] * 1001, status=422)
    assert [error["pointer"] for error in refused["errors"]] == ["/items"]


def test_together_costs_what_opens_and_one_read_per_invoice(shop: Shop) -> None:
    shop.invoice()
    _, few = counted(lambda: send(shop.api, *[invoice()] * 2, atomic=True))
    _, more = counted(lambda: send(shop.api, *[invoice()] * 6, atomic=True))
    assert (len(few), len(more)) == (1 + 2 + 1, 1 + 6 + 1)


def test_the_modules_whose_operations_it_runs_are_installed_with_it() -> None:
    functions = discover(ROOT)
    assert set(bulk.MODULES) <= brought_along(ROOT, functions)["imports"]
    found = {one.name for one in functions.operations if bulk.find(FUNCTIONS, one.name) is not None}
    assert {"create_invoice", "record_payment", "create_record", "void_invoice", "create_bill"} <= found
    assert not any(name.startswith(("get_", "list_")) for name in found)


def test_together_invoices_are_flushed_in_groups_as_if_one_by_one(shop: Shop) -> None:
    """Each sees the stock, the credit and the numbers that those staged before it take; a group takes one flush."""
    shop.invoice()
    items = [invoice(items=[{"product": "PROD001", "quantity": n % 2 + 1}], key=f"k{n}") for n in range(30)]
    answer, sent = counted(lambda: send(shop.api, *items, atomic=True))
    made = [item["body"] for item in answer["items"]]
    assert [one["number"] for one in made] == [f"INV-2026-{number:06}" for number in range(2, 32)]
    assert [one["reservations"][0]["available_after"] for one in made[:4]] == ["89", "87", "86", "84"]
    assert [one["credit"]["exposure"] for one in made[:2]] == ["1415.70", "1673.10"]
    assert made[-1]["reservations"][0]["available_after"] == shop.available("PROD001") == "45"
    assert len(sent) == 2 + 30 + 2
    sound(shop.api)


def test_a_group_that_would_pass_a_limit_is_refused_where_it_would(shop: Shop) -> None:
    """Ninety of a hundred lamps are there for the first two; the third is short, and nothing of the three is kept."""
    before = dump(shop.api)
    items = [invoice("CUST002", items=[{"product": "PROD001", "quantity": n}]) for n in (50, 40, 30)]
    refused = send(shop.api, *items, atomic=True, status=422)
    assert [(one["item"], one["code"]) for one in refused["items"]] == [(2, "insufficient_stock")]
    assert refused["items"][0]["shortages"][0]["available"] == "10"
    assert dump(shop.api) == before


def test_what_only_the_database_finds_is_told_of_the_item(shop: Shop) -> None:
    """Two items of a group give the same id: no rule sees it, the flush does, and the second is told."""
    before = dump(shop.api)
    identifier = "019b772d-0e3b-7000-8000-000000000001"
    refused = send(shop.api, invoice(), invoice(id=identifier), invoice(id=identifier), atomic=True, status=422)
    assert [(one["item"], one["code"]) for one in refused["items"]] == [(2, "id_taken")]
    assert dump(shop.api) == before


@pytest.mark.parametrize("atomic", [False, True])
def test_the_statements_of_all_items_are_logged(shop: Shop, atomic: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the bulk sent to the database is what its line in the log counts, a refused item's included."""
    logged: list[int] = []
    monkeypatch.setattr(pipeline, "record", lambda name, outcome, milliseconds, statements: logged.append(statements))
    items = [invoice(), invoice(), {"operation": "create_invoice", "body": {"customer": "NOBODY", "items": [LAMP]}}]
    status = 422 if atomic else 200
    _, sent = counted(lambda: send(shop.api, *items, atomic=atomic, status=status))
    assert logged == [len(sent)]
    assert len(sent) >= 5


def test_a_document_that_changes_several_times_in_a_transaction_is_sound(shop: Shop) -> None:
    """Paid in two parts, and sent twice, by one atomic bulk: each of the four changes has its event."""
    path = {"id": shop.invoice()["id"]}
    pay, mail = ({"operation": name, "path": path} for name in ("pay_invoice", "send_invoice"))
    by_mail = {**mail, "body": {"to": "books@example.com"}}
    items = ({**pay, "body": {"amount": "5.00"}}, by_mail, pay, by_mail)
    answer = send(shop.api, *items, atomic=True, key="several")
    assert [item["status"] for item in answer["items"]] == [201, 200, 201, 200]
    assert shop.api.call("get_invoice", path=path)["version"] == 5
    sound(shop.api)
