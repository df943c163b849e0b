"""Discounts that suppliers grant for early payment: what a payment earns, and what that does to cost and tax.

The company's policies say what is counted (``early_payment_tax``) and who earns it (``early_payment_discount``). A
discount received lowers the cost of purchase (IAS 2, 11), and the tax that was claimed with it where the discount
lowers the tax (Directive 2006/112/EC art. 90 and 185).
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from bigledger.kernel import Context, Document, Entry, configuration
from bigledger.kernel.money import EXACT, distribute, quantum, round_money
from bigledger.ledger import JournalLine, OpenItem, Settled, Share, account_for
from bigledger.payables.model import BillData
from bigledger.payables.tax_facts import base_of_tax
from bigledger.records import Account, Company
from bigledger.tax import LoweredTax


def offers(document: Document, items: Iterable[OpenItem], on: dt.date, company: Entry[Company]) -> dict[UUID, Decimal]:
    """What may be taken off each open item of a bill that is paid on a day, above zero."""
    if document.type != "bill":
        return {}
    due = document.read(BillData).instalments
    every = company.data.policies.early_payment_discount == "any_payment"
    found: dict[UUID, Decimal] = {}
    for item in items:
        discount = due[item.instalment - 1].discount
        if discount is None or on > discount.until or not item.open or not (every or item.settled == 0):
            continue
        share = EXACT.divide(EXACT.multiply(discount.amount, item.open), item.amount)
        found[item.id] = round_money(share, item.currency)
    return found


def needed(bill: Settled) -> Decimal:
    """What has to be paid to settle a bill whole."""
    return sum((-item.open - bill.offers.get(item.id, Decimal(0)) for item in bill.items), Decimal(0))


def pay(bill: Settled, cash: Decimal, each: bool) -> Decimal:
    """Give the items of a bill, which are below zero, their shares of what is paid; answers what of it was needed."""
    mirror = Settled(bill.document, [_mirrored(item) for item in bill.items], offers=bill.offers)
    used = mirror.pay(cash, mirror.items, each)
    items = {item.id: item for item in bill.items}
    bill.shares += [Share(items[share.item.id], -share.amount, discount=-share.discount) for share in mirror.shares]
    return used


def discount_lines(
    context: Context, company: Entry[Company], settled: Iterable[Settled], party_id: UUID
) -> list[JournalLine]:
    """What discounts take off the cost of purchases, and off the taxes where they lower these."""
    return [
        JournalLine(
            account,
            amount,
            str(one.document.currency),
            base,
            party_id=party_id,
            tax=tax,
            text=f"Discount for early payment of {one.document.number}",
        )
        for one in settled
        if one.discount
        for account, tax, amount, base in _spread(context, company, one)
    ]


def lowered_taxes(context: Context, company: Entry[Company], settled: Iterable[Settled]) -> list[LoweredTax]:
    """What discounts take off taxes that were claimed, or will be."""
    lowered = []
    for one in settled:
        if not one.discount:
            continue
        data = one.document.read(BillData)
        due = {tax.code: tax.due for tax in data.taxes}
        for account, tax, _, base in _spread(context, company, one):
            if tax is None:
                continue
            share = EXACT.divide(EXACT.multiply(base_of_tax(data, tax), abs(one.discount)), data.total)
            lowered.append(
                LoweredTax(
                    origin_id=one.document.id,
                    kind="purchase",
                    tax=tax,
                    base=round_money(share, company.data.currency),
                    amount=abs(base),
                    account=account.id,
                    pending=due[tax] == "payment",
                )
            )
    return lowered


def _spread(
    context: Context, company: Entry[Company], one: Settled
) -> list[tuple[Entry[Account], str | None, Decimal, Decimal]]:
    """A discount over its accounts: of each the tax it is about, the amount, and that in base currency."""
    data = one.document.read(BillData)
    parts = _parts(context, company, data, company.data.policies.early_payment_tax == "at_payment")
    weights = [weight for _, _, weight in parts]
    amounts = distribute(one.discount, weights, quantum(data.currency))
    bases = distribute(one.discount_base, weights, quantum(company.data.currency))
    return [
        (account, tax, amount, base)
        for (account, tax, _), amount, base in zip(parts, amounts, bases, strict=True)
        if amount or base
    ]


def _parts(
    context: Context, company: Entry[Company], data: BillData, lowered: bool
) -> list[tuple[Entry[Account], str | None, Decimal]]:
    """What a discount is spread over: the cost, and what was claimed back of the taxes the supplier charged."""
    account = account_for(context, "difference", company.data.accounts.discounts_received, "/company")
    if not lowered:
        return [(account, None, data.total)]
    claimed = [tax for tax in data.taxes if tax.recoverable and not tax.reverse_charge]
    cost = data.total - sum((tax.recoverable for tax in claimed), Decimal(0))
    known = configuration(context)
    return [
        (account, None, cost),
        *((known.get(Account, data.accounts.taxes[tax.code]), tax.code, tax.recoverable) for tax in claimed),
    ]


def _mirrored(item: OpenItem) -> OpenItem:
    return replace(
        item,
        amount=-item.amount,
        settled=-item.settled,
        base_amount=-item.base_amount,
        base_settled=-item.base_settled,
    )
