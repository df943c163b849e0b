"""An item that is settled in its currency has nothing left in base currency, whatever the rates and the parts."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from bigledger.currency import Rate
from bigledger.kernel import Document
from bigledger.kernel.money import quantum
from bigledger.ledger import OpenItem, Settled, value

checked = settings(deadline=None, max_examples=200)
rates = st.decimals(Decimal("0.0001"), Decimal("20000"), places=6)
currencies = st.sampled_from(["JPY", "USD", "KWD"])
cuts = st.lists(st.integers(1, 10**6), min_size=1, max_size=8)


def item(units: int, currency: str, base: str, rate: Decimal) -> OpenItem:
    """What an invoice (or, below zero, a credit) of so many minor units opens at a rate."""
    amount = units * quantum(currency)
    none, zero = UUID(int=0), Decimal(0)
    worth = Rate(rate).to_base(amount, base)
    return OpenItem(none, none, 1, none, none, currency, dt.date(2026, 1, 1), amount, zero, worth, zero)


@checked
@given(cuts, st.sampled_from([1, -1]), currencies, currencies, rates, st.data())
def test_payments_in_parts_leave_nothing(
    parts: list[int], sign: int, currency: str, base: str, rate: Decimal, data: st.DataObject
) -> None:
    """What is settled is what the item carries, and the rest of each payment is gain or loss."""
    opened = item(sign * sum(parts), currency, base, rate)
    settled, money, differences = opened, Decimal(0), Decimal(0)
    for part in parts:
        one = Settled(Document(UUID(int=1), "invoice", "issued", {}), [settled])
        amount = sign * part * quantum(currency)
        one.take(amount)
        worth = Rate(data.draw(rates)).to_base(amount, base)
        assert value(one.shares, Decimal(0), worth, base) == 0
        (share,) = one.shares
        assert share.worth == share.base_amount + one.difference
        assert share.base_amount * sign >= 0
        settled = replace(
            settled, settled=settled.settled + share.amount, base_settled=settled.base_settled + share.base_amount
        )
        money, differences = money + worth, differences + one.difference
        assert (settled.open == 0) <= (settled.base_settled == settled.base_amount)
        assert abs(settled.base_settled) <= abs(settled.base_amount)
    assert (settled.open, settled.base_settled) == (0, opened.base_amount)
    assert money - differences == opened.base_amount


@checked
@given(cuts, currencies, currencies, rates, rates, st.integers(0, 10**6))
def test_one_payment_over_many_items_is_worth_what_it_is(
    parts: list[int], currency: str, base: str, before: Decimal, now: Decimal, left: int
) -> None:
    """The shares and what is left over add up to the payment, to the last minor unit."""
    unit = quantum(currency)
    each = [Settled(Document(UUID(int=1), "invoice", "issued", {}), [item(n, currency, base, before)]) for n in parts]
    for one in each:
        one.take(one.open)
    shares = [share for one in each for share in one.shares]
    worth = Rate(now).to_base((sum(parts) + left) * unit, base)
    remainder = value(shares, left * unit, worth, base)
    assert sum((share.worth for share in shares), remainder) == worth
    assert all(one.items[0].base_amount == one.shares[0].base_amount for one in each)
