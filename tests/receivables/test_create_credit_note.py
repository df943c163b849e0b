"""Credit notes that stand alone: priced and taxed as an invoice, and kept in the customer's favour."""

import pytest

from tests.receivables.notes import credit_note, posted
from tests.receivables.test_foreign_invoices import base_lines, set_rate
from tests.support.shop import Shop
from tests.support.statements import counted

LAMPS = [{"product": "PROD001", "quantity": 2}]


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    answer = example(body={"customer": "CUST001", "reason": "Bonus of the year", "items": LAMPS})
    assert answer.status == 201
    assert (answer["number"], answer["total"], answer["amount_left"]) == ("CN-2026-000001", "257.40", "257.40")


def test_revenue_and_taxes_are_given_back(shop: Shop) -> None:
    available = shop.available("PROD001")
    note = credit_note(shop, "CUST001", items=LAMPS)
    assert (note["subtotal"], note["tax_total"], note["total"]) == ("240.00", "17.40", "257.40")
    assert (note["status"], note["allocations"], note["amount_left"]) == ("issued", [], "257.40")
    assert [(code, str(amount)) for code, amount in posted(note)] == [
        ("4000", "240.00"),
        ("2200", "14.40"),
        ("2200", "3.00"),
        ("1200", "-257.40"),
    ]
    assert shop.api.call("get_credit_note", path={"id": note["id"]}).expect(200).json == note
    assert shop.available("PROD001") == available
    assert shop.trial_balance()["1200"] == "-257.40"


def test_it_is_not_taken_for_an_open_invoice(shop: Shop) -> None:
    """A payment settles what the customer owes, not what is owed to it."""
    credit_note(shop, "CUST001", items=LAMPS)
    answer = shop.pay("10.00")
    assert (answer["allocations"], answer["unallocated"]) == ([], "10.00")


def test_credit_is_not_freed_before_it_is_used(shop: Shop) -> None:
    credit_note(shop, "CUST001", items=LAMPS)
    assert shop.invoice()["credit"]["exposure"] == "1287.00"


def test_a_foreign_one_is_converted_at_the_rate_of_its_day(shop: Shop) -> None:
    set_rate(shop, "1.20")
    items = [{"product": "SERV001", "quantity": 1, "unit_price": "50.00"}]
    note = credit_note(shop, currency="EUR", items=items)
    assert (note["total"], note["base"]["total"]) == ("50.00", "60.00")
    assert base_lines(note) == [("4000", 60), ("1200", -60)]


def test_a_draft_keeps_its_prices_and_posts_nothing(shop: Shop) -> None:
    draft = credit_note(shop, draft=True)
    assert (draft["status"], draft["posting"]) == ("draft", {"lines": []})
    assert shop.api.counts()["ledger.open_item"] == 0
    issued = shop.api.call("issue_credit_note", path={"id": draft["id"]}).expect(200).json
    assert (issued["number"], issued["status"], issued["version"]) == ("CN-2026-000001", "issued", 2)
    assert issued["events"] == ["credit_note.created", "credit_note.posted"]
    again = shop.api.call("issue_credit_note", path={"id": draft["id"]}).expect(409)
    assert again["code"] == "conflict"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"items": [{"product": "NONE", "quantity": 1}]}, "/items/0/product"),
        ({"items": []}, "/items"),
        ({"reason": ""}, "/reason"),
        ({"currency": "EUR"}, "/items/0/unit_price"),
        ({"date": "2029-12-31"}, "/date"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(shop: Shop, fields: dict[str, object], pointer: str) -> None:
    set_rate(shop, "1.20")
    before = shop.api.counts()
    problem = credit_note(shop, "CUST002", 422, **fields)
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert shop.api.counts() == before


def test_the_number_of_statements_does_not_depend_on_the_lines(shop: Shop) -> None:
    line = {"product": "SERV001", "quantity": 1}
    credit_note(shop, items=[line])
    _, for_one = counted(lambda: credit_note(shop, items=[line]))
    _, for_many = counted(lambda: credit_note(shop, items=[line] * 300))
    assert len(for_many) == len(for_one)
    assert len(for_one) == 3  # open, read, flush
