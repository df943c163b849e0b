"""The close of a year: the result to retained earnings, once, whole or not at all."""

import threading
from typing import Any

import pytest

from bigledger.kernel.database import Transaction
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.statements import counted


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    traded(books)
    answer = example(path={"id": "FY2025"}, body={}, headers=books.key())
    assert (answer.status, answer["status"], answer["result"]) == (200, "closed", "3800.00")


def traded(books: Books) -> None:
    """A year with a profit of 3,800.00."""
    books.year(2025)
    books.enter(debit("1020", "5000.00"), credit("4010", "5000.00"), date="2025-03-31")
    books.rent(date="2025-12-31")


def close(books: Books, status: int = 200, year: str = "FY2025", **body: Any) -> Any:
    return books.act("close_fiscal_year", {"id": year}, status, **body)


def test_the_result_goes_to_retained_earnings(books: Books) -> None:
    traded(books)
    assert books.balances(as_of="2025-12-31") == {"1020": "3800.00", "4010": "-5000.00", "6120": "1200.00"}
    closed = close(books)
    assert books.balances(as_of="2025-12-31") == {"1020": "3800.00", "3100": "-3800.00"}
    assert books.balances(as_of="2025-12-30") == {"1020": "5000.00", "4010": "-5000.00"}
    entry = books.get({"id": closed["entry"]["id"]})
    assert (entry["number"], entry["kind"], entry["date"], entry["status"]) == (
        "JE-2025-000003", "closing", "2025-12-31", "posted"
    )  # fmt: skip
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in entry["lines"]] == [
        ("4010", "5000.00", "0.00"),
        ("6120", "0.00", "1200.00"),
        ("3100", "0.00", "3800.00"),
    ]
    sound(books.api)


def test_the_trial_balance_is_there_before_and_after_the_closing(books: Books) -> None:
    """Also as known at an instant, and only the closing of the day that is asked for is left out."""
    traded(books)
    before = books.balances(as_of="2025-12-31")
    close(books)
    after = books.balances(as_of="2025-12-31")
    assert books.balances(as_of="2025-12-31", closing="exclude") == before
    later = {"known_at": "2030-01-01T00:00:00Z"}
    assert books.balances(as_of="2025-12-31", **later) == after
    assert books.balances(as_of="2025-12-31", closing="exclude", **later) == before
    assert books.balances(as_of="2026-01-31", closing="exclude") == after


def test_the_periods_are_closed_with_it(books: Books) -> None:
    traded(books)
    close(books)
    periods = books.api.call("list_periods", query={"fiscal_year": "FY2025"}).expect(200)["data"]
    assert {period["status"] for period in periods} == {"closed"}
    before = books.api.counts()
    assert books.rent(date="2025-12-31", status=422)["code"] == "period_closed"
    assert books.period("reopen_period", 12, status=409, year="FY2025", reason="x")["code"] == "year_closed"
    problem = books.api.call(
        "update_record", {"periods": [{"number": 12, "status": "open"}], "change_reason": "x"},
        path={"resource": "fiscal-years", "id": "FY2025"}, headers={"If-Match": '"2"'}
    ).expect(409)  # fmt: skip
    assert problem["code"] == "record_in_use"
    assert books.api.counts() == before


def test_closing_again_changes_nothing(books: Books) -> None:
    traded(books)
    first = close(books)
    before = books.api.counts()
    again = close(books)
    after = books.api.counts()
    assert again | {"events": first["events"]} == first
    assert again["events"] == []
    assert {name for name in after if after[name] != before[name]} <= {"kernel.idempotency"}


def test_a_year_of_nothing_closes_without_an_entry(books: Books) -> None:
    books.year(2025)
    closed = close(books)
    assert (closed["result"], closed["status"]) == ("0.00", "closed")
    assert "entry" not in closed
    assert books.rent(date="2025-05-01", status=422)["code"] == "period_closed"


def test_a_loss_is_a_debit_and_another_account_may_take_it(books: Books) -> None:
    books.year(2025)
    books.rent(date="2025-05-01")
    assert close(books, retained_earnings="3300")["result"] == "-1200.00"
    assert books.balances(as_of="2025-12-31") == {"1020": "-1200.00", "3300": "1200.00"}


def test_foreign_income_leaves_nothing_in_any_currency(books: Books) -> None:
    books.year(2025)
    books.enter(debit("1030", "100.00", currency="EUR", rate="1.1"), credit("4010", "100.00", currency="EUR",
                rate="1.1"), date="2025-06-30")  # fmt: skip
    assert close(books)["result"] == "110.00"
    assert books.balances(as_of="2025-12-31") == {"1030": "110.00", "3100": "-110.00"}
    left = books.api.rows(
        "SELECT sum(b.debit - b.credit)::text AS own FROM ledger.balance b JOIN kernel.document a ON a.id ="
        " b.account_id WHERE a.number = '4010' GROUP BY b.currency"
    )
    assert [row.own for row in left] == ["0.00"]
    sound(books.api)


def test_closed_and_traded_on_the_balances_carry_forward(books: Books) -> None:
    traded(books)
    close(books)
    books.rent("100.00", date="2026-01-31")
    assert books.balances(as_of="2026-01-31") == {"1020": "3700.00", "3100": "-3800.00", "6120": "100.00"}


def test_a_year_closes_when_it_is_over_and_after_those_before(books: Books) -> None:
    traded(books)
    books.year(2024)
    books.rent("10.00", date="2024-12-31")
    before = books.api.counts()
    assert "Close it when it is over" in close(books, 409, "FY2026")["detail"]
    assert "Close the earlier fiscal years first" in close(books, 409)["detail"]
    close(books, 404, "FY1999")
    assert close(books, 422, retained_earnings="4000")["code"] == "account_not_suitable"
    assert books.api.counts() == before
    close(books, year="FY2024")
    assert close(books)["result"] == "3800.00"


def test_a_locked_last_period_is_too_late(books: Books) -> None:
    traded(books)
    for number in range(1, 13):
        books.period("close_period", number, year="FY2025")
    for number in range(1, 13):
        books.period("lock_period", number, year="FY2025")
    before = books.api.counts()
    assert "closed before its last period is locked" in close(books, 409)["detail"]
    assert books.api.counts() == before


def test_a_close_that_dies_leaves_nothing_and_is_repeated(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything stands in one statement of one transaction: there is no half of a closed year."""
    traded(books)
    before = books.api.counts()
    rows = Transaction.rows

    def dies(self: Transaction, sql: str, **parameters: Any) -> Any:
        answer = rows(self, sql, **parameters)
        if "ledger.year_closing (" in sql:
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(Transaction, "rows", dies)
    with pytest.raises(KeyboardInterrupt):
        close(books)
    monkeypatch.undo()
    assert books.api.counts() == before
    assert books.balances(as_of="2025-12-31")["6120"] == "1200.00"
    assert close(books)["result"] == "3800.00"
    sound(books.api)


def test_two_at_once_close_it_once(books: Books) -> None:
    traded(books)
    answers: list[Any] = []
    clients = [Books(books.api.as_(f"accountant {place}", "*")) for place in range(4)]

    def run(client: Books, place: int) -> None:
        key = {"Idempotency-Key": f"close {place}"}
        answers.append(client.api.call("close_fiscal_year", {}, path={"id": "FY2025"}, headers=key))

    threads = [threading.Thread(target=run, args=(client, place)) for place, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [200] * 4
    assert len({answer["entry"]["id"] for answer in answers}) == 1
    assert books.balances(as_of="2025-12-31") == {"1020": "3800.00", "3100": "-3800.00"}


def test_statements_and_lines_do_not_grow_with_the_entries(books: Books) -> None:
    """The work is that of the accounts: a year of many entries closes with as many lines as one of few."""
    traded(books)
    for day in range(1, 20):
        books.rent("1.00", date=f"2025-11-{day:02}")
    closed, sent = counted(lambda: close(books))
    assert len(sent) <= 6
    assert len(books.get({"id": closed["entry"]["id"]})["lines"]) == 3


def test_no_closing_entry_without_its_closing(books: Books) -> None:
    """The database's word: closed periods take closing entries only, and those with the record of the closing."""
    traded(books)
    close(books)
    before = books.api.counts()
    with pytest.raises(Exception, match="period_open"):
        books.api.rows(
            "WITH d AS (INSERT INTO kernel.document (id, type, status, data, version, sequence, created_by, updated_by)"
            " VALUES ('018f0000-0000-7000-8000-000000000001', 'journal_entry', 'posted', '{}', 1, 0, 'x', 'x')),"
            " a AS (SELECT id FROM kernel.document WHERE type = 'account' AND number = '6120')"
            " INSERT INTO ledger.journal_line (document_id, entry, line, company_id, account_id, area, effective_date,"
            " currency, amount, base_amount) SELECT '018f0000-0000-7000-8000-000000000001', 1, n, c.id, a.id,"
            " 'closing', '2025-12-31', 'USD', 3 - 2 * n, 3 - 2 * n FROM a, kernel.document c, generate_series(1, 2) n"
            " WHERE c.type = 'company' RETURNING 1"
        )
    assert books.api.counts() == before
