"""Preparing a tax return: boxes that drill to lines, late entries, and the tax accounts it ties to."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.receivables.test_foreign_invoices import set_rate
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.statements import counted
from tests.tax.returns import boxes, file, lines, prepare

LAMPS = [{"product": "PROD001", "quantity": 10}]


@pytest.fixture
def october(shop: Shop) -> Shop:
    """An invoice of 1200.00 with 72.00 and 15.00 of tax in October, and one of 120.00 in November."""
    shop.invoice(date="2026-10-10", items=LAMPS)
    shop.invoice(date="2026-11-05", items=[{"product": "PROD001", "quantity": 1}])
    return shop


@pytest.mark.example
def test_example(october: Shop, example: Any) -> None:
    answer = example(body={"starts_on": "2026-10-01", "ends_on": "2026-10-31"})
    assert (answer.status, answer["payable"], boxes(answer)["OUTPUT_TAX"]) == (201, "87.00", "87.00")


def test_the_boxes_of_a_period_tie_to_the_tax_accounts(october: Shop) -> None:
    answer = prepare(october)
    assert (answer["status"], answer["events"]) == ("prepared", ["tax_return.prepared"])
    assert boxes(answer) == {"INPUT_BASE": "0.00", "INPUT_TAX": "0.00", "OUTPUT_BASE": "2400.00", "OUTPUT_TAX": "87.00"}
    assert [(one["tax"], one["kind"], one["base"], one["output"]) for one in answer["taxes"]] == [
        ("CITY", "sale", "1200.00", "15.00"),
        ("STATE", "sale", "1200.00", "72.00"),
    ]
    (account,) = answer["accounts"]
    assert account["account"]["code"] == "2200"
    assert (account["balance"], account["returned"], account["difference"]) == ("-87.00", "-87.00", "0.00")
    assert (answer["output"], answer["input"], answer["payable"], answer["documents"]) == ("87.00", "0.00", "87.00", 1)
    read = october.api.call("get_tax_return", path={"id": answer["id"]}).expect(200).json
    assert read == answer
    sound(october.api)


def test_what_was_posted_by_hand_is_told_as_a_difference(october: Shop) -> None:
    entry = [{"account": "2200", "credit": "3.00"}, {"account": "6300", "debit": "3.00"}]
    body = {"lines": entry, "date": "2026-10-20", "post": True}
    october.api.call("create_journal_entry", body, headers={"Idempotency-Key": "by hand"}).expect(201)
    assert prepare(october)["accounts"][0]["difference"] == "-3.00"


def test_each_box_drills_to_lines_of_documents(shop: Shop) -> None:
    items = [{"product": "PROD001", "quantity": 1}, {"product": "SERV001", "quantity": 2}]
    invoices = [shop.invoice(date="2026-10-10", items=items) for _ in range(2)]
    answer = prepare(shop)
    found, cursor = [], None
    while True:
        page = lines(shop, answer, "OUTPUT_TAX", limit="3", **({"cursor": cursor} if cursor else {}))
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(found) == 8
    assert sum(Decimal(one["amount"]) for one in found) == Decimal(boxes(answer)["OUTPUT_TAX"]) == Decimal("39.16")
    assert {one["document"]["code"] for one in found} == {invoice["number"] for invoice in invoices}
    assert {(one["tax"], one["item"]) for one in found} == {("STATE", 1), ("STATE", 2), ("CITY", 1), ("CITY", 2)}
    shop.api.call("list_tax_return_lines", path={"id": answer["id"], "box": "NONE"}).expect(404)


def test_credits_and_voids_count_below_zero(october: Shop) -> None:
    invoice = october.invoice(date="2026-10-12", items=LAMPS)
    path = {"id": invoice["id"]}
    credited = {"reason": "Returned", "date": "2026-10-15", "lines": [{"line": 1, "quantity": 4}]}
    october.api.call("credit_invoice", credited, path=path).expect(201)
    void = october.invoice(date="2026-10-13", items=LAMPS)
    october.api.call("void_invoice", {"reason": "x"}, path={"id": void["id"]}).expect(200)
    answer = prepare(october)
    assert boxes(answer)["OUTPUT_TAX"] == "139.20"
    assert [(one["kind"], one["output"]) for one in answer["taxes"] if one["tax"] == "STATE"] == [
        ("sale", "144.00"),
        ("sale_credit", "-28.80"),
    ]
    assert answer["accounts"][0]["difference"] == "0.00"


def test_a_void_credit_note_tells_its_contrary(october: Shop) -> None:
    body = {"customer": "CUST001", "reason": "x", "date": "2026-10-15", "items": LAMPS}
    note = october.api.call("create_credit_note", body).expect(201).json
    assert boxes(prepare(october))["OUTPUT_TAX"] == "0.00"
    october.api.call("void_credit_note", {"reason": "x"}, path={"id": note["id"]}).expect(200)
    answer = prepare(october)
    assert (boxes(answer)["OUTPUT_TAX"], answer["accounts"][0]["difference"]) == ("87.00", "0.00")


def test_foreign_invoices_stand_in_base_currency(shop: Shop) -> None:
    set_rate(shop, "1.23", "2026-10-01")
    items = [{"product": "PROD001", "quantity": 1, "unit_price": "33.33"}] * 3
    shop.invoice(date="2026-10-10", currency="EUR", items=items)
    answer = prepare(shop)
    assert answer["accounts"][0]["difference"] == "0.00"
    posted = lines(shop, answer, "OUTPUT_TAX")["data"]
    assert sum(Decimal(one["amount"]) for one in posted) == Decimal(boxes(answer)["OUTPUT_TAX"]) == Decimal("8.92")
    assert boxes(answer)["OUTPUT_BASE"] == "245.98"


def test_a_tax_says_which_boxes_tell_of_it(october: Shop) -> None:
    named = [
        {"box": "B1", "figure": "base", "documents": ["sale"]},
        {"box": "B2", "figure": "output", "documents": ["sale"]},
        {"box": "B9", "figure": "output", "documents": ["sale_credit"], "sign": "minus"},
    ]
    path, seen = {"resource": "taxes", "id": "STATE"}, {"If-Match": "*"}
    october.api.call("update_record", {"boxes": named}, path=path, headers=seen).expect(200)
    path = {"resource": "taxes", "id": "CITY"}
    october.api.call("update_record", {"reported_in": "COUNTY"}, path=path, headers=seen).expect(200)
    body = {"customer": "CUST001", "reason": "x", "date": "2026-10-15", "items": LAMPS}
    october.api.call("create_credit_note", body).expect(201)
    assert boxes(prepare(october)) == {"B1": "1200.00", "B2": "72.00", "B9": "72.00"}
    county = prepare(october, scope="COUNTY")
    assert (boxes(county)["OUTPUT_TAX"], [one["tax"] for one in county["taxes"]]) == ("0.00", ["CITY", "CITY"])


@pytest.mark.example
def test_preparing_again_supersedes_what_is_not_filed(october: Shop, example: object) -> None:
    first = prepare(october)
    october.invoice(date="2026-10-20", items=LAMPS)
    second = prepare(october)
    assert (first["payable"], second["payable"]) == ("87.00", "174.00")
    before = october.api.call("get_tax_return", path={"id": first["id"]}).expect(200).json
    assert (before["status"], before["payable"], before["version"]) == ("superseded", "87.00", 2)
    assert before["events"] == ["tax_return.prepared", "tax_return.superseded"]
    assert file(october, before, 409)["code"] == "conflict"
    sound(october.api)


def test_late_entries_of_filed_days_stand_in_the_next_return(october: Shop) -> None:
    file(october, prepare(october))
    late = october.invoice(date="2026-10-28", items=LAMPS)
    november = prepare(october, starts_on="2026-11-01", ends_on="2026-11-30")
    assert (november["late_documents"], november["documents"], november["payable"]) == (1, 2, "95.70")
    assert [(one["tax"], one["late"], one["output"]) for one in november["taxes"]] == [
        ("CITY", False, "1.50"),
        ("CITY", True, "15.00"),
        ("STATE", False, "7.20"),
        ("STATE", True, "72.00"),
    ]
    found = [one for one in lines(october, november, "OUTPUT_TAX")["data"] if one["late"]]
    assert [(one["document"]["code"], one["date"]) for one in found] == [(late["number"], "2026-10-28")] * 2
    assert november["accounts"][0]["difference"] == "0.00"
    file(october, november)
    december = prepare(october, starts_on="2026-12-01", ends_on="2026-12-31")
    assert (december["documents"], december["payable"]) == (0, "0.00")


def test_days_that_are_no_periods_or_are_filed_are_refused(october: Shop) -> None:
    before = october.api.counts()
    problem = prepare(october, 422, starts_on="2026-10-02", ends_on="2026-10-30")
    assert [error["pointer"] for error in problem["errors"]] == ["/starts_on", "/ends_on"]
    assert prepare(october, 422, ends_on="2026-09-30")["errors"][0]["code"] == "period_reversed"
    assert october.api.counts() == before
    file(october, prepare(october))
    assert prepare(october, 409)["code"] == "days_filed"


def test_a_quarter_is_three_periods_in_constant_statements(october: Shop) -> None:
    prepare(october)
    answer, statements = counted(lambda: prepare(october, ends_on="2026-12-31"))
    assert (answer["documents"], answer["payable"]) == (2, "95.70")
    assert len(statements) <= 4
    _, read = counted(lambda: lines(october, answer, "OUTPUT_TAX"))
    assert len(read) <= 3


def test_a_dry_run_keeps_nothing(october: Shop) -> None:
    before = october.api.counts()
    body = {"starts_on": "2026-10-01", "ends_on": "2026-10-31"}
    answer = october.api.call("prepare_tax_return", body, query={"dry_run": "true"}).expect(200).json
    assert (answer["payable"], october.api.counts()) == ("87.00", before)


def test_the_database_keeps_tax_entries(october: Shop, owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", (str(october.api.tenant_id),))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), connection.transaction():
            connection.execute("UPDATE tax.tax_entry SET base = 0")
        with pytest.raises(psycopg.errors.CheckViolation, match="tax_entry_accounts"), connection.transaction():
            connection.execute(
                "INSERT INTO tax.tax_entry (document_id, entry, line, company_id, kind, tax, effective_date, base,"
                " output, input, cost) SELECT document_id, 9, 1, company_id, kind, tax, effective_date, 1, 1, 0, 0"
                " FROM tax.tax_entry LIMIT 1"
            )
