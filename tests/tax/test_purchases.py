"""Taxes of purchases: what is recovered, what is part of the cost, what is owed and what is kept back."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigledger.tax import AppliedTax, Purchased, TaxableLine, TaxPolicy, compute, purchased


def tax(code: str = "VAT", rate: str = "0.2", **fields: Any) -> AppliedTax:
    """A tax of 20 % unless said otherwise."""
    return AppliedTax(code, "DE", Decimal(rate), **{"account": "2200", "purchase_account": "1250"} | fields)


def bought(*lines: tuple[str, list[AppliedTax]], policy: TaxPolicy | None = None) -> Purchased:
    """Lines of one unit each."""
    taxable = [TaxableLine(Decimal(1), Decimal(price), taxes) for price, taxes in lines]
    return purchased(compute(taxable, policy or TaxPolicy(), "EUR"))


def told(found: Purchased) -> list[tuple[str, ...]]:
    """Each tax: its code, amount, recovered, cost, owed and payable parts."""
    return [
        (
            part.tax.code,
            *(f"{amount:f}" for amount in (part.amount, part.recovered, part.cost, part.owed, part.payable)),
        )
        for part in found.taxes
    ]


def test_an_input_tax_is_recovered_and_paid_to_the_supplier() -> None:
    found = bought(("100.00", [tax()]))
    assert told(found) == [("VAT", "20.00", "20.00", "0.00", "0.00", "20.00")]
    assert (found.total, found.lines[0].cost, found.taxes[0].recovered_on) == (Decimal("120.00"), 100, "1250")


def test_the_share_that_is_not_deducted_is_part_of_the_cost() -> None:
    """Directive 2006/112/EC art. 173 and IAS 2.11: a car used half privately."""
    found = bought(("1000.00", [tax(rate="0.1", recoverable=Decimal("0.5"))]))
    assert told(found) == [("VAT", "100.00", "50.00", "50.00", "0.00", "100.00")]
    assert (found.total, found.lines[0].cost) == (Decimal(1100), Decimal(1050))


def test_a_cost_account_keeps_it_off_the_lines() -> None:
    found = bought(("1000.00", [tax(rate="0.1", recoverable=Decimal("0.5"), cost_account="6390")]))
    assert (found.lines[0].cost, found.lines[0].tax_in_cost, found.taxes[0].cost) == (
        Decimal(1000),
        Decimal(0),
        Decimal(50),
    )


def test_the_recovered_cents_are_rounded_once_and_the_lines_add_up() -> None:
    found = bought(*[("0.33", [tax(recoverable=Decimal("0.5"))])] * 3)
    assert told(found) == [("VAT", "0.20", "0.10", "0.10", "0.00", "0.20")]
    assert [(line.taxes[0].amount, line.taxes[0].recovered) for line in found.lines] == [
        (Decimal("0.07"), Decimal("0.04")),
        (Decimal("0.07"), Decimal("0.03")),
        (Decimal("0.06"), Decimal("0.03")),
    ]


def test_a_reverse_charge_is_owed_and_recovered_and_not_paid_to_the_supplier() -> None:
    """Directive 2006/112/EC art. 196 and 168(a): both postings of one amount."""
    found = bought(("500.00", [tax("RC", reverse_charge=True)]))
    assert told(found) == [("RC", "100.00", "100.00", "0.00", "100.00", "0.00")]
    assert (found.total, found.lines[0].cost, found.taxes[0].owed_on) == (Decimal(500), Decimal(500), "2200")


def test_a_reverse_charge_that_is_not_deducted_is_owed_and_a_cost() -> None:
    found = bought(("500.00", [tax("RC", reverse_charge=True, recoverable=Decimal(0))]))
    assert told(found) == [("RC", "100.00", "0.00", "100.00", "100.00", "0.00")]
    assert (found.total, found.lines[0].cost) == (Decimal(500), Decimal(600))


def test_what_is_withheld_is_owed_to_the_authority_instead_of_the_supplier() -> None:
    """A fee of 1000 with 22 % VAT and 20 % withheld: the supplier gets 1020 (the Italian ritenuta d'acconto)."""
    found = bought(("1000.00", [tax(rate="0.22"), tax("WHT", "-0.2", withheld=True, account="2210", sequence=20)]))
    assert told(found) == [
        ("VAT", "220.00", "220.00", "0.00", "0.00", "220.00"),
        ("WHT", "-200.00", "0.00", "0.00", "200.00", "-200.00"),
    ]
    assert (found.total, found.lines[0].cost, found.taxes[1].owed_on) == (Decimal(1020), Decimal(1000), "2210")


def test_a_tax_due_at_payment_waits_on_its_transition_account() -> None:
    found = bought(("100.00", [tax(due="payment", transition_account="1255")]))
    assert found.taxes[0].recovered_on == "1255"


def test_taxes_fall_on_taxes_and_units_as_on_sales() -> None:
    """The numbers of tax-003: 5 units at 100 with an eco-tax of 5 in the base of 20 %."""
    eco = tax("ECO", "5", kind="fixed_per_unit", currency="EUR", adds_to_base=True, recoverable=Decimal(0))
    line = TaxableLine(Decimal(5), Decimal(100), [eco, tax(sequence=20)])
    found = purchased(compute([line], TaxPolicy(), "EUR"))
    assert told(found) == [
        ("ECO", "25.00", "0.00", "25.00", "0.00", "25.00"),
        ("VAT", "105.00", "105.00", "0.00", "0.00", "105.00"),
    ]
    assert (found.total, found.lines[0].cost) == (Decimal(630), Decimal(525))


_TAXES = st.builds(
    tax,
    st.sampled_from(["A", "B"]),
    st.decimals("0.01", "0.4", places=2).map(str),
    recoverable=st.decimals(0, 1, places=2),
    reverse_charge=st.booleans(),
    cost_account=st.sampled_from([None, "6390"]),
)


@given(st.lists(st.tuples(st.decimals("0.01", "9999", places=2).map(str), st.lists(_TAXES, max_size=2)), max_size=6))
def test_the_entry_of_a_purchase_balances(lines: list[tuple[str, list[AppliedTax]]]) -> None:
    found = bought(*lines)
    debits = sum(line.cost for line in found.lines) + sum(part.recovered for part in found.taxes)
    debits += sum(part.cost for part in found.taxes if part.tax.cost_account)
    assert debits - sum(part.owed for part in found.taxes) == found.total
    for total in found.taxes:
        own = [part for line in found.lines for part in line.taxes if part.tax == total.tax]
        assert sum(part.recovered for part in own) == total.recovered
        assert all(0 <= part.recovered <= part.amount for part in own) or total.amount < 1


@pytest.mark.parametrize("sign", [1, -1])
def test_a_credit_is_the_mirror_image(sign: int) -> None:
    line = TaxableLine(Decimal(sign), Decimal("9.99"), [tax(recoverable=Decimal("0.3"))])
    found = purchased(compute([line], TaxPolicy(), "EUR"))
    assert (found.taxes[0].recovered, found.taxes[0].cost) == (sign * Decimal("0.60"), sign * Decimal("1.40"))
