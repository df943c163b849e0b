"""Debit notes: what a customer owes besides, priced and taxed as an invoice, paid as one."""

from decimal import Decimal

import pytest

from tests.receivables.notes import debit_note, posted
from tests.receivables.test_create_write_off import write_off
from tests.receivables.test_foreign_invoices import base_lines, euros, set_rate
from tests.receivables.test_void_payment import void as void_payment
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    invoice = shop.invoice()
    answer = example(
        body={
            "invoice": invoice["number"],
            "lines": [{"line": 1, "unit_price": "5.00"}],
            "reason": "The price list of last year was used",
        }
    )
    assert answer.status == 201
    assert (answer["number"], answer["total"], answer["amount_due"]) == ("DN-2026-000001", "53.63", "53.63")


def test_lines_of_an_invoice_are_charged_further(shop: Shop) -> None:
    """5.00 more for each of ten lamps, with 6 % and 1.25 % of tax, due as the customer's terms say."""
    invoice, available = shop.invoice(), shop.available("PROD001")
    note = debit_note(shop, invoice)
    assert (note["subtotal"], note["tax_total"], note["total"]) == ("50.00", "3.63", "53.63")
    assert (note["status"], note["due_date"], note["invoice"]["code"]) == ("issued", "2026-12-23", invoice["number"])
    assert posted(note) == [
        ("1200", Decimal("53.63")),
        ("4000", Decimal("-50.00")),
        ("2200", Decimal("-3.00")),
        ("2200", Decimal("-0.63")),
    ]
    assert note["events"] == ["debit_note.created"]
    assert shop.get(invoice)["amount_due"] == "1287.00"
    assert shop.available("PROD001") == available
    assert shop.invoice()["credit"]["exposure"] == "2627.63"
    sound(shop.api)


def test_some_of_a_line_may_be_charged_further(shop: Shop) -> None:
    lines = [{"line": 1, "unit_price": "1.50", "quantity": 4, "description": "Rush delivery"}]
    note = debit_note(shop, shop.invoice("CUST002"), lines=lines)
    (item,) = note["items"]
    assert (item["quantity"], item["net"], item["description"]) == ("4", "6.00", "Rush delivery")


@pytest.mark.example
def test_it_is_paid_as_an_invoice_is(shop: Shop, example: object) -> None:
    note = debit_note(shop)
    first = shop.pay("50.00", "CUST002")
    assert first["events"] == ["payment.received", "debit_note.settled"]
    assert [(one["type"], one["status"], one["amount_due"]) for one in first["allocations"]] == [
        ("debit_note", "partially_paid", "25.00")
    ]
    second = shop.pay("25.00", "CUST002", allocations=[{"document": note["number"]}])
    read = shop.api.call("get_debit_note", path={"id": note["id"]}).expect(200)
    assert (read["status"], read["amount_due"]) == ("paid", "0.00")
    void_payment(shop, second)
    read = shop.api.call("get_debit_note", path={"id": note["id"]}).expect(200)
    assert (read["status"], read["amount_due"]) == ("partially_paid", "25.00")
    write_off(shop, [{"document": note["id"]}], customer="CUST002")
    sound(shop.api)


def test_one_in_the_currency_of_its_invoice_at_the_rate_of_its_own_day(shop: Shop) -> None:
    set_rate(shop, "1.10", "2026-11-01")
    set_rate(shop, "1.20", "2026-11-22")
    invoice = euros(shop, date="2026-11-10")
    note = debit_note(shop, invoice, lines=[{"line": 1, "unit_price": "2.00"}])
    assert (note["currency"], note["total"], note["base"]["total"]) == ("EUR", "10.00", "12.00")
    assert base_lines(note) == [("1200", 12), ("4000", -12)]


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"lines": [{"line": 2, "unit_price": "1.00"}]}, "unknown_line", "/lines/0/line"),
        ({"invoice": "INV-2026-000009"}, "unknown_invoice", "/invoice"),
        ({"customer": "CUST001"}, "one_kind", ""),
        ({"currency": "EUR"}, "follows_invoice", ""),
        ({"date": "2026-11-22"}, "dated_too_early", "/date"),
        ({"reason": ""}, "string_too_short", "/reason"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    shop: Shop, fields: dict[str, object], code: str, pointer: str
) -> None:
    invoice = shop.invoice()
    before = shop.api.counts()
    problem = debit_note(shop, invoice, 422, **fields)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert shop.api.counts() == before


def test_a_draft_is_not_charged_further(shop: Shop) -> None:
    draft = shop.invoice(draft=True)
    body = {"invoice": draft["id"], "lines": [{"line": 1, "unit_price": "1.00"}], "reason": "x"}
    assert shop.api.call("create_debit_note", body).expect(409)["document_status"] == "draft"


def test_the_number_of_statements_does_not_depend_on_the_lines(shop: Shop) -> None:
    line = {"product": "SERV001", "quantity": 1}
    debit_note(shop, items=[line])
    _, for_one = counted(lambda: debit_note(shop, items=[line]))
    _, for_many = counted(lambda: debit_note(shop, items=[line] * 300))
    assert len(for_many) == len(for_one)
    assert len(for_one) == 3  # open, read, flush
