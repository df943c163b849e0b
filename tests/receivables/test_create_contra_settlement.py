"""Contra settlements: both subledgers settled against each other, for one party and no two."""

from decimal import Decimal

import pytest

from tests.receivables.notes import posted
from tests.receivables.owed import both_sides, owing, set_off
from tests.receivables.test_foreign_invoices import base_lines, euros, set_rate
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    both_sides(shop)
    shop.invoice("CUST002")
    owing(shop, "500.00")
    answer = example(
        body={"customer": "CUST002", "supplier": "SUPP001", "reason": "Agreed by telephone"},
        headers={"Idempotency-Key": "contra-1"},
    )
    assert answer.status == 201
    assert (answer["number"], answer["amount"]) == ("CON-2026-000001", "500.00")


def test_as_much_as_there_is_on_both_sides_is_set_off_the_earliest_due_first(shop: Shop) -> None:
    both_sides(shop)
    first, second = shop.invoice("CUST002"), shop.invoice("CUST002")
    entry = owing(shop, "900.00", "600.00")
    answer = set_off(shop)
    assert [(one["invoice"]["code"], one["amount"], one["amount_due"]) for one in answer["receivables"]] == [
        (first["number"], "1200.00", "0.00"),
        (second["number"], "300.00", "900.00"),
    ]
    assert [(one["document"]["code"], one["type"], one["amount"], one["amount_due"]) for one in answer["payables"]] == [
        (entry["number"], "journal_entry", "1500.00", "0.00")
    ]
    assert posted(answer) == [("1200", Decimal("-1500.00")), ("2100", Decimal("1500.00"))]
    assert answer["events"] == ["contra.posted", "invoice.paid", "invoice.partially_paid"]
    balance = shop.trial_balance()
    assert (balance["1200"], balance.get("2100", "0.00")) == ("900.00", "0.00")
    sound(shop.api)


def test_named_items_and_amounts_are_set_off(shop: Shop) -> None:
    both_sides(shop)
    shop.invoice("CUST002")
    chosen, entry = shop.invoice("CUST002"), owing(shop, "900.00")
    answer = set_off(
        shop,
        receivables=[{"invoice": chosen["number"], "amount": "400.00"}],
        payables=[{"document": entry["number"]}],
        amount="350.00",
    )
    assert [(one["invoice"]["code"], one["amount"]) for one in answer["receivables"]] == [(chosen["number"], "350.00")]
    assert answer["payables"][0]["amount_due"] == "550.00"
    sound(shop.api)


def test_the_difference_between_their_rates_is_realised(shop: Shop) -> None:
    """400.00 EUR owed at 1.20 against 400.00 EUR owing at 1.10 is a loss of 40.00."""
    both_sides(shop)
    set_rate(shop, "1.10", "2026-11-01")
    set_rate(shop, "1.20", "2026-11-20")
    owing(shop, "400.00", currency="EUR", date="2026-11-10")
    euros(shop, date="2026-11-20")
    answer = set_off(shop, currency="EUR")
    assert base_lines(answer) == [("1200", -480), ("2100", 440), ("6320", 40)]
    assert answer["receivables"][0]["exchange_difference"] == "-40.00"
    sound(shop.api)


def test_two_parties_do_not_pay_for_each_other(shop: Shop) -> None:
    both_sides(shop)
    shop.invoice()
    owing(shop, "900.00")
    before = shop.api.counts()
    problem = set_off(shop, 422, customer="CUST001")
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("not_one_party", "/supplier")
    assert shop.api.counts() == before


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"amount": "900.01"}, "over_allocated", "/amount"),
        ({"amount": "1.001"}, "too_precise", "/amount"),
        ({"supplier": "NOBODY"}, "unknown_supplier", "/supplier"),
        ({"customer": "NOBODY"}, "unknown_customer", "/customer"),
        ({"receivables": [{"invoice": "INV-2026-000009"}]}, "nothing_open", "/receivables/0/invoice"),
        ({"payables": [{"document": "{entry}", "amount": "900.01"}]}, "over_allocated", "/payables/0/amount"),
        ({"payables": [{"document": "{entry}"}, {"document": "{entry}"}]}, "allocated_twice", "/payables/0/document"),
    ],
)
def test_no_more_than_is_open_is_set_off(shop: Shop, fields: dict[str, object], code: str, pointer: str) -> None:
    both_sides(shop)
    shop.invoice("CUST002")
    entry = owing(shop, "900.00")
    if "payables" in fields:
        payables = fields["payables"]
        assert isinstance(payables, list)
        fields = {"payables": [one | {"document": entry["number"]} for one in payables]}
    before = shop.api.counts()
    problem = set_off(shop, 422, **fields)
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["code"]) == (pointer, code)
    assert shop.api.counts() == before


def test_nothing_to_set_off(shop: Shop) -> None:
    both_sides(shop)
    shop.invoice("CUST002")
    assert set_off(shop, 422)["code"] == "over_allocated"


def test_it_is_not_dated_before_what_it_settles(shop: Shop) -> None:
    both_sides(shop)
    shop.invoice("CUST002")
    owing(shop, "900.00", date="2026-11-20")
    before = shop.api.counts()
    assert set_off(shop, 422, date="2026-11-21")["code"] == "dated_too_early"
    assert shop.api.counts() == before


def test_the_number_of_statements_does_not_depend_on_the_items(shop: Shop) -> None:
    both_sides(shop)
    shop.invoice("CUST002")
    owing(shop, "1.00")
    set_off(shop)
    owing(shop, "1.00")
    _, for_one = counted(lambda: set_off(shop))
    owing(shop, *["1.00"] * 40)
    _, for_many = counted(lambda: set_off(shop))
    assert for_many == for_one
    assert len(for_one) == 3  # open, read, flush
