"""Chunks are committed one by one; wherever an import is interrupted, it goes on, and nothing comes twice."""

from typing import Any

import pytest

from bigledger.imports import KINDS
from bigledger.kernel.database import Transaction
from tests.imports.test_create_import import CUSTOMERS, ENTRIES, create
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.statements import counted


def commit(api: Api, made: Any, operation: str = "commit_import", status: int = 200) -> Any:
    headers = {"Idempotency-Key": f"commit-{api.requests}"}
    return api.call(operation, path={"id": made["id"]}, headers=headers).expect(status).json


def names(api: Api) -> dict[str, str]:
    rows = api.rows("SELECT number, data->>'name' AS name FROM kernel.document WHERE type = 'customer' ORDER BY number")
    return {row.number: row.name for row in rows}


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    made = create(shop.api, kind="customers", text=CUSTOMERS)
    answer = example(path={"id": made["id"]}, headers={"Idempotency-Key": "first"})
    assert (answer["status"], answer["created"], answer["remaining"]) == ("completed", 2, 0)
    assert answer["events"] == ["import.completed"]
    assert names(shop.api)["C2"] == "Pier, the café"
    customer = shop.api.call("get_record", path={"resource": "customers", "id": "C1"}).expect(200)
    assert customer["address"] == {"city": "San Francisco", "country": "US"}
    assert customer["payment_terms"]["code"] == "NET30"


def test_entries_are_posted_with_their_lines(shop: Shop) -> None:
    made = create(shop.api, kind="journal_entries", text=ENTRIES)
    assert commit(shop.api, made)["status"] == "completed"
    balances = shop.trial_balance(as_of="2026-10-31")
    assert balances == {"1020": "-1200.00", "1200": "10.00", "4010": "-10.00", "6120": "1200.00"}
    sound(shop.api)


def test_accounts_of_one_file_stand_below_one_another(api: Api) -> None:
    rows = [
        {"code": "66", "name": "Research", "kind": "expense", "group": True, "parent": "6"},
        {"code": "6600", "name": "Laboratory", "kind": "expense", "parent": "66"},
    ]
    commit(api, create(api, kind="accounts", rows=rows))
    account = api.call("get_record", path={"resource": "accounts", "id": "6600"}).expect(200)
    assert account["parent"]["code"] == "66"


def test_invoices_are_made_one_by_one(shop: Shop) -> None:
    rows = [
        {"external_id": f"I{n}", "customer": "CUST001", "items": [{"product": "PROD001", "quantity": 60}]}
        for n in (1, 2)
    ]
    made = create(shop.api, kind="invoices", rows=rows)
    assert commit(shop.api, made)["remaining"] == 1
    refused = commit(shop.api, made, status=422)
    assert refused["code"] == "import_refused"
    assert (refused["rows"][0]["row"], refused["rows"][0]["external_id"]) == (2, "I2")
    shop.receive(PROD001="50")
    assert commit(shop.api, made, "resume_import")["status"] == "completed"
    assert [invoice["total"] for invoice in shop.api.call("list_invoices").expect(200)["data"]] == ["7722.00"] * 2
    sound(shop.api)


def test_an_import_that_was_killed_goes_on_and_brings_nothing_twice(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after the first chunk's flush and before its commit, and again between two chunks."""
    rows = [{"code": f"K{n:04}", "name": f"Customer {n}", "jurisdiction": "US-CA"} for n in range(1200)]
    made = create(api, kind="customers", rows=rows)
    before = api.counts()

    def killed(self: Any, sql: str, **parameters: Any) -> Any:
        row = plain(self, sql, **parameters)
        if "imports.imported" in sql and "INSERT" in sql:
            raise ConnectionError("the process is gone")
        return row

    plain = Transaction.row
    with monkeypatch.context() as patch:
        patch.setattr(Transaction, "row", killed)
        commit(api, made, status=500)
    assert api.counts() == before
    assert (commit(api, made)["done"], commit(api, made, "resume_import")["done"]) == (500, 1000)
    last = commit(api, made, "resume_import")
    assert (last["status"], last["created"], last["skipped"]) == ("completed", 1200, 0)
    assert len(names(api)) == 1200
    assert commit(api, made, "resume_import")["created"] == 1200
    assert len(api.events("customer.created")) == 1200


def test_an_external_id_is_imported_once(shop: Shop) -> None:
    commit(shop.api, create(shop.api, kind="journal_entries", text=ENTRIES))
    more = ENTRIES + "E3,2026-10-03,More,6120,1.00,,\nE3,,,1020,,1.00,\n"
    again = commit(shop.api, create(shop.api, kind="journal_entries", text=more))
    assert (again["created"], again["skipped"], again["total"]) == (1, 2, 3)
    assert shop.trial_balance(as_of="2026-10-31")["6120"] == "1201.00"


@pytest.mark.parametrize("key", ["code", "external_id"])
def test_records_that_were_imported_before_are_passed_over_whatever_became_of_them(api: Api, key: str) -> None:
    """The same file can be sent again: what it brought is neither checked, nor changed, nor brought twice."""
    rows = [{"code": f"C{n}", "name": f"Customer {n}", "jurisdiction": "US-CA"} for n in (1, 2)]
    rows = rows if key == "code" else [{"external_id": f"old {n}", **row} for n, row in enumerate(rows)]
    commit(api, create(api, kind="customers", rows=rows))
    renamed = {"resource": "customers", "id": "C2"}
    api.call("update_record", {"name": "Renamed"}, path=renamed, headers={"If-Match": "*"}).expect(200)
    more = [*rows, {"external_id": "new", "code": "C3", "name": "Customer 3", "jurisdiction": "US-CA"}]
    again = commit(api, create(api, kind="customers", rows=more))
    assert (again["created"], again["skipped"], again["total"]) == (1, 2, 3)
    assert names(api) == {"C1": "Customer 1", "C2": "Renamed", "C3": "Customer 3"}
    before = api.counts()
    refused = create(api, kind="customers", rows=[{"external_id": "other", "code": "C1", "name": "x"}])
    assert [error["pointer"] for error in refused["errors"]] == ["/jurisdiction"]
    refused = create(api, kind="customers", rows=[{**rows[0], "external_id": "other"}])
    assert [error["code"] for error in refused["errors"]] == ["code_taken"]
    assert api.counts()["kernel.document"] == before["kernel.document"] + 2  # the imports themselves


def test_a_dry_run_shows_the_chunk_and_leaves_nothing(api: Api) -> None:
    made = create(api, kind="customers", text=CUSTOMERS)
    before = api.counts()
    answer = api.call(
        "commit_import", path={"id": made["id"]}, query={"dry_run": "true"}, headers={"Idempotency-Key": "dry"}
    ).expect(200)
    assert [event["type"] for event in answer["dry_run"]["events"]] == ["customer.created"] * 2 + ["import.completed"]
    assert api.counts() == before


def test_what_changed_since_the_check_is_told_and_nothing_of_the_chunk_is_there(api: Api) -> None:
    made = create(api, kind="customers", text=CUSTOMERS)
    api.record("customers", code="C2", name="Faster", jurisdiction="US-CA")
    before = api.counts()
    refused = commit(api, made, status=422)
    assert [(row["row"], row["pointer"], row["code"]) for row in refused["rows"]] == [(2, "/code", "code_taken")]
    assert api.counts() == before


def test_there_is_no_such_import(api: Api) -> None:
    for reference in ("nothing", "019b772d-0e3b-7000-8000-000000000000"):
        assert commit(api, {"id": reference}, status=404)["code"] == "not_found"


@pytest.mark.parametrize("kind", ["customers", "journal_entries"])
def test_statements_do_not_grow_with_the_rows(shop: Shop, kind: str) -> None:
    def rows(first: int, count: int) -> list[dict[str, Any]]:
        if kind == "customers":
            named = range(first, first + count)
            return [{"code": f"S{n}", "name": "x", "jurisdiction": "US-CA", "payment_terms": "NET30"} for n in named]
        lines = [{"account": "1200", "debit": "1.00", "customer": "CUST001"}, {"account": "4010", "credit": "1.00"}]
        return [{"external_id": f"S{n}", "date": "2026-11-01", "lines": lines} for n in range(first, first + count)]

    commit(shop.api, create(shop.api, kind=kind, rows=rows(0, 1)))
    few, many = (
        len(counted(lambda m=made: commit(shop.api, m))[1])
        for made in [create(shop.api, kind=kind, rows=rows(first, count)) for first, count in ((1, 1), (9, 100))]
    )
    assert few == many
    assert many <= 5
    assert KINDS["customers"].chunk >= 100
