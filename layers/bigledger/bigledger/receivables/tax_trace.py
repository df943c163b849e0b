"""How the taxes of an invoice or a draft came about: the rules, the rates of its tax date and the rounding.

What an invoice bears is stored and never computed anew. The trace retells it: from the set-up as it stands, at the
tax date of the invoice and under the policy it was computed with. Where the rules have changed since, the retold
taxes would be others; ``reproduced`` then says no, and ``taxes`` are those of the invoice.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from bigledger.kernel import Amount, Answer, Context, NotFound, Ref, configuration
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.receivables.model import InvoiceData, InvoiceReference
from bigledger.records import Customer, PaymentTerm, Product, TaxPolicy
from bigledger.tax import (
    SaleLine,
    TaxAmount,
    TraceStep,
    assess_sale,
    early_steps,
    explain,
    rounding_steps,
    supply_to,
    tax_amounts,
    trace_steps,
    with_tax_rounded,
)

_READ = f"""
    SELECT jsonb_build_object('document', {AS_JSON},
        'customer', (SELECT c.data FROM kernel.document c WHERE c.id = d.party_id),
        'products', (SELECT jsonb_object_agg(p.id, p.data) FROM kernel.document p
                     WHERE p.id = ANY (ARRAY(SELECT (i->'product'->>'id')::uuid
                                             FROM jsonb_array_elements(d.data->'items') i)))
    )::text
    FROM kernel.document d WHERE d.type = 'invoice' AND {{match}} LIMIT 1
"""


class TaxTrace(Answer):
    """The taxes of an invoice and every step to them; ``place`` is the place of supply, absent when not known."""

    invoice: Ref
    date: dt.date
    place: str | None = None
    currency: str
    policy: TaxPolicy
    taxes: list[TaxAmount]
    tax_total: Amount
    reproduced: bool
    trace: list[TraceStep]


def tax_trace(reference: InvoiceReference, context: Context) -> TaxTrace:
    """Retell how an invoice's taxes came about; one statement. Raises NotFound, and what ``assess`` refuses now."""
    found = context.work.read_json(_READ.format(match=matching(reference.id)), reference=reference.id)
    if found is None:
        raise NotFound(f"There is no invoice {reference.id}.")
    document = from_json(found["document"])
    data = document.read(InvoiceData)
    policy = data.tax_policy or TaxPolicy()
    customer = Customer.model_validate(found["customer"])
    supply = supply_to(customer, data.date, data.ship_to)
    known = configuration(context)
    term = known.find(PaymentTerm, data.payment_terms) if data.payment_terms else None
    terms, early = term.data if term else None, data.early_payment_tax
    lines = _lines(data, found["products"])
    assessed = assess_sale(lines, supply, known, policy, data.currency, terms, early, data.discount)
    rounded = assessed if data.tax_rounding is None else with_tax_rounded(assessed, data.tax_rounding)
    steps: list[Any] = [step for one in assessed.determinations.values() for step in one.steps]
    return TaxTrace(
        invoice=Ref(id=document.id, code=document.number or ""),
        date=data.date,
        place=data.ship_to or customer.jurisdiction,
        currency=data.currency,
        policy=policy,
        taxes=data.taxes,
        tax_total=data.tax_total,
        reproduced=tax_amounts(rounded.computation.taxes) == data.taxes,
        trace=trace_steps((*steps, *early_steps(assessed), *explain(assessed.computation), *rounding_steps(rounded))),
    )


def _lines(data: InvoiceData, products: dict[str, Any]) -> list[SaleLine]:
    """The lines as they were sold: at the prices and discounts of the invoice."""
    return [
        SaleLine(
            quantity=item.quantity,
            category=Product.model_validate(products[str(item.product.id)]).tax_category,
            agreed_price=Decimal(item.unit_price),
            discount_percent=item.discount_percent,
        )
        for item in data.items
    ]
