"""Taxes due at payment, with numbers of other systems' test suites.

Sources: Tryton, modules/account_tax_cash/tests (scenario_account_tax_cash.rst, _reconciliation.rst); Odoo,
addons/account/tests/test_account_move_reconcile.py (the tests of cash basis entries).
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.integrity import sound
from tests.tax.returns import prepare

RATE: dict[str, Any] = {"valid_from": "2000-01-01"}


class Books:
    """A company in US dollars that keeps taxes by the money received, on sales and on purchases."""

    def __init__(self, api: Api) -> None:
        self.api = api
        for year in (2016, 2017):
            api.record(
                "fiscal-years", code=f"FY{year}", company="MAIN", starts_on=f"{year}-01-01", ends_on=f"{year}-12-31"
            )
        api.record("customers", code="BUYER", name="Buyer", jurisdiction="US")
        api.record("suppliers", code="MILL", name="Mill", jurisdiction="US")

    def key(self) -> dict[str, str]:
        """A key of its own for each call."""
        return {"Idempotency-Key": f"key {self.api.requests}"}

    def tax(self, code: str, rate: str, **fields: Any) -> str:
        """A tax due at payment unless said otherwise; it waits on 2205, of purchases on 1255."""
        cash = {"due": "payment", "transition_account": "2205"}
        common = {"jurisdiction": "US", "account": "2200", "purchase_account": "1250", "rates": [RATE | {"rate": rate}]}
        self.api.record("taxes", code=code, name=code, **(common | cash | fields))
        return code

    def product(self, code: str, *taxes: str) -> str:
        """A service that bears these taxes."""
        self.api.record("products", code=code, name=code, kind="service", unit="EA", tax_category=code)
        rule = {"jurisdiction": "US", "product_category": code, "taxes": list(taxes)}
        self.api.record("tax-rules", code=code, name=code, **rule)
        return code

    def rates(self, **by_day: str) -> None:
        """How many euros a dollar is worth from the first day of a year on."""
        rates = [
            {"currency": "USD", "base_currency": "EUR", "date": f"{day[1:]}-01-01", "rate": rate}
            for day, rate in by_day.items()
        ]
        self.api.call("set_exchange_rates", {"rates": rates}, headers=self.key()).expect(201)

    def policy(self, **changed: str) -> None:
        path = {"resource": "companies", "id": "MAIN"}
        read = self.api.call("get_record", path=path).expect(200)
        body = {"policies": read["policies"] | changed}
        self.api.call("update_record", body, path=path, headers={"If-Match": read.headers["ETag"]}).expect(200)

    def sell(self, price: str, product: str, **fields: Any) -> Any:
        body = {"customer": "BUYER", "items": [{"product": product, "quantity": 1, "unit_price": price}], **fields}
        return self.api.call("create_invoice", body).expect(201).json

    def buy(self, *items: dict[str, Any], **fields: Any) -> Any:
        lines = [{"account": "6150"} | item for item in items]
        body = {"supplier": "MILL", "supplier_number": f"{self.api.requests}", "items": lines, **fields}
        return self.api.call("create_bill", body).expect(201).json

    def receive(self, amount: str, **fields: Any) -> Any:
        body = {"customer": "BUYER", "amount": amount, **fields}
        return self.api.call("record_payment", body, headers=self.key()).expect(201).json

    def pay(self, amount: str, **fields: Any) -> Any:
        body = {"supplier": "MILL", "amount": amount, **fields}
        return self.api.call("record_supplier_payment", body, headers=self.key()).expect(201).json

    def void(self, operation: str, document: Any) -> None:
        body = {"reason": "Bounced"}
        self.api.call(operation, body, path={"id": document["id"]}, headers=self.key()).expect(200)

    def balances(self) -> dict[str, Decimal]:
        rows = self.api.call("get_trial_balance", query={"zero": "show"}).expect(200)["rows"]
        return {row["account"]["code"]: Decimal(row["balance"]) for row in rows if row["balance"] != "0.00"}

    def told(self, starts_on: str, ends_on: str) -> list[tuple[str, str, str, str, str]]:
        """What the return of some months tells of each tax; it ties to the tax accounts."""
        answer = prepare(self, starts_on=starts_on, ends_on=ends_on)
        assert [one["difference"] for one in answer["accounts"] if one["difference"] != "0.00"] == []
        return [(one["tax"], one["kind"], one["base"], one["output"], one["input"]) for one in answer["taxes"]]


@pytest.fixture
def books(api: Api) -> Books:
    return Books(api)


YEAR = ("2017-01-01", "2017-12-31")
NOVEMBER = ("2026-11-01", "2026-11-30")


def test_one_tax_by_the_money_and_one_by_the_invoice(books: Books) -> None:
    """Tryton: 60 of 115 make 52.17 and 5.22 of the one due, while the other was at once."""
    later = books.tax("CASH", "0.10")
    at_once = books.tax("NOCASH", "0.05", due="invoice", transition_account=None)
    books.sell("100.00", books.product("P", later, at_once))
    assert books.told(*NOVEMBER) == [("NOCASH", "sale", "100.00", "5.00", "0.00")]
    books.receive("60.00")
    assert books.told(*NOVEMBER) == [
        ("CASH", "sale", "52.17", "5.22", "0.00"),
        ("NOCASH", "sale", "100.00", "5.00", "0.00"),
    ]
    books.receive("55.00")
    assert books.told(*NOVEMBER)[0] == ("CASH", "sale", "100.00", "10.00", "0.00")
    sound(books.api)


def test_an_instalment_of_two(books: Books) -> None:
    """Tryton: one of two instalments makes half of it due."""
    books.api.record("payment-terms", code="TWO", name="Two", instalments=[{"percent": 50, "days": 10}, {"days": 20}])
    books.sell("100.00", books.product("P", books.tax("CASH", "0.10")), payment_terms="TWO")
    books.receive("55.00")
    assert books.told(*NOVEMBER) == [("CASH", "sale", "50.00", "5.00", "0.00")]


def test_a_third_and_a_tiny_tax(books: Books) -> None:
    """Odoo: of 100.00 a third is 33.33 and a hundredth of a percent 0.01."""
    taxes = books.tax("THIRD", "0.3333"), books.tax("TINY", "0.0001", account="2210")
    invoice = books.sell("100.00", books.product("P", *taxes))
    assert invoice["total"] == "133.34"
    books.receive("133.34")
    assert books.told(*NOVEMBER) == [
        ("THIRD", "sale", "100.00", "33.33", "0.00"),
        ("TINY", "sale", "100.00", "0.01", "0.00"),
    ]
    balances = books.balances()
    assert (balances["2200"], balances["2210"], "2205" in balances) == (Decimal("-33.33"), Decimal("-0.01"), False)


def test_a_tax_included_in_the_price_is_due_in_thirds(books: Books) -> None:
    """100.00 with 20 % in it are 83.33 and 16.67: each third is rounded, and the last takes what is left."""
    books.sell("100.00", books.product("P", books.tax("IN", "0.20", included_in_price=True)))
    seen = []
    for amount in ("33.33", "33.33", "33.34"):
        books.receive(amount)
        seen.append(books.told(*NOVEMBER)[0][2:4])
    assert seen == [("27.77", "5.56"), ("55.55", "11.11"), ("83.33", "16.67")]
    sound(books.api)


def test_a_part_of_a_bill_that_is_paid(books: Books) -> None:
    """Odoo: 600 of 1,200 make 150 of 300 due."""
    third = books.tax("THIRD", "0.333333", transition_account="1255")
    books.buy({"unit_price": "900.00", "taxes": [third]})
    books.pay("600.00")
    balances = books.balances()
    assert (balances["1250"], balances["1255"]) == (150, 150)
    sound(books.api)


@pytest.mark.parametrize(
    ("rate", "due", "exchange"),
    [
        ("document", ("100.00", "33.33"), Decimal("-66.67")),
        ("settlement", ("150.00", "50.00"), Decimal("-50.00")),
    ],
)
def test_at_the_rate_of_the_document_or_of_the_money(
    books: Books, rate: str, due: tuple[str, str], exchange: Decimal
) -> None:
    """Odoo: 400 at three to one stand at 133.33, and 200 come at two to one.

    What waited as 33.33 is due as that, or as 50.00 at the rate of the money (its transition account reconciled): then
    16.67 of the gain of 66.67 go to the authority.
    """
    books.rates(y2016="3", y2017="2")
    books.policy(cash_basis_rate=rate)
    product = books.product("P", books.tax("THIRD", "0.333333"))
    invoice = books.sell("300.00", product, currency="EUR", date="2016-01-01")
    assert (invoice["total"], invoice["base"]["total"]) == ("400.00", "133.33")
    payment = books.receive("400.00", currency="EUR", date="2017-01-01")
    assert books.told(*YEAR) == [("THIRD", "sale", *due, "0.00")]
    balances = books.balances()
    assert (balances["2200"], "2205" in balances, "1200" in balances) == (-Decimal(due[1]), False, False)
    assert sum(balances.get(code, Decimal(0)) for code in ("4220", "6320")) == exchange
    sound(books.api)
    books.void("void_payment", payment)
    balances = books.balances()
    assert (balances["2205"], "2200" in balances, "6320" in balances) == (Decimal("-33.33"), False, False)
    sound(books.api)


def test_parts_at_rates_of_their_own(books: Books) -> None:
    """Odoo: 100 and 10 of tax at two dollars each; half is paid at 1.50 and half at two: 7.50 and 10.00 are due."""
    books.rates(y2016="0.5", y2017="0.666666666667")
    books.policy(cash_basis_rate="settlement")
    books.sell("100.00", books.product("P", books.tax("TEN", "0.10")), currency="EUR", date="2016-01-01")
    books.receive("55.00", currency="EUR", date="2016-06-01")
    assert books.told("2016-01-01", "2016-12-31") == [("TEN", "sale", "100.00", "10.00", "0.00")]
    books.receive("55.00", currency="EUR", date="2017-01-01")
    assert books.told("2016-01-01", "2017-12-31") == [("TEN", "sale", "175.00", "17.50", "0.00")]
    balances = books.balances()
    assert ("2205" in balances, balances["2200"], balances["6320"], balances["4220"]) == (
        False,
        Decimal("-17.50"),
        Decimal("27.50"),
        Decimal("-2.50"),
    )
    sound(books.api)


def test_a_bill_at_the_rate_of_the_money(books: Books) -> None:
    """100 and 10 of tax at two dollars each, paid at 1.50: 15.00 of the 20.00 are claimed, 5.00 are a loss."""
    books.rates(y2016="0.5", y2017="0.666666666667")
    books.policy(cash_basis_rate="settlement")
    ten = books.tax("TEN", "0.10", transition_account="1255")
    books.buy({"unit_price": "100.00", "taxes": [ten]}, currency="EUR", date="2016-01-01")
    books.pay("110.00", currency="EUR", date="2017-01-01")
    assert books.told(*YEAR) == [("TEN", "purchase", "150.00", "0.00", "15.00")]
    balances = books.balances()
    assert (balances["1250"], "1255" in balances, balances["6320"], balances["4220"]) == (15, False, 5, -55)
    sound(books.api)


def test_a_credit_is_no_money(books: Books) -> None:
    """Odoo's refund in another rate: 200 and 66.66 of the invoice and 300 and 99.99 of the credit are due as they
    stand, and 133.33 of difference touch no tax."""
    books.rates(y2016="0.5", y2017="0.333333333333")
    books.policy(cash_basis_rate="settlement")
    product = books.product("P", books.tax("THIRD", "0.3333"))
    invoice = books.sell("100.00", product, currency="EUR", date="2016-01-01")
    items = [{"product": product, "quantity": 1, "unit_price": "100.00"}]
    body = {"customer": "BUYER", "currency": "EUR", "date": "2017-01-01", "reason": "Returned", "items": items}
    note = books.api.call("create_credit_note", body).expect(201).json
    sources, invoices = [{"document": note["number"]}], [{"invoice": invoice["number"]}]
    body = {"customer": "BUYER", "sources": sources, "invoices": invoices, "date": "2017-01-02"}
    made = books.api.call("create_allocation", body, headers=books.key()).expect(201).json
    assert made["invoices"][0]["exchange_difference"] == "133.33"
    assert books.told(*YEAR) == [
        ("THIRD", "sale", "200.00", "66.66", "0.00"),
        ("THIRD", "sale_credit", "-300.00", "-99.99", "0.00"),
    ]
    balances = books.balances()
    assert ("2205" in balances, balances["2200"], balances["4220"]) == (False, Decimal("33.33"), Decimal("-133.33"))
    sound(books.api)
