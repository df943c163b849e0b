"""Invoices and bills with lines below zero: advances that were invoiced before, discounts, deposits given back.

Sources: Tryton, modules/sale_advance_payment/tests/scenario_advance_payment.rst; Odoo, addons/account/tests/
test_account_move_reconcile.py (test_caba_double_tax_negative_line).
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.cases.test_cash_basis_cases import Books
from tests.support.api import Api
from tests.support.integrity import sound


@pytest.fixture
def books(api: Api) -> Books:
    return Books(api)


def posted(document: Any, prefix: str = "") -> dict[str, Decimal]:
    """What was posted by account, debit positive; with ``base_`` in base currency."""
    sums: dict[str, Decimal] = {}
    for line in document["posting"]["lines"]:
        code = line["account"]["code"]
        sums[code] = sums.get(code, Decimal(0)) + Decimal(line[f"{prefix}debit"]) - Decimal(line[f"{prefix}credit"])
    return {code: amount for code, amount in sums.items() if amount}


def invoice(books: Books, *items: tuple[str, int, str], status: int = 201, **fields: Any) -> Any:
    """Invoice products in a quantity at a price."""
    lines = [{"product": product, "quantity": quantity, "unit_price": price} for product, quantity, price in items]
    body = {"customer": "BUYER", "items": lines, **fields}
    if status == 201:
        quote = books.api.call("quote_tax", body).expect(200)
        assert len(quote["items"]) == len(items)
    return books.api.call("create_invoice", body).expect(status).json


def test_an_advance_is_taken_off_the_final_invoice(books: Books) -> None:
    """Tryton: ten of a hundred in advance; the final invoice has five at 20 and takes the ten off, 90 in all."""
    books.api.record("accounts", code="2390", name="Advances invoiced", kind="liability", parent="23")
    books.api.record("products", code="GOODS", name="Goods", kind="service", unit="EA")
    books.api.record("products", code="ADVANCE", name="Advance", kind="service", unit="EA", revenue_account="2390")
    first = invoice(books, ("ADVANCE", 1, "10.00"))
    assert posted(first) == {"1200": 10, "2390": -10}
    final = invoice(books, ("GOODS", 5, "20.00"), ("ADVANCE", 1, "-10.00"))
    assert [(item["quantity"], item["net"]) for item in final["items"]] == [("5", "100.00"), ("1", "-10.00")]
    assert (final["subtotal"], final["total"]) == ("90.00", "90.00")
    assert posted(final) == {"1200": 90, "4000": -100, "2390": 10}
    books.receive("100.00")
    assert books.balances() == {"1020": 100, "4000": -100}
    sound(books.api)


def test_the_tax_of_what_is_taken_off_falls_too(books: Books) -> None:
    """300 and -60 with 20 % on both: 240.00 and 48.00; in a foreign currency line by line at its rate."""
    product = books.product("P", books.tax("VAT", "0.20", due="invoice", transition_account=None))
    sold = invoice(books, (product, 1, "300.00"), (product, 1, "-60.00"))
    assert [(tax["base"], tax["amount"]) for tax in sold["taxes"]] == [("240.00", "48.00")]
    assert posted(sold) == {"1200": 288, "4000": -240, "2200": -48}
    assert books.told("2026-11-01", "2026-11-30") == [("VAT", "sale", "240.00", "48.00", "0.00")]
    rates = [{"currency": "EUR", "date": "2026-11-01", "rate": "1.111"}]
    books.api.call("set_exchange_rates", {"rates": rates}, headers=books.key()).expect(201)
    foreign = invoice(books, (product, 1, "33.33"), (product, 1, "-3.33"), currency="EUR")
    assert (foreign["total"], foreign["base"]["total"], foreign["base"]["subtotal"]) == ("36.00", "40.00", "33.33")
    assert books.told("2026-11-01", "2026-11-30") == [("VAT", "sale", "273.33", "54.67", "0.00")]
    sound(books.api)


def test_it_is_credited_with_the_rest(books: Books) -> None:
    """Half of both lines, then what is left; what took something off cannot be credited alone."""
    product = books.product("P", books.tax("VAT", "0.20", due="invoice", transition_account=None))
    sold = invoice(books, (product, 3, "100.00"), (product, 3, "-10.01"))
    path = {"id": sold["id"]}

    def credit(status: int = 201, **fields: Any) -> Any:
        body = {"reason": "Returned", **fields}
        return books.api.call("credit_invoice", body, path=path, headers=books.key()).expect(status).json

    before = books.api.counts()
    refused = credit(422, lines=[{"line": 2}])
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/lines", "below_zero")]
    assert books.api.counts() == before
    part = credit(lines=[{"line": 1, "quantity": 1}, {"line": 2, "quantity": 1}])
    assert [item["net"] for item in part["items"]] == ["100.00", "-10.01"]
    assert (part["tax_total"], part["total"]) == ("18.00", "107.99")
    rest = credit()
    assert [item["net"] for item in rest["items"]] == ["200.00", "-20.02"]
    assert Decimal(part["total"]) + Decimal(rest["total"]) == Decimal(sold["total"])
    assert books.balances() == {}
    assert books.told("2026-11-01", "2026-11-30")[1][:3] == ("VAT", "sale_credit", "-269.97")
    sound(books.api)


def test_less_than_nothing_is_a_credit_note(books: Books) -> None:
    product = books.product("P", books.tax("VAT", "0.20", due="invoice", transition_account=None))
    before = books.api.counts()
    refused = invoice(books, (product, 1, "10.00"), (product, 1, "-10.01"), status=422)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/items", "below_zero")]
    body = {"supplier": "MILL", "supplier_number": "1", "items": [{"account": "6150", "unit_price": "-0.01"}]}
    refused = books.api.call("create_bill", body).expect(422).json
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/items", "below_zero")]
    assert books.api.counts() == before


@pytest.mark.parametrize(
    ("cash", "waiting"),
    [({"due": "invoice", "transition_account": None}, False), ({"transition_account": "1255"}, True)],
)
def test_a_bill_with_a_line_taken_off(books: Books, cash: dict[str, Any], waiting: bool) -> None:
    """Odoo: 300 and -60 with a third on both are 240 and 80, and so much is due when the 320 are paid."""
    third = books.tax("THIRD", "0.333333", **cash)
    bill = books.buy({"unit_price": "300.00", "taxes": [third]}, {"unit_price": "-60.00", "taxes": [third]})
    assert (bill["subtotal"], bill["total"]) == ("240.00", "320.00")
    assert posted(bill) == {"6150": 240, "1255" if waiting else "1250": 80, "2100": -320}
    books.pay("320.00")
    assert books.told("2026-11-01", "2026-11-30") == [("THIRD", "purchase", "240.00", "0.00", "80.00")]
    balances = books.balances()
    assert (balances["1250"], "1255" in balances) == (80, False)
    sound(books.api)
