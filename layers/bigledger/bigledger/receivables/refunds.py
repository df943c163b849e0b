"""Refunds: what a payment or a credit note left in the customer's favour, paid out to it."""

from decimal import Decimal
from typing import Literal

from bigledger.kernel import Conflict, Context, Document, FieldError, Ref, documents
from bigledger.kernel.money import quantum
from bigledger.ledger import (
    OverAllocated,
    Settled,
    check_open,
    check_scale,
    difference_lines,
    kept_in,
    money_of,
    post,
    settle,
    settled_lines,
    shown,
    value,
    way_of,
)
from bigledger.receivables.credit_queries import rates, refundable
from bigledger.receivables.events import PaymentRefunded
from bigledger.receivables.matching import use_source
from bigledger.receivables.model import links
from bigledger.receivables.payment_model import NewRefund, Refund, RefundData
from bigledger.records import company_of, number_for
from bigledger.tax import taxes_due


def refund(type: Literal["payment", "credit_note"], new: NewRefund, context: Context) -> Refund:
    """Pay out what a payment or a credit note left over.

    Raises NotFound, StaleVersion, Conflict for one that is not posted, OverAllocated, DatedTooEarly, PeriodClosed,
    ExchangeRateMissing and those of ``way_of``.
    """
    stored = refundable(context, type, new.id)
    source = stored.document
    documents.check_version(context, source)
    company = company_of(context, str(source.company_id))
    if source.posted_at is None or source.status == "void":
        raise Conflict(f"This {type.replace('_', ' ')} is {source.status}; nothing of it can be refunded.")
    currency, base = str(source.currency), company.data.currency
    way = way_of(context, new, company, currency, "disbursements")
    kept = kept_in(way.account, currency)
    on = new.date or context.clock.today(company.data.timezone)
    check_open(context, company, "cash", on)
    one = Settled(source, list(stored.items))
    amount = _amount(new, -one.open, currency)
    one.take(-amount)
    rate, account_rate = rates(context, [currency, kept], base, on)
    money = money_of(new, amount, way.account, currency, base, on, rate, account_rate).paid_out()
    value(one.shares, Decimal(0), money.base_amount, base)
    customer = Ref(**stored.customer)
    document = Document(
        id=context.new_id(),
        type="refund",
        status="paid",
        data={},
        company_id=company.id,
        party_id=customer.id,
        date=on,
        currency=currency,
        total=amount,
        metadata=dict(new.metadata),
        posted_at=context.now,
        number=number_for(context, "refund", company, on),
    )
    documents.create(context, document)
    unit = quantum(currency)
    left = -one.open - amount
    data = RefundData(
        company=company.ref,
        customer=customer,
        of=Ref(id=source.id, code=str(source.number)),
        date=on,
        currency=currency,
        amount=amount.quantize(unit),
        amount_left=left.quantize(unit),
        account=way.account.ref,
        account_currency=money.account_currency,
        account_amount=None if money.account_amount is None else -money.account_amount,
        exchange_difference=one.difference or None,
        payment_method=way.method,
        method=new.method,
        reference=new.reference,
    )
    document.data = data
    text = f"{customer.name}, refund of {source.number}"
    lines = [money.line(party_id=customer.id, text=text)]
    lines += settled_lines(context, [one], currency, customer.id, text)
    lines += difference_lines(context, company, [one], currency, customer.id)
    lines += taxes_due(context, document, company, on, [one])
    post(context, document, company, "cash", on, lines)
    settle(context, document, on, [(share.item.id, share.amount, share.base_amount) for share in one.shares])
    told = {name: getattr(data, name) for name in PaymentRefunded.model_fields if hasattr(data, name)}
    context.emit(PaymentRefunded(**told, id=document.id, number=document.number or ""), document)
    use_source(context, document, one, customer)
    return Refund(
        **dict(data),
        id=document.id,
        number=document.number or "",
        status=document.status,
        version=document.version,
        posting=shown(lines),
        events=[event.type for event, _ in context.work.events],
        links=links("refunds", document.id),
        metadata=document.metadata,
    )


def _amount(new: NewRefund, left: Decimal, currency: str) -> Decimal:
    """How much is paid out; without an amount all that is left."""
    amount = left if new.amount is None else new.amount
    check_scale([("/amount", amount, currency)])
    if not left or amount > left:
        raise OverAllocated(
            f"Only {left} {currency} is left over and can be refunded.",
            errors=[FieldError("/amount", "over_allocated", f"only {left} is left")],
        )
    return amount
