"""Tax withheld from suppliers: kept back when a bill is posted or paid, owed to the authority, and certified.

A tax may have a threshold, per bill and per supplier and fiscal year, and a supplier a certificate by which it bears
less. Both count in base currency at the rates of the bills, as these stand in the books.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from bigledger.currency import Rate
from bigledger.kernel import Context, Entry, InvalidRequest, configuration
from bigledger.kernel.money import EXACT, nothing, round_money
from bigledger.ledger import Settled, account_for
from bigledger.payables.model import BillData
from bigledger.payables.withholding_model import ReducedPart, Withholding, WithholdingCount
from bigledger.payables.withholding_year import Standing, standing
from bigledger.records import Account, Company, ReducedWithholding, Tax, WithholdingThreshold, fiscal_year_start
from bigledger.tax import TaxRateMissing

Paid = tuple[BillData, Decimal]
"""A bill, or a supplier credit that is used, and what of it is settled without a discount, above zero for both."""

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class WithholdingRule:
    """A tax to withhold, its rate of the day as a fraction, where it is owed, and how the supplier's year stands.

    ``reduced`` is the certificate by which the supplier bears less, and ``used`` how that stands.
    """

    tax: Entry[Tax]
    rate: Decimal
    account: Entry[Account]
    threshold: WithholdingThreshold | None
    period: dt.date
    stood: Standing
    reduced: ReducedWithholding | None
    used: Standing


@dataclass(frozen=True, slots=True)
class Withheld:
    """What is kept back of a payment or a bill, if anything, and what it counts for from then on."""

    kept: Withholding | None
    counted: Sequence[WithholdingCount]


NOTHING = Withheld(None, ())


def rule_of(
    supplier: Mapping[str, Any],
    context: Context,
    company: Entry[Company],
    on: dt.date,
    at: Literal["payment", "bill"] = "payment",
) -> WithholdingRule | None:
    """What is withheld from a supplier on a day ``at`` a moment; None where it names no tax, or one of the other.

    Raises UnknownReference for a tax that is archived, TaxRateMissing for one without a rate on the day, and those of
    ``account_for``.
    """
    reference = supplier.get("withholding_tax")
    if reference is None:
        return None
    tax = configuration(context).get(Tax, reference, "/supplier")
    if tax.data.withheld_at != at:
        return None
    if tax.data.kind != "percent":
        raise InvalidRequest(f"Tax {tax.code} cannot be withheld from {supplier['code']}: it is not a percentage.")
    for rates in tax.data.rates:
        if rates.valid_from <= on and (rates.valid_to is None or on <= rates.valid_to):
            account = account_for(context, "tax", tax.data.account, "/supplier")
            period = fiscal_year_start(configuration(context), company, on)
            stood = standing(supplier, tax, period)
            reduced, used = _reduced(supplier, tax, context, on)
            return WithholdingRule(tax, rates.rate, account, rates.threshold, period, stood, reduced, used)
    raise TaxRateMissing(
        f"Tax {tax.code}, which is withheld from {supplier['code']}, has no rate on {on}. Add one for that day.",
        tax=tax.code,
        tax_date=on.isoformat(),
    )


def paid_parts(settled: Iterable[Settled], type: str) -> list[Paid]:
    """What a payment settles of documents of a type, and of each how much without its discount."""
    return [
        (one.document.read(BillData), abs(one.amount) - abs(one.discount))
        for one in settled
        if one.document.type == type
    ]


def withheld(
    rule: WithholdingRule | None, bills: Iterable[Paid], credits: Iterable[Paid], company: Entry[Company], currency: str
) -> Withheld:
    """What is kept back of a payment of these bills, in its currency, for which ``credits`` are used.

    Bills that were withheld from when they were posted are left out, and so are their credits. A credit lowers what the
    bills are counted with, in their order. Each bill is rounded by itself, so that it comes to the same whichever bills
    are paid together. No more is kept back than is paid: what is due beyond that is kept back of the next payment.
    """
    if rule is None:
        return NOTHING
    bills, credits = ([one for one in part if one[0].withholding_counts is None] for part in (bills, credits))
    credited = sum((of_bill(data, paid, company) for data, paid in credits), _ZERO)
    cash = sum((paid for _, paid in bills), _ZERO) - sum((paid for _, paid in credits), _ZERO)
    before, used_before = rule.stood, rule.used
    base, amount, at_reduced, of_reduced = (nothing(currency) for _ in range(4))
    for data, paid in bills:
        part = of_bill(data, paid, company)
        part, credited = max(part - credited, _ZERO), max(credited - part, _ZERO)
        worth = _in_base(data, part, company)
        charge, whole = _due(rule, _in_base(data, of_bill(data, data.total, company), company), worth)
        lower = _at_reduced_rate(rule, charge)
        share = part if charge == worth else _from_base(data, charge)
        reduced = share if lower == charge else _from_base(data, lower)
        kept_reduced = EXACT.multiply(reduced, rule.reduced.rate) if rule.reduced else _ZERO
        kept = round_money(kept_reduced + EXACT.multiply(share - reduced, rule.rate), currency)
        if kept > cash - amount:
            fitting = EXACT.divide(cash - amount, kept)
            kept, kept_reduced = cash - amount, EXACT.multiply(kept_reduced, fitting)
            share, reduced = (round_money(EXACT.multiply(one, fitting), currency) for one in (share, reduced))
            charge, lower = (round_money(EXACT.multiply(one, fitting), _base(company)) for one in (charge, lower))
        base, amount = base + share, amount + kept
        at_reduced, of_reduced = at_reduced + reduced, of_reduced + round_money(kept_reduced, currency)
        stood, used = rule.stood, rule.used
        rule = replace(
            rule,
            stood=Standing(stood.base + worth, stood.charged + charge, stood.whole + whole),
            used=Standing(used.base, used.charged + lower, used.whole),
        )
    counted = _counted(rule, before, used_before)
    if not amount:
        return Withheld(None, counted)
    less = None
    if rule.reduced and at_reduced:
        certificate = rule.reduced.certificate
        less = ReducedPart(certificate=certificate, rate=rule.reduced.rate, base=at_reduced, amount=of_reduced)
    code, account = rule.tax.code, rule.account.ref
    kept_back = Withholding(tax=code, rate=rule.rate, base=base, amount=amount, account=account, reduced=less)
    return Withheld(kept_back, counted)


def of_bill(data: BillData, paid: Decimal, company: Entry[Company]) -> Decimal:
    """What the tax is counted on when so much of a bill is paid."""
    if company.data.policies.withholding_base == "total":
        return paid
    return round_money(EXACT.divide(EXACT.multiply(paid, data.subtotal), data.total), data.currency)


def _due(rule: WithholdingRule, document: Decimal, worth: Decimal) -> tuple[Decimal, int]:
    """What the tax falls on when so much of a bill of so much is paid; and 1 where the year's threshold goes by that.

    All in base currency. It is the rest of what it should have fallen on by now, so that a payment that was void since
    is made up for.
    """
    threshold, stood = rule.threshold, rule.stood
    if threshold is None:
        return worth, 0
    total = stood.base + worth
    by_document = threshold.per_document is not None and document >= threshold.per_document
    by_year = threshold.per_year is not None and total >= threshold.per_year
    if threshold.charged == "reaching":
        return (worth if by_document or by_year else _ZERO), 0
    if not (by_document or by_year or stood.charged):
        return _ZERO, 0
    goes = threshold.charged == "excess" and by_document and not by_year and not stood.charged
    exempt = threshold.per_year if threshold.charged == "excess" and not (goes or stood.whole) else None
    return max(total - (exempt or _ZERO) - stood.charged, _ZERO), int(goes)


def _at_reduced_rate(rule: WithholdingRule, charge: Decimal) -> Decimal:
    """What of a charge bears the rate of the certificate."""
    if rule.reduced is None:
        return _ZERO
    return charge if rule.reduced.limit is None else min(charge, rule.reduced.limit - rule.used.charged)


def _counted(rule: WithholdingRule, before: Standing, used: Standing) -> list[WithholdingCount]:
    """What is counted, and of a threshold or a limit from where: nobody else may have counted since it was read."""
    tax = rule.tax.ref
    year = WithholdingCount(
        tax=tax,
        period=rule.period,
        base=rule.stood.base - before.base,
        charged=rule.stood.charged - before.charged,
        whole=rule.stood.whole > before.whole or None,
        base_before=before.base if rule.threshold else None,
        charged_before=before.charged if rule.threshold else None,
    )
    counted = [year] if year.base or year.charged else []
    if rule.reduced and rule.used.charged > used.charged:
        limited = rule.reduced.limit is not None
        counted.append(
            WithholdingCount(
                tax=tax,
                period=rule.reduced.valid_from,
                certificate=rule.reduced.certificate,
                base=_ZERO,
                charged=rule.used.charged - used.charged,
                base_before=_ZERO if limited else None,
                charged_before=used.charged if limited else None,
            )
        )
    return counted


def _reduced(
    supplier: Mapping[str, Any], tax: Entry[Tax], context: Context, on: dt.date
) -> tuple[ReducedWithholding | None, Standing]:
    """The certificate of a supplier that holds on a day and is not used up, and how it stands."""
    for stored in supplier.get("reduced_withholding") or ():
        one = ReducedWithholding.model_validate(stored)
        named = configuration(context).find(Tax, one.tax)
        if named is None or named.id != tax.id or not one.valid_from <= on <= one.valid_to:
            continue
        used = standing(supplier, tax, one.valid_from, one.certificate)
        if one.limit is None or used.charged < one.limit:
            return one, used
    return None, Standing()


def _base(company: Entry[Company]) -> str:
    return company.data.currency


def _in_base(data: BillData, amount: Decimal, company: Entry[Company]) -> Decimal:
    """An amount of a bill in base currency, at the bill's own rate."""
    return Rate(data.base.exchange_rate).to_base(amount, _base(company)) if data.base else amount


def _from_base(data: BillData, amount: Decimal) -> Decimal:
    return Rate(data.base.exchange_rate).from_base(amount, data.currency) if data.base else amount
