"""Recognition: what is due comes into the result once, in order, and the deferral account ends at zero."""

from typing import Any

import pytest
from psycopg import errors

from tests.ledger.deferring import defer, recognise
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.shop import Shop
from tests.support.sql import by_hand, constraint
from tests.support.statements import counted


def service(books: Books, amount: str = "100.00", starts_on: str = "2026-09-01", months: int = 3) -> Any:
    """Revenue billed in advance."""
    books.enter(debit("1020", amount), credit("2310", amount), date=starts_on)
    return defer(books, kind="revenue", amount=amount, account="4010", starts_on=starts_on, months=months)


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    service(Books(shop.api))
    answer = example(body={"until": "2026-10-31"}, headers={"Idempotency-Key": "october"})
    assert [(one["date"], one["amount"], one["entry"]["code"]) for one in answer["recognised"]] == [
        ("2026-09-30", "33.33", "JE-2026-000002"),
        ("2026-10-31", "33.33", "JE-2026-000003"),
    ]
    assert (answer["refused"], answer["more"]) == ([], False)


def test_what_is_due_is_recognised_once_and_the_last_takes_the_rest(books: Books) -> None:
    schedule = service(books)
    recognise(books, until="2026-10-31")
    assert books.balances(as_of="2026-10-31") == {"1020": "100.00", "2310": "-33.34", "4010": "-66.66"}
    before = books.api.counts()
    assert recognise(books, until="2026-10-31")["recognised"] == []
    assert {**books.api.counts(), "kernel.idempotency": 0} == {**before, "kernel.idempotency": 0}
    last = recognise(books, until="2026-11-30")["recognised"]
    assert [(one["instalment"], one["amount"]) for one in last] == [(3, "33.34")]
    assert books.balances(as_of="2026-11-30") == {"1020": "100.00", "4010": "-100.00"}
    read = books.api.call("get_deferral_schedule", path={"id": schedule["number"]}).expect(200)
    assert (read["status"], read["recognised"], read["remaining"]) == ("completed", "100.00", "0.00")
    told = books.api.events("deferral.recognised")
    assert [(one["data"]["instalment"], one["data"]["recognised"], one["data"]["remaining"]) for one in told] == [
        (1, "33.33", "66.67"), (2, "33.33", "33.34"), (3, "33.34", "0.00"),
    ]  # fmt: skip
    sound(books.api)


def test_an_expense_is_used_up_with_its_dimensions(books: Books) -> None:
    books.dimension("CENTRE", "NORTH")
    entry = books.enter(debit("6140", "90.00"), credit("1020", "90.00"), date="2026-09-10")
    defer(books, source={"document": entry["number"], "line": 1}, starts_on="2026-09-10", months=3,
          dimensions={"CENTRE": "NORTH"})  # fmt: skip
    recognise(books, until="2026-09-30")
    rows = books.api.call("get_account_balances", query={"account": "6140", "value": "NORTH"}).expect(200)["rows"]
    assert [row["debit"] for row in rows] == ["21.00"]


def test_a_closed_period_is_told_and_keeps_nothing_else_waiting(books: Books) -> None:
    """Instalments of one schedule are recognised in their order; none is left out."""
    service(books)
    service(books, starts_on="2026-10-01")
    books.period("close_period", 9)
    answer = recognise(books, until="2026-10-31")
    assert [(one["schedule"]["code"], one["date"], one["code"]) for one in answer["refused"]] == [
        ("DEF-2026-000001", "2026-09-30", "period_closed")
    ]
    assert [one["schedule"]["code"] for one in answer["recognised"]] == ["DEF-2026-000002"]
    later = recognise(books, until="2026-10-31", on_closed_period="next_open")["recognised"]
    assert [(one["instalment"], one["date"]) for one in later] == [(1, "2026-10-01"), (2, "2026-10-31")]


def test_a_dry_run_leaves_nothing(books: Books) -> None:
    service(books)
    before = books.api.counts()
    answer = books.api.call("run_deferrals", {}, query={"dry_run": "true"}, headers=books.key()).expect(200)
    assert len(answer["recognised"]) == 2
    assert books.api.counts() == before


def test_statements_do_not_grow_with_the_schedules(books: Books) -> None:
    service(books)
    recognise(books, until="2026-09-30")
    few = len(counted(lambda: recognise(books, until="2026-10-31"))[1])
    for _ in range(20):
        service(books)
    many = len(counted(lambda: recognise(books, until="2026-10-31"))[1])
    assert few == many
    assert many <= 5


@pytest.mark.one_driver
def test_the_database_takes_each_instalment_once_and_as_it_was_planned(books: Books) -> None:
    service(books)
    recognise(books, until="2026-09-30")
    sql = (
        "INSERT INTO ledger.deferral_recognition (schedule_id, number, document_id, company_id, effective_date, amount)"
        " SELECT schedule_id, {number}, document_id, company_id, effective_date, {amount}"
        " FROM ledger.deferral_recognition"
    )
    for number, amount, name in (
        (1, "33.33", "deferral_recognised_once"),
        (2, "33.34", "recognised_as_planned"),
        (4, "33.33", "recognised_as_planned"),
    ):
        with pytest.raises(errors.IntegrityError) as caught, by_hand(books.api) as connection:
            connection.execute(sql.format(number=number, amount=amount))
        assert constraint(caught.value) == name
