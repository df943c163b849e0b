"""Rates of one tax that differ by product, taxes that take off, and taxes alone, with numbers of other test suites.

Sources: ERPNext, accounts/doctype/sales_invoice/test_sales_invoice.py (test_tax_calculation_with_item_tax_template,
test_tax_calculation_with_multiple_items); Tryton, modules/account_invoice/tests/
scenario_invoice_alternate_currency.rst (a tax of minus 10 %), scenario_invoice_manual_tax.rst and modules/
account_tax_non_deductible/tests/scenario_account_tax_non_deductible.rst.
"""

from decimal import Decimal
from typing import Any

from tests.cases.test_discounts_of_documents import sums
from tests.cases.test_rounded_totals import Till, posted
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.purchases import Purchases
from tests.tax.returns import boxes, prepare

QUANTITIES = ("84", "54", "288", "144", "430")


def tax(api: Api, code: str, rate: str, **fields: Any) -> None:
    rated = [{"rate": rate, "valid_from": "2000-01-01"}]
    api.record("taxes", code=code, name=code, jurisdiction="US", rates=rated, **{"account": "2200"} | fields)


def service(api: Api, code: str, *taxes: str) -> None:
    api.record("products", code=code, name=code, kind="service", unit="EA", tax_category=code)
    api.record("tax-rules", code=code, name=code, jurisdiction="US", product_category=code, taxes=list(taxes))


def sold(api: Api, *codes: str) -> Any:
    items = [
        {"product": code, "quantity": quantity, "unit_price": "4.60"}
        for code, quantity in zip(codes, QUANTITIES, strict=True)
    ]
    return api.call("create_invoice", {"customer": "BUYER", "items": items}).expect(201).json


def test_many_lines_of_one_rate(api: Api) -> None:
    """A thousand pieces at 4.60 with 19 %: 4,600.00 and 874.00."""
    Till(api)
    tax(api, "VAT", "0.19")
    service(api, "A", "VAT")
    assert sums(sold(api, "A", "A", "A", "A", "A")) == ("4600.00", "874.00", "5474.00")


def test_rates_by_product(api: Api) -> None:
    """Three taxes whose rates the product says: 502.41, 197.80 and 375.36; 5,675.57 is rounded to 5,676.00."""
    Till(api, {"currency": "USD", "to": "1"})
    for rate in ("11", "12", "15", "20", "5"):
        tax(api, f"EX{rate}", str(Decimal(rate) / 100), sequence=1)
    tax(api, "EDU10", "0.10", sequence=2)
    tax(api, "SH3", "0.03", sequence=3)
    tax(api, "SH15", "0.15", sequence=3)
    for code, taxes in {
        "A": ("EX11", "SH3"),
        "B": ("EX12", "SH3"),
        "C": ("EX15", "SH3"),
        "D": ("EX20", "SH3"),
        "E": ("EX5", "EDU10", "SH15"),
    }.items():
        service(api, code, *taxes)
    invoice = sold(api, "A", "B", "C", "D", "E")
    by_kind: dict[str, Decimal] = {}
    for one in invoice["taxes"]:
        kind = one["code"].rstrip("0123456789")
        by_kind[kind] = by_kind.get(kind, Decimal(0)) + Decimal(one["amount"])
    assert by_kind == {"EX": Decimal("502.41"), "EDU": Decimal("197.80"), "SH": Decimal("375.36")}
    assert (*sums(invoice), invoice["rounding"]) == ("4600.00", "1075.57", "5676.00", "0.43")
    sound(api)


def test_a_tax_that_takes_off(api: Api) -> None:
    """400.00 with a tax of minus 10 %, as the customer keeps it back: 360.00 are owed."""
    Till(api)
    tax(api, "KEPT", "0.10", withheld=True)
    service(api, "A", "KEPT")
    items = [{"product": "A", "quantity": 5, "unit_price": "80.00"}]
    invoice = api.call("create_invoice", {"customer": "BUYER", "items": items}).expect(201).json
    assert sums(invoice) == ("400.00", "-40.00", "360.00")
    assert posted(invoice) == {"1200": Decimal("360.00"), "4000": Decimal("-400.00"), "2200": Decimal("40.00")}
    sound(api)


def test_a_tax_alone(api: Api) -> None:
    """A bill of a manual tax of 10 % on 100.00: nothing before tax, 10.00 in all, and both in the return."""
    buyer = Purchases(api)
    tax(api, "TEN", "0.10", purchase_account="1250")
    bill = buyer.bill(items=[{"account": "6150", "tax_base": "100.00", "taxes": ["TEN"]}])
    assert (bill["subtotal"], bill["tax_total"], bill["total"]) == ("0.00", "10.00", "10.00")
    found = boxes(prepare(buyer, starts_on="2026-11-01", ends_on="2026-11-30"))
    assert (found["INPUT_BASE"], found["INPUT_TAX"]) == ("100.00", "10.00")
    buyer.holds()


def test_a_tax_claimed_by_half_beside_one_that_is_never_claimed(api: Api) -> None:
    """100.00 with 10 %, of which half is claimed, and 5 % that is not: 110.00 of cost, 5.00 claimed, 115.00 owed."""
    buyer = Purchases(api)
    tax(api, "TEN", "0.10", purchase_account="1250")
    tax(api, "NEVER", "0.05", purchase_account="1250", recoverable="0")
    items = [{"account": "6150", "unit_price": "100.00", "recoverable": "0.5", "taxes": ["TEN", "NEVER"]}]
    bill = buyer.bill(items=items)
    assert (bill["items"][0]["cost"], bill["total"]) == ("110.00", "115.00")
    assert posted(bill) == {"6150": Decimal("110.00"), "1250": Decimal("5.00"), "2100": Decimal("-115.00")}
    told = prepare(buyer, starts_on="2026-11-01", ends_on="2026-11-30")["taxes"]
    assert [(one["tax"], one["base"], one["input"], one["cost"]) for one in told] == [
        ("NEVER", "100.00", "0.00", "5.00"),
        ("TEN", "100.00", "5.00", "5.00"),
    ]
    buyer.holds()
