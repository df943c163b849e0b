"""What is past its due date is told of once: by hand, by the clock, or by both at the same time."""

from threading import Barrier, Thread
from typing import Any

import pytest

from tests.inventory.later import later
from tests.receivables.notes import debit_note
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.statements import counted

DAY = 86_400


def mark(shop: Shop) -> Any:
    return shop.api.call("mark_overdue", {}).expect(200).json


def told(api: Api) -> list[tuple[str, int, str]]:
    return [
        (event["data"]["number"], event["data"]["days_overdue"], event["data"]["amount_due"])
        for event in api.events("invoice.overdue")
    ]


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    invoice = shop.invoice("CUST002", date="2026-11-10")
    shop.invoice()
    shop.pay("200.00", "CUST002")
    answer = example()
    assert answer.status == 200
    assert [(one["document"]["code"], one["due_date"], one["amount_due"]) for one in answer["items"]] == [
        (invoice["number"], "2026-11-10", "1000.00")
    ]
    assert (answer["marked"], answer["more"]) == (1, False)


def test_each_instalment_is_told_of_once(shop: Shop) -> None:
    halves = [{"percent": 50, "days": 5}, {"days": 10}]
    shop.api.record("payment-terms", code="HALVES", name="Halves", instalments=halves)
    invoice = shop.invoice("CUST002", payment_terms="HALVES")
    later(5 * DAY)
    assert mark(shop)["marked"] == 0, "the due date itself is in time"
    later(6 * DAY)
    assert [one["instalment"] for one in mark(shop)["items"]] == [1]
    assert mark(shop) == {"marked": 0, "more": False, "items": [], "events": []}
    later(30 * DAY)
    assert [one["instalment"] for one in mark(shop)["items"]] == [2]
    assert told(shop.api) == [(invoice["number"], 1, "600.00"), (invoice["number"], 20, "600.00")]
    sound(shop.api)


def test_what_is_paid_is_never_overdue_and_debit_notes_are(shop: Shop) -> None:
    invoice = shop.invoice("CUST002", date="2026-11-10")
    shop.pay("1200.00", "CUST002")
    note = debit_note(shop, date="2026-11-20")
    assert [(one["type"], one["document"]["code"]) for one in mark(shop)["items"]] == [("debit_note", note["number"])]
    assert shop.get(invoice)["status"] == "paid"


def test_two_runs_at_once_tell_once(shop: Shop) -> None:
    for _ in range(5):
        shop.invoice("CUST002", date="2026-11-10", items=[{"product": "SERV001", "quantity": 1}])
    ready, answers = Barrier(2), []

    def run() -> None:
        api = Api(shop.api.tenant_id)
        ready.wait()
        answers.append(api.call("mark_overdue", {}).expect(200).json["marked"])

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answers) == 5
    assert len(told(shop.api)) == 5
    sound(shop.api)


def test_a_dry_run_marks_nothing(shop: Shop) -> None:
    shop.invoice("CUST002", date="2026-11-10")
    before = shop.api.counts()
    assert shop.api.call("mark_overdue", {}, query={"dry_run": "true"}).expect(200)["marked"] == 1
    assert shop.api.counts() == before


def test_the_number_of_statements_does_not_depend_on_the_items(shop: Shop) -> None:
    shop.invoice("CUST002", date="2026-11-10")
    _, for_one = counted(lambda: mark(shop))
    for _ in range(12):
        shop.invoice("CUST002", date="2026-11-10", items=[{"product": "SERV001", "quantity": 1}])
    _, for_many = counted(lambda: mark(shop))
    assert for_many == for_one
    assert len(for_one) == 3  # open, read, flush
