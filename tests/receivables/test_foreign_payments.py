"""Payments in a foreign currency: what they are worth, what they gain or lose, and nothing left in base currency."""

from decimal import Decimal
from typing import Any

import pytest

from tests.receivables.test_foreign_invoices import base_lines, euros, set_rate
from tests.support.shop import Shop
from tests.support.statements import counted


def pay(shop: Shop, amount: str, /, status: int = 201, **fields: Any) -> Any:
    """Pay in euros."""
    return shop.pay(amount, "CUST002", status, **{"currency": "EUR"} | fields)


def close_november(shop: Shop, area: str) -> None:
    """Close an area in the month of today."""
    path, seen = {"resource": "fiscal-years", "id": "FY2026"}, {"If-Match": "*"}
    body = {"periods": [{"number": 11, "closed_areas": [area]}]}
    shop.api.call("update_record", body, path=path, headers=seen).expect(200)


@pytest.fixture
def abroad(shop: Shop) -> Shop:
    """An invoice of 400.00 EUR at 1.20 dollars, and a rate of 1.10 since."""
    set_rate(shop, "1.20", "2026-11-01")
    set_rate(shop, "1.10", "2026-11-21")
    euros(shop, date="2026-11-20")
    return shop


def test_the_difference_is_realised_and_nothing_is_left(abroad: Shop) -> None:
    answer = pay(abroad, "400.00")
    (settled,) = answer["allocations"]
    assert (settled["amount_due"], settled["status"], settled["exchange_difference"]) == ("0.00", "paid", "-40.00")
    assert answer["base"] == {
        "currency": "USD",
        "exchange_rate": "1.1",
        "amount": "440.00",
        "unallocated": "0.00",
        "exchange_difference": "-40.00",
    }
    assert base_lines(answer) == [("1020", 440), ("1200", -480), ("6320", 40)]
    difference = answer["posting"]["lines"][2]
    assert (difference["debit"], difference["credit"], difference["currency"]) == ("0.00", "0.00", "EUR")
    read = abroad.api.call("get_payment", path={"id": answer["id"]}).expect(200).json
    assert read == answer
    assert abroad.trial_balance().get("1200", "0") == "0"


def test_each_part_realises_its_own_difference(abroad: Shop) -> None:
    """The difference is posted per allocation, also of a partial payment."""
    set_rate(abroad, "1.30", "2026-11-23")
    first = pay(abroad, "100.01", date="2026-11-22")
    second = pay(abroad, "299.99")
    assert base_lines(first) == [("1020", Decimal("110.01")), ("1200", Decimal("-120.01")), ("6320", 10)]
    assert base_lines(second) == [
        ("1020", Decimal("389.99")),
        ("1200", Decimal("-359.99")),
        ("4220", Decimal("-30.00")),
    ]
    balances = abroad.trial_balance()
    assert (balances.get("1200", "0"), balances["6320"], balances["4220"]) == ("0", "10.00", "-30.00")
    (row,) = abroad.api.rows("SELECT open, base_amount = base_settled AS level FROM ledger.open_item_balance")
    assert (row.open, row.level) == (False, True)


def test_what_is_left_is_an_advance_at_the_payments_rate(abroad: Shop) -> None:
    answer = pay(abroad, "500.00")
    assert (answer["unallocated"], answer["base"]["unallocated"]) == ("100.00", "110.00")
    assert base_lines(answer) == [("1020", 550), ("1200", -480), ("6320", 40), ("2300", -110)]


def test_a_write_off_is_valued_as_the_money_is(abroad: Shop) -> None:
    write_off = {"amount": "10.00", "account": "6340", "reason": "Bank charge"}
    answer = pay(abroad, "390.00", write_off=write_off)
    assert base_lines(answer) == [("1020", 429), ("6340", 11), ("1200", -480), ("6320", 40)]


def test_what_arrived_in_base_currency_says_what_it_is_worth(abroad: Shop) -> None:
    """No rate is needed where the bank has told one."""
    abroad.api.record("accounts", code="1021", name="Dollar account", kind="asset", parent="10", control="bank",
                      currency="USD")  # fmt: skip
    answer = pay(abroad, "400.00", account="1021", account_amount="431.07")
    assert (answer["account_amount"], answer["account_currency"]) == ("431.07", "USD")
    assert answer["base"]["exchange_rate"] == "1.077675"
    assert base_lines(answer) == [("1021", Decimal("431.07")), ("1200", -480), ("6320", Decimal("48.93"))]
    bank = answer["posting"]["lines"][0]
    assert (bank["debit"], bank["currency"]) == ("431.07", "USD")


def test_without_it_the_rate_of_the_day_does(abroad: Shop) -> None:
    abroad.api.record("accounts", code="1021", name="Dollar account", kind="asset", parent="10", control="bank",
                      currency="USD")  # fmt: skip
    answer = pay(abroad, "400.00", account="1021")
    assert (answer["account_amount"], base_lines(answer)[0]) == ("440.00", ("1021", 440))


def test_a_third_currency_stands_on_its_account(abroad: Shop) -> None:
    abroad.api.record("accounts", code="1022", name="Pounds", kind="asset", parent="10", control="bank",
                      currency="GBP")  # fmt: skip
    before = abroad.api.counts()
    problem = pay(abroad, "40.00", 422, account="1022")
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("exchange_rate_missing", "/account_amount")
    assert abroad.api.counts() == before
    told = pay(abroad, "40.00", account="1022", account_amount="34.10")
    bank = told["posting"]["lines"][0]
    assert (bank["debit"], bank["currency"], bank["base_debit"]) == ("34.10", "GBP", "44.00")
    set_rate(abroad, "1.375", "2026-11-22", currency="GBP")
    by_rate = pay(abroad, "40.00", account="1022")
    assert (by_rate["account_amount"], by_rate["base"]["amount"]) == ("32.00", "44.00")


def test_an_agreed_rate_goes_before_that_of_the_day(abroad: Shop) -> None:
    assert pay(abroad, "400.00", exchange_rate="1.2")["base"]["exchange_difference"] == "0.00"


def test_only_invoices_of_its_currency_are_settled(abroad: Shop) -> None:
    dollars = abroad.invoice("CUST002", date="2026-11-01")
    assert [one["invoice"]["code"] for one in pay(abroad, "100.00")["allocations"]] == ["INV-2026-000001"]
    before = abroad.api.counts()
    problem = pay(abroad, "100.00", 422, allocations=[{"invoice": dollars["number"]}])
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/allocations/0/invoice", "currency_differs")
    ]
    assert abroad.api.counts() == before


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"currency": "GBP"}, "/currency", "exchange_rate_missing"),
        ({"currency": "USD", "exchange_rate": "1.1"}, "/exchange_rate", "same_currency"),
        ({"account_amount": "440.00"}, "/account_amount", "same_currency"),
        ({"amount": "1.001"}, "/amount", "too_precise"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    abroad: Shop, fields: dict[str, str], pointer: str, code: str
) -> None:
    before = abroad.api.counts()
    body = {"amount": "10.00", "allocations": []} | fields
    problem = pay(abroad, body.pop("amount"), 422, **body)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert abroad.api.counts() == before


@pytest.mark.parametrize(
    ("area", "status", "suggested"), [("cash", 422, "2026-12-01"), ("sales", 201, None), ("purchase", 201, None)]
)
def test_a_lock_on_other_areas_does_not_hold_the_difference_up(
    abroad: Shop, area: str, status: int, suggested: str | None
) -> None:
    """The difference has the payment's day and area, so it never falls into a period of its own."""
    close_november(abroad, area)
    before = abroad.api.counts()
    answer = pay(abroad, "400.00", status)
    assert answer.get("suggested_date") == suggested
    if status == 422:
        assert abroad.api.counts() == before
        answer = pay(abroad, "400.00", date=suggested)
    days = abroad.api.rows(
        "SELECT DISTINCT effective_date, area FROM ledger.journal_line WHERE document_id = cast(:id AS uuid)",
        id=answer["id"],
    )
    assert [(str(row.effective_date), row.area) for row in days] == [(suggested or "2026-11-23", "cash")]


def test_the_exposure_is_relieved_of_what_the_invoice_stood_at(abroad: Shop) -> None:
    pay(abroad, "400.00")
    assert abroad.invoice("CUST002", items=[{"product": "SERV001", "quantity": 1}])["credit"]["exposure"] == "75.00"


def test_the_rates_are_read_within_the_one_statement(abroad: Shop) -> None:
    pay(abroad, "1.00")
    _, sent = counted(lambda: pay(abroad, "1.00"))
    assert len(sent) == 3  # open, read, flush
