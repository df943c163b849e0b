"""What an invoice or a credit note says of taxes, line by line in base currency, for the tax return."""

from decimal import Decimal

from bigledger.kernel import Context, Document, configuration
from bigledger.kernel.money import EXACT, round_money
from bigledger.ledger import ORIGINAL, REVERSAL
from bigledger.receivables.model import InvoiceData
from bigledger.records import Account, Tax, TaxedDocument
from bigledger.tax import TaxFact, record_taxes, shares


def record_invoice_taxes(
    context: Context, document: Document, data: InvoiceData, kind: TaxedDocument, reverse: bool = False
) -> None:
    """Stage what the document says of taxes on its day, a credit below zero; ``reverse`` stages the contrary.

    Of a void the day is the one it is dated on. A tax that is due at payment is recorded as the invoice is paid.
    """
    facts = _facts(context, data)
    if (kind == "sale_credit") != reverse:
        facts = [fact.negated() for fact in facts]
    on = (data.voided_on or data.date) if reverse else data.date
    record_taxes(context, document, kind, on, facts, REVERSAL if reverse else ORIGINAL)


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
            signed = base.taxes[total.code]
            parts = shares(abs(signed), [abs(amount) for amount in amounts], base.currency)
            amounts = [part.copy_sign(signed) if part else part for part in parts]
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
