"""Tax withheld from suppliers: kept back when a bill is paid, owed to the authority, and certified to the supplier."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bigledger.kernel import Context, Entry, InvalidRequest, configuration
from bigledger.kernel.money import EXACT, nothing, round_money
from bigledger.ledger import Settled, account_for
from bigledger.payables.model import BillData
from bigledger.payables.payment_model import Withholding
from bigledger.records import Account, Company, Tax
from bigledger.tax import TaxRateMissing


@dataclass(frozen=True, slots=True)
class WithholdingRate:
    """A tax to withhold, its rate of the day as a fraction, and where what is withheld is owed."""

    tax: Entry[Tax]
    rate: Decimal
    account: Entry[Account]


def rate_of(supplier: Mapping[str, Any], context: Context, on: date) -> WithholdingRate | None:
    """What is withheld from a supplier on a day; None for one that names no tax.

    Raises UnknownReference for a tax that is archived, TaxRateMissing for one without a rate on the day, and those of
    ``account_for``.
    """
    reference = supplier.get("withholding_tax")
    if reference is None:
        return None
    tax = configuration(context).get(Tax, reference, "/supplier")
    if tax.data.kind != "percent":
        raise InvalidRequest(f"Tax {tax.code} cannot be withheld from {supplier['code']}: it is not a percentage.")
    for period in tax.data.rates:
        if period.valid_from <= on and (period.valid_to is None or on <= period.valid_to):
            return WithholdingRate(tax, period.rate, account_for(context, "tax", tax.data.account, "/supplier"))
    raise TaxRateMissing(
        f"Tax {tax.code}, which is withheld from {supplier['code']}, has no rate on {on}. Add one for that day.",
        tax=tax.code,
        tax_date=on.isoformat(),
    )


def withheld(
    rate: WithholdingRate | None, parts: Sequence[Settled], company: Entry[Company], currency: str
) -> Withholding | None:
    """What is kept back of a payment that settles these documents, in its currency; bills alone bear it.

    Each bill is rounded by itself, so that it comes to the same whichever bills are paid together.
    """
    if rate is None:
        return None
    base, amount = nothing(currency), nothing(currency)
    for one in parts:
        if one.document.type != "bill":
            continue
        part = of_bill(one.document.read(BillData), abs(one.amount) - abs(one.discount), company)
        base += part
        amount += round_money(EXACT.multiply(part, rate.rate), currency)
    if not amount:
        return None
    return Withholding(tax=rate.tax.code, rate=rate.rate, base=base, amount=amount, account=rate.account.ref)


def of_bill(data: BillData, paid: Decimal, company: Entry[Company]) -> Decimal:
    """What the tax is counted on when so much of a bill is paid."""
    if company.data.policies.withholding_base == "total":
        return paid
    return round_money(EXACT.divide(EXACT.multiply(paid, data.subtotal), data.total), data.currency)
