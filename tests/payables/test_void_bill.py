"""A bill that was wrong is voided by contrary rows; what was posted stays as it was."""

from typing import Any

import pytest

from tests.support.purchases import Purchases, posted


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    bill = buyer.bill(supplier_number="2026-4711")
    answer = example(path={"id": bill["id"]}, body={"reason": "Not ours"}, headers={"If-Match": '"1"'})
    assert (answer.status, answer["status"]) == (200, "void")


def test_a_void_bill_leaves_nothing_owed_and_frees_the_suppliers_number(buyer: Purchases) -> None:
    bill = buyer.bill(supplier_number="7", items=[{"account": "6150", "unit_price": "100.00", "taxes": ["VAT20"]}])
    void = buyer.act("void_bill", bill, reason="Entered for the wrong firm")
    assert (void["status"], void["number"], void["amount_due"]) == ("void", "BILL-2026-000001", "0.00")
    assert posted(void)[3:] == [("6150", "0.00", "100.00"), ("1250", "0.00", "20.00"), ("2100", "120.00", "0.00")]
    assert void["events"] == ["bill.created", "bill.cancelled"]
    assert buyer.trial_balance() == {}
    assert buyer.bill(supplier_number="7")["number"] == "BILL-2026-000002"


def test_a_closed_month_stays_as_it_is(buyer: Purchases) -> None:
    """Complaint: a cancel reverses on the original date and changes closed months."""
    bill = buyer.bill(date="2026-10-30")
    buyer.api.call("close_period", {"reason": "Filed"}, path={"id": "FY2026-10"}).expect(200)
    october = buyer.trial_balance(as_of="2026-10-31")
    problem = buyer.act("void_bill", bill, 422, reason="Twice")
    assert (problem["code"], problem["suggested_date"]) == ("period_closed", "2026-11-01")
    void = buyer.act("void_bill", bill, reason="Twice", date="2026-11-01")
    assert void["voided_on"] == "2026-11-01"
    assert buyer.trial_balance(as_of="2026-10-31") == october == {"6150": "1000.00", "2100": "-1000.00"}
    assert buyer.trial_balance() == {}


@pytest.mark.parametrize(("date", "code"), [("2026-11-22", "dated_too_early"), ("2026-11-24", "invalid_request")])
def test_a_void_is_dated_between_the_bill_and_today(buyer: Purchases, date: str, code: str) -> None:
    bill = buyer.bill()
    before = buyer.api.counts()
    body = {"reason": "x", "date": date}
    answer = buyer.api.call("void_bill", body, path={"id": bill["id"]})
    assert (answer.status in (400, 422), answer["code"]) == (True, code)
    assert buyer.api.counts() == before


def test_a_void_bill_is_not_voided_again(buyer: Purchases) -> None:
    bill = buyer.bill()
    buyer.act("void_bill", bill, reason="x")
    before = buyer.api.counts()
    assert buyer.act("void_bill", bill, 409, reason="x")["document_status"] == "void"
    assert buyer.api.counts() == before
