"""Listing debit notes."""

import pytest

from tests.receivables.notes import debit_note
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    debit_note(shop, shop.invoice())
    debit_note(shop)
    shop.pay("10.00", "CUST002")
    answer = example(query={"customer": "CUST002"})
    assert answer.status == 200
    assert [(one["number"], one["status"], one["amount_due"]) for one in answer["data"]] == [
        ("DN-2026-000002", "partially_paid", "65.00")
    ]


def test_they_are_found_by_status(shop: Shop) -> None:
    debit_note(shop, draft=True)
    posted = debit_note(shop)
    answer = shop.api.call("list_debit_notes", query={"status": "issued"}).expect(200)
    assert [one["id"] for one in answer["data"]] == [posted["id"]]
