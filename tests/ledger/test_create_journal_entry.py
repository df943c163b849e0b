"""Entries by hand: balanced to the cent, in any currency, and never past a subledger."""

from typing import Any

import pytest

from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.statements import counted


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    answer = example(
        body={
            "date": "2026-11-20",
            "text": "Rent for November",
            "lines": [debit("6120", "1200.00"), credit("1020", "1200.00")],
            "post": True,
        },
        headers=books.key(),
    )
    assert (answer.status, answer["number"], answer["status"]) == (201, "JE-2026-000001", "posted")


def rate(books: Books, currency: str, per_unit: str, on: str = "2026-11-01") -> None:
    body = {"rates": [{"currency": currency, "base_currency": "USD", "date": on, "rate": per_unit}]}
    books.api.call("set_exchange_rates", body).expect(201)


def test_a_draft_has_no_number_and_posts_nothing(books: Books) -> None:
    draft = books.rent(post=False)
    assert (draft["status"], draft["date"], draft["total"]) == ("draft", "2026-11-23", "1200.00")
    assert "number" not in draft
    assert draft["posting"] == {"lines": []}
    assert draft["events"] == ["journal_entry.created"]
    assert books.balances() == {}


def test_a_posted_entry_stands_in_the_ledger(books: Books) -> None:
    entry = books.rent(date="2026-11-20", text="Rent", reference="R-11")
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in entry["posting"]["lines"]] == [
        ("6120", "1200.00", "0.00"),
        ("1020", "0.00", "1200.00"),
    ]
    assert entry["events"] == ["journal_entry.created", "journal_entry.posted"]
    assert books.balances() == {"1020": "-1200.00", "6120": "1200.00"}
    assert books.get(entry) == entry
    sound(books.api)


def test_an_entry_that_does_not_balance_is_refused_with_the_difference(books: Books) -> None:
    """Zero tolerance: there is no allowance, and no plug."""
    before = books.api.counts()
    for post in (True, False):
        problem = books.enter(debit("6120", "100.00"), credit("1020", "99.99"), status=422, post=post)
        assert problem["code"] == "entry_unbalanced"
        assert (problem["debit"], problem["credit"], problem["difference"]) == ("100.00", "99.99", "0.01")
        assert problem["detail"] == (
            "Debits are 100.00 USD and credits 99.99. Add a credit of 0.01 USD, or mend a line."
        )
        assert problem["errors"][0]["pointer"] == "/lines"
    assert books.api.counts() == before


def test_lines_may_be_in_several_currencies(books: Books) -> None:
    """Each is worth its rate, or what is said; the entry balances in base currency."""
    rate(books, "EUR", "1.10")
    entry = books.enter(debit("1030", "100.00", currency="EUR"), credit("1020", "110.00"))
    assert [
        (line["currency"], line["debit"], line["credit"], line["base_debit"], line["base_credit"], line.get("rate"))
        for line in entry["lines"]
    ] == [("EUR", "100.00", "0.00", "110.00", "0.00", "1.1"), ("USD", "0.00", "110.00", "0.00", "110.00", None)]
    books.enter(debit("1030", "100.00", currency="EUR", rate="1.2"), credit("1020", "120.00"))
    books.enter(debit("1030", "100.00", currency="EUR", base_amount="115.00"), credit("1020", "115.00"))
    assert books.balances() == {"1020": "-345.00", "1030": "345.00"}
    problem = books.enter(debit("1030", "100.00", currency="EUR"), credit("1020", "109.00"), status=422)
    assert (problem["difference"], problem["currency"]) == ("1.00", "USD")
    sound(books.api)


def test_an_entry_in_one_foreign_currency_balances_in_it_and_in_base(books: Books) -> None:
    """Three parts of 0.33, 0.33 and 0.34 come to more in base currency by rounding; the largest takes the cent."""
    rate(books, "EUR", "1.049")
    lines = [credit("4010", part, currency="EUR") for part in ("33.33", "33.33", "33.34")]
    entry = books.enter(debit("1030", "100.00", currency="EUR"), *lines)
    assert [line["base_credit"] for line in entry["lines"]] == ["0.00", "34.96", "34.96", "34.98"]
    assert entry["lines"][0]["base_debit"] == "104.90"
    problem = books.enter(debit("1030", "100.00", currency="EUR"), lines[0], lines[1], status=422)
    assert (problem["difference"], problem["currency"]) == ("33.34", "EUR")


def test_an_exchange_difference_is_a_line_of_nothing_worth_something(books: Books) -> None:
    books.enter(debit("1030", "0", currency="EUR", base_amount="4.00"), credit("4220", "4.00"))
    assert books.balances() == {"1030": "4.00", "4220": "-4.00"}


def test_a_rate_that_is_not_known_is_pointed_at(books: Books) -> None:
    before = books.api.counts()
    problem = books.enter(debit("1030", "1.00", currency="CHF"), credit("1020", "1.00"), status=422)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("exchange_rate_missing", "/lines/0/currency")
    assert books.api.counts() == before


def test_a_line_of_a_party_opens_an_item(books: Books) -> None:
    """So that the control accounts stay equal to the open items."""
    books.api.record("customers", code="C1", name="Harbour Hotel", jurisdiction="US-CA")
    books.api.record("suppliers", code="S1", name="Paper Mill", jurisdiction="US-CA")
    entry = books.enter(
        debit("1200", "300.00", customer="C1", due_date="2026-12-31"), credit("2100", "300.00", supplier="S1")
    )
    assert entry["lines"][0]["customer"]["name"] == "Harbour Hotel"
    items = books.api.rows(
        "SELECT subledger, due_date::text AS due, amount::text AS amount FROM ledger.open_item_balance ORDER BY due"
    )
    assert [tuple(item) for item in items] == [
        ("payable", "2026-11-23", "-300.00"),
        ("receivable", "2026-12-31", "300.00"),
    ]
    sound(books.api)


@pytest.mark.parametrize(
    ("line", "pointer", "code"),
    [
        (debit("1200", "1.00"), "/lines/0/customer", "account_not_suitable"),
        (debit("1200", "1.00", supplier="S1"), "/lines/0/customer", "account_not_suitable"),
        (debit("2100", "1.00", customer="C1"), "/lines/0/supplier", "account_not_suitable"),
        (debit("1200", "0", customer="C1", currency="EUR", base_amount="1.00"), "/lines/0/account",
         "account_not_suitable"),
        (debit("1400", "1.00"), "/lines/0/account", "account_not_suitable"),
        (debit("12", "1.00"), "/lines/0/account", "account_not_postable"),
        (debit("9999", "1.00"), "/lines/0/account", "unknown_account"),
        (debit("6120", "1.00", customer="C9"), "/lines/0/customer", "unknown_customer"),
        (debit("6120", "1.00", tax="NONE"), "/lines/0/tax", "unknown_tax"),
        (debit("6120", "1.00", due_date="2026-12-01"), "/lines/0/due_date", "not_for_this"),
        (debit("6120", "1.001"), "/lines/0/debit", "too_precise"),
        (debit("6120", "1.00", rate="2"), "/lines/0/rate", "base_currency"),
        (debit("6120", "1.00", credit="1.00"), "/lines/0", "debit_or_credit"),
        (debit("6120", "0"), "/lines/0", "nothing"),
        (debit("6120", "-1.00"), "/lines/0/debit", "greater_than_equal"),
        (debit("6120", "1.00", currency="EUR", rate="1", base_amount="1"), "/lines/0", "rate_or_base_amount"),
        (debit("6120", "1.00", customer="C1", supplier="S1"), "/lines/0", "customer_or_supplier"),
    ],
)  # fmt: skip
def test_a_line_that_does_not_fit_is_pointed_at(books: Books, line: Any, pointer: str, code: str) -> None:
    books.api.record("customers", code="C1", name="Harbour Hotel", jurisdiction="US-CA")
    books.api.record("suppliers", code="S1", name="Paper Mill", jurisdiction="US-CA")
    before = books.api.counts()
    problem = books.enter(line, credit("1020", "1.00"), status=422)
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == (pointer, code)
    assert books.api.counts() == before


def test_an_account_kept_in_a_currency_takes_no_other(books: Books) -> None:
    books.api.record("accounts", code="1035", name="Euro account", kind="asset", parent="10", control="bank",
                     currency="EUR", category="cash_and_cash_equivalents")  # fmt: skip
    problem = books.enter(debit("1035", "1.00"), credit("1020", "1.00"), status=422)
    assert problem["code"] == "account_not_suitable"
    books.enter(debit("1035", "1.00", currency="EUR", rate="1"), credit("1020", "1.00"))


def test_a_line_without_a_currency_fits_an_account_kept_in_the_base_currency(books: Books) -> None:
    books.change("accounts", "1020", currency="USD")
    books.rent()
    assert books.balances() == {"1020": "-1200.00", "6120": "1200.00"}


def test_a_closed_day_is_refused_unless_the_next_open_one_is_asked_for(books: Books) -> None:
    """No date is moved silently: the answer tells the day that was asked for, and the one that was taken."""
    year = books.api.call("get_record", path={"resource": "fiscal-years", "id": "FY2026"}).expect(200)
    books.api.call(
        "update_record",
        {"periods": [{"number": 10, "closed_areas": ["gl"]}]},
        path={"resource": "fiscal-years", "id": "FY2026"},
        headers={"If-Match": f'"{year["version"]}"'},
    ).expect(200)
    before = books.api.counts()
    problem = books.rent(date="2026-10-31", status=422)
    assert (problem["code"], problem["suggested_date"]) == ("period_closed", "2026-11-01")
    assert books.api.counts() == before
    entry = books.rent(date="2026-10-31", on_closed_period="next_open")
    assert (entry["date"], entry["requested_date"]) == ("2026-11-01", "2026-10-31")
    assert books.balances(as_of="2026-10-31") == {}
    assert "requested_date" not in books.rent(date="2026-11-02", on_closed_period="next_open")


def test_a_request_without_a_key_is_refused_and_one_with_it_runs_once(books: Books) -> None:
    body = {"lines": [debit("6120", "5.00"), credit("1020", "5.00")], "post": True}
    books.api.call("create_journal_entry", body).expect(428)
    first = books.api.call("create_journal_entry", body, headers={"Idempotency-Key": "once"}).expect(201)
    again = books.api.call("create_journal_entry", body, headers={"Idempotency-Key": "once"}).expect(201)
    assert first.json == again.json
    assert books.balances() == {"1020": "-5.00", "6120": "5.00"}


def test_statements_do_not_grow_with_the_lines(books: Books) -> None:
    books.api.record("customers", code="C1", name="Harbour Hotel", jurisdiction="US-CA")
    rate(books, "EUR", "1.10")

    def enter(number: int) -> Any:
        lines = [debit("1200", "1.00", customer="C1", currency="EUR") for _ in range(number)]
        return books.enter(*lines, credit("4010", f"{number}.00", currency="EUR"))

    enter(1)
    few, many = (len(counted(lambda n=n: enter(n))[1]) for n in (1, 200))
    assert few == many
    assert many <= 5
