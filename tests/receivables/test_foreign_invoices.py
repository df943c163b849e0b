"""Invoices in a foreign currency: converted once, balanced in both currencies, held against credit in base."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.shop import Shop
from tests.support.statements import counted

LAMPS = [{"product": "PROD001", "quantity": 5, "unit_price": "80.00"}]


def set_rate(shop: Shop, rate: str, date: str = "2026-11-01", **fields: str) -> None:
    """One euro is worth so many US dollars from a day on."""
    told = {"currency": "EUR", "base_currency": "USD"} | fields
    shop.api.call(
        "set_exchange_rates",
        {"rates": [{**told, "date": date, "rate": rate}]},
        headers={"Idempotency-Key": f"rate-{shop.api.requests}"},
    ).expect(201)


def euros(shop: Shop, customer: str = "CUST002", /, status: int = 201, **fields: Any) -> Any:
    """Invoice 400.00 EUR to a customer without taxes, unless other items are given."""
    return shop.invoice(customer, status, **{"currency": "EUR", "items": LAMPS} | fields)


def base_lines(answer: Any) -> list[tuple[str, Decimal]]:
    """What was posted in base currency, debit positive."""
    return [
        (line["account"]["code"], Decimal(line["base_debit"]) - Decimal(line["base_credit"]))
        for line in answer["posting"]["lines"]
    ]


def test_the_rate_of_the_day_converts_it_and_one_set_the_other_way_round_serves(shop: Shop) -> None:
    """The numbers of fx-001: 400.00 EUR at 1.20 EUR for a dollar."""
    set_rate(shop, "1.20", currency="USD", base_currency="EUR")
    answer = euros(shop)
    assert (answer["total"], answer["currency"], answer["amount_due"]) == ("400.00", "EUR", "400.00")
    assert answer["base"] == {
        "currency": "USD",
        "exchange_rate": "0.833333333333",
        "subtotal": "333.33",
        "tax_total": "0.00",
        "total": "333.33",
        "items": ["333.33"],
        "taxes": {},
        "instalments": ["333.33"],
    }
    receivable, revenue = answer["posting"]["lines"]
    assert (receivable["debit"], receivable["currency"], receivable["base_debit"]) == ("400.00", "EUR", "333.33")
    assert (revenue["credit"], revenue["base_debit"], revenue["base_credit"]) == ("400.00", "0.00", "333.33")
    assert shop.get(answer) == answer
    balances = shop.trial_balance()
    assert (balances["1200"], balances["4000"]) == ("333.33", "-333.33")


def test_the_latest_rate_up_to_the_day_counts_and_an_agreed_one_goes_before_it(shop: Shop) -> None:
    set_rate(shop, "1.10", "2026-11-01")
    set_rate(shop, "1.20", "2026-11-20")
    set_rate(shop, "9.99", "2026-11-24")
    assert euros(shop)["base"]["total"] == "480.00"
    assert euros(shop, date="2026-11-19")["base"]["total"] == "440.00"
    agreed = euros(shop, exchange_rate="1.15")["base"]
    assert (agreed["exchange_rate"], agreed["agreed"], agreed["total"]) == ("1.15", True, "460.00")


def test_taxes_lines_and_instalments_add_up_in_base_too(shop: Shop) -> None:
    """Each part is rounded by itself, and what they are off by falls on the largest."""
    thirds = [{"percent": "33.33", "days": 10}, {"percent": "33.33", "days": 20}, {"days": 30}]
    shop.api.record("payment-terms", code="THIRDS", name="Thirds", instalments=thirds)
    items = [{"product": "SERV001", "quantity": 1, "unit_price": price} for price in ("0.05", "33.35", "10.05")]
    answer = euros(shop, "CUST001", items=items, exchange_rate="1.3333", payment_terms="THIRDS")
    base = {name: value for name, value in answer["base"].items() if name not in ("currency", "agreed")}
    assert (answer["subtotal"], answer["tax_total"], answer["total"]) == ("43.45", "3.15", "46.60")
    assert [tax["amount"] for tax in answer["taxes"]] == ["2.61", "0.54"]
    assert base == {
        "exchange_rate": "1.3333",
        "subtotal": "57.93",
        "tax_total": "4.20",
        "total": "62.13",
        "items": ["0.07", "44.46", "13.40"],
        "taxes": {"STATE": "3.48", "CITY": "0.72"},
        "instalments": ["20.71", "20.70", "20.72"],
    }
    assert sum(amount for _, amount in base_lines(answer)) == 0


def test_a_currency_without_a_rate_is_refused_and_nothing_is_kept(shop: Shop) -> None:
    set_rate(shop, "1.20", "2026-11-24")
    before = shop.api.counts()
    problem = euros(shop, status=422)
    assert (problem["code"], problem["currency"], problem["base_currency"]) == ("exchange_rate_missing", "EUR", "USD")
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/currency", "exchange_rate_missing")
    ]
    assert shop.api.counts() == before


def test_a_rate_of_the_base_currency_in_itself_is_refused(shop: Shop) -> None:
    before = shop.api.counts()
    problem = shop.invoice("CUST002", 422, exchange_rate="1.1")
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/exchange_rate", "same_currency")]
    assert shop.api.counts() == before


def test_a_customers_currency_is_the_invoices_unless_it_says_otherwise(shop: Shop) -> None:
    shop.api.record("customers", code="PARIS", name="Librairie", jurisdiction="US-NV", currency="EUR")
    set_rate(shop, "1.20")
    assert shop.invoice("PARIS", items=LAMPS)["base"]["total"] == "480.00"
    assert "base" not in shop.invoice("PARIS", items=LAMPS, currency="USD")


def test_credit_is_counted_in_base_currency(shop: Shop) -> None:
    """A limit of 50,000 dollars is not one of 50,000 euros."""
    euro_items = [{"product": "SERV001", "quantity": 1, "unit_price": "30000.00"}]
    shop.api.record("customers", code="SMALL", name="Small", jurisdiction="US-NV", credit_limit="40000.00")
    before = shop.api.counts()
    problem = euros(shop, "SMALL", 422, items=euro_items, exchange_rate="1.5")
    assert (problem["code"], problem["requested"], problem["over"]) == ("credit_limit_exceeded", "45000.00", "5000.00")
    assert shop.api.counts() == before
    answer = euros(shop, "SMALL", items=euro_items, exchange_rate="1.3")
    assert answer["credit"] == {"limit": "40000.00", "exposure": "39000.00", "available": "1000.00"}


def test_voiding_takes_back_what_was_posted_in_base_whatever_the_rate_is_now(shop: Shop) -> None:
    set_rate(shop, "1.20", "2026-11-01")
    invoice = euros(shop)
    set_rate(shop, "1.50", "2026-11-02")
    voided = shop.api.call("void_invoice", {"reason": "a mistake"}, path={"id": invoice["id"]}).expect(200).json
    assert [(line["base_debit"], line["base_credit"]) for line in voided["posting"]["lines"]] == [
        ("480.00", "0.00"),
        ("0.00", "480.00"),
        ("0.00", "480.00"),
        ("480.00", "0.00"),
    ]
    assert shop.trial_balance().get("1200", "0") == "0"
    assert shop.invoice("CUST002", items=LAMPS)["credit"]["exposure"] == "400.00"


def test_a_draft_is_converted_anew_when_it_is_issued_unless_the_rate_was_agreed(shop: Shop) -> None:
    set_rate(shop, "1.20")
    floating, agreed = euros(shop, draft=True), euros(shop, draft=True, exchange_rate="1.10")
    set_rate(shop, "1.25")
    totals = [
        shop.api.call("issue_invoice", path={"id": draft["id"]}).expect(200)["base"]["total"]
        for draft in (floating, agreed)
    ]
    assert totals == ["500.00", "440.00"]


def test_another_currency_takes_the_agreed_rate_off_a_draft(shop: Shop) -> None:
    set_rate(shop, "1.40", currency="GBP")
    draft = euros(shop, draft=True, exchange_rate="1.10")
    path, seen = {"id": draft["id"]}, {"If-Match": '"1"'}
    changed = shop.api.call("update_invoice", {"currency": "GBP"}, path=path, headers=seen).expect(200)
    assert (changed["base"]["exchange_rate"], changed["base"]["total"]) == ("1.4", "560.00")
    assert "agreed" not in changed["base"]


def test_the_rate_is_read_within_the_one_statement(shop: Shop) -> None:
    set_rate(shop, "1.20")
    euros(shop)
    _, sent = counted(lambda: euros(shop))
    assert len(sent) == 3  # open, read, flush


@pytest.mark.parametrize("rate", ["0", "-1", 1.1])
def test_a_rate_is_above_zero_and_exact(shop: Shop, rate: Any) -> None:
    before = shop.api.counts()
    problem = euros(shop, status=422, exchange_rate=rate)
    assert [error["pointer"] for error in problem["errors"]] == ["/exchange_rate"]
    assert shop.api.counts() == before
