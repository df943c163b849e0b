"""What is left over in one currency settles invoices in another, with numbers of other systems' test suites.

Source: Odoo, addons/account/tests/test_account_move_reconcile.py and test_account_payment_register.py: a foreign
currency of which three are one dollar in 2016 and two in 2017.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.integrity import sound


class Abroad:
    """A company in US dollars with customers abroad; EUR is Odoo's gold coin, CHF six in 2016 and four in 2017."""

    def __init__(self, api: Api) -> None:
        self.api = api
        for year in (2016, 2017):
            api.record(
                "fiscal-years", code=f"FY{year}", company="MAIN", starts_on=f"{year}-01-01", ends_on=f"{year}-12-31"
            )
        rates = [
            {"currency": "USD", "base_currency": currency, "date": f"{year}-01-01", "rate": rate}
            for currency, year, rate in (("EUR", 2016, "3"), ("EUR", 2017, "2"), ("CHF", 2016, "6"), ("CHF", 2017, "4"))
        ]
        api.call("set_exchange_rates", {"rates": rates}, headers=self.key()).expect(201)
        api.record("customers", code="BUYER", name="Buyer", jurisdiction="US")
        api.record("products", code="P", name="P", kind="service", unit="EA")

    def key(self) -> dict[str, str]:
        """A key of its own for each call."""
        return {"Idempotency-Key": f"key {self.api.requests}"}

    def invoice(self, amount: str, currency: str, date: str) -> Any:
        items = [{"product": "P", "quantity": 1, "unit_price": amount}]
        body = {"customer": "BUYER", "currency": currency, "date": date, "items": items}
        return self.api.call("create_invoice", body).expect(201).json

    def advance(self, amount: str, currency: str, date: str) -> Any:
        """Money that is for nothing yet."""
        body = {"customer": "BUYER", "amount": amount, "currency": currency, "date": date, "allocations": []}
        return self.api.call("record_payment", body, headers=self.key()).expect(201).json

    def allocate(self, sources: list[Any], invoices: list[Any], status: int = 201, **fields: Any) -> Any:
        body = {
            "customer": "BUYER",
            "sources": [{"document": one["number"]} for one in sources],
            "invoices": [{"invoice": one["number"]} for one in invoices],
            "date": "2017-01-31",
        }
        return self.api.call("create_allocation", body | fields, headers=self.key()).expect(status).json

    def read(self, invoice: Any) -> Any:
        return self.api.call("get_invoice", path={"id": invoice["id"]}).expect(200).json

    def balances(self) -> dict[str, str]:
        rows = self.api.call("get_trial_balance", query={"zero": "show"}).expect(200)["rows"]
        return {row["account"]["code"]: row["balance"] for row in rows if row["balance"] != "0.00"}


@pytest.fixture
def abroad(api: Api) -> Abroad:
    return Abroad(api)


def in_base(answer: Any) -> dict[str, Decimal]:
    """The posting by account in dollars, debit positive."""
    sums: dict[str, Decimal] = {}
    for line in answer["posting"]["lines"]:
        code = line["account"]["code"]
        sums[code] = sums.get(code, Decimal(0)) + Decimal(line["base_debit"]) - Decimal(line["base_credit"])
    return {code: amount for code, amount in sums.items() if amount}


ONE_FOREIGN: list[tuple[tuple[str, str], tuple[str, str], tuple[str, str], dict[str, int]]] = [
    (("120.00", "2016-01-01"), ("120.00", "2017-01-01"), ("0.00", "60.00"), {"2300": 60, "1200": -40, "4220": -20}),
    (("240.00", "2016-01-01"), ("60.00", "2017-01-01"), ("120.00", "0.00"), {"2300": 60, "1200": -40, "4220": -20}),
    (("120.00", "2017-01-01"), ("80.00", "2016-01-01"), ("0.00", "40.00"), {"2300": 40, "1200": -60, "6320": 20}),
    (("120.00", "2017-01-01"), ("40.00", "2016-01-01"), ("0.00", "0.00"), {"2300": 40, "1200": -60, "6320": 20}),
    (("120.00", "2016-01-01"), ("60.00", "2017-01-01"), ("0.00", "0.00"), {"2300": 60, "1200": -40, "4220": -20}),
]
"""Odoo's exchange differences on a partial of which one side is foreign: of the invoice the amount and the day, of the
money in dollars the same, what each leaves, and what is posted."""


@pytest.mark.parametrize(("owed", "paid", "left", "posted"), ONE_FOREIGN)
def test_dollars_settle_a_foreign_invoice(
    abroad: Abroad, owed: tuple[str, str], paid: tuple[str, str], left: tuple[str, str], posted: dict[str, int]
) -> None:
    """At the rate of the day they came, three or two to one, whatever the invoice stands at."""
    invoice = abroad.invoice(owed[0], "EUR", owed[1])
    made = abroad.allocate([abroad.advance(paid[0], "USD", paid[1])], [invoice])
    assert (made["invoices"][0]["amount_due"], made["sources"][0]["amount_left"]) == left
    assert in_base(made) == posted
    sound(abroad.api)


def test_an_allocation_that_is_taken_back_takes_its_difference_back(abroad: Abroad) -> None:
    """1,200 at three to one stand at 400; 240 dollars at two to one settle 480 of them, which stood at 160."""
    invoice = abroad.invoice("1200.00", "EUR", "2016-01-01")
    advance = abroad.advance("240.00", "USD", "2017-01-01")
    made = abroad.allocate([advance], [invoice])
    assert (made["currency"], made["amount"]) == ("EUR", "480.00")
    (source,), (settled,) = made["sources"], made["invoices"]
    assert (source["amount"], source["amount_left"], source["currency"]) == ("240.00", "0.00", "USD")
    assert (settled["amount"], settled["amount_due"], settled["exchange_difference"]) == ("480.00", "720.00", "80.00")
    assert in_base(made) == {"2300": 240, "1200": -160, "4220": -80}
    sound(abroad.api)
    abroad.api.call("delete_allocation", path={"id": made["id"]}).expect(200)
    assert abroad.read(invoice)["amount_due"] == "1200.00"
    balances = abroad.balances()
    assert (balances["1200"], balances["2300"], "4220" in balances) == ("400.00", "-240.00", False)
    sound(abroad.api)


def test_two_foreign_currencies(abroad: Abroad) -> None:
    """1,200 EUR at 400 dollars; 1,200 CHF at four to one are 300 dollars or 600 EUR, which stood at 200."""
    invoice = abroad.invoice("1200.00", "EUR", "2016-01-01")
    advance = abroad.advance("1200.00", "CHF", "2017-01-01")
    made = abroad.allocate([advance], [invoice])
    assert made["invoices"][0]["amount_due"] == "600.00"
    assert in_base(made) == {"2300": 300, "1200": -200, "4220": -100}
    abroad.allocate([abroad.advance("1200.00", "CHF", "2016-06-01")], [invoice], date="2017-02-01")
    assert abroad.read(invoice)["status"] == "paid"
    assert "1200" not in abroad.balances()
    sound(abroad.api)


def test_foreign_money_settles_an_invoice_in_dollars(abroad: Abroad) -> None:
    """400 dollars; 600 EUR of 2016 are 200 of them, 600 of 2017 are 300 and 100 stay: without any difference."""
    invoice = abroad.invoice("400.00", "USD", "2016-01-01")
    advances = [abroad.advance("600.00", "EUR", day) for day in ("2016-06-01", "2017-01-01")]
    made = abroad.allocate(advances, [invoice])
    assert [(one["amount"], one["amount_left"]) for one in made["sources"]] == [
        ("600.00", "0.00"),
        ("400.00", "200.00"),
    ]
    assert in_base(made) == {"2300": 400, "1200": -400}
    assert (abroad.read(invoice)["status"], abroad.balances()["2300"]) == ("paid", "-100.00")
    sound(abroad.api)


def test_a_rate_that_was_agreed(abroad: Abroad) -> None:
    """250 dollars for 500 EUR less one: at 0.501 dollars a euro, 500 take 250.50."""
    invoice = abroad.invoice("500.00", "EUR", "2017-01-01")
    advance = abroad.advance("260.00", "USD", "2017-01-02")
    made = abroad.allocate([advance], [invoice], exchange_rate="0.501")
    assert [(one["amount"], one["amount_left"]) for one in made["sources"]] == [("250.50", "9.50")]
    assert in_base(made) == {"2300": Decimal("250.50"), "1200": -250, "4220": Decimal("-0.50")}
    sound(abroad.api)


def test_each_side_is_in_one_currency_and_its_rate_is_known(abroad: Abroad) -> None:
    euros, dollars = (abroad.invoice("100.00", currency, "2017-01-01") for currency in ("EUR", "USD"))
    advance = abroad.advance("100.00", "CHF", "2017-01-01")
    before = abroad.api.counts()
    refused = abroad.allocate([advance], [euros, dollars], 422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/invoices", "currency_differs")]
    body = {"customer": "BUYER", "currency": "GBP", "exchange_rate": "1.5", "date": "2017-01-01"}
    items = [{"product": "P", "quantity": 1, "unit_price": "10.00"}]
    pounds = abroad.api.call("create_invoice", body | {"items": items}).expect(201).json
    after = abroad.api.counts()
    assert after != before
    assert abroad.allocate([advance], [pounds], 422)["code"] == "exchange_rate_missing"
    assert abroad.api.counts() == after


def test_dollars_paid_to_a_supplier_settle_a_foreign_bill(abroad: Abroad) -> None:
    """The other way round: 120 at two to one stand at 60; 80 dollars of 2016 at three to one take 40, a gain of 20."""
    abroad.api.record("suppliers", code="MILL", name="Mill", jurisdiction="US")

    def bill(amount: str, day: str) -> Any:
        body = {"supplier": "MILL", "supplier_number": amount + day, "currency": "EUR", "date": day}
        body |= {"items": [{"account": "6150", "unit_price": amount}]}
        return abroad.api.call("create_bill", body).expect(201).json

    def paid(amount: str, day: str) -> Any:
        body = {"supplier": "MILL", "amount": amount, "currency": "USD", "date": day, "allocations": []}
        return abroad.api.call("record_supplier_payment", body, headers=abroad.key()).expect(201).json

    def allocate(source: Any, one: Any) -> Any:
        body = {"supplier": "MILL", "sources": [{"document": source["number"]}], "date": "2017-01-31"}
        body |= {"bills": [{"document": one["number"]}]}
        return abroad.api.call("create_supplier_allocation", body, headers=abroad.key()).expect(201).json

    made = allocate(paid("80.00", "2016-01-01"), bill("120.00", "2017-01-01"))
    (source,), (settled,) = made["sources"], made["bills"]
    assert (source["amount"], source["amount_due"], source["currency"]) == ("40.00", "40.00", "USD")
    assert (settled["amount"], settled["amount_due"], settled["exchange_difference"]) == ("120.00", "0.00", "20.00")
    assert in_base(made) == {"1230": -40, "2100": 60, "4220": -20}
    sound(abroad.api)
    made = allocate(paid("60.00", "2017-01-01"), bill("240.00", "2016-01-01"))
    assert (made["bills"][0]["amount_due"], made["sources"][0]["amount_due"]) == ("120.00", "0.00")
    assert in_base(made) == {"1230": -60, "2100": 40, "6320": 20}
    sound(abroad.api)
    abroad.api.call("delete_supplier_allocation", path={"id": made["id"]}).expect(200)
    balances = abroad.balances()
    assert (balances["2100"], balances["1230"], "6320" in balances) == ("-80.00", "100.00", False)
    sound(abroad.api)
