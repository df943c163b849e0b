"""Taxes, the rules that say where they apply, customers' exemptions, and a company's tax policy.

These are the shapes of master data; what they mean for an invoice stands in ``bigledger.tax``. A tax says what
is collected and where it is posted, never how it is rounded: that is the company's policy. The purchase side
(a second account, a share that is not deducted), reverse charge (a second posting of the same amount) and cash basis
(posting when paid) change only where and when a computed amount is posted.
"""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Code, Command, Currency, Day, Name, Number, Reference, Text, To
from bigledger.records.withholding import WithholdingThreshold

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
    """A rate and the days on which it holds, both ends included; without ``valid_to`` it holds until further notice.

    ``threshold`` is for a tax that is withheld from payments to suppliers: from when on it is.
    """

    valid_from: Day
    valid_to: Day | None = None
    rate: Annotated[Number, Field(ge=0, le=1_000_000_000)]
    threshold: WithholdingThreshold | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        _check_period(self.valid_from, self.valid_to)
        return self


TaxedDocument = Literal["sale", "sale_credit", "purchase", "purchase_credit"]
"""The kinds of documents that bear taxes: invoices and bills, and the credits of each."""


class ReturnBox(Command):
    """A box of the tax return, and what of a tax is added up in it.

    ``figure``: the ``base`` the tax falls on; ``output``, what is owed to the authority; ``input``, what is recovered
    from it; ``cost``, input tax that is not. Credits count below zero, so that a box of sales and their credits tells
    the net of both; ``minus`` turns the sign, for a box that credits have to themselves.
    """

    box: Code
    figure: Literal["base", "output", "input", "cost"]
    documents: Annotated[list[TaxedDocument], Field(min_length=1, max_length=4)]
    sign: Literal["plus", "minus"] = "plus"


class Tax(Command):
    """A tax on sales and purchases.

    ``kind`` percent: each rate is a fraction, "0.06" for 6 %. ``kind`` fixed_per_unit: each rate is money per
    unit of the product in ``currency``. ``kind`` percent_of_gross: each rate is the fraction of the price with this
    tax in it, net × rate / (1 - rate); several of them on one line are fractions of the price with all of them
    (Brazil's ICMS and PIS/COFINS; Odoo's "percentage of price tax included"). ``included_in_price`` says that prices
    contain it. ``account`` is where the tax collected is posted.

    ``adds_to_base`` says that it enters the base of the taxes after it (by ``sequence``), as an excise duty does.
    ``base_taxes`` names those of the earlier taxes that a tax falls on besides the net: absent, those that add to
    the base; none (``[]``), the net alone (Odoo's tax whose base is not affected, ERPNext's "on net total"); all of
    them, ERPNext's "on previous row total". Without ``base_net`` it falls on those taxes alone, as a cess on a tax
    does (ERPNext's "on previous row amount").

    On purchases ``recoverable`` is the share of it that is recovered, a fraction, posted to ``purchase_account`` (to
    ``account`` when absent); the rest is part of what was bought, or stands on ``cost_account``. ``reverse_charge``:
    the buyer owes it instead of the seller, who charges nothing and says so (Directive 2006/112/EC art. 194 to 199);
    the buyer posts it as owed and as recovered. ``withheld``: the buyer keeps it back from the price and pays it to
    the authority for the seller, so it counts below zero. ``due`` payment: it becomes due as the document is paid,
    and until then it stands on ``transition_account`` (cash accounting, art. 66(b) and 167a).

    ``withheld_at`` is for a tax that suppliers name as what is withheld from them: kept back as their bills are paid,
    as of Odoo's payments, or when they are posted, which leaves less to pay (ERPNext's tax withholding category on
    invoices; Oracle has both, and India's section 194C asks for the earlier of the two).

    ``boxes`` say where the tax return tells of it, of the return named ``reported_in`` (none: the general one).
    """

    code: Code
    name: Name
    jurisdiction: Jurisdiction
    kind: Literal["percent", "percent_of_gross", "fixed_per_unit"] = "percent"
    currency: Currency | None = None
    rates: Annotated[list[RatePeriod], Field(min_length=1, max_length=100)]
    included_in_price: bool = False
    adds_to_base: bool = False
    base_net: bool = True
    base_taxes: Annotated[list[Annotated[Reference, To("tax")]], Field(max_length=20)] | None = None
    sequence: Precedence = 10
    account: Annotated[Reference, To("account")]
    purchase_account: Annotated[Reference, To("account")] | None = None
    recoverable: Annotated[Number, Field(ge=0, le=1)] = Decimal(1)
    cost_account: Annotated[Reference, To("account")] | None = None
    reverse_charge: bool = False
    withheld: bool = False
    withheld_at: Literal["payment", "bill"] = "payment"
    due: Literal["invoice", "payment"] = "invoice"
    transition_account: Annotated[Reference, To("account")] | None = None
    reported_in: Code | None = None
    boxes: Annotated[list[ReturnBox], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.included_in_price and (self.reverse_charge or self.withheld):
            raise PydanticCustomError(
                "tax_not_in_price", "a tax that the buyer owes or keeps back is not included in the price"
            )
        if self.reverse_charge and (self.withheld or self.due == "payment"):
            raise PydanticCustomError("reverse_charge_alone", "a reverse charge is neither withheld nor due at payment")
        if (self.transition_account is None) == (self.due == "payment"):
            raise PydanticCustomError(
                "transition_account", "name the account where a tax due at payment stands until then, and only for that"
            )
        if not self.base_net and not self.base_taxes:
            raise PydanticCustomError("base_missing", "name in base_taxes what a tax falls on if not on the net")
        if self.kind == "fixed_per_unit" and (self.base_taxes or not self.base_net):
            raise PydanticCustomError("fixed_base", "a fixed amount per unit falls on the quantity, not on taxes")
        if (self.currency is None) != (self.kind != "fixed_per_unit"):
            raise PydanticCustomError(
                "tax_currency", "give a currency for a tax that is a fixed amount per unit, and none for a percentage"
            )
        if self.kind != "percent" and any(period.threshold for period in self.rates):
            raise PydanticCustomError("threshold_of_percentage", "only a percentage has a threshold")
        if self.kind == "percent_of_gross" and any(period.rate >= 1 for period in self.rates):
            raise PydanticCustomError("gross_rate", "the fraction of a price that is tax stays below 1")
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
    ``valid_from`` to ``valid_to``. ``side`` says whether it is about what the company sells or what it buys: then the
    place is where the company takes it, and ``customer_category`` is the supplier's; what comes
    from a supplier within ``origin``, or from outside ``origin_outside``, may have rules of its own (a reverse charge
    for services from abroad). The taxes of a rule are a group: they apply together, each after those before it by
    ``sequence``. With no ``taxes`` it says that nothing is charged at this level, and why
    (``reason``). ``replaces_wider`` makes it stand instead of the wider places' rules, not beside them: the
    harmonised tax of a Canadian province instead of the federal one, or a customs-free zone within a country.
    """

    code: Code
    name: Name
    jurisdiction: Jurisdiction
    side: Literal["sale", "purchase"] = "sale"
    product_category: Code | None = None
    customer_category: Code | None = None
    origin: Jurisdiction | None = None
    origin_outside: Jurisdiction | None = None
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
    "document", Odoo's "round globally", ERPNext's default); ``per_line`` rounds each tax on each line, and
    ``per_line_together`` then has the taxes beside the price of a line add up to what they come to before rounding,
    rounded: the first of them bear what rounding each added or took (the residual of Tryton's rounding by line);
    ``en_16931`` rounds once on the base as it is printed, the sum of the rounded line amounts (BR-S-08, BR-CO-17).
    ``mode`` rounds the tax; amounts of goods are always rounded half up. ``net_price_decimals``: the tax within
    prices is what the printed amounts contain, gross × rate / (1 + rate); the net unit price behind them is stated
    with so many decimals, and a line whose quantity × price needs no rounding has quantity × that price as its
    net, so that the price on paper multiplies out (the till's way). This moves the net of the lines with the same
    taxes by two minor units at most (the tolerance of PEPPOL-EN16931-R120), else it is not done; ``exact`` never
    does it. ``no_rule``: what happens when no rule covers a sale: it bears ``no_tax`` and the invoice says so, or
    it is ``refuse``-d.
    """

    rounding: Literal["per_line", "per_line_together", "per_document", "en_16931"] = "per_document"
    mode: Literal["half_up", "half_even", "down"] = "half_up"
    net_price_decimals: Literal[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, "exact"] = 4
    no_rule: Literal["no_tax", "refuse"] = "no_tax"


def _check_period(valid_from: date | None, valid_to: date | None) -> None:
    if valid_from and valid_to and valid_to < valid_from:
        raise PydanticCustomError("period_reversed", "valid_to must not lie before valid_from")
