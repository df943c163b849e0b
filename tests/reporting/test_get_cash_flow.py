"""Cash flows by the indirect method (IAS 7): from the result to what the cash accounts hold."""

from typing import Any

import pytest

from tests.support.dimensions import enter
from tests.support.ledger import Books, credit, debit
from tests.support.reports import rows, ties
from tests.support.shop import Shop
from tests.support.statements import counted


def year(shop: Shop) -> Books:
    """Capital, a loan, a machine bought, depreciated and sold at a gain, and everyday business."""
    books = Books(shop.api)
    for day, *lines in (
        ("2026-01-02", debit("1020", "50000.00"), credit("3000", "50000.00")),
        ("2026-01-03", debit("1020", "20000.00"), credit("2620", "20000.00")),
        ("2026-02-01", debit("1540", "12000.00"), credit("1020", "12000.00")),
        ("2026-03-31", debit("6195", "1000.00"), credit("1549", "1000.00")),
        (
            "2026-04-30",
            debit("1020", "4000.00"),
            debit("1549", "1000.00"),
            credit("1540", "4500.00"),
            credit("4210", "500.00"),
        ),
        ("2026-05-31", debit("6410", "300.00"), debit("2620", "700.00"), credit("1020", "1000.00")),
        ("2026-06-30", debit("6300", "250.00"), credit("2400", "250.00")),
        ("2026-07-31", debit("3110", "2000.00"), credit("1020", "2000.00")),
    ):
        books.enter(*lines, date=day)
    return books


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    year(shop)
    answer = example(query={"from": "2026-01-01", "to": "2026-12-31"})
    assert rows(answer)["closing"] == ["59000.00"]


def cash_flow(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_cash_flow", query=query).expect(200).json


def test_operating_investing_financing(shop: Shop) -> None:
    """Depreciation brings no cash, a gain on disposal belongs to what the sale brought (IAS 7, 16 and 20)."""
    shop.invoice()
    shop.pay("500.00")
    year(shop)
    answer = cash_flow(shop)
    assert [(row["label"], row["cells"][0]["amount"]) for row in answer["rows"] if row["cells"]] == [
        ("Result after tax", "150.00"),
        ("Depreciation, impairment and disposals", "500.00"),
        ("Provisions", "250.00"),
        ("Inventories", "-7200.00"),
        ("Trade and other receivables", "-787.00"),
        ("Trade and other payables", "7200.00"),
        ("Taxes", "87.00"),
        ("Cash flow from operating activities", "200.00"),
        ("Property, plant and equipment and other non-current assets", "-8000.00"),
        ("Cash flow from investing activities", "-8000.00"),
        ("Borrowings", "19300.00"),
        ("Issued capital", "50000.00"),
        ("Distributions to owners", "-2000.00"),
        ("Cash flow from financing activities", "67300.00"),
        ("Change of cash and cash equivalents", "59500.00"),
        ("Cash at the beginning", "0.00"),
        ("Cash at the end", "59500.00"),
    ]
    (tie,) = answer["ties_to"]
    assert (tie["label"], tie["amount"], tie["balance"], tie["difference"]) == (
        "Cash at the end",
        "59500.00",
        "59500.00",
        "0.00",
    )
    assert shop.trial_balance()["1020"] == "59500.00"


def test_periods_follow_one_another(shop: Shop) -> None:
    """What one ends with is what the next begins with."""
    year(shop)
    answer = cash_flow(shop, **{"from": "2026-04-01", "to": "2026-06-30"}, compare="previous_period")
    found = rows(answer)
    assert found["opening"] == ["58000.00", "0.00"]
    assert found["closing"] == ["61000.00", "58000.00"]
    assert found["investing.total"] == ["4000.00", "-12000.00"]
    assert found["operating.assets"] == ["-500.00", "1000.00"]
    assert ties(answer) == ["0.00", "0.00"]


def test_exchange_differences_on_foreign_cash_are_no_flows(shop: Shop) -> None:
    """IAS 7, 28: shown by themselves, between the flows and the cash at the end."""
    euros = ("EUR", "100.00")
    enter(
        shop.api, "D-1", "2026-03-01", ("3000", "-500.00", {}), ("1020", "390.00", {}), ("1030", "110.00", {}, *euros)
    )
    enter(shop.api, "D-2", "2026-03-31", ("1030", "7.00", {}, "EUR", "0"), ("4230", "-7.00", {}))
    answer = cash_flow(shop, **{"from": "2026-03-01", "to": "2026-03-31"})
    found = rows(answer, 0)
    assert (found["operating.result"], found["operating.exchange"], found["operating.total"]) == (
        "7.00",
        "-7.00",
        "0.00",
    )
    assert (found["financing.total"], found["exchange"], found["closing"]) == ("500.00", "7.00", "507.00")
    assert ties(answer) == ["0.00"]


def test_closing_a_year_is_no_flow(shop: Shop) -> None:
    books = Books(shop.api)
    books.year(2025)
    books.enter(debit("1020", "900.00"), credit("4010", "900.00"), date="2025-12-31")
    period = {"from": "2025-01-01", "to": "2025-12-31"}
    before = cash_flow(shop, **period)
    assert rows(before)["operating.result"] == ["900.00"]
    books.act("close_fiscal_year", {"id": "FY2025"})
    assert cash_flow(shop, **period) == before


def test_narrowed_and_split_it_still_ends_at_the_cash(shop: Shop) -> None:
    a, b, none = {"COST_CENTRE": "A"}, {"COST_CENTRE": "B"}, {}
    enter(shop.api, "D-1", "2026-03-10", ("6120", "70.00", a), ("6130", "20.00", b), ("1020", "-90.00", none))
    enter(shop.api, "D-2", "2026-03-31", ("6195", "15.00", a), ("1549", "-15.00", none))
    answer = cash_flow(shop, split="COST_CENTRE")
    assert rows(answer)["operating.result"] == ["-85.00", "-20.00", "0.00", "-105.00"]
    assert rows(answer)["operating.assets"] == ["15.00", "0.00", "0.00", "15.00"]
    assert rows(answer)["closing"] == ["0.00", "0.00", "-90.00", "-90.00"]
    assert ties(answer) == ["0.00"] * 4
    assert ties(cash_flow(shop, **{"dimension[COST_CENTRE]": "A"})) == ["0.00"]


def test_read_in_one_statement(shop: Shop) -> None:
    cash_flow(shop)
    _, sent = counted(lambda: cash_flow(shop, compare="previous_year", known_at="2026-12-01T00:00:00Z"))
    assert len(sent) == 2
    _, sent = counted(lambda: cash_flow(shop))
    assert len(sent) == 2
