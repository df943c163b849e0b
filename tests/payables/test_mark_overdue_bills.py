"""What is owed to suppliers and past its due date is told of once, whoever asks and however often."""

from threading import Barrier, Thread
from typing import Any

import pytest

from tests.inventory.later import later
from tests.support.api import Api
from tests.support.purchases import Purchases
from tests.support.statements import counted

DAY = 86_400
OLD = {"date": "2026-10-10", "supplier_number": "OLD-1"}
"""A bill of SUPP001, who is paid after 30 days: due on 9 November, two weeks ago."""


def mark(buyer: Purchases) -> Any:
    return buyer.api.call("mark_overdue_bills", {}).expect(200).json


def told(api: Api) -> list[tuple[str, int, str]]:
    return [
        (event["data"]["supplier_number"], event["data"]["days_overdue"], event["data"]["amount_due"])
        for event in api.events("bill.overdue")
    ]


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    bill = buyer.bill(**OLD)
    buyer.bill()
    buyer.make("record_supplier_payment", supplier="SUPP001", amount="200.00")
    answer = example()
    assert answer.status == 200
    assert [
        (one["document"]["code"], one["supplier_number"], one["due_date"], one["amount_due"]) for one in answer["items"]
    ] == [(bill["number"], "OLD-1", "2026-11-09", "800.00")]
    assert (answer["marked"], answer["more"]) == (1, False)
    assert buyer.get(bill)["events"][-1] == "bill.overdue"


def test_each_instalment_is_told_of_once(buyer: Purchases) -> None:
    halves = [{"percent": 50, "days": 5}, {"days": 10}]
    buyer.api.record("payment-terms", code="HALVES", name="Halves", instalments=halves)
    buyer.bill(supplier_number="H-1", payment_terms="HALVES")
    later(5 * DAY)
    assert mark(buyer)["marked"] == 0, "the due date itself is in time"
    later(6 * DAY)
    assert [one["instalment"] for one in mark(buyer)["items"]] == [1]
    assert mark(buyer) == {"marked": 0, "more": False, "items": [], "events": []}
    later(30 * DAY)
    assert [one["instalment"] for one in mark(buyer)["items"]] == [2]
    assert told(buyer.api) == [("H-1", 1, "500.00"), ("H-1", 20, "500.00")]


def test_what_is_paid_is_not_overdue_until_its_payment_is_voided(buyer: Purchases) -> None:
    """Drafts, supplier credits and what customers owe are none of it either."""
    buyer.bill(**OLD)
    buyer.bill(draft=True, date="2026-10-10", supplier_number="D-1")
    credit = {"supplier_number": "C-1", "reason": "bonus", "date": "2026-10-10"}
    buyer.make("create_supplier_credit", supplier="SUPP002", currency="USD",
               items=[{"account": "6150", "unit_price": "50.00"}], **credit)  # fmt: skip
    payment = buyer.make("record_supplier_payment", supplier="SUPP001", amount="1000.00")
    assert mark(buyer)["marked"] == 0
    buyer.act("void_supplier_payment", payment, reason="bounced")
    assert [one["amount_due"] for one in mark(buyer)["items"]] == ["1000.00"]
    again = buyer.make("record_supplier_payment", supplier="SUPP001", amount="1000.00")
    buyer.act("void_supplier_payment", again, reason="bounced again")
    assert mark(buyer)["marked"] == 0
    assert told(buyer.api) == [("OLD-1", 14, "1000.00")]


def test_what_books_opened_with_is_told_of_by_the_suppliers_number(buyer: Purchases) -> None:
    item = {"supplier": "SUPP001", "amount": "120.00", "reference": "B-9", "due_date": "2026-08-14"}
    owed_back = {**item, "amount": "-30.00", "reference": "B-10"}
    customer = {"customer": "BUYER", "amount": "75.00", "reference": "A-1", "due_date": "2026-08-14"}
    buyer.api.record("customers", code="BUYER", name="Buyer", jurisdiction="US")
    buyer.make("post_opening_balances", date="2026-10-31", suppliers=[item, owed_back], customers=[customer])
    (marked,) = mark(buyer)["items"]
    assert (marked["supplier_number"], marked["type"], marked["supplier"]["code"], marked["amount_due"]) == (
        "B-9",
        "journal_entry",
        "SUPP001",
        "120.00",
    )
    assert told(buyer.api) == [("B-9", 101, "120.00")]
    assert buyer.api.events("invoice.overdue") == []


def test_more_items_of_one_entry_than_a_run_takes_are_told_of_by_the_next(buyer: Purchases) -> None:
    """The longest overdue come first, in whatever order the entry has them."""
    days = ["2026-08-02"] + ["2026-08-01"] * 200
    items = [
        {"supplier": "SUPP001", "amount": "1.00", "reference": f"B-{n}", "due_date": day} for n, day in enumerate(days)
    ]
    buyer.make("post_opening_balances", date="2026-10-31", suppliers=items)
    first = mark(buyer)
    assert (first["marked"], first["more"], first["items"][0]["due_date"]) == (200, True, "2026-08-01")
    (last,) = mark(buyer)["items"]
    assert (last["supplier_number"], last["due_date"]) == ("B-0", "2026-08-02")


def test_two_runs_at_once_tell_once(buyer: Purchases) -> None:
    for number in range(5):
        buyer.bill(date="2026-10-10", supplier_number=f"R-{number}")
    ready, answers = Barrier(2), []

    def run() -> None:
        api = Api(buyer.api.tenant_id)
        ready.wait()
        answers.append(api.call("mark_overdue_bills", {}).expect(200).json["marked"])

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answers) == 5
    assert len(told(buyer.api)) == 5


def test_a_dry_run_marks_nothing(buyer: Purchases) -> None:
    buyer.bill(**OLD)
    before = buyer.api.counts()
    assert buyer.api.call("mark_overdue_bills", {}, query={"dry_run": "true"}).expect(200)["marked"] == 1
    assert buyer.api.counts() == before


def test_the_number_of_statements_does_not_depend_on_the_items(buyer: Purchases) -> None:
    buyer.bill(**OLD)
    _, for_one = counted(lambda: mark(buyer))
    for number in range(12):
        buyer.bill(date="2026-10-10", supplier_number=f"N-{number}")
    _, for_many = counted(lambda: mark(buyer))
    assert for_many == for_one
    assert len(for_one) == 3  # open, read, flush
