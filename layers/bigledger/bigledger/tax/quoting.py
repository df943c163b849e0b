"""Quoting tax: what a sale would bear, and why, without making anything."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import (
    Amount,
    Answer,
    Code,
    Command,
    Context,
    Currency,
    Day,
    Entry,
    Number,
    Positive,
    Ref,
    Reference,
    UnknownReference,
    configuration,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.money import plain
from bigledger.records import (
    SALE_FIELDS,
    SALE_TABLES,
    Company,
    Customer,
    Jurisdiction,
    Known,
    PaymentTerm,
    Product,
    Sale,
    TaxPolicy,
    company_of,
    read_sale,
    sale_parameters,
    sales_price,
    with_scale,
)
from bigledger.tax.assessment import Assessment, SaleLine, supply_to
from bigledger.tax.document_discounts import DocumentDiscount
from bigledger.tax.early_payment import assess_sale, early_steps
from bigledger.tax.explanation import explain
from bigledger.tax.model import Fact, Step, TaxAmount, TaxNote, TraceStep, tax_amounts, trace_steps
from bigledger.tax.rounded_totals import round_total, rounding_steps

MAXIMUM_ITEMS = 1000
"""The most lines one quote may have: each leaves several steps in the trace."""


class QuoteItem(Command):
    """What would be sold: a product by code or id, or anything of a tax category at a price.

    ``unit_price`` is what this customer pays, in the currency of the quote; without it the product's price counts,
    as on an invoice. ``discount_percent`` is 10 for 10 %.
    """

    product: Reference | None = None
    tax_category: Code | None = None
    quantity: Positive
    unit_price: Amount | None = None
    discount_percent: Annotated[Number, Field(ge=0, le=100)] | None = None

    @field_validator("tax_category")
    @classmethod
    def _of_no_product(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("product") is not None:
            raise PydanticCustomError("two_categories", "leave it out: the product has its tax category")
        return value


class TaxQuoteRequest(Command):
    """A sale whose taxes are asked for.

    The place of supply is ``ship_to``, else where the customer is; ``jurisdiction`` says where a customer is that is
    not on record. ``date`` is the tax date, today in the company's time zone when absent. ``payment_terms`` are the
    customer's when absent: their discount for early payment lowers the taxes where the company's policy says that it
    always does. ``policy`` replaces parts of the company's tax policy for this quote, to see what difference they make.
    """

    items: Annotated[list[QuoteItem], Field(min_length=1, max_length=MAXIMUM_ITEMS)]
    company: Reference | None = None
    customer: Reference | None = None
    jurisdiction: Jurisdiction | None = None
    ship_to: Jurisdiction | None = None
    date: Day | None = None
    currency: Currency | None = None
    payment_terms: Reference | None = None
    policy: TaxPolicy | None = None
    discount: DocumentDiscount | None = None

    @field_validator("jurisdiction")
    @classmethod
    def _of_no_customer(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("customer") is not None:
            raise PydanticCustomError("two_jurisdictions", "leave it out: the customer has its jurisdiction")
        return value


class QuotedItem(Answer):
    """A line with its taxes, in the currency of the quote.

    ``net_unit_price`` is the unit price without the taxes it includes, before the discount. ``price_includes_tax``
    is there when it includes any: then ``unit_price`` and ``discount`` are with tax. ``tax_notes`` say why taxes are
    not charged.
    """

    line: int
    product: Ref | None = None
    tax_category: str | None = None
    quantity: Number
    unit_price: Amount
    net_unit_price: Amount
    discount: Amount
    net: Amount
    taxes: list[TaxAmount]
    total: Amount
    price_includes_tax: Literal[True] | None = None
    tax_notes: list[TaxNote] | None = None


class TaxQuote(Answer):
    """The taxes of a sale, and every step that led to them: first how they were found, then what they come to.

    ``place`` is the place of supply, absent when it is not known; ``policy`` is the one that was computed under.
    ``early_payment_discount`` is there when a discount for early payment lowers the taxes at once, in percent.
    """

    company: Ref
    customer: Ref | None = None
    place: str | None = None
    date: dt.date
    currency: str
    policy: TaxPolicy
    early_payment_discount: Number | None = None
    items: list[QuotedItem]
    taxes: list[TaxAmount]
    subtotal: Amount
    tax_total: Amount
    rounding: Amount | None = None
    """What rounding the total adds to it, where the company rounds totals in this currency."""
    tax_rounding: Amount | None = None
    """What rounding the total changes the largest tax by, where it goes there."""
    total: Amount
    trace: list[TraceStep]


_INPUTS = f"WITH {SALE_TABLES} SELECT jsonb_build_object({SALE_FIELDS})::text"


def quote(request: TaxQuoteRequest, context: Context) -> TaxQuote:
    """Price and tax a sale as an invoice would, and tell how; nothing is staged.

    Raises UnknownReference for all unknown names at once, PriceMissing, and what determination refuses.
    """
    products = {item.product for item in request.items if item.product is not None}
    sale = read_sale(context.work.read_json(_INPUTS, **sale_parameters(request.customer, products)), products)
    company = _checked(request, sale, context)
    buyer = sale.customer.data if sale.customer else None
    on = request.date or context.clock.today(company.data.timezone)
    currency = request.currency or (buyer.currency if buyer else None) or company.data.currency
    policy = company.data.policies.tax
    if request.policy is not None:
        policy = policy.model_copy(update=request.policy.model_dump(exclude_unset=True))
    sold = [sale.products[item.product] if item.product is not None else None for item in request.items]
    lines = [
        SaleLine(
            quantity=item.quantity,
            category=product.data.tax_category if product else item.tax_category,
            agreed_price=item.unit_price,
            list_price=sales_price(product.data, sale.price_list, item.quantity, on, currency, company.data.currency)
            if product
            else None,
            discount_percent=item.discount_percent,
        )
        for item, product in zip(request.items, sold, strict=True)
    ]
    supply = supply_to(buyer, on, request.ship_to)
    if buyer is None:
        supply = replace(supply, customer=request.jurisdiction)
    term = _terms(request, buyer, context)
    early = company.data.policies.early_payment_tax
    assessed = assess_sale(lines, supply, configuration(context), policy, currency, term, early, request.discount)
    assessment, rounding = round_total(assessed, company.data.policies.rounded_total(currency), term)
    computed = assessment.computation
    return TaxQuote(
        company=company.ref,
        customer=sale.customer.ref if sale.customer else None,
        place=request.ship_to or supply.customer,
        date=on,
        currency=currency,
        policy=policy,
        early_payment_discount=assessment.early_discount,
        items=_items(sold, assessment),
        taxes=tax_amounts(computed.taxes),
        subtotal=computed.subtotal,
        tax_total=computed.tax_total,
        rounding=rounding,
        tax_rounding=assessment.tax_rounding,
        total=computed.total + (rounding or 0),
        trace=trace_steps(
            (
                *_found(lines, assessment),
                *early_steps(assessment),
                *explain(assessed.computation),
                *rounding_steps(assessment),
            )
        ),
    )


def _checked(request: TaxQuoteRequest, sale: Sale, context: Context) -> Entry[Company]:
    """Refuse every name that means nothing, all at once; answers the company."""
    errors = []
    company = None
    try:
        company = company_of(context, request.company)
    except UnknownReference as refusal:
        errors += refusal.errors
    term = configuration(context).find(PaymentTerm, request.payment_terms) if request.payment_terms else None
    if request.payment_terms is not None and (term is None or not term.active):
        errors.append(unknown("payment_term", request.payment_terms, "/payment_terms"))
    if request.customer is not None and sale.customer is None:
        errors.append(unknown("customer", request.customer, "/customer"))
    errors += [
        unknown("product", item.product, f"/items/{index}/product")
        for index, item in enumerate(request.items)
        if item.product is not None and item.product not in sale.products
    ]
    if errors or company is None:
        raise UnknownReference("Some references name nothing that exists and is active.", errors=errors)
    return company


def _terms(request: TaxQuoteRequest, buyer: Customer | None, context: Context) -> PaymentTerm | None:
    """The payment terms of the quote, else those of the customer."""
    wanted = request.payment_terms or (buyer.payment_terms if buyer else None)
    found = configuration(context).find(PaymentTerm, wanted) if wanted else None
    return found.data if found else None


def _items(sold: Sequence[Known[Product] | None], assessment: Assessment) -> list[QuotedItem]:
    lines, computed = assessment.lines, assessment.computation
    return [
        QuotedItem(
            line=number,
            product=product.ref if product else None,
            tax_category=line.category,
            quantity=line.quantity,
            unit_price=with_scale(found.line.unit_price, computed.currency),
            net_unit_price=with_scale(plain(found.net_unit_price), computed.currency),
            discount=found.discount,
            net=found.net,
            taxes=tax_amounts(found.taxes),
            total=found.gross,
            price_includes_tax=found.price_includes_tax or None,
            tax_notes=assessment.notes(number - 1),
        )
        for number, (line, product, found) in enumerate(zip(lines, sold, computed.lines, strict=True), 1)
    ]


def _found(lines: Sequence[SaleLine], assessment: Assessment) -> Iterator[Step]:
    """How the taxes of each product category were found, and what exemptions did to list prices."""
    for category, found in assessment.determinations.items():
        numbers = [str(number) for number, line in enumerate(lines, 1) if line.category == category]
        which = "Line {lines} is" if len(numbers) == 1 else "Lines {lines} are"
        sentence = f"{which} of no product category." if category is None else f"{which} of category {{category}}."
        yield Step("product_category", sentence, {"lines": ", ".join(numbers), "category": category})
        yield from found.steps
    for number, (line, taxed) in enumerate(zip(lines, assessment.computation.lines, strict=True), 1):
        if line.agreed_price is None and line.list_price != taxed.line.unit_price:
            exempted = assessment.determinations[line.category].exempted
            facts: dict[str, Fact] = {
                "line": number,
                "list_price": line.list_price,
                "taxes": ", ".join(tax.code for tax in exempted if tax.included_in_price),
                "unit_price": taxed.line.unit_price,
            }
            sentence = "Line {line}: the price of {list_price} includes {taxes}; without that it is {unit_price}."
            yield Step("price_without_tax", sentence, facts)
