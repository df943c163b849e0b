"""Statements of account: any day, any span, as it was known then; together the control account."""

from decimal import Decimal
from typing import Any

import pytest

from bigledger.kernel import runtime
from tests.inventory.later import later
from tests.receivables.notes import credit
from tests.receivables.test_any_open_item import owed_by_hand
from tests.receivables.test_create_allocation import allocate
from tests.receivables.test_foreign_invoices import euros, set_rate
from tests.support.shop import Shop
from tests.support.statements import counted


def statement(shop: Shop, customer: str = "CUST002", **query: str) -> Any:
    path = {"id": customer}
    return shop.api.call("get_customer_statement", path=path, query=query).expect(200).json


def moved(found: Any) -> list[tuple[str, str, str, str, str]]:
    return [
        (line["date"], line["document"]["code"], line["debit"], line["credit"], line["balance"])
        for line in found["lines"]
    ]


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    shop.invoice("CUST002", date="2026-10-10")
    shop.pay("700.00", "CUST002", date="2026-11-02")
    shop.invoice("CUST002", date="2026-11-05")
    answer = example(path={"id": "CUST002"}, query={"date_from": "2026-11-01", "as_of": "2026-11-15"})
    assert answer.status == 200
    assert moved(answer.json) == [
        ("2026-11-02", "PAY-2026-000001", "0.00", "700.00", "500.00"),
        ("2026-11-05", "INV-2026-000002", "1200.00", "0.00", "1700.00"),
    ]
    (balance,) = answer["balances"]
    assert (balance["opening_balance"], balance["debit"], balance["credit"], balance["closing_balance"]) == (
        "1200.00",
        "1200.00",
        "700.00",
        "1700.00",
    )


def test_as_of_a_day_it_has_what_was_open_then(shop: Shop) -> None:
    """What was settled since was open on that day."""
    invoice = shop.invoice("CUST002", date="2026-09-01")
    shop.pay("1200.00", "CUST002", date="2026-11-10")
    then = statement(shop, as_of="2026-11-09")
    assert [(one["document"]["code"], one["amount_open"], one["days_overdue"]) for one in then["open_items"]] == [
        (invoice["number"], "1200.00", 69)
    ]
    assert then["balances"][0]["ageing"] == {
        "not_due": "0.00",
        "days_1_to_30": "0.00",
        "days_31_to_60": "0.00",
        "days_61_to_90": "1200.00",
        "over_90_days": "0.00",
    }
    assert (then["lines"], then["balances"][0]["opening_balance"]) == ([], "1200.00")
    assert statement(shop, as_of="2026-11-10")["open_items"] == []
    assert statement(shop, as_of="2026-08-31")["balances"] == []


def test_as_known_at_an_instant(shop: Shop) -> None:
    shop.invoice("CUST002", date="2026-11-01")
    known_at = runtime.clock.now().isoformat()
    later(60)
    shop.pay("1200.00", "CUST002", date="2026-11-02")
    assert statement(shop, known_at=known_at)["balances"][0]["closing_balance"] == "1200.00"
    assert statement(shop)["balances"][0]["closing_balance"] == "0.00"


def test_the_statements_are_the_control_accounts(shop: Shop) -> None:
    """Advances, credit notes, entries by hand and foreign items included, in base currency too."""
    set_rate(shop, "1.10", "2026-11-01")
    set_rate(shop, "1.20", "2026-11-20")
    euros(shop, date="2026-11-10")
    shop.pay("150.00", "CUST002", currency="EUR", date="2026-11-20")
    credit(shop, shop.invoice("CUST002"), lines=[{"line": 1, "quantity": 3}])
    owed_by_hand(shop, "55.55", customer="CUST002")
    advance = shop.pay("500.00", "CUST002", allocations=[])
    allocate(shop, [(advance, "120.00")], [shop.invoice("CUST002")], customer="CUST002")
    found = statement(shop, date_from="2026-11-01")
    accounts = shop.trial_balance()
    in_base = sum(Decimal(one["base_balance"]) for one in found["balances"])
    assert in_base == Decimal(accounts["1200"]) + Decimal(accounts["2300"])
    for balance in found["balances"]:
        open_items = [one for one in found["open_items"] if one["currency"] == balance["currency"]]
        assert sum(Decimal(one["amount_open"]) for one in open_items) == Decimal(balance["closing_balance"])
        assert sum(map(Decimal, balance["ageing"].values())) == Decimal(balance["closing_balance"])
    assert [one["currency"] for one in statement(shop, currency="EUR")["balances"]] == ["EUR"]
    assert "allocation" not in {line["type"] for line in found["lines"]}, "it moves nothing"


def test_what_cannot_be_asked(shop: Shop) -> None:
    path = {"id": "CUST002"}
    query = {"date_from": "2026-11-02", "as_of": "2026-11-01"}
    shop.api.call("get_customer_statement", path=path, query=query).expect(422)
    query = {"date_from": "2026-12-02"}
    problem = shop.api.call("get_customer_statement", path=path, query=query).expect(422)
    assert problem["errors"][0]["code"] == "dates_reversed"
    shop.api.call("get_customer_statement", path={"id": "NOBODY"}).expect(404)


def test_one_statement_reads_it(shop: Shop) -> None:
    statement(shop)
    _, sent = counted(lambda: statement(shop))
    assert len(sent) == 2  # open, read
