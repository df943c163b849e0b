"""How a customer's credit stands."""

import pytest

from tests.receivables.notes import credit_note
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    shop.invoice(date="2026-10-01")
    shop.invoice()
    shop.pay("87.00", allocations=[])
    credit_note(shop, "CUST001", items=[{"product": "SERV001", "quantity": 1}])
    answer = example(path={"id": "CUST001"})
    assert answer.status == 200
    assert (answer["limit"], answer["exposure"], answer["available"]) == ("50000.00", "2574.00", "47426.00")
    assert (answer["overdue"], answer["in_favour"], answer["on_hold"]) == ("1287.00", "167.44", False)


def test_what_waits_for_approval_uses_credit(shop: Shop) -> None:
    shop.api.record("approval-rules", code="LARGE", name="Large", condition="document.total > 1000")
    shop.invoice()
    answer = shop.api.call("get_customer_credit", path={"id": "CUST001"}).expect(200)
    assert (answer["exposure"], answer["open"], answer["waiting_for_approval"]) == ("1287.00", "0.00", "1287.00")


def test_without_a_limit_there_is_none(shop: Shop) -> None:
    answer = shop.api.call("get_customer_credit", path={"id": "CUST002"}).expect(200).json
    assert ("limit" in answer, "available" in answer, answer["exposure"]) == (False, False, "0.00")
    shop.api.call("get_customer_credit", path={"id": "NOBODY"}).expect(404)
