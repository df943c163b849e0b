"""The page of a debit note: what is charged further, for which invoice, why, and how to pay."""

import base64
from typing import Any

import pytest

from tests.receivables.notes import debit_note
from tests.support import pdf
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    invoice = shop.invoice()
    note = debit_note(shop, invoice)
    page = example(path={"id": note["number"]}, query={"format": "json"}).expect(200)
    assert (page["kind"], page["title"], page["number"]) == ("debit_note", "Debit note", "DN-2026-000001")
    assert (page["amends"], page["reason"]) == (invoice["number"], note["reason"])
    assert (page["total"], page["paid"], page["amount_due"], page["due_date"]) == (
        *["53.63", "0.00", "53.63"],
        "2026-12-23",
    )


def test_the_page_says_what_it_is_of_and_when_it_is_due(shop: Shop) -> None:
    invoice = shop.invoice()
    note = debit_note(shop, invoice)
    answer = shop.api.call("get_debit_note_pdf", path={"id": note["id"]}).expect(200)
    told = pdf.words(base64.b64decode(answer.text))
    for expected in ("Debit note DN-2026-000001", "Bill to", "Due", "23 Dec 2026", invoice["number"], note["reason"]):
        assert expected in told, told
