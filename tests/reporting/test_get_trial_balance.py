"""The trial balance: every account on a day, as known at an instant, always in balance."""

from typing import Any

import pytest

from bigledger.records import general_chart
from tests.support.api import Api
from tests.support.ledger import Books, credit, debit
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice()
    shop.pay("500.00")
    answer = example(query={"as_of": "2026-11-30"})
    assert (answer["total_debit"], answer["total_credit"]) == ("8487.00", "8487.00")


def trial_balance(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_trial_balance", query=query).expect(200).json


def test_an_account_stands_on_the_side_of_its_balance(shop: Shop) -> None:
    shop.invoice()
    answer = trial_balance(shop)
    assert answer["company"]["code"] == "MAIN"
    assert (answer["as_of"], answer["currency"]) == ("2026-11-23", "USD")
    assert [
        (row["account"]["code"], row["account"]["name"], row["kind"], row["debit"], row["credit"], row["balance"])
        for row in answer["rows"]
    ] == [
        ("1200", "Accounts receivable", "asset", "1287.00", "0.00", "1287.00"),
        ("1400", "Merchandise inventory", "asset", "7200.00", "0.00", "7200.00"),
        ("2150", "Stock received not invoiced", "liability", "0.00", "7200.00", "-7200.00"),
        ("2200", "Sales tax payable", "liability", "0.00", "87.00", "-87.00"),
        ("4000", "Sales of goods", "revenue", "0.00", "1200.00", "-1200.00"),
    ]
    assert (answer["total_debit"], answer["total_credit"]) == ("8487.00", "8487.00")


def test_accounts_without_a_balance_are_shown_when_asked_for(shop: Shop) -> None:
    shop.invoice()
    shop.pay("1287.00")
    shown = {row["account"]["code"]: row for row in trial_balance(shop, zero="show")["rows"]}
    hidden = {row["account"]["code"] for row in trial_balance(shop)["rows"]}
    assert shown.keys() == {account.code for account in general_chart()}
    assert (shown["1200"]["debit"], shown["1200"]["credit"]) == ("0.00", "0.00")
    assert "1200" not in hidden


def test_what_is_dated_later_does_not_count_yet(shop: Shop) -> None:
    """Across months, which are added up whole, and within one, whose days are."""
    shop.invoice("CUST002", date="2026-10-31")
    shop.invoice("CUST002", date="2026-11-01")
    shop.invoice("CUST002", date="2026-11-15")
    shop.invoice("CUST002", date="2027-01-01")
    receivable = {
        day: {row["account"]["code"]: row["balance"] for row in trial_balance(shop, as_of=day)["rows"]}.get("1200")
        for day in ("2026-10-30", "2026-10-31", "2026-11-01", "2026-11-14", "2026-11-15", "2026-12-31", "2027-01-01")
    }
    assert receivable == {
        "2026-10-30": None,
        "2026-10-31": "1200.00",
        "2026-11-01": "2400.00",
        "2026-11-14": "2400.00",
        "2026-11-15": "3600.00",
        "2026-12-31": "3600.00",
        "2027-01-01": "4800.00",
    }


def test_what_was_recorded_later_was_not_known_yet(shop: Shop) -> None:
    """A late invoice belongs to October's figures as they are known now, not as they were known before it."""
    shop.invoice("CUST002", date="2026-10-31")
    known = shop.api.events("invoice.created")[-1]["time"]
    late = shop.invoice("CUST002", date="2026-10-15", items=[{"product": "SERV001", "quantity": 1}])
    assert late["status"] == "issued"
    october = {"as_of": "2026-10-31"}
    assert shop.trial_balance(**october)["1200"] == "1275.00"
    assert shop.trial_balance(**october, known_at=known)["1200"] == "1200.00"
    assert trial_balance(shop, known_at="2026-11-23T08:59:59Z")["rows"] == []
    assert trial_balance(shop, known_at=known)["known_at"] == known


def test_both_ways_of_adding_up_agree(shop: Shop) -> None:
    """With and without an instant the figures come from different tables."""
    for day in ("2026-01-31", "2026-02-01", "2026-06-15", "2026-11-22"):
        shop.invoice("CUST002", date=day, items=[{"product": "SERV001", "quantity": 3}])
    shop.pay("100.00", "CUST002")
    for day in ("2026-01-31", "2026-06-15", "2026-11-22", "2026-11-23", "2026-12-31"):
        assert shop.trial_balance(as_of=day) == shop.trial_balance(as_of=day, known_at="2026-12-31T00:00:00Z")


def explained(shop: Shop, cell: str) -> list[str]:
    """The amounts of the lines that a balance consists of."""
    answer = shop.api.call("get_explanation", path={"kind": "trial-balance"}, query={"cell": cell}).expect(200)
    return [line["amount"] for line in answer["data"]]


def test_the_totals_are_explained_by_the_lines_of_their_accounts(shop: Shop) -> None:
    """Of a total on the debit side that is all lines of the accounts that stand there, credits among them."""
    shop.invoice()
    shop.pay("500.00")
    for query in ({}, {"known_at": "2026-12-31T00:00:00Z"}, {"split": "company"}):
        answer = trial_balance(shop, **query)
        told = [explained(shop, answer[f"total_{side}_cell"]) for side in ("debit", "credit")]
        assert told == [
            ["6000.00", "1200.00", "1287.00", "500.00", "-500.00"],
            ["7200.00", "1200.00", "72.00", "15.00"],
        ]


def compared(answer: Any) -> dict[str, list[str]]:
    """The balances of each account, today's first."""
    return {
        row["account"]["code"]: [row["balance"], *(one["balance"] for one in row["compared"])] for row in answer["rows"]
    }


def test_earlier_days_stand_beside_it(shop: Shop) -> None:
    """The month before ends with its last day; an account that had a balance on any of the days is shown."""
    books = Books(shop.api)
    books.rent("10.00", date="2026-08-31")
    books.rent("20.00", date="2026-09-30")
    books.enter(debit("1020", "30.00"), credit("6120", "30.00"), date="2026-10-01")
    answer = trial_balance(shop, as_of="2026-10-31", compare="previous_period", columns="2")
    assert [one["as_of"] for one in answer["rows"][0]["compared"]] == ["2026-09-30", "2026-08-31"]
    assert compared(answer) == {"1020": ["0.00", "-30.00", "-10.00"], "6120": ["0.00", "30.00", "10.00"]}
    assert (answer["total_debit"], answer["total_credit"]) == ("0.00", "0.00")
    assert compared(trial_balance(shop, as_of="2027-09-30", compare="previous_year"))["1400"] == ["7200.00", "0.00"]
    assert explained(shop, answer["rows"][1]["compared"][0]["cell"]) == ["10.00", "20.00"]


def test_it_is_narrowed_to_a_dimension(shop: Shop) -> None:
    """What is narrowed need not balance: the bank has no cost centre."""
    books = Books(shop.api)
    books.dimension("CENTRE", "NORTH", "SOUTH")
    for centre, amount in (("NORTH", "5.00"), ("SOUTH", "7.00")):
        books.enter(debit("6130", amount, dimensions={"CENTRE": centre}), credit("1020", amount))
    north = trial_balance(shop, **{"dimension[CENTRE]": "NORTH"})
    assert north["dimension"] == {"CENTRE": "NORTH"}
    assert {row["account"]["code"]: row["balance"] for row in north["rows"]} == {"6130": "5.00"}
    assert (north["total_debit"], north["total_credit"]) == ("5.00", "0.00")
    without = trial_balance(shop, **{"dimension[CENTRE]": ""})
    assert {row["account"]["code"]: row["balance"] for row in without["rows"]} == {
        "1020": "-12.00",
        "1400": "7200.00",
        "2150": "-7200.00",
    }
    (cell,) = [row["cell"] for row in north["rows"]]
    assert explained(shop, cell) == ["5.00"]


def test_companies_keep_their_own_books(shop: Shop) -> None:
    record = shop.api.record
    record("companies", code="SECOND", name="Second", currency="EUR", jurisdiction="DE")
    record("fiscal-years", code="FY-B", company="SECOND", starts_on="2026-01-01", ends_on="2026-12-31")
    record("number-series", code="INV-B", document_type="invoice", company="SECOND", prefix="B-{YYYY}-")
    record("locations", code="BERLIN", name="Berlin", company="SECOND")
    service = [{"product": "SERV001", "quantity": 1, "unit_price": "75.00"}]
    invoice = shop.invoice("CUST002", company="SECOND", items=service)
    assert (invoice["number"], invoice["currency"]) == ("B-2026-000001", "EUR")
    second = trial_balance(shop, company="SECOND")
    assert second["currency"] == "EUR"
    assert {row["account"]["code"]: row["balance"] for row in second["rows"]} == {"1200": "75.00", "4000": "-75.00"}
    assert shop.trial_balance(company="MAIN") == {"1400": "7200.00", "2150": "-7200.00"}
    problem = shop.api.call("get_trial_balance").expect(422)
    assert [error["pointer"] for error in problem["errors"]] == ["/company"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"as_of": "today"}, "/as_of"),
        ({"known_at": "2026-11-23"}, "/known_at"),
        ({"known_at": "2026-11-23T09:00:00"}, "/known_at"),
        ({"zero": "maybe"}, "/zero"),
        ({"compare": "yesterday"}, "/compare"),
        ({"columns": "25"}, "/columns"),
        ({"until": "2026-11-23"}, "/until"),
        ({"company": "NONE"}, "/company"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(shop: Shop, query: dict[str, str], pointer: str) -> None:
    answer = shop.api.call("get_trial_balance", query=query).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == [pointer]


def test_it_is_read_in_two_statements(shop: Shop) -> None:
    shop.invoice()
    trial_balance(shop)
    for query in ({}, {"as_of": "2026-06-30"}, {"known_at": "2026-11-23T09:00:00Z"}, {"compare": "previous_year"}):
        _, sent = counted(lambda query=query: trial_balance(shop, **query))
        assert len(sent) == 2


def test_another_tenant_sees_nothing_of_it(shop: Shop, operator: Api) -> None:
    shop.invoice()
    other = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    assert Api(other.expect(201)["id"]).call("get_trial_balance").expect(200)["rows"] == []
