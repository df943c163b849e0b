"""What an invoice prints adds up as EN 16931 asks, whatever it is made of; and the ledger says the same."""

from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest

from tests.support.shop import Shop
from tests.support.statements import counted

CENT = Decimal("0.01")


def amounts(rows: Any, name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


@pytest.mark.parametrize("seed", range(12))
def test_every_posted_invoice_adds_up_by_en_16931(shop: Shop, seed: int) -> None:
    """BR-CO-10, 13, 14, 15, 16 and 17: lines, net, taxes, total and what is due are one arithmetic."""
    path = {"resource": "companies", "id": "MAIN"}
    policies = {"policies": {"tax": {"rounding": "en_16931"}}}
    shop.api.call("update_record", policies, path=path, headers={"If-Match": '"1"'}).expect(200)
    shop.api.record("customers", code="HOTEL", name="Grand Hotel", jurisdiction="US-CA-SF")
    chance = Random(seed)
    items = [
        {
            "product": "SERV001",
            "quantity": chance.randint(1, 997),
            "unit_price": str(Decimal(chance.randint(1, 999_999)) / 10_000),
            "discount_percent": str(Decimal(chance.randint(0, 1_000)) / 10),
        }
        for _ in range(chance.randint(1, 40))
    ]
    invoice = shop.invoice("HOTEL", items=items)
    subtotal, tax_total, total = (Decimal(invoice[name]) for name in ("subtotal", "tax_total", "total"))
    assert subtotal == amounts(invoice["items"], "net")  # BR-CO-10, BR-CO-13
    assert tax_total == amounts(invoice["taxes"], "amount")  # BR-CO-14
    assert total == subtotal + tax_total  # BR-CO-15
    paid = (total / 3).quantize(CENT)
    if paid:
        shop.pay(str(paid), "HOTEL", allocations=[{"invoice": invoice["number"]}])
    assert Decimal(shop.get(invoice)["amount_due"]) == total - paid  # BR-CO-16
    for tax in invoice["taxes"]:
        expected = (Decimal(tax["base"]) * Decimal(tax["rate"])).quantize(CENT, ROUND_HALF_UP)
        assert Decimal(tax["amount"]) == expected  # BR-CO-17
    posted: dict[str, Decimal] = {}
    for line in invoice["posting"]["lines"]:
        code = line["account"]["code"]
        posted[code] = posted.get(code, Decimal(0)) + Decimal(line["debit"]) - Decimal(line["credit"])
    assert posted == {"1200": total, "4000": -subtotal, "2200": -tax_total}


def test_five_thousand_lines_are_posted_with_as_many_statements_as_one(shop: Shop) -> None:
    """Posting is one set of rows: nothing is read or written line by line."""

    def sent(lines: int) -> int:
        items = [{"product": "SERV001", "quantity": 1, "unit_price": "0.01"}] * lines
        invoice, statements = counted(lambda: shop.invoice("CUST002", items=items))
        assert (invoice["total"], len(invoice["posting"]["lines"])) == (str(lines * CENT), lines + 1)
        return len(statements)

    shop.invoice("CUST002", items=[{"product": "SERV001", "quantity": 1}])
    assert sent(1) == sent(5000)
