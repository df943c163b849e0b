"""What a bill or a supplier credit says of taxes, line by line in base currency, for the tax return."""

from decimal import Decimal

from bigledger.kernel import Context, Document, configuration
from bigledger.kernel.money import EXACT, round_money
from bigledger.ledger import ORIGINAL, REVERSAL
from bigledger.payables.model import BillData, BillItem, BillItemTax, BillTax
from bigledger.records import Account, Tax, TaxedDocument
from bigledger.tax import PendingTax, TaxFact, pend, record_taxes, record_untaxed, shares, untaxed

_ZERO = Decimal(0)


def record_bill_taxes(
    context: Context, document: Document, data: BillData, kind: TaxedDocument, reverse: bool = False
) -> None:
    """Stage what the document says of taxes on its day, a credit below zero; ``reverse`` stages the contrary.

    Of a void the day is the one it is dated on. What is claimed of a tax that is due at payment is recorded as the
    bill is paid.
    """
    facts = [fact for total in data.taxes for fact in _facts(context, data, total)]
    facts += _kept_back(data)
    without = [
        fact
        for place, item in enumerate(data.items)
        for fact in untaxed(item.line, _net(data, place, item), item.tax_notes, bool(item.taxes))
    ]
    if (kind == "purchase_credit") != reverse:
        facts, without = [fact.negated() for fact in facts], [fact.negated() for fact in without]
    on = (data.voided_on or data.date) if reverse else data.date
    entry = REVERSAL if reverse else ORIGINAL
    record_taxes(context, document, kind, on, facts, entry)
    record_untaxed(context, document, kind, on, without, entry)


def pending_taxes(context: Context, document: Document, data: BillData, sign: int = 1) -> list[PendingTax]:
    """What a bill will claim as it is paid, in base currency; a supplier credit's ``sign`` is below zero."""
    known = configuration(context)
    pending = []
    for total in data.taxes:
        if total.due is None or total.code not in data.accounts.taxes:
            continue
        tax = known.get(Tax, total.code).data
        claimed = data.base.taxes[total.code] if data.base else total.recoverable
        base = base_of_tax(data, total.code)
        pending.append(
            PendingTax(
                origin_id=document.id,
                kind="purchase" if sign > 0 else "purchase_credit",
                tax=total.code,
                base=sign * base,
                amount=sign * claimed,
                transition_account=known.get(Account, data.accounts.taxes[total.code]).id,
                account=known.get(Account, tax.purchase_account or tax.account).id,
            )
        )
    return pending


def pend_taxes(context: Context, document: Document, data: BillData) -> None:
    """Stage the taxes of a bill that are claimed as it is paid."""
    pending = pending_taxes(context, document, data)
    if pending:
        pend(context, document, data.date, pending)


def base_of_tax(data: BillData, code: str) -> Decimal:
    """What a tax of a bill falls on, in base currency."""
    return sum((_base(data, place, item, tax) for place, item, tax in _bearing(data, code)), _ZERO)


def _facts(context: Context, data: BillData, total: BillTax) -> list[TaxFact]:
    known, accounts, base = configuration(context), data.accounts, data.base
    bearing = _bearing(data, total.code)
    waits = total.due is not None
    later = waits or total.withheld
    claimed = [_ZERO if later else tax.amount - (tax.non_deductible or _ZERO) for _, _, tax in bearing]
    owed = [-tax.amount if total.withheld else tax.amount if total.owed else _ZERO for _, _, tax in bearing]
    if base is not None:
        claimed = _spread(_ZERO if waits else base.taxes.get(total.code, _ZERO), claimed, base.currency)
        owed = _spread(base.owed.get(total.code, _ZERO), owed, base.currency)
    facts = []
    for (place, item, tax), input_, output in zip(bearing, claimed, owed, strict=True):
        cost = _converted(data, tax.non_deductible or _ZERO)
        if waits and total.code in accounts.taxes and not cost:
            continue
        facts.append(
            TaxFact(
                tax=total.code,
                base=_ZERO if waits and total.code in accounts.taxes else _base(data, place, item, tax),
                output=output,
                input=input_,
                cost=cost,
                output_account=known.get(Account, accounts.owed[total.code]).id if output else None,
                input_account=known.get(Account, accounts.taxes[total.code]).id if input_ else None,
                item=item.line,
            )
        )
    return facts


def _kept_back(data: BillData) -> list[TaxFact]:
    """What is withheld of the bill as a whole."""
    kept = data.withholding
    if kept is None:
        return []
    owed = data.base.withheld if data.base else kept.amount
    return [TaxFact(kept.tax, _converted(data, kept.base), output=owed or _ZERO, output_account=kept.account.id)]


def _bearing(data: BillData, code: str) -> list[tuple[int, BillItem, BillItemTax]]:
    """The lines that bear a tax, with their places."""
    return [(place, item, tax) for place, item in enumerate(data.items) for tax in item.taxes if tax.code == code]


def _spread(total: Decimal, amounts: list[Decimal], base: str) -> list[Decimal]:
    """A total in base currency over the lines, as their amounts in the bill's currency are."""
    if not any(amounts):
        return [_ZERO for _ in amounts]
    return shares(total, amounts, base)


def _base(data: BillData, place: int, item: BillItem, tax: BillItemTax) -> Decimal:
    """What a tax falls on of a line, in base currency: what the line is posted with where it is just that."""
    if data.base is not None and tax.base == item.cost:
        return data.base.items[place]
    return _converted(data, tax.base)


def _net(data: BillData, place: int, item: BillItem) -> Decimal:
    """The net of a line in base currency: what the line is posted with where it is just that."""
    return data.base.items[place] if data.base is not None and item.cost == item.net else _converted(data, item.net)


def _converted(data: BillData, amount: Decimal) -> Decimal:
    if data.base is None:
        return amount
    return round_money(EXACT.multiply(amount, data.base.exchange_rate), data.base.currency)
