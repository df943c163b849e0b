"""What an invoice or a credit note says of taxes, line by line in base currency, for the tax return."""

from decimal import Decimal

from bigledger.kernel import Context, Document, configuration
from bigledger.kernel.money import EXACT, round_money
from bigledger.ledger import ORIGINAL, REVERSAL
from bigledger.receivables.model import InvoiceData
from bigledger.records import Account, Tax, TaxedDocument
from bigledger.tax import TaxFact, UntaxedFact, record_taxes, record_untaxed, shares, untaxed


def record_invoice_taxes(
    context: Context, document: Document, data: InvoiceData, kind: TaxedDocument, reverse: bool = False
) -> None:
    """Stage what the document says of taxes on its day, a credit below zero; ``reverse`` stages the contrary.

    Of a void the day is the one it is dated on. A tax that is due at payment is recorded as the invoice is paid.
    """
    facts, without = _facts(context, data), _untaxed(data)
    if (kind == "sale_credit") != reverse:
        facts, without = [fact.negated() for fact in facts], [fact.negated() for fact in without]
    on = (data.voided_on or data.date) if reverse else data.date
    entry = REVERSAL if reverse else ORIGINAL
    record_taxes(context, document, kind, on, facts, entry)
    record_untaxed(context, document, kind, on, without, entry)


def _untaxed(data: InvoiceData) -> list[UntaxedFact]:
    return [
        fact
        for place, item in enumerate(data.items)
        for fact in untaxed(
            item.line, data.base.items[place] if data.base else item.net, item.tax_notes, bool(item.taxes)
        )
    ]


def _facts(context: Context, data: InvoiceData) -> list[TaxFact]:
    known = configuration(context)
    base = data.base
    facts = []
    for total in data.taxes:
        tax = known.find(Tax, total.code)
        if tax is not None and tax.data.due == "payment":
            continue
        account = known.get(Account, data.accounts.taxes[total.code]).id
        members = [
            (place, item, tax) for place, item in enumerate(data.items) for tax in item.taxes if tax.code == total.code
        ]
        amounts = [tax.amount for _, _, tax in members]
        if base is not None:
            amounts = shares(base.taxes[total.code], amounts, base.currency)
        for (place, item, tax_amount), amount in zip(members, amounts, strict=True):
            facts.append(
                TaxFact(
                    tax=total.code,
                    base=_in_base(data, place, item.net, tax_amount.base),
                    output=amount,
                    output_account=account if amount else None,
                    item=item.line,
                )
            )
    return facts


def base_of_tax(data: InvoiceData, place: int, code: str) -> Decimal:
    """What a tax falls on of the line at a place, in base currency; nothing where the line does not bear it."""
    item = data.items[place]
    return sum((_in_base(data, place, item.net, tax.base) for tax in item.taxes if tax.code == code), Decimal(0))


def _in_base(data: InvoiceData, place: int, net: Decimal, base: Decimal) -> Decimal:
    """The base of a tax on a line in base currency: the line's own where it is just the net."""
    if data.base is None:
        return base
    if base == net:
        return data.base.items[place]
    return round_money(EXACT.multiply(base, data.base.exchange_rate), data.base.currency)
