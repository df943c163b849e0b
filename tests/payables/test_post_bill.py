"""A draft becomes a bill when it is posted."""

from typing import Any

import pytest

from tests.support.purchases import Purchases, posted


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    draft = buyer.bill(supplier_number="2026-4711", draft=True)
    answer = example(path={"id": draft["id"]}, body={}, headers={"If-Match": '"1"'})
    assert (answer.status, answer["status"]) == (200, "posted")


def test_a_draft_posts_nothing_until_it_is_posted(buyer: Purchases) -> None:
    draft = buyer.bill(draft=True, items=[{"account": "6150", "unit_price": "100.00", "taxes": ["VAT20"]}])
    assert ("number" in draft, draft["status"], draft["amount_due"]) == (False, "draft", "0.00")
    assert buyer.trial_balance() == {}
    bill = buyer.act("post_bill", draft)
    assert (bill["number"], bill["version"], bill["events"]) == (
        "BILL-2026-000001",
        2,
        ["bill.created", "bill.posted"],
    )
    assert posted(bill) == [("6150", "100.00", "0.00"), ("1250", "20.00", "0.00"), ("2100", "0.00", "120.00")]
    assert buyer.get(bill) == bill


def test_a_posted_bill_is_not_posted_again(buyer: Purchases) -> None:
    bill = buyer.bill()
    before = buyer.api.counts()
    assert buyer.act("post_bill", bill, 409)["document_status"] == "posted"
    assert buyer.api.counts() == before


def test_a_draft_of_a_closed_month_is_posted_on_the_next_open_day_if_asked(buyer: Purchases) -> None:
    draft = buyer.bill(draft=True, supplier_date="2026-10-30")
    buyer.api.call("close_period", {"areas": ["purchase"], "reason": "Filed"}, path={"id": "FY2026-10"}).expect(200)
    assert buyer.act("post_bill", draft, 422)["suggested_date"] == "2026-11-01"
    bill = buyer.act("post_bill", draft, on_closed_period="next_open")
    assert (bill["date"], bill["supplier_date"]) == ("2026-11-01", "2026-10-30")
