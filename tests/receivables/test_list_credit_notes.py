"""Listing credit notes."""

import pytest

from tests.receivables.notes import credit, credit_note
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    credit(shop, shop.invoice(), lines=[{"line": 1, "quantity": 2}])
    credit_note(shop, "CUST001")
    answer = example(query={"status": "issued", "sort": "-date"})
    assert answer.status == 200
    assert [(one["number"], one["amount_left"]) for one in answer["data"]] == [("CN-2026-000002", "80.44")]


def test_by_customer_and_day(shop: Shop) -> None:
    credit_note(shop, "CUST001", date="2026-11-20")
    credit_note(shop, "CUST002", date="2026-11-21")
    credit_note(shop, "CUST002", date="2026-11-22")
    found = shop.api.call("list_credit_notes", query={"customer": "CUST002", "date[lte]": "2026-11-21"}).expect(200)
    assert [one["number"] for one in found["data"]] == ["CN-2026-000002"]
