"""Discounts for early payment: who earns them, and what they do to net, tax and base currency.

Terms of 2 % within 10 days, on an invoice of 1200.00 with 87.00 of taxes (6 % and 1.25 %) unless it says otherwise.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.receivables.notes import posted
from tests.receivables.test_create_allocation import allocate
from tests.receivables.test_foreign_invoices import base_lines, set_rate
from tests.receivables.test_void_payment import void as void_payment
from tests.support.integrity import sound
from tests.support.shop import Shop


def policies(shop: Shop, **changed: str) -> None:
    """Change policies of the company."""
    path = {"resource": "companies", "id": "MAIN"}
    read = shop.api.call("get_record", path=path).expect(200)
    body = {"policies": read["policies"] | changed}
    shop.api.call("update_record", body, path=path, headers={"If-Match": read.headers["ETag"]}).expect(200)


def early(shop: Shop, *instalments: Any, **fields: Any) -> Any:
    """An invoice on terms with discounts: 2 % within 10 days unless instalments are given."""
    given = list(instalments) or [{"days": 30, "early_discount": {"percent": 2, "days": 10}}]
    if not shop.api.rows("SELECT 1 FROM kernel.document WHERE type = 'payment_term' AND number = 'EARLY'"):
        shop.api.record("payment-terms", code="EARLY", name="Early", instalments=given)
    return shop.invoice(payment_terms="EARLY", **fields)


def discounts(invoice: Any) -> list[tuple[str, str] | None]:
    return [
        (one["discount"]["until"], one["discount"]["amount"]) if "discount" in one else None
        for one in invoice["instalments"]
    ]


def test_it_is_taken_with_its_tax_when_it_is_earned(shop: Shop) -> None:
    """Odoo's "on early payment": 2 % of 1287.00 is 25.74, of which 24.00 is net and 1.74 tax."""
    invoice = early(shop)
    assert discounts(invoice) == [("2026-12-03", "25.74")]
    payment = shop.pay("1261.26", date="2026-12-03")
    assert posted(payment) == [
        ("1020", Decimal("1261.26")),
        ("1200", Decimal("-1287.00")),
        ("4085", Decimal("24.00")),
        ("2200", Decimal("1.44")),
        ("2200", Decimal("0.30")),
    ]
    assert [line.get("tax") for line in payment["posting"]["lines"]] == [None, None, None, "STATE", "CITY"]
    assert payment["discount"] == "25.74"
    (settled,) = payment["allocations"]
    assert (settled["amount"], settled["discount"], settled["amount_due"], settled["status"]) == (
        "1287.00",
        "25.74",
        "0.00",
        "paid",
    )
    assert shop.api.events("payment.received")[0]["data"]["discount"] == "25.74"
    sound(shop.api)


def test_a_day_late_earns_nothing(shop: Shop) -> None:
    invoice = early(shop)
    payment = shop.pay("1261.26", date="2026-12-04")
    assert "discount" not in payment
    assert shop.get(invoice)["amount_due"] == "25.74"


def test_an_invoice_always_taxed_as_if_it_were_taken(shop: Shop) -> None:
    """Odoo's "always (upon invoice)": tax on 98 % of the net, and 2 % of the net taken off."""
    policies(shop, early_payment_tax="always")
    invoice = early(shop)
    assert (invoice["subtotal"], invoice["tax_total"], invoice["total"]) == ("1200.00", "85.26", "1285.26")
    assert [(tax["base"], tax["amount"]) for tax in invoice["taxes"]] == [("1176.00", "70.56"), ("1176.00", "14.70")]
    assert discounts(invoice) == [("2026-12-03", "24.00")]
    payment = shop.pay("1261.26")
    assert posted(payment) == [("1020", Decimal("1261.26")), ("1200", Decimal("-1285.26")), ("4085", Decimal("24.00"))]
    sound(shop.api)


def test_tax_never_lowered(shop: Shop) -> None:
    """Odoo's "never": 2 % of the net is taken off, and the tax stays."""
    policies(shop, early_payment_tax="never")
    invoice = early(shop)
    assert (invoice["tax_total"], discounts(invoice)) == ("87.00", [("2026-12-03", "24.00")])
    payment = shop.pay("1263.00")
    assert posted(payment) == [("1020", Decimal("1263.00")), ("1200", Decimal("-1287.00")), ("4085", Decimal("24.00"))]


def test_what_an_invoice_does_to_tax_was_settled_when_it_was_made(shop: Shop) -> None:
    early(shop)
    policies(shop, early_payment_tax="never")
    assert posted(shop.pay("1261.26"))[2:] == [
        ("4085", Decimal("24.00")),
        ("2200", Decimal("1.44")),
        ("2200", Decimal("0.30")),
    ]


def test_a_part_earns_nothing_unless_the_policy_says_so(shop: Shop) -> None:
    invoice = early(shop)
    assert "discount" not in shop.pay("630.63")
    assert "discount" not in shop.pay("630.63", date="2026-12-01")
    assert shop.get(invoice)["amount_due"] == "25.74"


def test_each_part_earns_its_part_under_the_other_policy(shop: Shop) -> None:
    """Half of what would settle it settles half: 630.63 pays 643.50, less 2 %."""
    policies(shop, early_payment_discount="any_payment")
    invoice = early(shop)
    first = shop.pay("630.63")
    assert (first["allocations"][0]["amount"], first["discount"]) == ("643.50", "12.87")
    assert shop.get(invoice)["amount_due"] == "643.50"
    second = shop.pay("630.63")
    assert (second["allocations"][0]["amount"], second["discount"], second["unallocated"]) == (
        "643.50",
        "12.87",
        "0.00",
    )
    assert shop.trial_balance()["4085"] == "24.00"
    sound(shop.api)


def test_instalments_have_discounts_of_their_own(shop: Shop) -> None:
    """Half at once less 3 % within 5 days, half later without: the percentages are of the instalments.

    What is paid is rounded, 624.195 to 624.20, and the discount is the difference (Odoo).
    """
    invoice = early(
        shop,
        {"percent": 50, "days": 10, "early_discount": {"percent": 3, "days": 5}},
        {"days": 40, "early_discount": {"percent": 1, "after": "end_of_month"}},
    )
    assert discounts(invoice) == [("2026-11-28", "19.30"), ("2026-11-30", "6.43")]
    first = shop.pay("624.20")
    assert (first["allocations"][0]["amount"], first["discount"], first["unallocated"]) == ("643.50", "19.30", "0.00")
    second = shop.pay("637.07", date="2026-11-30")
    assert (second["allocations"][0]["amount"], second["discount"]) == ("643.50", "6.43")
    assert shop.get(invoice)["status"] == "paid"


def test_one_who_pays_in_full_in_time_is_not_given_change(shop: Shop) -> None:
    early(shop)
    payment = shop.pay("1287.00")
    assert ("discount" in payment, payment["unallocated"]) == (False, "0.00")


def test_it_can_be_left_alone(shop: Shop) -> None:
    invoice = early(shop)
    assert "discount" not in shop.pay("1261.26", early_discounts=False)
    assert shop.get(invoice)["amount_due"] == "25.74"


def test_an_amount_short_of_the_invoice_is_made_up_by_so_much_of_it(shop: Shop) -> None:
    invoice = early(shop)
    payment = shop.pay("1270.00", allocations=[{"invoice": invoice["number"], "amount": "1270.00"}])
    assert (payment["discount"], payment["unallocated"]) == ("17.00", "0.00")


def test_no_more_than_is_open_can_be_allocated(shop: Shop) -> None:
    invoice = early(shop)
    before = shop.api.counts()
    problem = shop.pay("1300.00", status=422, allocations=[{"invoice": invoice["number"], "amount": "1287.01"}])
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/allocations/0/amount", "over_allocated")
    ]
    assert shop.api.counts() == before


def test_an_exchange_difference_is_made_by_the_money_alone(shop: Shop) -> None:
    """Invoiced at 1.10 and paid at 1.20: the discount stands at 1.10, as Odoo's does."""
    set_rate(shop, "1.10", "2026-11-01")
    set_rate(shop, "1.20", "2026-11-24")
    shop.api.record(
        "payment-terms", code="EARLY", name="Early", instalments=[{"early_discount": {"percent": 10, "days": 9}}]
    )
    items = [{"product": "SERV001", "quantity": 1, "unit_price": "100.00"}]
    shop.invoice("CUST002", currency="EUR", payment_terms="EARLY", items=items)
    payment = shop.pay("90.00", "CUST002", currency="EUR", date="2026-11-24")
    assert base_lines(payment) == [("1020", 108), ("1200", -110), ("4085", 11), ("4220", -9)]
    assert payment["allocations"][0]["exchange_difference"] == "9.00"
    sound(shop.api)


def test_an_advance_that_was_there_in_time_earns_it(shop: Shop) -> None:
    advance = shop.pay("1261.26", allocations=[])
    invoice = early(shop)
    allocation = allocate(shop, [advance], [invoice])
    assert (allocation["invoices"][0]["amount"], allocation["invoices"][0]["discount"]) == ("1287.00", "25.74")
    assert posted(allocation) == [
        ("2300", Decimal("1261.26")),
        ("1200", Decimal("-1287.00")),
        ("4085", Decimal("24.00")),
        ("2200", Decimal("1.44")),
        ("2200", Decimal("0.30")),
    ]
    sound(shop.api)


def test_a_void_payment_takes_the_discount_back(shop: Shop) -> None:
    invoice = early(shop)
    void_payment(shop, shop.pay("1261.26"))
    assert shop.get(invoice)["amount_due"] == "1287.00"
    assert shop.trial_balance().get("4085", "0.00") == "0.00"
    assert shop.pay("1261.26")["discount"] == "25.74"
    sound(shop.api)


@pytest.mark.parametrize("percent", [0, 100, -1])
def test_terms_take_a_part_off(shop: Shop, percent: int) -> None:
    body = {"code": "X", "name": "X", "instalments": [{"early_discount": {"percent": percent, "days": 1}}]}
    shop.api.call("create_record", body, path={"resource": "payment-terms"}).expect(422)
