"""Bills of tax alone: import VAT that a forwarder or the customs office asks for, on goods that another bill pays.

Sources: Tryton, modules/account_invoice (manual taxes: base and amount without a line); Odoo's practice of a taxed
line and its contrary without tax; ERPNext's taxes of the type "Actual". All post the tax alone and report its base.
"""

from typing import Any

from tests.payables.test_bill_taxes import figures, returned
from tests.support.purchases import Purchases, in_base, posted

IMPORT = {"account": "6150", "description": "Import VAT", "tax_base": "12345.67", "taxes": ["VAT20"]}


def test_the_tax_is_owed_and_claimed_and_its_base_is_reported(buyer: Purchases) -> None:
    bill = buyer.bill(items=[IMPORT], stated_total="2469.13")
    assert (bill["subtotal"], bill["tax_total"], bill["total"]) == ("0.00", "2469.13", "2469.13")
    (item,) = bill["items"]
    assert (item["net"], item["cost"], item["tax_base"], item["unit_price"]) == ("0.00", "0.00", "12345.67", "0.00")
    assert posted(bill) == [("1250", "2469.13", "0.00"), ("2100", "0.00", "2469.13")]
    answer = returned(buyer)
    assert figures(answer) == [("VAT20", "purchase", "12345.67", "0.00", "2469.13", "0.00")]
    assert answer["payable"] == "-2469.13"


def test_it_stands_beside_what_the_forwarder_charges(buyer: Purchases) -> None:
    """Freight of 100.00 with tax, and the customs duty of 300.00 without one."""
    freight = {"account": "6150", "unit_price": "100.00", "taxes": ["VAT20"]}
    duty = {"account": "6150", "unit_price": "300.00", "taxes": []}
    bill = buyer.bill(items=[freight, duty, {**IMPORT, "tax_base": "1000.00"}])
    assert (bill["subtotal"], bill["tax_total"], bill["total"]) == ("400.00", "220.00", "620.00")
    assert figures(returned(buyer)) == [("VAT20", "purchase", "1100.00", "0.00", "220.00", "0.00")]


def test_what_is_not_deducted_of_it_is_the_cost_of_the_line(buyer: Purchases) -> None:
    bill = buyer.bill(items=[{**IMPORT, "tax_base": "1000.00", "taxes": ["CAR"]}])
    assert posted(bill) == [("6150", "100.00", "0.00"), ("1250", "100.00", "0.00"), ("2100", "0.00", "200.00")]
    assert figures(returned(buyer)) == [("CAR", "purchase", "1000.00", "0.00", "100.00", "100.00")]


def test_a_foreign_one_reports_its_base_in_base_currency(buyer: Purchases) -> None:
    buyer.rate("EUR", "2026-11-01", "1.25")
    bill = buyer.bill("SUPP002", items=[{**IMPORT, "tax_base": "1000.00"}])
    assert in_base(bill) == [("1250", "250.00", "0.00"), ("2100", "0.00", "250.00")]
    assert figures(returned(buyer)) == [("VAT20", "purchase", "1250.00", "0.00", "250.00", "0.00")]


def test_it_is_paid_credited_and_voided_as_any_other(buyer: Purchases) -> None:
    paid, credited, voided = (buyer.bill(items=[{**IMPORT, "tax_base": "1000.00"}]) for _ in range(3))
    body: Any = {"supplier": "SUPP001", "amount": "200.00", "allocations": [{"document": paid["id"]}]}
    buyer.make("record_supplier_payment", **body)
    assert buyer.get(paid)["status"] == "paid"
    credit = buyer.act("credit_bill", credited, 201, reason="assessed anew", supplier_number="C-1")
    assert (credit["subtotal"], credit["total"], credit["items"][0]["tax_base"]) == ("0.00", "200.00", "1000.00")
    buyer.act("void_bill", voided, reason="entered twice")
    assert returned(buyer)["payable"] == "-200.00"
    assert buyer.trial_balance() == {"1020": "-200.00", "1250": "200.00"}


def test_a_draft_keeps_its_base(buyer: Purchases) -> None:
    draft = buyer.bill(items=[IMPORT], draft=True)
    changed = buyer.api.call(
        "update_bill", {"note": "asked"}, path={"id": draft["id"]}, headers={"If-Match": '"1"'}
    ).expect(200)
    assert (changed["total"], changed["items"][0]["tax_base"]) == ("2469.13", "12345.67")
    assert buyer.act("post_bill", draft)["total"] == "2469.13"


def test_a_line_of_tax_alone_says_nothing_else(buyer: Purchases) -> None:
    """A price beside the base, neither of them, a quantity, no tax at all: each is refused and nothing is entered."""
    before = buyer.api.counts()
    for wrong in (
        {"unit_price": "1.00"},
        {"tax_base": None},
        {"quantity": 2},
        {"discount_percent": "5"},
        {"taxes": []},
        {"taxes": None},
    ):
        refused = buyer.bill(status=422, items=[{**IMPORT, **wrong}])
        assert (refused["code"], refused["errors"][0]["pointer"].startswith("/items/0")) == ("invalid_request", True)
    within = {"included_in_price": True, "account": "2200", "purchase_account": "1250", "jurisdiction": "US"}
    buyer.api.record("taxes", code="IN", name="In", rates=[{"rate": "0.2", "valid_from": "2020-01-01"}], **within)
    refused = buyer.bill(status=422, items=[{**IMPORT, "taxes": ["IN"]}])
    assert refused["errors"][0]["code"] == "included_in_price"
    assert buyer.api.counts()["kernel.document"] == before["kernel.document"] + 1, "the tax, and no bill"
