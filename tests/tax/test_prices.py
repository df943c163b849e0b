"""Prices with tax in them: what is left of one for a buyer who does not owe all of it."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigledger.tax import AppliedTax, Determination, TaxableLine, TaxPolicy, compute, price_for

FOUR = TaxPolicy()
EXACT = TaxPolicy(net_price_decimals="exact")


def tax(code: str, rate: str, **fields: object) -> AppliedTax:
    defaults: dict[str, object] = {"jurisdiction": "XX", "included_in_price": True}
    return AppliedTax(code=code, rate=Decimal(rate), **(defaults | fields))  # type: ignore[arg-type]


def found(charged: list[AppliedTax], exempted: list[AppliedTax]) -> Determination:
    return Determination("XX", tuple(charged), tuple(exempted), ())


def left(price: str, charged: list[AppliedTax], exempted: list[AppliedTax], quantity: str = "1") -> str:
    return str(price_for(Decimal(price), found(charged, exempted), Decimal(quantity), FOUR, "USD"))


VAT = tax("VAT", "0.19", sequence=20)
CITY = tax("CITY", "0.01", sequence=20)
BESIDE = tax("BESIDE", "0.05", included_in_price=False)
DUTY = tax("DUTY", "0.50", kind="fixed_per_unit", currency="USD", adds_to_base=True, sequence=10)


@pytest.mark.parametrize(
    ("price", "charged", "exempted", "price_left"),
    [
        ("119.00", [], [VAT], "100"),
        ("120.00", [], [VAT], "100.8403"),
        ("120.00", [CITY], [VAT], "101"),  # 120 is 100 net, 19 VAT and 1 CITY; both fall on the net
        ("6.55", [VAT], [DUTY], "5.955"),
        ("6.545", [], [DUTY, VAT], "5"),
        ("119.00", [VAT], [], "119.00"),
        ("119.00", [], [BESIDE], "119.00"),  # it was never in the price
        ("119.00", [BESIDE], [VAT], "100"),
        ("0.00", [], [VAT], "0"),
    ],
)
def test_a_price_loses_the_taxes_the_buyer_is_exempt_from(
    price: str, charged: list[AppliedTax], exempted: list[AppliedTax], price_left: str
) -> None:
    assert left(price, charged, exempted) == price_left


def test_many_units_get_the_decimals_they_need() -> None:
    """At four decimals a million lamps would come out 15.63 dear; the price is stated so that no more than 0.02 is."""
    assert left("120.00", [], [VAT], "1") == "100.8403"
    assert left("120.00", [], [VAT], "1000000") == "100.84033613"


@given(
    price=st.decimals("0.01", "9999.99", places=2),
    quantity=st.decimals("0.001", "99999", places=3),
    rate=st.decimals("0", "0.5", places=3),
)
def test_the_exempt_buyer_pays_the_net_of_the_others(price: Decimal, quantity: Decimal, rate: Decimal) -> None:
    """Within the two cents that stating a unit price may cost, and the one of rounding what the others pay."""
    vat = tax("VAT", str(rate))
    for policy in (FOUR, EXACT):
        freed = price_for(price, found([], [vat]), quantity, policy, "USD")
        exempt = compute([TaxableLine(quantity, freed, [])], policy, "USD")
        others = compute([TaxableLine(quantity, price, [vat])], policy, "USD")
        assert abs(exempt.total - others.subtotal) <= Decimal("0.03")
