"""Working an invoice out: from codes and quantities to priced, taxed lines, due dates, stock and credit.

Pure apart from the one read that ``invoice_inputs`` makes; nothing is staged here.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from bigledger.inventory import (
    Allocation,
    InsufficientStock,
    Need,
    allocate,
    company_and_location,
    stock_location,
    with_staged,
)
from bigledger.kernel import (
    Configuration,
    Context,
    Entry,
    FieldError,
    InvalidRequest,
    Ref,
    UnknownReference,
    configuration,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.money import LARGEST_AMOUNT
from bigledger.ledger import account_for, check_open, in_base, on_account, rate_for, resolved
from bigledger.receivables import credit as credits
from bigledger.receivables.credit_control import refuse_held
from bigledger.receivables.early_payment import due_instalments
from bigledger.receivables.model import (
    Approval,
    InvoiceAccounts,
    InvoiceData,
    InvoiceItem,
    NewInvoice,
    NewItem,
)
from bigledger.receivables.posting import staged_exposure
from bigledger.receivables.queries import Asked, Inputs, invoice_inputs
from bigledger.records import (
    Account,
    Company,
    Customer,
    Known,
    Location,
    PaymentTerm,
    decimals_error,
    sales_price,
    with_scale,
)
from bigledger.tax import Assessment, SaleLine, TaxComputation, assess_sale, round_total, supply_to, tax_amounts


@dataclass(frozen=True, slots=True)
class Draft:
    """An invoice worked out but not yet staged."""

    company: Entry[Company]
    customer: Known[Customer]
    data: InvoiceData
    allocation: Allocation
    credit: credits.CreditCheck


def work_out(new: NewInvoice, context: Context, early: bool = True, inputs: Inputs | None = None) -> Draft:
    """Everything an invoice follows from its command, with all unknown references told at once.

    Raises UnknownReference, PriceMissing, ExchangeRateMissing, PeriodClosed, InsufficientStock, CustomerOnHold,
    CreditLimitExceeded, those of ``account_for`` and of tax determination. A draft is spared the period, stock and
    credit. Without ``early`` the terms' discounts for early payment lower no tax. ``inputs`` are read unless given;
    what the unit of work has staged already then counts with them.
    """
    company, location, errors = company_and_location(context, new.company, new.location, needed=False)
    on = new.date or (context.clock.today(company.data.timezone) if company else None)
    if inputs is None:
        products = [item.product for item in new.items]
        inputs = invoice_inputs(context, Asked(company, new.customer, products, location, new.currency, on))
        inputs = _with_staged(context, inputs, company)
    known = configuration(context)
    term = _checked(new, inputs, known, errors)
    customer = inputs.customer
    if company is None or customer is None or on is None:
        raise LookupError("references were checked")
    if not new.draft:
        refuse_held(customer.data.code, inputs.hold)
        check_open(context, company, "sales", on)
    currency = new.currency or customer.data.currency or company.data.currency
    rate = rate_for(new.exchange_rate, inputs.rate, currency, company.data.currency, on)
    assessment = _taxed(new, inputs, known, company, on, currency, term if early else None)
    terms = term.data if term else None
    assessment, rounding = round_total(assessment, company.data.policies.rounded_total(currency), terms)
    computed = assessment.computation
    total = computed.total + (rounding or 0)
    if total < 0:
        raise InvalidRequest(
            f"This comes to {total} {currency}. Make a credit note of what is taken off beyond the rest.",
            errors=[FieldError("/items", "below_zero", "what is taken off is more than the other lines come to")],
        )
    if total >= LARGEST_AMOUNT:
        raise InvalidRequest(
            f"This comes to {total} {currency}. An invoice is below {LARGEST_AMOUNT:,} in any currency.",
            errors=[FieldError("/items", "too_large", "correct the quantities and prices")],
        )
    due = due_instalments(company, terms, on, computed.subtotal, total, currency)
    taxes = tax_amounts(computed.taxes)
    nets = [line.net for line in computed.lines]
    levied = {tax.code: tax.amount for tax in taxes}
    own = company.data.currency
    agreed = new.exchange_rate is not None
    base = in_base(rate, agreed, own, total, nets, levied, due, rounding) if rate else None
    requested = base.total if base else total
    allocation = _allocated(context, new, inputs, company, location)
    check = credits.check(
        customer.data.credit_limit, inputs.exposure, requested, company.data.policies.over_credit_limit
    )
    if not new.draft:
        _refuse(check, company, customer, inputs.exposure, requested, allocation)
    backorders = {backorder.need.pointer: backorder.quantity for backorder in allocation.backorders}
    accounts = _accounts(new, inputs, computed, context, company, rounding)
    carried = _dimensions(new, inputs, context, accounts, on)
    data = InvoiceData(
        company=company.ref,
        customer=customer.ref,
        date=on,
        due_date=max(instalment.due_date for instalment in due),
        currency=currency,
        items=_items(new.items, inputs, assessment, backorders, currency, carried),
        subtotal=computed.subtotal,
        tax_total=computed.tax_total,
        total=total,
        rounding=rounding,
        tax_rounding=assessment.tax_rounding,
        discount=new.discount,
        taxes=taxes,
        instalments=due,
        base=base,
        credit=None if new.draft else check.credit,
        approval=Approval(required=False),
        agreed_prices=[line for line, item in enumerate(new.items, 1) if item.unit_price is not None],
        accounts=accounts,
        tax_policy=computed.policy,
        early_payment_tax=company.data.policies.early_payment_tax if any(one.discount for one in due) else None,
        price_list=_price_list(new, inputs, currency),
        payment_terms=term.code if term else None,
        ship_to=new.ship_to,
        location=location.code if new.location and location else None,
        reference=new.reference,
        note=new.note,
    )
    return Draft(company, customer, data, allocation, check)


def _with_staged(context: Context, inputs: Inputs, company: Entry[Company] | None) -> Inputs:
    """The inputs with what other invoices of this unit of work take of the same credit and stock."""
    if company is None or inputs.customer is None:
        return inputs
    exposure = inputs.exposure + staged_exposure(context, company.id, inputs.customer.id)
    return replace(inputs, exposure=exposure, stock=with_staged(context, inputs.stock))


def _checked(
    new: NewInvoice, inputs: Inputs, known: Configuration, errors: list[FieldError]
) -> Entry[PaymentTerm] | None:
    """Refuse every reference that names nothing, all at once; answers the payment terms that apply.

    ``errors`` are those found so far.
    """
    if inputs.customer is None:
        errors.append(unknown("customer", new.customer, "/customer"))
    for index, item in enumerate(new.items):
        if item.product not in inputs.products:
            errors.append(unknown("product", item.product, f"/items/{index}/product"))
    wanted = new.payment_terms or (inputs.customer.data.payment_terms if inputs.customer else None)
    term = known.find(PaymentTerm, wanted) if wanted else None
    if new.payment_terms and (term is None or not term.active):
        errors.append(unknown("payment_term", new.payment_terms, "/payment_terms"))
    if errors:
        named = ", ".join(error["message"].removeprefix("there is no active ") for error in errors[:5])
        raise UnknownReference(f"These do not exist or are archived: {named}.", errors=errors)
    for index, item in enumerate(new.items):
        unit = inputs.products[item.product].data.unit
        if error := decimals_error(known, unit, item.quantity, f"/items/{index}/quantity"):
            errors.append(error)
    if errors:
        raise InvalidRequest("Some quantities are finer than their units allow.", errors=errors)
    return term


def _taxed(
    new: NewInvoice,
    inputs: Inputs,
    known: Configuration,
    company: Entry[Company],
    on: dt.date,
    currency: str,
    term: Entry[PaymentTerm] | None,
) -> Assessment:
    """Price and tax every line, and lower the taxes at once where the term's discounts always do."""
    lines = []
    for item in new.items:
        product = inputs.products[item.product].data
        listed = sales_price(product, inputs.price_list, item.quantity, on, currency, company.data.currency)
        lines.append(SaleLine(item.quantity, product.tax_category, item.unit_price, listed, item.discount_percent))
    supply = supply_to(inputs.customer.data if inputs.customer else None, on, new.ship_to)
    policies = company.data.policies
    terms = term.data if term else None
    return assess_sale(lines, supply, known, policies.tax, currency, terms, policies.early_payment_tax, new.discount)


def _price_list(new: NewInvoice, inputs: Inputs, currency: str) -> str | None:
    """The customer's price list, when it is in the invoice's currency and some price had to be looked up."""
    found = inputs.price_list
    if found is None or found.currency != currency or all(item.unit_price is not None for item in new.items):
        return None
    return found.code


def _allocated(
    context: Context, new: NewInvoice, inputs: Inputs, company: Entry[Company], location: Entry[Location] | None
) -> Allocation:
    """What the stock gives the lines; a draft asks for nothing. Raises InvalidRequest where no location has any."""
    stocked = [
        (index, item)
        for index, item in enumerate(new.items)
        if inputs.products[item.product].data.kind == "stock" and not new.draft
    ]
    place = location if location or not stocked else stock_location(context, company, None)
    needs = [
        Need(
            pointer=f"/items/{index}/quantity",
            product_id=inputs.products[item.product].id,
            product=inputs.products[item.product].data.code,
            location_id=place.id,
            location=place.code,
            quantity=item.quantity,
        )
        for index, item in stocked
        if place is not None
    ]
    return allocate(needs, inputs.stock, company.data.policies.stock_shortage)


def _refuse(
    check: credits.CreditCheck,
    company: Entry[Company],
    customer: Known[Customer],
    exposure: Decimal,
    requested: Decimal,
    allocation: Allocation,
) -> None:
    if allocation.shortages:
        raise InsufficientStock(allocation.shortages)
    limit = customer.data.credit_limit
    if limit is not None and check.exceeded and company.data.policies.over_credit_limit == "refuse":
        raise credits.refusal(customer.data.code, limit, exposure, requested, company.data.currency)


def _items(
    items: Sequence[NewItem],
    inputs: Inputs,
    assessment: Assessment,
    backorders: Mapping[str, Decimal],
    currency: str,
    carried: Sequence[Mapping[str, str]],
) -> list[InvoiceItem]:
    answered = []
    named = {reference: Ref(id=known.id, code=known.data.code) for reference, known in inputs.products.items()}
    for index, (item, line) in enumerate(zip(items, assessment.computation.lines, strict=True)):
        product = inputs.products[item.product]
        answered.append(
            InvoiceItem(
                line=index + 1,
                product=named[item.product],
                description=item.description or product.data.description or product.data.name,
                quantity=item.quantity,
                unit_price=with_scale(line.line.unit_price, currency),
                discount=line.discount,
                net=line.net,
                taxes=tax_amounts(line.taxes),
                discount_percent=item.discount_percent,
                backordered=backorders.get(f"/items/{index}/quantity"),
                price_includes_tax=line.price_includes_tax or None,
                gross=line.gross if line.price_includes_tax else None,
                tax_notes=assessment.notes(index),
                dimensions=dict(carried[index]) or None,
            )
        )
    return answered


def _dimensions(
    new: NewInvoice, inputs: Inputs, context: Context, accounts: InvoiceAccounts, on: dt.date
) -> list[dict[str, str]]:
    """What the revenue of each line carries: what the line says, then the product, the customer, the account.

    Raises DimensionInvalid or DimensionRequired with a pointer.
    """
    customers = (inputs.customer.data.dimensions if inputs.customer else None) or {}
    carried = []
    for index, (item, code) in enumerate(zip(new.items, accounts.revenue, strict=True)):
        pointer = f"/items/{index}/dimensions"
        said = resolved(context, item.dimensions, on, pointer)
        defaults = {**customers, **(inputs.products[item.product].data.dimensions or {})}
        account = configuration(context).get(Account, code)
        carried.append(on_account(context, account, {**defaults, **said}, on, pointer))
    return carried


def _accounts(
    new: NewInvoice,
    inputs: Inputs,
    computed: TaxComputation,
    context: Context,
    company: Entry[Company],
    rounding: Decimal | None,
) -> InvoiceAccounts:
    """Where each part is posted: the record's own account, else the company's.

    Raises UnknownReference, AccountNotPostable or AccountNotSuitable, with pointers to what brought the account.
    """
    defaults = company.data.accounts
    own = inputs.customer.data.receivable_account if inputs.customer else None
    receivable = account_for(context, "receivable", own or defaults.receivable, "/customer" if own else "/company")
    revenue = []
    for index, item in enumerate(new.items):
        own = inputs.products[item.product].data.revenue_account
        pointer = f"/items/{index}/product" if own else "/company"
        revenue.append(account_for(context, "revenue", own or defaults.revenue, pointer).code)
    return InvoiceAccounts(
        receivable=receivable.code,
        revenue=revenue,
        taxes={
            total.tax.code: account_for(context, "tax", total.tax.posted_to, "/items").code for total in computed.taxes
        },
        rounding=_rounding_account(context, company, rounding),
    )


def _rounding_account(context: Context, company: Entry[Company], rounding: Decimal | None) -> str | None:
    if not rounding:
        return None
    accounts = company.data.accounts
    reference = (accounts.rounding_gain if rounding > 0 else None) or accounts.rounding
    return account_for(context, "difference", reference, "/company").code


def as_command(id: UUID, data: InvoiceData, metadata: Mapping[str, str], all_prices: bool) -> NewInvoice:
    """The command that a stored draft stands for; its taxes are worked out anew.

    Prices that were agreed on a line are kept, those that were looked up only if ``all_prices`` says so. Lines are
    not validated again: a description that came from the product may be longer than one that is given.
    """
    return NewInvoice(
        id=id,
        customer=data.customer.code,
        company=data.company.code,
        date=data.date,
        currency=data.currency,
        exchange_rate=data.base.exchange_rate if data.base and data.base.agreed else None,
        payment_terms=data.payment_terms,
        ship_to=data.ship_to,
        location=data.location,
        discount=data.discount,
        draft=True,
        reference=data.reference,
        note=data.note,
        metadata=dict(metadata),
        items=[
            NewItem.model_construct(
                product=item.product.code,
                quantity=item.quantity,
                unit_price=item.unit_price if all_prices or item.line in data.agreed_prices else None,
                discount_percent=item.discount_percent,
                description=item.description,
                dimensions=item.dimensions,
            )
            for item in data.items
        ],
    )
