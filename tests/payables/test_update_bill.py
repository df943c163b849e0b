"""Drafts can be changed, and are worked out again."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    draft = buyer.bill(supplier_number="2026-4711", draft=True)
    items = [{"account": "6150", "unit_price": "900.00", "taxes": ["VAT20"]}]
    answer = example(path={"id": draft["id"]}, body={"items": items}, headers={"If-Match": '"1"'})
    assert (answer.status, answer["total"]) == (200, "1080.00")


def change(buyer: Purchases, bill: Any, body: Any, status: int = 200) -> Any:
    headers = {"If-Match": f'"{bill["version"]}"'}
    return buyer.api.call("update_bill", body, path={"id": bill["id"]}, headers=headers).expect(status).json


def test_what_is_not_named_stays(buyer: Purchases) -> None:
    items = [{"account": "6150", "unit_price": "10.00", "taxes": ["CAR"]}, {"product": "CLEAN", "unit_price": "5.00"}]
    draft = buyer.bill(draft=True, items=items, reference="PO 7")
    after = change(buyer, draft, {"supplier_date": "2026-11-10"})
    same = ("items", "taxes", "total", "reference", "supplier_number")
    assert {name: after[name] for name in same} == {name: draft[name] for name in same}
    assert (after["due_date"], after["version"], after["events"]) == ("2026-12-10", 2, ["bill.created", "bill.updated"])


def test_another_supplier_brings_its_currency_and_takes_the_number_along(buyer: Purchases) -> None:
    buyer.rate("EUR", "2026-11-01", "1.10")
    draft = buyer.bill(draft=True, supplier_number="7")
    after = change(buyer, draft, {"supplier": "SUPP002"})
    assert (after["currency"], after["due_date"], after["base"]["total"]) == ("EUR", "2026-11-23", "1100.00")
    buyer.bill(supplier_number="7")
    assert buyer.bill("SUPP002", supplier_number="7", status=409)["bill"]["id"] == draft["id"]


def test_a_draft_keeps_its_own_number_and_gets_nobody_elses(buyer: Purchases) -> None:
    buyer.bill(supplier_number="1")
    draft = buyer.bill(supplier_number="2", draft=True)
    before = buyer.api.counts()
    assert change(buyer, draft, {"supplier_number": "1"}, 409)["code"] == "duplicate_bill"
    assert buyer.api.counts() == before
    assert change(buyer, draft, {"supplier_number": "2", "note": "x"})["note"] == "x"


def test_a_posted_bill_is_not_changed(buyer: Purchases) -> None:
    bill = buyer.bill()
    before = buyer.api.counts()
    assert change(buyer, bill, {"reference": "x"}, 409)["document_status"] == "posted"
    assert buyer.api.counts() == before


def test_an_older_version_is_not_changed(buyer: Purchases) -> None:
    draft = buyer.bill(draft=True)
    change(buyer, draft, {"reference": "x"})
    assert change(buyer, draft, {"reference": "y"}, 412)["code"] == "stale_version"
    assert buyer.get(draft)["reference"] == "x"
