"""A bank account abroad valued anew, and an expense deferred over 500 days, with numbers of other test suites.

Sources: ERPNext, accounts/report/general_ledger/test_general_ledger.py
(test_foreign_account_balance_after_exchange_rate_revaluation, test_opening_total_and_closing_balances) and doctype/
exchange_rate_revaluation/test_exchange_rate_revaluation.py (test_02_accounts_only_with_base_currency_balance); Tryton,
modules/account_invoice_defer/tests/scenario_account_invoice_defer.rst and modules/account/tests/scenario_reports.rst.
"""

from decimal import Decimal

import pytest

from tests.ledger.deferring import defer, planned
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit


def test_a_bank_account_is_worth_what_the_rate_says(api: Api) -> None:
    """1,000.00 came at 75 and 900.00 went at 100: 100.00 at -15,000.00 are worth 7,700.00 at 77."""
    books = Books(api)
    euros = {"currency": "EUR"}
    for line, cash in (
        (debit("1030", "1000.00", **euros, rate="75"), credit("1010", "75000.00")),
        (credit("1030", "900.00", **euros, rate="100"), debit("1010", "90000.00")),
    ):
        books.enter(line, cash, date="2026-10-31")
    assert books.balances(as_of="2026-10-31")["1030"] == "-15000.00"
    rates = [{"currency": "EUR", "base_currency": "USD", "date": "2026-10-31", "rate": "77", "type": "closing"}]
    api.call("set_exchange_rates", {"rates": rates}, headers=books.key()).expect(201)
    answer = api.call("create_revaluation", {"date": "2026-10-31"}, headers=books.key()).expect(201)
    assert (answer["gain"], answer["loss"]) == ("22700.00", "0.00")
    after = books.balances(as_of="2026-10-31")
    assert Decimal(after["1030"]) == Decimal("7700.00")
    (own,) = api.rows(
        "SELECT sum(b.debit - b.credit)::text AS own FROM ledger.balance b JOIN kernel.document a ON a.id ="
        " b.account_id WHERE a.number = '1030' AND b.currency = 'EUR' AND b.day <= '2026-10-31'"
    )
    assert own.own == "100.00"
    sound(api)


@pytest.mark.parametrize(("out", "gain", "loss"), [("85", "500.00", "0.00"), ("75", "0.00", "500.00")])
def test_an_account_that_is_empty_abroad_is_worth_nothing(api: Api, out: str, gain: str, loss: str) -> None:
    """ERPNext: 100.00 came at 80 and went at another rate; what is left in base alone is taken off, at no rate."""
    books = Books(api)
    for line, cash in (
        (debit("1030", "100.00", currency="EUR", rate="80"), credit("1010", "8000.00")),
        (credit("1030", "100.00", currency="EUR", rate=out), debit("1010", f"{out}00.00")),
    ):
        books.enter(line, cash, date="2026-10-31")
    answer = api.call("create_revaluation", {"date": "2026-10-31"}, headers=books.key()).expect(201)
    assert (answer["gain"], answer["loss"]) == (gain, loss)
    assert books.balances(as_of="2026-10-31").get("1030", "0.00") == "0.00"
    sound(api)


@pytest.mark.parametrize(("year", "left"), [(2025, "270.00"), (2024, "268.00")])
def test_an_expense_of_500_days(api: Api, year: int, left: str) -> None:
    """A thousand over 500 days by days: after twelve of seventeen months 268.00 to 271.00 are left, in the end none."""
    books = Books(api)
    books.year(year)
    ends_on = "2026-05-15" if year == 2025 else "2025-05-14"
    asked = {"amount": "1000.00", "starts_on": f"{year}-01-01", "ends_on": ends_on, "method": "days"}
    instalments = planned(defer(books, kind="expense", account="6140", **asked))
    amounts = [Decimal(amount) for _, amount in instalments]
    assert (len(amounts), sum(amounts)) == (17, Decimal("1000.00"))
    assert Decimal("1000.00") - sum(amounts[:12]) == Decimal(left)


def test_what_was_there_before_what_came_and_what_is_there(api: Api) -> None:
    """1,000.00 opened the account before the days that are asked for, 200.00 came in them: 1,200.00."""
    books = Books(api)
    books.enter(debit("1010", "1000.00"), credit("1020", "1000.00"), date="2026-09-20")
    books.enter(debit("1010", "200.00"), credit("1020", "200.00"), date="2026-11-20")
    query = {"date_from": "2026-10-24", "as_of": "2026-11-23"}
    report = api.call("get_account_ledger", path={"id": "1010"}, query=query).expect(200)
    assert (report["opening_balance"], report["closing_balance"]) == ("1000.00", "1200.00")
