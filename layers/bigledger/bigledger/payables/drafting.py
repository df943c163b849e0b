"""Working a bill out: from what the supplier's paper says to lines with their costs, taxes, accounts and due dates.

Pure apart from the one read that ``bill_inputs`` makes; nothing is staged here.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.currency import Rate
from bigledger.kernel import (
    Configuration,
    Conflict,
    Context,
    Entry,
    FieldError,
    InvalidRequest,
    Problem,
    UnknownReference,
    configuration,
    database,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.money import LARGEST_AMOUNT
from bigledger.ledger import in_base, instalments, posting_day, rate_for
from bigledger.payables.bill_lines import bill_accounts, bill_items, bill_taxes, purchase_line
from bigledger.payables.bill_withholding import less_withheld
from bigledger.payables.model import (
    Approval,
    BillData,
    BillInBase,
    NewBill,
    NewBillItem,
)
from bigledger.payables.queries import BillType, Inputs, bill_inputs
from bigledger.records import Account, Company, Known, PaymentTerm, Supplier, company_of, decimals_error
from bigledger.tax import assess_purchase, purchase_from


class DuplicateBill(Conflict):
    """The supplier's number was entered before; ``bill`` names the document that has it."""

    title = "The supplier's number is there already"


class TotalDiffers(Problem):
    """The lines come to something else than the total stated on the supplier's paper."""

    title = "The total is not the one stated"


for _name in ("supplier_number_once", "supplier_number_spelled_once"):
    database.constraint(
        _name, lambda: DuplicateBill("Somebody entered a document with this number of the supplier at the same time.")
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """A bill worked out but not yet staged."""

    company: Entry[Company]
    supplier: Known[Supplier]
    data: BillData


def work_out(
    new: NewBill, context: Context, type: BillType = "bill", own_id: UUID | None = None, with_tax: bool = False
) -> Draft:
    """Everything a bill follows from its command, with all unknown references told at once.

    ``own_id`` is the document's own, which has its supplier's number by right; ``with_tax`` says that prices contain
    the taxes. Raises UnknownReference, InvalidRequest,
    DuplicateBill, TotalDiffers, ExchangeRateMissing, PeriodClosed unless it is a draft, those of ``account_for``, of
    ``assess_purchase`` and of ``less_withheld``.
    """
    company = company_of(context, new.company)
    on = new.date or new.supplier_date or context.clock.today(company.data.timezone)
    supplied_on = new.supplier_date or on
    if not new.draft:
        on = posting_day(context, company, "purchase", on, new.on_closed_period == "next_open")
    products = [item.product for item in new.items if item.product is not None]
    inputs = bill_inputs(context, type, company, new.supplier, new.supplier_number, products, new.currency, on)
    known = configuration(context)
    term = _checked(new, inputs, known)
    supplier = inputs.supplier
    if supplier is None:
        raise LookupError("references were checked")
    check_twin(new.supplier_number, inputs.twin, supplier.data.code, own_id)
    currency = new.currency or supplier.data.currency or company.data.currency
    rate = rate_for(new.exchange_rate, inputs.rate, currency, company.data.currency, on)
    assessed = assess_purchase(
        [purchase_line(item, inputs) for item in new.items],
        purchase_from(
            supplier.data.jurisdiction, company.data.jurisdiction, supplied_on, category=supplier.data.tax_category
        ),
        known,
        company.data.policies.tax,
        currency,
        with_tax,
        new.discount,
    )
    if assessed.total < 0:
        raise InvalidRequest(
            f"This comes to {assessed.total} {currency}. Enter what is taken off beyond the rest as a supplier credit.",
            errors=[FieldError("/items", "below_zero", "what is taken off is more than the other lines come to")],
        )
    _check_total(new, assessed.total, currency)
    items = bill_items(new, inputs, assessed, context, company, supplier, currency)
    lowering = company.data.policies.early_payment_tax == "at_payment"
    counted = None if lowering else assessed.computation.subtotal
    due = instalments(term.data if term else None, supplied_on, assessed.total, currency, counted)
    data = BillData(
        company=company.ref,
        supplier=supplier.ref,
        supplier_number=new.supplier_number,
        supplier_date=supplied_on,
        date=on,
        due_date=max(instalment.due_date for instalment in due),
        currency=currency,
        items=items,
        subtotal=assessed.computation.subtotal,
        tax_total=assessed.charged,
        total=assessed.total,
        taxes=bill_taxes(assessed),
        instalments=due,
        approval=Approval(required=False),
        accounts=bill_accounts(assessed, context, company, supplier, type),
        tax_policy=assessed.computation.policy,
        payment_terms=term.code if term else None,
        stated_total=new.stated_total,
        discount=new.discount,
        withhold=None if new.withhold else False,
        reference=new.reference,
        note=new.note,
    )
    if rate:
        agreed = new.exchange_rate is not None
        data = data.model_copy(update={"base": bill_in_base(data, rate, agreed, company.data.currency)})
    if type == "bill":
        data = less_withheld(data, inputs.withholding, context, company)
    return Draft(company, supplier, data)


def bill_in_base(data: BillData, rate: Rate, agreed: bool, base: str) -> BillInBase:
    """A bill in base currency; what it costs, claims back and owes adds up there as it does in its own currency."""
    claimed = {tax.code: tax.recoverable for tax in data.taxes if tax.recoverable}
    owed = {f"{tax.code} owed": -tax.owed for tax in data.taxes if tax.owed}
    apart = {f"{tax.code} cost": tax.non_deductible for tax in data.taxes if tax.code in data.accounts.costs}
    costs = [item.cost for item in data.items]
    found = in_base(rate, agreed, base, data.total, costs, claimed | apart | owed, data.instalments)
    return BillInBase(
        **found.model_dump(exclude={"taxes"}),
        taxes={code: amount for code, amount in found.taxes.items() if code in claimed},
        owed={name.removesuffix(" owed"): -found.taxes[name] for name in owed},
        costs={name.removesuffix(" cost"): found.taxes[name] for name in apart},
    )


def _checked(new: NewBill, inputs: Inputs, known: Configuration) -> Entry[PaymentTerm] | None:
    """Refuse every reference that names nothing, all at once; answers the payment terms that apply."""
    errors: list[FieldError] = []
    if inputs.supplier is None:
        errors.append(unknown("supplier", new.supplier, "/supplier"))
    for index, item in enumerate(new.items):
        if item.product is not None and item.product not in inputs.products:
            errors.append(unknown("product", item.product, f"/items/{index}/product"))
        if item.account is not None:
            account = known.find(Account, item.account)
            if account is None or not account.active:
                errors.append(unknown("account", item.account, f"/items/{index}/account"))
    wanted = new.payment_terms or (inputs.supplier.data.payment_terms if inputs.supplier else None)
    term = known.find(PaymentTerm, wanted) if wanted else None
    if new.payment_terms and (term is None or not term.active):
        errors.append(unknown("payment_term", new.payment_terms, "/payment_terms"))
    if errors:
        named = ", ".join(error["message"].removeprefix("there is no active ") for error in errors[:5])
        raise UnknownReference(f"These do not exist or are archived: {named}.", errors=errors)
    for index, item in enumerate(new.items):
        unit = inputs.products[item.product].data.unit if item.product else None
        if unit and (error := decimals_error(known, unit, item.quantity, f"/items/{index}/quantity")):
            errors.append(error)
    if errors:
        raise InvalidRequest("Some quantities are finer than their units allow.", errors=errors)
    return term


def check_twin(number: str, twin: Mapping[str, Any] | None, supplier: str, own_id: UUID | None) -> None:
    """Raise DuplicateBill where another document has the supplier's number already."""
    if twin is None or twin["id"] == str(own_id):
        return
    named = twin["number"] or f"a {twin['status'].replace('_', ' ')} without a number"
    raise DuplicateBill(
        f"{supplier}'s {number} was entered before: {named}, dated {twin['date']}. If this is another one, correct the"
        " number; if that one is wrong, void it first.",
        errors=[FieldError("/supplier_number", "duplicate_bill", f"{named} has it")],
        bill={"id": twin["id"], "number": twin["number"], "status": twin["status"]},
    )


def _check_total(new: NewBill, total: Decimal, currency: str) -> None:
    """Raise TotalDiffers, or InvalidRequest for a bill that comes to more than one may."""
    if total >= LARGEST_AMOUNT:
        raise InvalidRequest(
            f"This comes to {total} {currency}. A bill is below {LARGEST_AMOUNT:,} in any currency.",
            errors=[FieldError("/items", "too_large", "correct the quantities and prices")],
        )
    if new.stated_total is not None and new.stated_total != total:
        raise TotalDiffers(
            f"The lines and their taxes come to {total} {currency}, the supplier asks for {new.stated_total}. Correct"
            " the prices or the taxes of the lines, or leave out the stated total.",
            errors=[FieldError("/stated_total", "total_differs", f"the lines come to {total}")],
            total=str(total),
            stated_total=str(new.stated_total),
        )


def as_command(id: UUID, data: BillData, metadata: Mapping[str, str]) -> NewBill:
    """The command that a stored draft stands for. Lines are not validated again: a description may be a product's."""
    return NewBill.model_construct(
        id=id,
        supplier=data.supplier.code,
        supplier_number=data.supplier_number,
        company=data.company.code,
        supplier_date=data.supplier_date,
        date=data.date,
        currency=data.currency,
        exchange_rate=data.base.exchange_rate if data.base and data.base.agreed else None,
        payment_terms=data.payment_terms,
        stated_total=data.stated_total,
        discount=data.discount,
        withhold=data.withhold is None,
        on_closed_period="refuse",
        draft=True,
        reference=data.reference,
        note=data.note,
        metadata=dict(metadata),
        items=[
            NewBillItem.model_construct(
                account=item.account.code if item.own_account else None,
                product=item.product.code if item.product else None,
                description=item.description,
                quantity=item.quantity,
                unit_price=item.unit_price if item.tax_base is None else None,
                tax_base=item.tax_base,
                discount_percent=item.discount_percent,
                recoverable=item.recoverable,
                taxes=item.agreed_taxes,
            )
            for item in data.items
        ],
    )


def dated(data: BillData, on: dt.date) -> BillData:
    """The bill on another accounting date; what the supplier's paper says and when it is due stay."""
    return data if on == data.date else data.model_copy(update={"date": on})
