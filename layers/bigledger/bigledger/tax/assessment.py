"""From a sale's lines to its taxes by the tenant's set-up: what an invoice and a quote have in common.

The taxes are determined once per product category, prices are freed of the taxes the buyer is exempt from, and
the lines are computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from bigledger.kernel import Configuration, FieldError
from bigledger.records import Customer, Tax, TaxPolicy, TaxRule
from bigledger.tax.computation import compute
from bigledger.tax.determination import determine
from bigledger.tax.document_discounts import DocumentDiscount, with_discount
from bigledger.tax.model import ZERO, Determination, Supply, TaxableLine, TaxComputation, TaxNote
from bigledger.tax.prices import price_for
from bigledger.tax.problems import PriceMissing


class SaleLine(NamedTuple):
    """A line of a sale, its prices in the currency of the sale.

    ``agreed_price`` is what this buyer pays, in the terms of the taxes it bears. Without one ``list_price`` counts,
    which everybody sees: the buyer pays it without the taxes in it that it is exempt from. ``discount_percent`` is
    10 for 10 %.
    """

    quantity: Decimal
    category: str | None = None
    agreed_price: Decimal | None = None
    list_price: Decimal | None = None
    discount_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The lines of a sale, the taxes of each product category and how they were found, and the lines computed."""

    lines: Sequence[SaleLine]
    determinations: Mapping[str | None, Determination]
    computation: TaxComputation
    early_discount: Decimal | None = None
    """The discount for early payment that lowers the taxes at once, in percent."""
    tax_rounding: Decimal | None = None
    """What rounding the total changed the largest tax by, where it goes there."""
    discount_rest: Decimal | None = None
    """What a discount on the total is missed by once the taxes are rounded anew, if anything."""

    def notes(self, index: int) -> list[TaxNote] | None:
        """Why taxes are not charged on a line; None when there is nothing to say."""
        return list(self.determinations[self.lines[index].category].notes) or None


def supply_to(customer: Customer | None, on: date, ship_to: str | None = None) -> Supply:
    """What is known of a supply to a customer before one asks what is sold; ``on`` is the tax date."""
    if customer is None:
        return Supply(on, ship_to)
    return Supply(
        tax_date=on,
        ship_to=ship_to,
        customer=customer.jurisdiction,
        customer_category=customer.tax_category,
        exemptions=customer.exemptions,
    )


def purchase_from(
    origin: str | None, home: str, on: date, received_at: str | None = None, category: str | None = None
) -> Supply:
    """What is known of a purchase before one asks what is bought; ``on`` is the tax date.

    ``origin`` is where the supplier is, ``home`` where the company is and ``received_at`` where it takes the goods:
    the place of supply, in whose rules of ``side`` purchase the taxes are. ``category`` is the supplier's.
    """
    return Supply(
        tax_date=on, ship_to=received_at, customer=home, customer_category=category, side="purchase", origin=origin
    )


def assess(
    lines: Sequence[SaleLine],
    supply: Supply,
    known: Configuration,
    policy: TaxPolicy,
    currency: str,
    discount: DocumentDiscount | None = None,
) -> Assessment:
    """Determine and compute the taxes of a sale; ``supply`` is without its product category, which each line has.

    Raises PriceMissing with a pointer to each line without a price, and what ``determine``, ``with_discount`` and
    ``compute`` raise.
    """
    missing = [
        FieldError(f"/items/{index}/unit_price", "price_missing", "give a unit price")
        for index, line in enumerate(lines)
        if line.agreed_price is None and line.list_price is None
    ]
    if missing:
        raise PriceMissing(
            "Some lines have no price. Give one on the line, the product or its price list.", errors=missing
        )
    rules = [entry.data for entry in known.active(TaxRule)]
    taxes = {reference: entry.data for entry in known.active(Tax) for reference in (entry.code, str(entry.id))}
    determinations = {
        category: determine(replace(supply, product_category=category), rules, taxes, policy)
        for category in dict.fromkeys(line.category for line in lines)
    }
    taxable = [
        TaxableLine(
            line.quantity,
            _price(line, determinations[line.category], policy, currency),
            determinations[line.category].taxes,
            discount_rate=(line.discount_percent or ZERO) / 100,
        )
        for line in lines
    ]
    left = None
    if discount is not None:
        taxable, left = with_discount(taxable, discount, policy, currency)
    computed = compute(taxable, policy, currency)
    rest = None if left is None else left - computed.total
    return Assessment(lines, determinations, computed, discount_rest=rest or None)


def _price(line: SaleLine, found: Determination, policy: TaxPolicy, currency: str) -> Decimal:
    if line.agreed_price is not None:
        return line.agreed_price
    return price_for(line.list_price or ZERO, found, line.quantity, policy, currency)
