"""Payments with write-offs and at other rates, revaluations and deferrals, with numbers of other test suites.

Sources: Tryton, modules/account/tests/scenario_account_reconciliation_alternate_currency_write_off.rst; ERPNext,
accounts/doctype/exchange_rate_revaluation/test_exchange_rate_revaluation.py, sales_invoice/test_sales_invoice.py
(test_deferred_revenue), report/deferred_revenue_and_expense and report/accounts_receivable.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.ledger.deferring import defer, planned
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.ledger import Books
from tests.support.purchases import Purchases
from tests.support.reports import rows, ties


class Abroad(Purchases):
    """A company in US dollars that owes 90.00 EUR, booked at 50.00; a euro is worth 0.50 (the case's rate of two)."""

    def __init__(self, api: Api) -> None:
        self.api = api
        api.record("suppliers", code="SUPP001", name="Supplier", jurisdiction="US")
        api.record("accounts", code="1021", name="Dollars", kind="asset", control="bank", currency="USD", parent="10")
        api.record("accounts", code="4290", name="Write-offs", kind="revenue")
        rates = [{"currency": "EUR", "base_currency": "USD", "date": "2026-11-01", "rate": "0.5"}]
        api.call("set_exchange_rates", {"rates": rates}, headers={"Idempotency-Key": "rates"}).expect(201)
        self.owed = self.bill(currency="EUR", exchange_rate="0.555555555556", items=[{"unit_price": "90.00"}])
        assert self.owed["base"]["total"] == "50.00"

    def settle(self, status: int = 201, **fields: Any) -> Any:
        """Pay 89.00 EUR with 45.00 dollars and leave 1.00 EUR unpaid for good."""
        write_off = {"amount": "1.00", "account": "4290", "reason": "the supplier does not ask for it"}
        body = {"supplier": "SUPP001", "amount": "89.00", "currency": "EUR", "account": "1021"}
        key = {"Idempotency-Key": "settle"}
        body |= {"account_amount": "45.00", "write_off": write_off} | fields
        return self.api.call("record_supplier_payment", body, headers=key).expect(status).json


@pytest.fixture
def abroad(api: Api) -> Abroad:
    return Abroad(api)


def test_a_supplier_does_not_ask_for_the_last_euro(abroad: Abroad) -> None:
    """Tryton: of the 5.00 between 50.00 and 45.00, 0.50 are the written off euro and 4.50 the exchange gain."""
    payment = abroad.settle()
    assert (payment["written_off"], payment["write_off_account"]["code"]) == ("1.00", "4290")
    assert payment["base"]["exchange_difference"] == "4.50"
    balances = abroad.trial_balance()
    assert (balances["4290"], balances["4220"], balances["1021"]) == ("-0.50", "-4.50", "-45.00")
    assert Decimal(balances.get("2100", "0")) == 0
    assert abroad.get(abroad.owed)["status"] == "paid"
    abroad.holds()
    sound(abroad.api)


def test_a_write_off_of_a_void_payment_is_taken_back(abroad: Abroad) -> None:
    payment = abroad.settle()
    abroad.act("void_supplier_payment", payment, reason="sent back")
    balances = abroad.trial_balance()
    assert (balances.get("4290", "0"), balances.get("4220", "0")) in {("0", "0"), ("0.00", "0.00")}
    assert abroad.get(abroad.owed)["amount_due"] == "90.00"
    abroad.holds()
    sound(abroad.api)


def test_no_more_is_written_off_than_is_missing(abroad: Abroad) -> None:
    before = abroad.api.counts()
    write_off = {"amount": "2.00", "account": "4290", "reason": "too much"}
    refused = abroad.settle(422, write_off=write_off)
    assert refused["errors"][0]["pointer"] == "/write_off/amount"
    assert abroad.api.counts() == before


def test_an_open_item_is_worth_more_at_another_rate(api: Api) -> None:
    """ERPNext: 100.00 booked at 80 is worth 8,500.00 at 85, a gain of 500.00, posted once and kept."""
    books = Books(api)
    api.record("customers", code="BUYER", name="Buyer", jurisdiction="US")
    api.record("products", code="P", name="P", kind="service", unit="EA")
    path = {"resource": "companies", "id": "MAIN"}
    read = api.call("get_record", path=path).expect(200)
    policies = {"policies": {"revaluation_reversal": "none"}}
    api.call("update_record", policies, path=path, headers={"If-Match": read.headers["ETag"]}).expect(200)
    items = [{"product": "P", "quantity": 1, "unit_price": "100.00"}]
    body = {"customer": "BUYER", "currency": "KWD", "exchange_rate": "80", "date": "2026-10-31", "items": items}
    invoice = api.call("create_invoice", body).expect(201)
    assert invoice["base"]["total"] == "8000.00"
    rates = [{"currency": "KWD", "base_currency": "USD", "date": "2026-10-31", "rate": "85", "type": "closing"}]
    api.call("set_exchange_rates", {"rates": rates}, headers=books.key()).expect(201)
    answer = api.call("create_revaluation", {"date": "2026-10-31"}, headers=books.key()).expect(201)
    assert (answer["gain"], answer["loss"]) == ("500.00", "0.00")
    balances = books.balances()
    assert (balances["1200"], balances["1205"], balances["4230"]) == ("8000.00", "500.00", "-500.00")
    sound(api)


DEFERRED: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (
        {"amount": "100.00", "starts_on": "2019-01-10", "ends_on": "2019-03-15", "method": "days"},
        [("2019-01-31", "33.85"), ("2019-02-28", "43.08"), ("2019-03-31", "23.07")],
    ),
    (
        {"amount": "300.00", "starts_on": "2021-05-01", "months": 3},
        [("2021-05-31", "100.00"), ("2021-06-30", "100.00"), ("2021-07-31", "100.00")],
    ),
]


@pytest.mark.parametrize(("asked", "expected"), DEFERRED)
def test_revenue_is_deferred(api: Api, asked: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    """ERPNext: 65 days of 100.00 by month, and three months of 300.00."""
    books = Books(api)
    books.year(int(asked["starts_on"][:4]))
    schedule = defer(books, kind="revenue", account="4000", **asked)
    assert [amount for _, amount in planned(schedule)] == [amount for _, amount in expected]
    assert [day[:7] for day, _ in planned(schedule)] == [day[:7] for day, _ in expected]


def test_instalments_age_for_themselves(api: Api) -> None:
    """ERPNext: 100.00 in 30, 50 and 20; 40.00 paid settle the first and ten of the second."""
    api.record("customers", code="BUYER", name="Buyer", jurisdiction="US")
    api.record("products", code="P", name="P", kind="service", unit="EA")
    shares = [{"percent": 30, "days": 30}, {"percent": 50, "days": 60}, {"percent": 20, "days": 90}]
    api.record("payment-terms", code="THREE", name="Three", instalments=shares)
    items = [{"product": "P", "quantity": 1, "unit_price": "100.00"}]
    body = {"customer": "BUYER", "payment_terms": "THREE", "date": "2026-08-25", "items": items}
    invoice = api.call("create_invoice", body).expect(201)
    assert [share["amount"] for share in invoice["instalments"]] == ["30.00", "50.00", "20.00"]

    def aged() -> list[str]:
        answer = api.call("get_aged_receivables", query={"as_of": "2026-11-23"}).expect(200).json
        assert ties(answer) == ["0.00"]
        return list(rows(answer)["total"])

    assert aged() == ["20.00", "50.00", "30.00", "0.00", "0.00", "0.00", "100.00"]
    paid = {"customer": "BUYER", "amount": "40.00"}
    api.call("record_payment", paid, headers={"Idempotency-Key": "pay"}).expect(201)
    assert aged() == ["20.00", "40.00", "0.00", "0.00", "0.00", "0.00", "60.00"]
    sound(api)
