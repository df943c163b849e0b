"""Revaluation: unrealised differences per open item and account of money, taken back on the next day."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.shop import Shop
from tests.support.statements import counted


def set_rate(books: Books, rate: str, date: str, **fields: str) -> None:
    """One euro is worth so many US dollars from a day on."""
    told = {"currency": "EUR", "base_currency": "USD", "date": date, "rate": rate} | fields
    books.api.call("set_exchange_rates", {"rates": [told]}, headers=books.key()).expect(201)


def revalue(books: Books, status: int = 201, **body: Any) -> Any:
    """Revalue at the end of October unless said otherwise."""
    body = {"date": "2026-10-31"} | body
    return books.api.call("create_revaluation", body, headers=books.key()).expect(status).json


def lines(answer: Any) -> list[tuple[str, str, Decimal]]:
    """What was posted: the account, the day and the amount in base currency, debit positive."""
    return [
        (line["account"]["code"], line["date"], Decimal(line["base_debit"]) - Decimal(line["base_credit"]))
        for line in answer["posting"]["lines"]
    ]


@pytest.fixture
def shop(books: Books) -> Shop:
    """A shop whose October has an invoice of 400.00 EUR at 1.20 dollars."""
    shop = Shop(books.api)
    set_rate(books, "1.20", "2026-10-01")
    item = {"product": "PROD001", "quantity": 5, "unit_price": "80.00"}
    shop.invoice("CUST002", currency="EUR", date="2026-10-10", items=[item])
    return shop


@pytest.mark.example
def test_example(books: Books, shop: Shop, example: Any) -> None:
    set_rate(books, "1.10", "2026-10-31", type="closing")
    answer = example(body={"date": "2026-10-31"}, headers=books.key())
    assert (answer.status, answer["number"], answer["total"]) == (201, "REV-2026-000001", "-40.00")


def test_an_open_item_is_valued_at_the_closing_rate_and_taken_back_on_the_next_day(books: Books, shop: Shop) -> None:
    """IAS 21.23(a) and 21.28: 400.00 EUR booked at 1.20 are worth 440.00 at 1.10, a loss of 40.00 in October."""
    set_rate(books, "1.10", "2026-10-31", type="closing")
    set_rate(books, "1.15", "2026-10-31")
    answer = revalue(books)
    (item,) = answer["items"]
    assert (item["document"]["code"], item["amount"], item["rate"]) == ("INV-2026-000001", "400.00", "1.1")
    assert (item["carried_amount"], item["recognised_amount"]) == ("480.00", "0.00")
    assert (item["revalued_amount"], item["difference"]) == ("440.00", "-40.00")
    assert (answer["gain"], answer["loss"], answer["reverses_on"]) == ("0.00", "40.00", "2026-11-01")
    assert answer["events"] == ["fx.revalued"]
    assert lines(answer) == [
        ("1205", "2026-10-31", -40),
        ("6330", "2026-10-31", 40),
        ("1205", "2026-11-01", 40),
        ("6330", "2026-11-01", -40),
    ]
    october = books.balances(as_of="2026-10-31")
    assert (october["1200"], october["1205"], october["6330"]) == ("480.00", "-40.00", "40.00")
    november = books.balances(as_of="2026-11-30")
    assert "1205" not in november
    assert "6330" not in november
    read = books.api.call("get_revaluation", path={"id": answer["number"]}).expect(200).json
    assert read == answer
    sound(books.api)


def test_without_a_closing_rate_of_the_day_the_later_rate_counts(books: Books, shop: Shop) -> None:
    """IAS 21.8: the closing rate is the spot rate at the end of the period; last month's closing rate is not that."""
    set_rate(books, "1.05", "2026-09-30", type="closing")
    set_rate(books, "1.30", "2026-10-20")
    assert revalue(books)["items"][0]["rate"] == "1.3"


def test_a_second_run_recognises_only_what_has_changed(books: Books, shop: Shop) -> None:
    set_rate(books, "1.10", "2026-10-31")
    first = revalue(books)
    before = books.api.counts()
    again = revalue(books)
    assert (again["id"], again["version"], again["events"]) == (first["id"], 1, ["fx.revalued"])
    after = books.api.counts()
    assert {name for name in before if before[name] != after[name]} <= {"kernel.idempotency"}
    better = revalue(books, rates=[{"currency": "EUR", "rate": "1.15"}])
    (item,) = better["items"]
    assert (item["recognised_amount"], item["revalued_amount"], item["difference"]) == ("-40.00", "460.00", "20.00")
    october = books.balances(as_of="2026-10-31")
    assert (october["1205"], october["6330"], october["4230"]) == ("-20.00", "40.00", "-20.00")
    assert "1205" not in books.balances(as_of="2026-11-01")
    sound(books.api)


def test_settling_after_the_reversal_realises_the_whole_difference(books: Books, shop: Shop) -> None:
    """A revaluation and a payment do not book the same difference twice."""
    set_rate(books, "1.10", "2026-10-31")
    revalue(books)
    set_rate(books, "1.05", "2026-11-20")
    paid = shop.pay("400.00", "CUST002", currency="EUR", date="2026-11-20")
    assert paid["base"]["exchange_difference"] == "-60.00"
    balances = books.balances()
    assert "1200" not in balances
    assert "1205" not in balances
    assert "6330" not in balances
    assert (balances["6320"], balances["1020"]) == ("60.00", "420.00")
    sound(books.api)


def test_an_item_has_nothing_left_in_base_also_after_a_revaluation_that_stands(books: Books, shop: Shop) -> None:
    """What stands beside the control account goes with the next revaluation."""
    set_rate(books, "1.10", "2026-10-31")
    answer = revalue(books, reverse=False)
    assert ("reverses_on" in answer, len(answer["posting"]["lines"])) == (False, 2)
    shop.pay("400.00", "CUST002", currency="EUR", date="2026-11-20", exchange_rate="1.05")
    (row,) = books.api.rows("SELECT open, base_amount = base_settled AS level FROM ledger.open_item_balance")
    assert (row.open, row.level) == (False, True)
    balances = books.balances()
    assert ("1200" in balances, balances["1205"], balances["6330"], balances["6320"]) == (
        False,
        "-40.00",
        "40.00",
        "60.00",
    )
    november = revalue(books, date="2026-11-30", reverse=False)
    item, _bank = november["items"]
    assert (item["amount"], item["recognised_amount"], item["difference"]) == ("0.00", "-40.00", "40.00")
    balances = books.balances(as_of="2026-11-30")
    assert ("1205" in balances, balances["6330"], balances["4230"]) == (False, "40.00", "-60.00")


def test_what_stands_is_counted_by_the_next_revaluation(books: Books, shop: Shop) -> None:
    set_rate(books, "1.10", "2026-10-31")
    revalue(books, reverse=False)
    set_rate(books, "1.25", "2026-11-30")
    item = revalue(books, date="2026-11-30", reverse=False)["items"][0]
    assert (item["carried_amount"], item["recognised_amount"], item["difference"]) == ("480.00", "-40.00", "60.00")
    assert books.balances(as_of="2026-11-30")["1205"] == "20.00"


def test_money_keeps_its_new_value_on_its_own_account(books: Books) -> None:
    """Cash and bank are monetary items too; nothing settles them, so nothing is taken back."""
    books.enter(debit("1030", "100.00", currency="EUR", rate="1.2"), credit("1020", "120.00"), date="2026-10-05")
    answer = revalue(books, rates=[{"currency": "EUR", "rate": "1.3"}])
    (item,) = answer["items"]
    assert (item["kind"], item["account"]["code"], item["amount"], item["difference"]) == (
        "account",
        "1030",
        "100.00",
        "10.00",
    )
    assert "reverses_on" not in answer
    assert books.balances()["1030"] == "130.00"
    (row,) = books.api.rows(
        "SELECT sum(debit - credit)::text AS own FROM ledger.balance b JOIN kernel.document a ON a.id = b.account_id"
        " WHERE a.number = '1030' AND b.currency = 'EUR'"
    )
    assert Decimal(row.own) == 100
    assert revalue(books, rates=[{"currency": "EUR", "rate": "1.3"}])["id"] == answer["id"]
    sound(books.api)


def test_what_is_open_on_the_day_counts_not_what_is_open_today(books: Books, shop: Shop) -> None:
    """The settlements of November do not change October."""
    shop.pay("100.00", "CUST002", currency="EUR", date="2026-10-20")
    shop.pay("300.00", "CUST002", currency="EUR", date="2026-11-05")
    item = revalue(books, rates=[{"currency": "EUR", "rate": "1.3"}])["items"]
    assert [(one["amount"], one["difference"]) for one in item if one["kind"] == "open_item"] == [("300.00", "30.00")]


def test_an_advance_is_no_monetary_item_unless_the_company_says_so(books: Books, shop: Shop) -> None:
    """IAS 21.16 and IFRIC 22: an advance is a claim to goods."""
    shop.pay("50.00", "CUST002", currency="EUR", date="2026-10-20", allocations=[])
    accounts = [one["account"]["code"] for one in revalue(books, rates=[{"currency": "EUR", "rate": "1.3"}])["items"]]
    assert "2300" not in accounts
    path, seen = {"resource": "companies", "id": "MAIN"}, {"If-Match": "*"}
    books.api.call("update_record", {"policies": {"advances_revalued": True}}, path=path, headers=seen).expect(200)
    later = revalue(books, rates=[{"currency": "EUR", "rate": "1.3"}])["items"]
    assert [(one["account"]["code"], one["difference"]) for one in later] == [("2300", "-5.00")]


def test_payables_lose_where_receivables_gain(books: Books) -> None:
    books.api.record("suppliers", code="S1", name="Northern Paper", jurisdiction="US-CA")
    books.enter(debit("6300", "108.00"), credit("2100", "90.00", currency="EUR", rate="1.2", supplier="S1"),
                date="2026-10-03")  # fmt: skip
    answer = revalue(books, rates=[{"currency": "EUR", "rate": "1.3"}])
    assert (answer["loss"], answer["items"][0]["amount"], answer["items"][0]["difference"]) == (
        "9.00",
        "-90.00",
        "-9.00",
    )
    assert lines(answer)[:2] == [("2105", "2026-10-31", -9), ("6330", "2026-10-31", 9)]
    sound(books.api)


def test_what_cannot_be_revalued_changes_nothing(books: Books) -> None:
    books.enter(debit("1030", "100.00", currency="EUR", base_amount="120.00"), credit("1020", "120.00"),
                date="2026-10-05")  # fmt: skip
    before = books.api.counts()
    missing = revalue(books, 422)
    assert (missing["code"], missing["currencies"]) == ("exchange_rate_missing", ["EUR"])
    rates = [{"currency": "EUR", "rate": "1.3"}]
    reversed_early = revalue(books, 422, rates=rates, reverse_on="2026-10-31")
    assert reversed_early["errors"][0]["pointer"] == "/reverse_on"
    assert revalue(books, 422, rates=rates * 2)["errors"][0]["code"] == "rate_given_twice"
    books.period("close_period", 10)
    assert revalue(books, 422, rates=rates)["suggested_date"] == "2026-11-01"
    after = books.api.counts()
    changed = {name for name in before if before[name] != after[name]}
    assert "ledger.journal_line" not in changed
    assert "ledger.revaluation" not in changed


def test_an_earlier_day_is_not_revalued_after_a_later_one(books: Books, shop: Shop) -> None:
    set_rate(books, "1.10", "2026-10-31")
    revalue(books, date="2026-11-15")
    assert revalue(books, 409)["code"] == "later_revaluation"


def test_a_dry_run_shows_it_and_keeps_nothing(books: Books, shop: Shop) -> None:
    before = books.api.counts()
    body = {"date": "2026-10-31", "rates": [{"currency": "EUR", "rate": "1.1"}]}
    answer = books.api.call("create_revaluation", body, headers=books.key(), query={"dry_run": "true"}).expect(200).json
    assert answer["total"] == "-40.00"
    assert books.api.counts() == before


def test_statements_do_not_grow_with_the_items(books: Books, shop: Shop) -> None:
    item = {"product": "SERV001", "quantity": 1, "unit_price": "8.00"}
    for _ in range(3):
        shop.invoice("CUST002", currency="EUR", date="2026-10-10", items=[item])
    answer, statements = counted(lambda: revalue(books, rates=[{"currency": "EUR", "rate": "1.1"}]))
    assert len(answer["items"]) == 4
    assert len(statements) <= 5


def test_the_database_refuses_a_difference_that_is_none_and_a_reversal_that_is_missing(
    books: Books, shop: Shop, owner_url: str
) -> None:
    revalue(books, rates=[{"currency": "EUR", "rate": "1.1"}])
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", (str(books.api.tenant_id),))
        with pytest.raises(psycopg.errors.CheckViolation, match="revaluation_difference"), connection.transaction():
            connection.execute(
                "INSERT INTO ledger.revaluation_line SELECT tenant_id, document_id, entry, line + 90, company_id,"
                " account_id, open_item_id, effective_date, currency, amount, rate, carried, recognised, revalued,"
                " difference + 1 FROM ledger.revaluation_line WHERE entry = 1"
            )
        missing = """
            WITH line AS (
                INSERT INTO ledger.revaluation_line SELECT tenant_id, company_id, 9, line, company_id, account_id,
                    open_item_id, effective_date, currency, amount, rate, carried, recognised, revalued, 5
                FROM ledger.revaluation_line WHERE entry = 1)
            INSERT INTO ledger.revaluation SELECT tenant_id, company_id, day, 2, company_id, reverses_on
            FROM ledger.revaluation
        """
        with pytest.raises(psycopg.errors.CheckViolation, match="revaluation_reversed"), connection.transaction():
            connection.execute(missing)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), connection.transaction():
            connection.execute("UPDATE ledger.revaluation_line SET difference = 0")
