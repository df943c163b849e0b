"""Discounts that suppliers grant for early payment: what a payment earns, and what that does to cost and tax.

The company's policies say what is counted (``early_payment_tax``) and who earns it (``early_payment_discount``). A
discount received lowers the cost of purchase (IAS 2, 11), and the tax that was claimed with it where the discount
lowers the tax (Directive 2006/112/EC art. 90 and 185).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from bigledger.kernel import Context, Document, Entry, configuration
from bigledger.kernel.money import EXACT, round_money
from bigledger.ledger import JournalLine, OpenItem, Settled, Share, account_for, offered_discounts
from bigledger.payables.model import BillData, BillTax
from bigledger.payables.tax_facts import base_of_tax
from bigledger.records import Account, Company
from bigledger.tax import LoweredTax, in_proportion


def offers(document: Document, items: Iterable[OpenItem], on: dt.date, company: Entry[Company]) -> dict[UUID, Decimal]:
    """What may be taken off each open item of a bill that is paid on a day, above zero."""
    if document.type != "bill":
        return {}
    return offered_discounts(document.read(BillData).instalments, items, on, company)


def needed(bill: Settled, items: Iterable[OpenItem]) -> Decimal:
    """What has to be paid to settle items of a bill whole."""
    return sum((-item.open - bill.offers.get(item.id, Decimal(0)) for item in items), Decimal(0))


def pay(bill: Settled, items: Sequence[OpenItem], cash: Decimal, each: bool) -> Decimal:
    """Give items of a bill, which are below zero, their shares of what is paid; answers what of it was needed."""
    mirror = Settled(bill.document, [_mirrored(item) for item in items], offers=bill.offers)
    used = mirror.pay(cash, mirror.items, each)
    own = {item.id: item for item in items}
    bill.shares += [Share(own[share.item.id], -share.amount, discount=-share.discount) for share in mirror.shares]
    return used


def discount_lines(
    context: Context, company: Entry[Company], settled: Iterable[Settled], party_id: UUID
) -> list[JournalLine]:
    """What discounts take off the cost of purchases, and off the taxes where they lower these."""
    return [
        JournalLine(
            part.account,
            part.amount,
            str(one.document.currency),
            part.base,
            party_id=party_id,
            tax=part.tax.code if part.tax else None,
            text=f"Discount for early payment of {one.document.number}",
        )
        for one in settled
        if one.discount
        for part in _spread(context, company, one)
    ]


def lowered_taxes(context: Context, company: Entry[Company], settled: Iterable[Settled]) -> list[LoweredTax]:
    """What discounts take off taxes that were claimed or owed, or will be."""
    lowered = []
    for one in settled:
        if not one.discount or company.data.policies.early_payment_tax != "at_payment":
            continue
        data = one.document.read(BillData)
        parts = _spread(context, company, one)
        for tax in _lowered_by_price(data):
            if tax.withheld:
                continue
            about = [part for part in parts if part.tax is not None and part.tax.code == tax.code]
            claimed, owed = ([part for part in about if part.owed is side] for side in (False, True))
            lowered.append(
                LoweredTax(
                    origin_id=one.document.id,
                    kind="purchase",
                    tax=tax.code,
                    base=_share(base_of_tax(data, tax.code), -one.discount, data, company.data.currency),
                    amount=-sum((part.base for part in claimed), Decimal(0)),
                    account=claimed[0].account.id if claimed else None,
                    pending=tax.due == "payment",
                    owed=sum((part.base for part in owed), Decimal(0)),
                    owed_account=owed[0].account.id if owed else None,
                    cost=_share(tax.non_deductible, -one.discount_base, data, company.data.currency),
                )
            )
    return lowered


@dataclass(frozen=True, slots=True)
class _Part:
    """What of a discount is posted to an account, and the tax it is about; ``owed`` where it is owed to the authority.

    Debit positive, in the bill's currency and in base currency.
    """

    account: Entry[Account]
    tax: BillTax | None
    amount: Decimal
    base: Decimal
    owed: bool = False


def _spread(context: Context, company: Entry[Company], one: Settled) -> list[_Part]:
    """A discount over its accounts: the cost, and what was claimed back of the taxes the supplier charged.

    What was owed and claimed under a reverse charge is lowered beside it: the supplier is paid none of that.
    """
    data = one.document.read(BillData)
    account = account_for(context, "difference", company.data.accounts.discounts_received, "/company")
    if company.data.policies.early_payment_tax != "at_payment":
        return [_Part(account, None, one.discount, one.discount_base)]
    lowered = _lowered_by_price(data)
    charged = [tax for tax in lowered if not tax.reverse_charge]
    borne = sum((tax.amount - tax.recoverable for tax in charged), Decimal(0))
    claimed = [tax for tax in charged if tax.recoverable]
    weights = [data.subtotal + borne, *(tax.recoverable for tax in claimed)]
    amounts = in_proportion(one.discount, weights, data.currency)
    bases = in_proportion(one.discount_base, weights, company.data.currency)
    known = configuration(context)
    bearing: list[tuple[Entry[Account], BillTax | None]] = [(account, None)]
    bearing += [(known.get(Account, data.accounts.taxes[tax.code]), tax) for tax in claimed]
    parts = [_Part(*to, amount, base) for to, amount, base in zip(bearing, amounts, bases, strict=True)]
    for tax in lowered:
        if tax.reverse_charge:
            owed, input_ = (_off(whole, one, data, company.data.currency) for whole in (tax.owed, tax.recoverable))
            parts.append(_Part(known.get(Account, data.accounts.owed[tax.code]), tax, -owed[0], -owed[1], owed=True))
            if tax.recoverable:
                parts.append(_Part(known.get(Account, data.accounts.taxes[tax.code]), tax, *input_))
            parts.append(_Part(account, None, owed[0] - input_[0], owed[1] - input_[1]))
    return [part for part in parts if part.amount or part.base]


def _lowered_by_price(data: BillData) -> list[BillTax]:
    """The taxes that a lower price lowers: one of a fixed amount per unit stays as it is."""
    return [tax for tax in data.taxes if tax.kind != "fixed_per_unit"]


def _off(whole: Decimal, one: Settled, data: BillData, base: str) -> tuple[Decimal, Decimal]:
    """What a discount takes off a whole, such as a tax of the bill, with the discount's sign; and that in base."""
    return (
        _share(whole, one.discount, data, data.currency),
        _share(whole, one.discount_base, data, base),
    )


def _share(whole: Decimal, discount: Decimal, data: BillData, currency: str) -> Decimal:
    return round_money(EXACT.divide(EXACT.multiply(whole, discount), data.total), currency)


def _mirrored(item: OpenItem) -> OpenItem:
    return replace(
        item,
        amount=-item.amount,
        settled=-item.settled,
        base_amount=-item.base_amount,
        base_settled=-item.base_settled,
    )
