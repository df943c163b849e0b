"""Taxes, the rules that say where they apply, customers' exemptions, and a company's tax policy.

These are the shapes of master data; what they mean for an invoice stands in ``bigledger.tax``. A tax says what
is collected and where it is posted, never how it is rounded: that is the company's policy. The purchase side
(a second account) and reverse charge (a second posting of the same amount) change only where a computed amount is
posted, so they are further fields of Tax beside ``account``; so would be cash basis (posting when paid).
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Code, Command, Currency, Day, Name, Number, Reference, Text, To

Jurisdiction = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,12}){0,4}$"),
    Field(examples=["US-CA-SF", "MY", "DE"]),
]
"""A place with the power to tax: an ISO 3166-1 country, then narrower places after hyphens (ISO 3166-2 first)."""

Precedence = Annotated[int, Field(ge=0, le=9999)]
"""The order among records of one kind, lower first."""

_RATE_LIMIT = Decimal(3)


class RatePeriod(Command):
    """A rate and the days on which it holds, both ends included; without ``valid_to`` it holds until further notice."""

    valid_from: Day
    valid_to: Day | None = None
    rate: Annotated[Number, Field(ge=0, le=1_000_000_000)]

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        _check_period(self.valid_from, self.valid_to)
        return self


class Tax(Command):
    """A tax that is collected on sales, and paid on purchases.

    ``kind`` percent: each rate is a fraction, "0.06" for 6 %. ``kind`` fixed_per_unit: each rate is money per
    unit of the product in ``currency``. ``included_in_price`` says that prices contain it. ``adds_to_base`` says
    that it enters the base of the taxes after it (by ``sequence``), as an excise duty does. ``account`` is where
    the tax collected is posted, ``purchase_account`` where that paid on purchases is, the same one when absent.
    ``recoverable`` is the share of the tax on purchases that is claimed back, 1 for all of it; the rest is part of
    what was bought costs (Directive 2006/112/EC art. 168, 173). ``reverse_charge`` says that the buyer owes the tax on
    a purchase instead of the supplier (art. 194 to 199): it is not paid to the supplier.
    """

    code: Code
    name: Name
    jurisdiction: Jurisdiction
    kind: Literal["percent", "fixed_per_unit"] = "percent"
    currency: Currency | None = None
    rates: Annotated[list[RatePeriod], Field(min_length=1, max_length=100)]
    included_in_price: bool = False
    adds_to_base: bool = False
    sequence: Precedence = 10
    account: Annotated[Reference, To("account")]
    purchase_account: Annotated[Reference, To("account")] | None = None
    recoverable: Annotated[Number, Field(ge=0, le=1)] = Decimal(1)
    reverse_charge: bool = False

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.reverse_charge and self.included_in_price:
            raise PydanticCustomError("reverse_charge_included", "a tax that the buyer owes is not within the price")
        if (self.currency is None) != (self.kind == "percent"):
            raise PydanticCustomError(
                "tax_currency", "give a currency for a tax that is a fixed amount per unit, and none for a percentage"
            )
        if self.kind == "percent" and any(period.rate >= _RATE_LIMIT for period in self.rates):
            raise PydanticCustomError(
                "tax_rate", 'write a percentage as a fraction: 6 % is "0.06" (300 % and more is refused)'
            )
        for earlier, later in pairwise(sorted(self.rates, key=lambda period: period.valid_from)):
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                raise PydanticCustomError(
                    "rates_overlap",
                    "the rate from {earlier} still holds on {later}: end it on the day before",
                    {"earlier": earlier.valid_from.isoformat(), "later": later.valid_from.isoformat()},
                )
        return self


class TaxRule(Command):
    """Where, on what and to whom taxes apply.

    The rule matches a supply whose place is ``jurisdiction`` or lies within it, whose product has
    ``product_category`` (none: any) and whose customer has ``customer_category`` (none: any), on the days from
    ``valid_from`` to ``valid_to``. With no ``taxes`` it says that nothing is charged at this level, and why
    (``reason``). ``replaces_wider`` makes it stand instead of the wider places' rules, not beside them: the
    harmonised tax of a Canadian province instead of the federal one, or a customs-free zone within a country.
    """

    code: Code
    name: Name
    applies_to: Literal["sales", "purchases"] = "sales"
    """For purchases the place is where the supplier is, and ``customer_category`` is the supplier's."""
    jurisdiction: Jurisdiction
    product_category: Code | None = None
    customer_category: Code | None = None
    taxes: Annotated[list[Annotated[Reference, To("tax")]], Field(max_length=20)]
    reason: Text | None = None
    replaces_wider: bool = False
    valid_from: Day | None = None
    valid_to: Day | None = None
    sequence: Precedence = 10

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        _check_period(self.valid_from, self.valid_to)
        if not self.taxes and self.reason is None:
            raise PydanticCustomError("reason_missing", "give a reason when no tax is to be charged")
        if len(set(self.taxes)) < len(self.taxes):
            raise PydanticCustomError("tax_repeated", "name each tax once")
        return self


class Exemption(Command):
    """A customer's right to buy without tax, proved by a certificate.

    It takes off the taxes of ``jurisdiction`` and of the places within it (none: of every place), only those
    named in ``taxes`` when there are any, on the days from ``valid_from`` to ``valid_to``.
    """

    certificate: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    jurisdiction: Jurisdiction | None = None
    taxes: Annotated[list[Annotated[Reference, To("tax")]], Field(max_length=20)] = []
    valid_from: Day
    valid_to: Day | None = None
    reason: Text | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        _check_period(self.valid_from, self.valid_to)
        return self


class TaxPolicy(Command):
    """How a company computes tax; a document keeps the policy it was computed under.

    ``rounding``: ``per_document`` rounds each tax once, on the document's base summed exactly (Tryton's
    "document", Odoo's "round globally", ERPNext's default); ``per_line`` rounds each tax on each line;
    ``en_16931`` rounds once on the base as it is printed, the sum of the rounded line amounts (BR-S-08, BR-CO-17).
    ``mode`` rounds the tax; amounts of goods are always rounded half up. ``net_price_decimals``: the tax within
    prices is what the printed amounts contain, gross × rate / (1 + rate); the net unit price behind them is stated
    with so many decimals, and a line whose quantity × price needs no rounding has quantity × that price as its
    net, so that the price on paper multiplies out (the till's way). This moves the net of the lines with the same
    taxes by two minor units at most (the tolerance of PEPPOL-EN16931-R120), else it is not done; ``exact`` never
    does it. ``no_rule``: what happens when no rule covers a sale: it bears ``no_tax`` and the invoice says so, or
    it is ``refuse``-d.
    """

    rounding: Literal["per_line", "per_document", "en_16931"] = "per_document"
    mode: Literal["half_up", "half_even", "down"] = "half_up"
    net_price_decimals: Literal[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "exact"] = 4
    no_rule: Literal["no_tax", "refuse"] = "no_tax"


def _check_period(valid_from: date | None, valid_to: date | None) -> None:
    if valid_from and valid_to and valid_to < valid_from:
        raise PydanticCustomError("period_reversed", "valid_to must not lie before valid_from")
