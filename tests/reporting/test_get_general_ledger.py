"""The general ledger: every account before, during and after a period, and its lines with their running balance."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.ledger import Books
from tests.support.reports import explained, rows, ties
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    Books(shop.api).rent(date="2026-10-31")
    Books(shop.api).rent("100.00", date="2026-11-10")
    answer = example(query={"from": "2026-11-01", "to": "2026-11-30", "account": "6120"})
    assert rows(answer) == {"6120": ["1200.00", "100.00", "0.00", "1300.00"]}


def ledger(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_general_ledger", query=query).expect(200).json


def test_before_during_and_after(shop: Shop) -> None:
    books = Books(shop.api)
    books.rent(date="2026-10-31")
    books.rent("100.00", date="2026-11-01")
    books.rent("10.00", date="2026-11-30")
    books.rent("1.00", date="2026-12-01")
    answer = ledger(shop, **{"from": "2026-11-01", "to": "2026-11-30"})
    assert rows(answer) == {
        "1020": ["-1200.00", "0.00", "110.00", "-1310.00"],
        "1400": ["0.00", "7200.00", "0.00", "7200.00"],
        "2150": ["0.00", "0.00", "7200.00", "-7200.00"],
        "6120": ["1200.00", "110.00", "0.00", "1310.00"],
    }
    assert ties(answer) == ["0.00"]
    lines = [(line["account"]["code"], line["date"], line["balance"]) for line in answer["data"]]
    assert [line for line in lines if line[0] in ("1020", "6120")] == [
        ("1020", "2026-11-01", "-1300.00"),
        ("1020", "2026-11-30", "-1310.00"),
        ("6120", "2026-11-01", "1300.00"),
        ("6120", "2026-11-30", "1310.00"),
    ]


def test_pages_go_on_where_the_last_ended(shop: Shop) -> None:
    books = Books(shop.api)
    for amount in ("5.00", "7.00", "11.00"):
        books.rent(amount)
    whole = ledger(shop)
    paged, cursor = [], None
    while True:
        page = ledger(shop, limit="2", **({"cursor": cursor} if cursor else {}))
        paged += page["data"]
        assert rows(page) == rows(whole)
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole["data"]
    assert len(paged) == 9
    last = {line["account"]["code"]: line["balance"] for line in paged}
    assert last == {code: amounts[3] for code, amounts in rows(whole).items()}


def test_as_it_was_known(shop: Shop) -> None:
    books = Books(shop.api)
    books.rent("5.00", date="2026-10-01")
    known = shop.api.events("journal_entry.posted")[-1]["time"]
    books.rent("7.00", date="2026-10-01")
    assert rows(ledger(shop, account="6120", known_at=known)) == {"6120": ["0.00", "5.00", "0.00", "5.00"]}
    assert rows(ledger(shop, known_at="2027-01-01T00:00:00Z")) == rows(ledger(shop))


def test_every_cell_explains_itself(shop: Shop) -> None:
    shop.invoice()
    shop.pay("500.00")
    assert explained(shop.api, ledger(shop, **{"from": "2026-11-01"})) == 24


def test_the_running_balance_is_that_of_the_trial_balance(shop: Shop) -> None:
    shop.invoice()
    shop.pay("500.00")
    closing = {code: amounts[3] for code, amounts in rows(ledger(shop)).items() if Decimal(amounts[3])}
    assert closing == shop.trial_balance()


def test_read_in_one_statement(shop: Shop) -> None:
    ledger(shop)
    _, sent = counted(lambda: ledger(shop))
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("query", "pointer"),
    [({"account": "9999"}, "/account"), ({"cursor": "abc"}, "/cursor"), ({"limit": "201"}, "/limit")],
)
def test_what_cannot_be_asked_is_pointed_at(shop: Shop, query: dict[str, str], pointer: str) -> None:
    answer = shop.api.call("get_general_ledger", query=query).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == [pointer]
