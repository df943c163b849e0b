"""Everything a customer has in its favour, against its earliest invoices."""

import pytest

from tests.receivables.notes import credit_note
from tests.receivables.test_foreign_invoices import set_rate
from tests.support.shop import Shop

KEY = {"Idempotency-Key": "auto"}


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    shop.invoice()
    shop.pay("500.00", allocations=[])
    answer = example(body={"customer": "CUST001"}, headers=KEY)
    assert answer.status == 201
    assert (answer["amount"], answer["invoices"][0]["amount_due"]) == ("500.00", "787.00")


def test_the_earliest_due_comes_first(shop: Shop) -> None:
    later, sooner = shop.invoice(date="2026-11-20"), shop.invoice(date="2026-11-10")
    shop.pay("1000.00", allocations=[])
    credit_note(shop, "CUST001", items=[{"product": "PROD001", "quantity": 4}])
    answer = shop.api.call("auto_allocate", {"customer": "CUST001"}, headers=KEY).expect(201)
    assert [(one["invoice"]["code"], one["amount"]) for one in answer["invoices"]] == [
        (sooner["number"], "1287.00"),
        (later["number"], "227.80"),
    ]
    assert shop.trial_balance().get("2300", "0") == "0"


def test_other_currencies_are_left_alone(shop: Shop) -> None:
    shop.invoice()
    set_rate(shop, "1.20")
    shop.pay("100.00", currency="EUR")
    before = shop.api.counts()
    problem = shop.api.call("auto_allocate", {"customer": "CUST001"}, headers=KEY).expect(422)
    assert problem["code"] == "over_allocated"
    assert shop.api.counts() == before
