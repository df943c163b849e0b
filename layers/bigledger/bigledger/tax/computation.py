"""From lines and their taxes to a document's amounts, exact to the last minor unit.

The order of work, each step on exact decimals until the one that rounds:

1. A line's amount is quantity × unit price less the discount, rounded half up (EN 16931 BT-131, BR-DEC-23). It
   never changes afterwards: it is the line's net, or with tax in the price, what the customer pays.
2. Taxes within the price are taken out of that rounded amount, which the customer pays: amount = net + a × net +
   b × quantity, solved for the net. So the tax is what the printed gross contains, gross × rate / (1 + rate); the
   policy may let the net be quantity × stated net unit price instead, within two minor units of it.
3. Taxes beside the price follow in order; each falls on the net and on the earlier taxes that add to the base,
   or on those it names.
4. Each tax is rounded where the policy says: on each line, or once for the document on its base. A tax rounded
   for the document is shared over the lines by largest remainder, so that they add up to it.

So the sum of line nets is the subtotal (BR-CO-10), the sum of the taxes the tax total (BR-CO-14), and both
together the total (BR-CO-15); with all taxes in the prices the total is the sum of the prices charged. A document
of one line has the same tax under every rounding but ``per_line_together``, which rounds the taxes of a line as one
amount too. Under ``en_16931`` a percentage that is not within the price is base × rate rounded, to the cent (BR-CO-17).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_DOWN, Decimal, localcontext

from bigledger.kernel import FieldError
from bigledger.kernel.money import EXACT, quantum, round_money
from bigledger.records import TaxPolicy
from bigledger.tax.model import (
    ZERO,
    AppliedTax,
    LineTax,
    TaxableLine,
    TaxComputation,
    TaxedLine,
    TaxTotal,
    in_order,
)
from bigledger.tax.prices import feeding, portions, rates_on_base
from bigledger.tax.problems import InvalidDiscount, TaxCurrencyDiffers
from bigledger.tax.rounding import apportion, round_price, stated_price, tolerance, without_tail


@dataclass(slots=True, eq=False)
class _Group:
    """One tax with the lines that bear it (and its place among the taxes of each), and its sums."""

    tax: AppliedTax
    members: list[tuple["_Draft", int]] = field(default_factory=list)
    taxed_base: Decimal = ZERO
    exact: Decimal = ZERO
    quantity: Decimal = ZERO
    base: Decimal = ZERO
    amount: Decimal = ZERO


@dataclass(slots=True, eq=False)
class _Plan:
    """What all lines with the same taxes share: the earlier taxes each falls on, its rate there, and its portion."""

    groups: list[_Group]
    feeds: list[list[int]]
    rates: list[Decimal]
    portions: list[tuple[Decimal, Decimal]]
    within: list[int]
    drafts: list["_Draft"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Draft:
    """A line being computed. ``amount`` is its rounded amount in the terms of its price."""

    line: TaxableLine
    plan: _Plan
    amount: Decimal
    discount: Decimal
    net_unit_price: Decimal
    exact_net: Decimal
    net: Decimal
    exact: list[Decimal]
    taxes: list[Decimal]


def compute(lines: Sequence[TaxableLine], policy: TaxPolicy, currency: str) -> TaxComputation:
    """The net, taxes and gross of each line and of the document, in ``currency``.

    Pure, and fast enough for thousands of lines; ``explain`` tells the steps of the result. Lines that share one
    ``taxes`` object share its preparation. Quantities below zero give the exact mirror image.

    Raises InvalidDiscount and TaxCurrencyDiffers.
    """
    with localcontext(EXACT):
        groups: dict[AppliedTax, _Group] = {}
        plans: dict[tuple[AppliedTax, ...], _Plan] = {}
        prepared: dict[int, _Plan] = {}
        drafts = []
        for index, line in enumerate(lines):
            plan = prepared.get(id(line.taxes))
            if plan is None:
                taxes = in_order(line.taxes)
                plan = prepared[id(line.taxes)] = plans.get(taxes) or _plan(taxes, groups, currency)
                plans[taxes] = plan
            draft = _draft(line, index, plan, currency)
            drafts.append(draft)
            plan.drafts.append(draft)
            for position, group in enumerate(plan.groups):
                group.members.append((draft, position))
        for plan in plans.values():
            if plan.within:
                _take_out(plan, policy, currency)
        ordered = [groups[tax] for tax in in_order(groups)]
        for group in ordered:
            if group.tax.included_in_price:
                _tax_within(group, policy, currency)
        for draft in drafts:
            if draft.plan.within:
                draft.net = draft.amount - sum(draft.taxes[position] for position in draft.plan.within)
        for group in ordered:
            if not group.tax.included_in_price:
                _tax_beside(group, policy, currency)
        if policy.rounding == "per_line_together":
            for draft in drafts:
                _together(draft, currency)
        return _result(drafts, ordered, policy, currency)


def _plan(ordered: Sequence[AppliedTax], groups: dict[AppliedTax, _Group], currency: str) -> _Plan:
    for tax in ordered:
        if tax.kind == "fixed_per_unit" and tax.currency not in (None, currency):
            raise TaxCurrencyDiffers(
                f"Tax {tax.code} is {tax.rate} {tax.currency} per unit, but the document is in {currency}. "
                f"Issue it in {tax.currency}, or add a tax that states the amount in {currency}.",
                tax=tax.code,
                tax_currency=tax.currency,
                currency=currency,
            )
    return _Plan(
        groups=[groups.setdefault(tax, _Group(tax)) for tax in ordered],
        feeds=[feeding(ordered, position) for position in range(len(ordered))],
        rates=rates_on_base(ordered),
        portions=portions(ordered),
        within=[position for position, tax in enumerate(ordered) if tax.included_in_price],
    )


def _draft(line: TaxableLine, index: int, plan: _Plan, currency: str) -> _Draft:
    whole = line.quantity * line.unit_price
    off = _discount(line, whole, index) if line.discount_rate or line.discount_amount else ZERO
    charged = whole - off
    amount = round_money(charged, currency)
    return _Draft(
        line=line,
        plan=plan,
        amount=amount,
        discount=round_money(whole, currency) - amount,
        net_unit_price=line.unit_price,
        exact_net=charged,
        net=amount,
        exact=[ZERO] * len(plan.groups),
        taxes=[ZERO] * len(plan.groups),
    )


def _discount(line: TaxableLine, whole: Decimal, index: int) -> Decimal:
    """The exact discount with the sign of the line."""
    if line.discount_rate and line.discount_amount:
        message = "give the discount as a rate or as an amount, not as both"
    elif not 0 <= line.discount_rate <= 1:
        message = "a discount rate lies between 0 and 1"
    elif not 0 <= line.discount_amount <= abs(whole):
        message = f"a discount lies between 0 and the line's amount of {abs(whole):f}"
    else:
        return whole * line.discount_rate if line.discount_rate else line.discount_amount.copy_sign(whole)
    raise InvalidDiscount(
        f"The discount of line {index + 1} cannot be applied: {message}.",
        errors=[FieldError(f"/items/{index}", "invalid_discount", message)],
    )


def _take_out(plan: _Plan, policy: TaxPolicy, currency: str) -> None:
    """Find the exact net and the exact taxes within the amounts of the lines with the same taxes.

    The percentages of a line share what its amount holds beyond its net and the fixed taxes, in the proportion of
    their portions.
    """
    found = plan.portions
    share = sum((found[position][0] for position in plan.within), Decimal(1))
    per_unit = sum((found[position][1] for position in plan.within), ZERO)
    nets = [(draft.amount - per_unit * draft.line.quantity) / share for draft in plan.drafts]
    stated = [
        _stated_net(draft, net, per_unit, share, policy, currency) for draft, net in zip(plan.drafts, nets, strict=True)
    ]
    moved = round_money(sum(stated, ZERO), currency) - round_money(sum(nets, ZERO), currency)
    allowed = abs(moved) <= tolerance(currency)
    for draft, net, by_price in zip(plan.drafts, nets, stated, strict=True):
        draft.exact_net = by_price if allowed else net
        rest = draft.amount - draft.exact_net
        percentages: dict[int, Decimal] = {}
        for position in plan.within:
            on_net, on_quantity = found[position]
            if plan.groups[position].tax.kind != "fixed_per_unit":
                percentages[position] = on_net * net + on_quantity * draft.line.quantity
            else:
                draft.exact[position] = on_quantity * draft.line.quantity
                rest -= draft.exact[position]
        whole = sum(percentages.values())
        for position, weight in percentages.items():
            draft.exact[position] = rest * weight / whole if whole else ZERO


def _stated_net(
    draft: _Draft, net: Decimal, per_unit: Decimal, share: Decimal, policy: TaxPolicy, currency: str
) -> Decimal:
    """State the net unit price; answers the net that is multiplied out of it, or else the one given.

    A line that was rounded or discounted is not quantity × price on paper either, so nothing is multiplied out.
    """
    line, decimals = draft.line, policy.net_price_decimals
    price = (line.unit_price - per_unit) / share
    if share == 1:
        draft.net_unit_price = price
    elif decimals == "exact" or not line.quantity:
        draft.net_unit_price = round_price(price, None if decimals == "exact" else decimals)
    elif line.discount_rate or line.discount_amount:
        draft.net_unit_price = round_price(price, decimals)
    else:
        draft.net_unit_price = stated_price(price, line.quantity, decimals, currency)
        if draft.amount == line.quantity * line.unit_price:
            return draft.net_unit_price * line.quantity
    return net


def _tax_within(group: _Group, policy: TaxPolicy, currency: str) -> None:
    exact = [draft.exact[position] for draft, position in group.members]
    group.exact = without_tail(sum(exact, ZERO))
    _settle(group, [without_tail(amount) for amount in exact], policy, currency)


def _tax_beside(group: _Group, policy: TaxPolicy, currency: str) -> None:
    """Tax each line's net and the earlier taxes that add to the base.

    For the document the exact nets are summed before they are rounded; en_16931 sums the rounded ones. A line
    with tax in its price has one net in both cases: its amount less that tax.
    """
    summed_exactly = policy.rounding == "per_document"
    nets, fed, quantities = [], [], []
    for draft, position in group.members:
        net = draft.exact_net if summed_exactly and not draft.plan.within else draft.net
        nets.append(net if group.tax.base_net else ZERO)
        fed.append(sum((draft.taxes[earlier] for earlier in draft.plan.feeds[position]), ZERO))
        quantities.append(draft.line.quantity)
    group.taxed_base = round_money(sum(nets, ZERO), currency) + sum(fed, ZERO)
    kind = group.tax.kind
    falls_on = quantities if kind == "fixed_per_unit" else [net + tax for net, tax in zip(nets, fed, strict=True)]
    rates = [draft.plan.rates[position] for draft, position in group.members]
    exact = [base * rate for base, rate in zip(falls_on, rates, strict=True)]
    if kind == "percent_of_gross":
        exact = [without_tail(amount) for amount in exact]
    group.exact = group.taxed_base * group.tax.rate if kind == "percent" else sum(exact, ZERO)
    _settle(group, exact, policy, currency)


def _settle(group: _Group, exact: list[Decimal], policy: TaxPolicy, currency: str) -> None:
    """Round the tax at the policy's stage and give each line its part."""
    if policy.rounding.startswith("per_line"):
        amounts = [round_money(amount, currency, policy.mode) for amount in exact]
    else:
        amounts = apportion(round_money(group.exact, currency, policy.mode), exact, currency)
    for (draft, position), unrounded, amount in zip(group.members, exact, amounts, strict=True):
        draft.exact[position] = unrounded
        draft.taxes[position] = amount


def _together(draft: _Draft, currency: str) -> None:
    """Have the taxes beside a line's price add up to their exact sum, rounded: the first ones bear the difference."""
    beside = [
        position
        for position, group in enumerate(draft.plan.groups)
        if not group.tax.included_in_price and draft.taxes[position]
    ]
    whole = sum((draft.exact[position] for position in beside), ZERO)
    added = sum((draft.taxes[position] for position in beside), ZERO) - whole
    unit = quantum(currency)
    units = int((added / unit).to_integral_value(ROUND_HALF_DOWN))
    for place in range(abs(units)):
        draft.taxes[beside[place % len(beside)]] -= unit if units > 0 else -unit


def _result(drafts: list[_Draft], groups: list[_Group], policy: TaxPolicy, currency: str) -> TaxComputation:
    # Adding it gives every amount the currency's decimals and turns a rounded -0.00 into 0.00.
    zero = quantum(currency) * 0
    lines = []
    subtotal = tax_total = zero
    for draft in drafts:
        net = draft.net + zero
        taxes = []
        line_tax = zero
        for position, group in enumerate(draft.plan.groups):
            amount = draft.taxes[position] + zero
            own = net if group.tax.base_net else zero
            base = sum((draft.taxes[earlier] for earlier in draft.plan.feeds[position]), own)
            taxes.append(LineTax(group.tax, draft.line.quantity, base, amount, draft.exact[position]))
            group.quantity += draft.line.quantity
            group.base += base
            group.amount += amount
            line_tax += amount if group.tax.charged else zero
        lines.append(
            TaxedLine(
                line=draft.line,
                net_unit_price=draft.net_unit_price,
                discount=draft.discount + zero,
                exact_net=draft.exact_net,
                net=net,
                taxes=tuple(taxes),
                tax=line_tax,
                gross=net + line_tax,
            )
        )
        subtotal += net
        tax_total += line_tax
    return TaxComputation(
        currency=currency,
        policy=policy,
        lines=tuple(lines),
        taxes=tuple(
            TaxTotal(
                group.tax,
                group.quantity,
                group.base,
                group.amount,
                group.base if group.tax.included_in_price else group.taxed_base,
                group.exact,
            )
            for group in groups
        ),
        subtotal=subtotal,
        tax_total=tax_total,
        total=subtotal + tax_total,
    )
