"""Imports are read and checked whole: every error of every row at once, and nothing is created."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop

CUSTOMERS = """code,name,jurisdiction,payment_terms,address.city,address.country
C1,Harbour Hotel,US-CA,NET30,San Francisco,US
C2,"Pier, the café",US-NY,,,
"""


def create(api: Api, status: int = 201, **body: Any) -> Any:
    return api.call("create_import", body).expect(status).json


def errors(answer: Any) -> list[tuple[Any, ...]]:
    return [(error["row"], error["pointer"], error["code"]) for error in answer["errors"]]


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    answer = example(body={"kind": "customers", "text": CUSTOMERS})
    assert (answer["status"], answer["total"], answer["remaining"], answer["errors"]) == ("validated", 2, 2, [])


def test_every_error_of_every_row_is_told_and_nothing_waits(api: Api) -> None:
    api.record("customers", code="C3", name="There before", jurisdiction="US-CA")
    text = (
        "code,name,jurisdiction,payment_terms,credit_limit,nickname\n"
        "C1,,US-CA,NET30,1e3,\n"
        "C2,Pier,US-CA,NEVER,,Bob\n"
        "C3,Again,US-CA,,,\n"
        "C1,Twice,US-CA,,,\n"
        "C4,Short,US-CA\n"
        "C5,Good,US-CA,,12.50,\n"
    )
    before = api.counts()
    answer = create(api, kind="customers", text=text)
    assert (answer["status"], answer["error_count"]) == ("invalid", 2)
    assert errors(answer) == [(4, "/external_id", "given_twice"), (5, "", "cells")]
    answer = create(api, kind="customers", text=text.replace("C1,Twice", "C9,Twice").replace("C4,Short,US-CA\n", ""))
    assert errors(answer) == [
        (1, "/name", "required"),
        (1, "/credit_limit", "not_a_number"),
        (2, "/nickname", "unknown_field"),
        (3, "/code", "code_taken"),
    ]
    answer = create(api, kind="customers", text="code,name,jurisdiction,payment_terms\nC2,Pier,US-CA,NEVER\n")
    assert errors(answer) == [(1, "/payment_terms", "unknown_payment_term")]
    after = api.counts()
    assert after["imports.input_row"] == before["imports.input_row"]
    assert after["kernel.document"] == before["kernel.document"] + 3  # the imports themselves


ENTRIES = """external_id,date,text,account,debit,credit,customer
E1,2026-10-01,Rent,6120,1200.00,,
E1,,,1020,,1200.00,
E2,2026-10-02,Sale,1200,10.00,,CUST001
E2,,,4010,,10.00,
"""


def test_lines_of_an_entry_follow_one_another(shop: Shop) -> None:
    answer = create(shop.api, kind="journal_entries", text=ENTRIES)
    assert (answer["status"], answer["total"]) == ("validated", 2)


def test_an_error_of_a_line_stands_at_its_own_row(shop: Shop) -> None:
    text = ENTRIES.replace("1020", "9999").replace("CUST001", "").replace("2026-10-02", "2031-01-01")
    answer = create(shop.api, kind="journal_entries", text=text)
    assert errors(answer) == [(2, "/account", "unknown_account"), (3, "/date", "period_closed")]
    unbalanced = create(shop.api, kind="journal_entries", text=ENTRIES.replace("1200.00,,", "1200.01,,"))
    assert errors(unbalanced) == [(1, "/lines", "unbalanced")]


def test_invoices_name_what_exists(shop: Shop) -> None:
    rows = [
        {"external_id": "I1", "customer": "CUST001", "items": [{"product": "PROD001", "quantity": 1}]},
        {"external_id": "I2", "customer": "NOBODY", "items": [{"product": "NONE", "quantity": 1}]},
        {"customer": "CUST001", "items": []},
    ]
    answer = create(shop.api, kind="invoices", rows=rows)
    assert errors(answer) == [(3, "/external_id", "required")]
    answer = create(shop.api, kind="invoices", rows=rows[:2])
    assert errors(answer) == [(2, "/customer", "unknown_customer"), (2, "/items/0/product", "unknown_product")]


def test_an_account_stands_below_a_group_of_the_same_file(api: Api) -> None:
    rows = [
        {"code": "66", "name": "Research", "kind": "expense", "group": True, "parent": "6"},
        {"code": "6600", "name": "Laboratory", "kind": "expense", "parent": "66"},
        {"code": "6601", "name": "Grants", "kind": "revenue", "parent": "66"},
        {"code": "6602", "name": "Below a leaf", "kind": "expense", "parent": "6600"},
    ]
    answer = create(api, kind="accounts", rows=rows)
    assert errors(answer) == [(3, "/parent", "parent_kind"), (4, "/parent", "parent_kind")]


def test_a_table_of_invoices_has_their_own_fields_beside_those_of_lines(shop: Shop) -> None:
    """Nested fields with dots, of the invoice and of its items."""
    text = (
        "external_id,customer,reference,discount.percent,metadata.source,product,quantity,dimensions.COST_CENTRE\n"
        "I1,CUST001,PO-7,10,old books,PROD001,1,NOWHERE\nI1,,,,,PROD001,2,\n"
    )
    answer = create(shop.api, kind="invoices", text=text)
    assert (answer["errors"], answer["total"]) == ([], 1)
    (row,) = shop.api.rows("SELECT data FROM imports.input_row")
    assert row.data["data"] == {
        "customer": "CUST001",
        "reference": "PO-7",
        "discount": {"percent": "10"},
        "metadata": {"source": "old books"},
        "items": [
            {"product": "PROD001", "quantity": "1", "dimensions": {"COST_CENTRE": "NOWHERE"}},
            {"product": "PROD001", "quantity": "2"},
        ],
    }


def test_a_field_that_entries_and_lines_both_have_is_told_apart(shop: Shop) -> None:
    text = "external_id,date,text,line_text,account,debit,credit\nE1,2026-10-01,Rent,Hall,6120,5,\nE1,,,Bank,1020,,5\n"
    assert create(shop.api, kind="journal_entries", text=text)["errors"] == []
    (row,) = shop.api.rows("SELECT data FROM imports.input_row")
    assert row.data["data"]["text"] == "Rent"
    assert [line["text"] for line in row.data["data"]["lines"]] == ["Hall", "Bank"]
    told = errors(create(shop.api, kind="journal_entries", text=text.replace("account,", "line_account,")))
    assert (1, "/line_account", "unknown_field") in told  # an entry has no account, so nothing tells them apart


def test_validate_only_keeps_no_rows(api: Api) -> None:
    before = api.counts()
    answer = create(api, kind="customers", text=CUSTOMERS, validate_only=True)
    assert answer["status"] == "checked"
    assert api.counts()["imports.input_row"] == before["imports.input_row"]
    refused = api.call("commit_import", path={"id": answer["id"]}, headers={"Idempotency-Key": "x"}).expect(409)
    assert refused["code"] == "conflict"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"text": 'code,name\n"C1'}, "/text"),
        ({"text": "code,code\nC1,C2"}, "/text"),
        ({"text": "\n"}, "/text"),
        ({"text": "code\nC1", "rows": [{}]}, ""),
        ({}, ""),
    ],
)
def test_what_is_no_table_is_refused(api: Api, body: Any, pointer: str) -> None:
    refused = create(api, 422, kind="customers", **body)
    assert refused["errors"][0]["pointer"] == pointer


def test_who_may_not_create_may_not_import(api: Api) -> None:
    refused = api.as_("clerk", "imports.create_import").call("create_import", {"kind": "customers", "text": CUSTOMERS})
    assert refused.expect(403)["permission"] == "records.create_customer"
