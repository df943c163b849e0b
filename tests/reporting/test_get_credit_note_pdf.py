"""The page of a credit note: what it takes back of which invoice, why, and what is left of it."""

import base64
from typing import Any

import pytest

from tests.support import pdf
from tests.support.shop import Shop


def credit(shop: Shop, invoice: Any, **fields: Any) -> Any:
    body = {"reason": "Two lamps came broken", "lines": [{"line": 1, "quantity": 2}], **fields}
    return shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201).json


def words(shop: Shop, note: Any) -> str:
    answer = shop.api.call("get_credit_note_pdf", path={"id": note["id"]}).expect(200)
    assert answer.headers["Content-Type"] == "application/pdf"
    return pdf.words(base64.b64decode(answer.text))


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    """Of 257.40 nothing is left: all of it was set off against the invoice."""
    invoice = shop.invoice()
    note = credit(shop, invoice)
    page = example(path={"id": note["number"]}, query={"format": "json"}).expect(200)
    assert (page["kind"], page["title"], page["number"]) == ("credit_note", "Credit note", "CN-2026-000001")
    assert (page["amends"], page["reason"]) == (invoice["number"], "Two lamps came broken")
    assert (page["total"], page["paid"], page["amount_due"]) == ("257.40", "257.40", "0.00")
    assert [name for name in ("due_date", "pay_to") if name in page.json] == []
    assert page["instalments"] == []


def test_the_page_says_what_it_is_of_and_why(shop: Shop) -> None:
    invoice = shop.invoice()
    told = words(shop, credit(shop, invoice))
    for expected in (
        "Credit note CN-2026-000001",
        "Credit to",
        invoice["number"],
        "Reason: Two lamps came broken",
        "-257.40",
        "Left USD",
    ):
        assert expected in told, told
    assert [word for word in ("Due", "Please pay", "Still due", "Bill to") if word in told] == []


def test_what_is_left_is_in_the_customers_favour(shop: Shop) -> None:
    """Of a note over a paid invoice all is left until it is refunded."""
    invoice = shop.invoice()
    shop.pay(invoice["total"], allocations=[{"invoice": invoice["number"], "amount": invoice["total"]}])
    note = credit(shop, invoice)
    page = shop.api.call("get_credit_note_pdf", path={"id": note["id"]}, query={"format": "json"}).expect(200)
    assert (page["paid"], page["amount_due"]) == ("0.00", "257.40")


def test_one_that_stands_alone_amends_nothing(shop: Shop) -> None:
    body = {"customer": "CUST002", "reason": "A thank-you", "items": [{"product": "SERV001", "quantity": 1}]}
    note = shop.api.call("create_credit_note", body | {"draft": True}).expect(201)
    page = shop.api.call("get_credit_note_pdf", path={"id": note["id"]}, query={"format": "json"}).expect(200)
    assert (page["title"], "amends" in page.json, "number" in page.json) == ("Draft credit note", False, False)
    answer = shop.api.call("get_credit_note_pdf", path={"id": note["id"]}).expect(200)
    assert 'filename="draft-credit_note.pdf"' in answer.headers["Content-Disposition"]


def test_one_that_was_voided_says_so(shop: Shop) -> None:
    note = credit(shop, shop.invoice())
    shop.api.call("void_credit_note", {"reason": "they were fine"}, path={"id": note["id"]}).expect(200)
    assert "Credit note, cancelled" in words(shop, note)


def test_an_invoice_is_no_credit_note(shop: Shop) -> None:
    invoice = shop.invoice()
    problem = shop.api.call("get_credit_note_pdf", path={"id": invoice["number"]}).expect(404)
    assert problem["detail"] == f"There is no credit note {invoice['number']}."
