"""A discount on a whole bill, shared over its lines: their costs and taxes are less by it.

Source of the first case: ERPNext, accounts/doctype/sales_invoice/test_sales_invoice.py
(test_tax_calculation_with_multiple_items_and_discount), entered as the supplier's bill.
"""

from typing import Any

import pytest

from tests.payables.test_bill_taxes import figures, returned
from tests.support.purchases import Purchases, posted

VAT20 = {"account": "6150", "taxes": ["VAT20"]}


def test_costs_and_taxes_are_less_by_it(buyer: Purchases) -> None:
    """975.00 less 75.00: 900.00 net, and the tax of that."""
    prices = ("75.00", "500.00", "200.00", "100.00", "50.00", "50.00")
    items = [{**VAT20, "unit_price": price} for price in prices]
    bill = buyer.bill(items=items, discount={"amount": "75.00"}, stated_total="1080.00")
    assert (bill["subtotal"], bill["tax_total"], bill["discount"]) == ("900.00", "180.00", {"amount": "75.00"})
    assert [item["discount"] for item in bill["items"]] == ["5.77", "38.46", "15.38", "7.69", "3.85", "3.85"]
    assert figures(returned(buyer)) == [("VAT20", "purchase", "900.00", "0.00", "180.00", "0.00")]


def test_a_line_of_tax_alone_bears_none_of_it(buyer: Purchases) -> None:
    items = [{**VAT20, "unit_price": "100.00"}, {**VAT20, "tax_base": "1000.00"}]
    bill = buyer.bill(items=items, discount={"percent": 10})
    assert (bill["subtotal"], bill["tax_total"], bill["total"]) == ("90.00", "218.00", "308.00")
    assert posted(bill) == [("6150", "90.00", "0.00"), ("1250", "218.00", "0.00"), ("2100", "0.00", "308.00")]


def test_a_draft_keeps_it_and_a_credit_gives_a_lines_part_back(buyer: Purchases) -> None:
    items = [{**VAT20, "quantity": 2, "unit_price": "50.00"}, {**VAT20, "unit_price": "100.00"}]
    draft = buyer.bill(items=items, discount={"percent": 10}, draft=True)
    path = {"id": draft["id"]}
    noted = buyer.api.call("update_bill", {"note": "x"}, path=path, headers={"If-Match": '"1"'}).expect(200)
    assert (noted["total"], noted["discount"]) == ("216.00", {"percent": "10"})
    bill = buyer.act("post_bill", draft)
    lines = [{"line": 1, "quantity": 1}]
    credit = buyer.act("credit_bill", bill, 201, reason="back", supplier_number="C-1", lines=lines)
    assert (credit["subtotal"], credit["tax_total"]) == ("45.00", "9.00")
    rest = buyer.act("credit_bill", bill, 201, reason="back", supplier_number="C-2")
    assert (rest["total"], buyer.get(bill)["amount_due"]) == ("162.00", "0.00")


@pytest.mark.parametrize(
    "discount", [{"amount": "100.01"}, {"amount": "0.005"}, {"percent": 101}, {}, {"amount": "1.00", "on": "total"}]
)
def test_no_more_is_taken_off_than_there_is(buyer: Purchases, discount: Any) -> None:
    before = buyer.api.counts()
    refused = buyer.bill(status=422, items=[{**VAT20, "unit_price": "100.00"}], discount=discount)
    assert refused["errors"][0]["pointer"].startswith("/discount")
    assert buyer.api.counts() == before
