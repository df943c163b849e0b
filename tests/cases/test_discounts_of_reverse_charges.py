"""Discounts for early payment beside taxes that the buyer owes, and taxes claimed in part.

Source: Odoo, addons/account/tests/test_early_payment_discount.py (test_intracomm_bill_with_early_payment_included).
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.purchases import Purchases, in_base, posted
from tests.tax.returns import prepare


class Buyer(Purchases):
    """A company that may take 2 % off what it pays within seven days."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        discount = {"percent": 2, "days": 7}
        api.record("payment-terms", code="EARLY", name="Early", instalments=[{"days": 30, "early_discount": discount}])

    def reverse_charge(self, code: str, **fields: Any) -> str:
        """A tax of 20 % that the buyer owes."""
        rates = [{"rate": "0.20", "valid_from": "2000-01-01"}]
        fixed = {"jurisdiction": "US", "account": "2200", "purchase_account": "1250", "reverse_charge": True}
        self.api.record("taxes", code=code, name=code, rates=rates, **fixed, **fields)
        return code

    def pay(self, amount: str, **fields: Any) -> Any:
        """Pay what is open, in time."""
        return self.make("record_supplier_payment", supplier="SUPP001", amount=amount, **fields)

    def taxes(self) -> list[tuple[str, ...]]:
        """What the return of November tells; it is tied to the tax accounts."""
        answer = prepare(self, starts_on="2026-11-01", ends_on="2026-11-30")
        assert [one["difference"] for one in answer["accounts"] if one["difference"] != "0.00"] == []
        names = ("tax", "kind", "base", "output", "input", "cost")
        return [tuple(one[name] for name in names) for one in answer["taxes"]]


@pytest.fixture
def buyer(api: Api) -> Buyer:
    return Buyer(api)


def test_what_is_owed_and_claimed_falls_with_the_price(buyer: Buyer) -> None:
    """Odoo: 2 % of 1,000 is 20, and 4 of the 200 that are owed and claimed under the reverse charge."""
    taxes = [buyer.reverse_charge("RC20")]
    bill = buyer.bill(payment_terms="EARLY", items=[{"account": "6150", "unit_price": "1000.00", "taxes": taxes}])
    assert bill["total"] == "1000.00"
    payment = buyer.pay("980.00")
    assert sorted(posted(payment)) == [
        ("1020", "0.00", "980.00"),
        ("1250", "0.00", "4.00"),
        ("2100", "1000.00", "0.00"),
        ("2200", "4.00", "0.00"),
        ("5035", "0.00", "20.00"),
    ]
    assert buyer.taxes() == [
        ("RC20", "purchase", "1000.00", "200.00", "200.00", "0.00"),
        ("RC20", "purchase_credit", "-20.00", "-4.00", "-4.00", "0.00"),
    ]
    buyer.holds()
    buyer.act("void_supplier_payment", payment, reason="sent back")
    balances = buyer.trial_balance()
    assert (balances["1250"], balances["2200"], "5035" in balances) == ("200.00", "-200.00", False)
    assert buyer.taxes()[-1] == ("RC20", "purchase_credit", "0.00", "0.00", "0.00", "0.00")
    buyer.holds()


def test_what_is_not_claimed_of_it_is_less_of_a_cost(buyer: Buyer) -> None:
    """Half of the reverse charge is a cost: 20 and 2 of the cost, 2 of what is claimed, 4 of what is owed."""
    taxes = [buyer.reverse_charge("RC20", recoverable="0.5")]
    buyer.bill(payment_terms="EARLY", items=[{"account": "6150", "unit_price": "1000.00", "taxes": taxes}])
    payment = buyer.pay("980.00")
    sums: dict[str, Decimal] = {}
    for code, debit, credit in posted(payment):
        sums[code] = sums.get(code, Decimal(0)) + Decimal(debit) - Decimal(credit)
    assert {code: str(amount) for code, amount in sums.items()} == {
        "1020": "-980.00",
        "2100": "1000.00",
        "2200": "4.00",
        "1250": "-2.00",
        "5035": "-22.00",
    }
    assert buyer.taxes()[-1] == ("RC20", "purchase_credit", "-20.00", "-4.00", "-2.00", "-2.00")
    buyer.holds()


def test_a_charged_tax_claimed_in_part_is_told_of_its_cost(buyer: Buyer) -> None:
    """20 % of 1,000, half of it claimed: 2 % off are 22 of the cost and 2 of the claim."""
    buyer.bill(payment_terms="EARLY", items=[{"account": "6150", "unit_price": "1000.00", "taxes": ["CAR"]}])
    payment = buyer.pay("1176.00")
    assert sorted(posted(payment)) == [
        ("1020", "0.00", "1176.00"),
        ("1250", "0.00", "2.00"),
        ("2100", "1200.00", "0.00"),
        ("5035", "0.00", "22.00"),
    ]
    assert buyer.taxes()[-1] == ("CAR", "purchase_credit", "-20.00", "0.00", "-2.00", "-2.00")
    buyer.holds()


def test_a_foreign_reverse_charge_falls_at_the_rate_of_the_bill(buyer: Buyer) -> None:
    """Booked at 1.10 and paid at 1.20: the discount and its taxes stay at 1.10 (Odoo), the money makes the loss."""
    buyer.rate("EUR", "2026-11-01", "1.10")
    taxes = [buyer.reverse_charge("RC20")]
    items = [{"account": "6150", "unit_price": "1000.00", "taxes": taxes}]
    buyer.bill(currency="EUR", payment_terms="EARLY", items=items)
    buyer.rate("EUR", "2026-11-24", "1.20")
    payment = buyer.pay("980.00", currency="EUR", date="2026-11-24")
    assert sorted(in_base(payment)) == [
        ("1020", "0.00", "1176.00"),
        ("1250", "0.00", "4.40"),
        ("2100", "1100.00", "0.00"),
        ("2200", "4.40", "0.00"),
        ("5035", "0.00", "22.00"),
        ("6320", "98.00", "0.00"),
    ]
    assert buyer.taxes()[-1] == ("RC20", "purchase_credit", "-22.00", "-4.40", "-4.40", "0.00")
    buyer.holds()


def test_a_discount_that_lowers_no_tax(buyer: Buyer) -> None:
    path = {"resource": "companies", "id": "MAIN"}
    read = buyer.api.call("get_record", path=path).expect(200)
    policies = {"policies": read["policies"] | {"early_payment_tax": "never"}}
    buyer.api.call("update_record", policies, path=path, headers={"If-Match": read.headers["ETag"]}).expect(200)
    taxes = [buyer.reverse_charge("RC20")]
    buyer.bill(payment_terms="EARLY", items=[{"account": "6150", "unit_price": "1000.00", "taxes": taxes}])
    assert sorted(posted(buyer.pay("980.00"))) == [
        ("1020", "0.00", "980.00"),
        ("2100", "1000.00", "0.00"),
        ("5035", "0.00", "20.00"),
    ]
    assert [kind for _, kind, *_ in buyer.taxes()] == ["purchase"]
