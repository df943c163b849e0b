"""What settlements do to taxes: those that become due as a document is paid, and those that a discount lowers.

Taxes may be due at payment (cash accounting, Directive 2006/112/EC art. 66(b) and 167a).

A document posts such a tax to a transition account. Each settlement makes the part of it due that is paid of what is
open, the last one all that is left (Odoo's taxes on payment, by partial reconciliation); a credit takes off what was
not due yet, and a settlement that is taken back takes its part back. Whatever settles a document counts as payment:
also a write-off, as with Odoo. Amounts are in base currency at the rate of the document, so that nothing is left on the
transition account once it is settled, and exchange differences stay out of tax; under the policy ``cash_basis_rate``
of settlement money makes a tax due at what it is worth. A discount for early payment lowers the tax that is due, or the
one that was (Directive 2006/112/EC art. 90 and 185).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import orjson

from bigledger.kernel import Context, Document, Entry, Table, configuration, database
from bigledger.kernel.money import EXACT, round_money
from bigledger.kernel.problems import Conflict
from bigledger.ledger import ORIGINAL, REVERSAL, JournalEntry, JournalLine, Settled, account_for
from bigledger.records import Account, Company, Tax, TaxedDocument
from bigledger.tax.entries import TaxFact, record_taxes
from bigledger.tax.model import ZERO

_PENDING = Table(
    "tax.pending_tax",
    tuple(
        "origin_id tax by_id entry company_id kind effective_date base amount transition_account_id account_id".split()
    ),
)

_TELLING = ("invoice", "debit_note", "credit_note", "bill", "expense_claim", "supplier_credit")
"""The documents that take back themselves what they say of taxes."""

_CREDITS: Mapping[str, TaxedDocument] = {"sale": "sale_credit", "purchase": "purchase_credit"}

database.constraint(
    "pending_tax_within", lambda: Conflict("Another settlement of these documents came between. Try again.")
)


@dataclass(frozen=True, slots=True)
class PendingTax:
    """What of a document's tax is not due yet, in base currency; below zero for a credit."""

    origin_id: UUID
    kind: TaxedDocument
    tax: str
    base: Decimal
    amount: Decimal
    transition_account: UUID
    account: UUID


@dataclass(frozen=True, slots=True)
class SettledPart:
    """A document that is settled: ``part`` of what is ``open`` of it, both in its currency with the same sign.

    ``worth`` is that of the money in base currency and ``carried`` what that part of the document stands at; taxes
    become due in this proportion, or as they stand when nothing is carried.
    """

    origin_id: UUID
    part: Decimal
    open: Decimal
    worth: Decimal = ZERO
    carried: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class LoweredTax:
    """What a discount takes off a tax of a sale or a purchase that is settled, in base currency and above zero.

    ``amount`` is what is owed less of a sale, and recovered less of a purchase; ``account`` is where that is posted: of
    a tax that is ``pending``, the transition account. Of a purchase ``owed`` is taken off what the buyer owes under a
    reverse charge, and ``cost`` off what is not recovered.
    """

    origin_id: UUID
    kind: Literal["sale", "purchase"]
    tax: str
    base: Decimal
    amount: Decimal
    account: UUID | None
    pending: bool
    owed: Decimal = ZERO
    owed_account: UUID | None = None
    cost: Decimal = ZERO


def uses_cash_basis(context: Context) -> bool:
    """Whether any tax is due at payment, so that there can be something pending."""
    return any(entry.data.due == "payment" for entry in configuration(context).every(Tax))


def pend(context: Context, by: Document, on: dt.date, taxes: Sequence[PendingTax], entry: int = ORIGINAL) -> None:
    """Stage what becomes pending by a document, or, below what stands, what is not pending any more."""
    context.work.append(
        _PENDING,
        [
            {
                "origin_id": tax.origin_id,
                "tax": tax.tax,
                "by_id": by.id,
                "entry": entry,
                "company_id": by.company_id,
                "kind": tax.kind,
                "effective_date": on,
                "base": tax.base,
                "amount": tax.amount,
                "transition_account_id": tax.transition_account,
                "account_id": tax.account,
            }
            for tax in taxes
        ],
    )


_READ = """
    SELECT jsonb_agg(jsonb_build_object('origin_id', origin_id, 'kind', kind, 'tax', tax, 'base', base::text, 'amount',
                     amount::text, 'transition_account', transition_account_id, 'account', account_id)
                     ORDER BY origin_id, tax)::text
    FROM (SELECT origin_id, kind, tax, transition_account_id, account_id, sum(base) AS base, sum(amount) AS amount
          FROM jsonb_array_elements_text(cast(:origins AS jsonb)) o
          CROSS JOIN LATERAL (SELECT * FROM tax.pending_tax t WHERE t.origin_id = o.value::uuid OFFSET 0) found
          GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount) <> 0 OR sum(base) <> 0) p
"""

_BY = """
    SELECT jsonb_build_object(
        'pending', (SELECT jsonb_agg(jsonb_build_object('origin_id', origin_id, 'kind', kind, 'tax', tax, 'base',
                           base::text, 'amount', amount::text, 'transition_account', transition_account_id,
                           'account', account_id) ORDER BY origin_id, tax)
                    FROM tax.pending_tax WHERE by_id = cast(:by AS uuid) AND entry = 1),
        'entries', (SELECT jsonb_agg(jsonb_build_object('kind', kind, 'tax', tax, 'base', base::text, 'output',
                           output::text, 'input', input::text, 'output_account', output_account_id,
                           'input_account', input_account_id, 'item', item) ORDER BY line)
                    FROM tax.tax_entry WHERE document_id = cast(:by AS uuid) AND entry = 1))::text
"""


def taxes_due(
    context: Context,
    by: Document,
    company: Entry[Company],
    on: dt.date,
    settled: Iterable[Settled],
    lowered: Sequence[LoweredTax] = (),
    withheld: TaxFact | None = None,
    by_money: bool = False,
) -> list[JournalLine]:
    """Stage that taxes become due by what a document settles; answers the lines that post them, in base currency.

    ``lowered`` is what discounts take off, and ``withheld`` what is kept back of the payment: others post these, here
    they are recorded. ``by_money`` says that money settles, at a worth of its own. One statement, and none where no tax
    is due at payment.
    """
    base = company.data.currency
    at_worth = by_money and company.data.policies.cash_basis_rate == "settlement"
    settling = {one.document.id: _part(one, at_worth) for one in settled if one.amount}
    parts = _due(context, settling, base)
    pend(context, by, on, [_scaled(tax, Decimal(-1)) for tax in parts])
    off = {(one.origin_id, one.tax): one for one in lowered if one.pending}
    lines: list[JournalLine] = []
    facts: list[tuple[TaxedDocument, TaxFact]] = []
    for tax in parts:
        carried = _less(tax, off.get((tax.origin_id, tax.tax)))
        due = _at_worth(carried, settling[tax.origin_id], base)
        facts.append((tax.kind, _due_fact(due)))
        lines += _lines(context, company, carried, due.amount)
    facts += [(_CREDITS[one.kind], _lowered_fact(one)) for one in lowered if not one.pending]
    if withheld is not None:
        facts.append(("purchase", withheld))
    _tell(context, by, on, facts, ORIGINAL)
    return lines


def give_back(context: Context, by: Document, on: dt.date, part: SettledPart, credited: Sequence[PendingTax]) -> None:
    """Stage what a credit takes off what is pending of the document it credits, and what stays pending of itself.

    ``credited`` are the credit's own taxes, below zero, and ``part`` what of the credit settles the document: that
    share of them is taken off there, never more than is pending; the rest is pending until the credit is used.
    """
    pending = {one.tax: one for one in _read(context, [part.origin_id])} if part.part else {}
    moved, kept = [], []
    for tax in credited:
        there = pending.get(tax.tax)
        share = EXACT.divide(part.part, part.open) if part.open else ZERO
        amount = max(EXACT.multiply(tax.amount, share), -there.amount) if there else ZERO
        exponent = Decimal(1).scaleb(int(tax.amount.as_tuple().exponent))
        amount = amount.quantize(exponent)
        base = EXACT.multiply(tax.base, share).quantize(exponent) if there else ZERO
        if there and amount:
            moved.append(_with(there, base, amount))
        kept.append(_with(tax, tax.base - base, tax.amount - amount))
    pend(context, by, on, [*moved, *(tax for tax in kept if tax.amount or tax.base)])


def take_back_taxes(context: Context, by: Document, on: dt.date, entries: Sequence[JournalEntry] = ()) -> None:
    """Stage the contrary of all that a document made pending or due; its journal lines are reversed with it.

    ``entries`` are its own: one that settles others and posts no tax has nothing to take back, where none is due at
    payment.
    """
    tells = by.type in _TELLING
    taxed = any(line.tax for entry in entries for line in entry.lines)
    if not uses_cash_basis(context) and (tells or not taxed):
        return
    found = context.work.read_json(_BY, by=str(by.id))
    pend(context, by, on, [_scaled(_pending(row), Decimal(-1)) for row in found["pending"] or []], REVERSAL)
    if not tells:
        _tell(context, by, on, [(row["kind"], _fact(row).negated()) for row in found["entries"] or []], REVERSAL)


def _part(one: Settled, at_worth: bool) -> SettledPart:
    """What is settled of a document, and what the money for it is worth; discounts are none."""
    if not at_worth:
        return SettledPart(one.document.id, one.amount, one.open)
    worth = sum((share.worth for share in one.shares), ZERO) - one.discount_base
    carried = sum((share.base_amount for share in one.shares), ZERO) - one.discount_base
    return SettledPart(one.document.id, one.amount, one.open, worth, carried)


def _due(context: Context, parts: Mapping[UUID, SettledPart], base: str) -> list[PendingTax]:
    """What becomes due of each pending tax, as it stands."""
    if not parts or not uses_cash_basis(context):
        return []
    due = []
    for tax in _read(context, parts):
        one = parts[tax.origin_id]
        if one.part == one.open:
            due.append(tax)
        else:
            share = EXACT.divide(one.part, one.open)
            amount, of_base = (round_money(EXACT.multiply(each, share), base) for each in (tax.amount, tax.base))
            if amount or of_base:
                due.append(_with(tax, of_base, amount))
    return due


def _at_worth(tax: PendingTax, one: SettledPart, base: str) -> PendingTax:
    """The tax at what the money is worth that makes it due."""
    if not one.carried:
        return tax
    ratio = EXACT.divide(one.worth, one.carried)
    of_base, amount = (round_money(EXACT.multiply(each, ratio), base) for each in (tax.base, tax.amount))
    return _with(tax, of_base, amount)


def _read(context: Context, origins: Iterable[UUID]) -> list[PendingTax]:
    found = context.work.read_json(_READ, origins=orjson.dumps(sorted(map(str, origins))).decode())
    return [_pending(row) for row in found or []]


def _lines(context: Context, company: Entry[Company], tax: PendingTax, due: Decimal) -> list[JournalLine]:
    """A tax off the transition account and on its own, as it is due: a sale's is a liability there, a purchase's an
    asset. What it is due for beyond what it stood at is an exchange difference."""
    if not tax.amount and not due:
        return []
    known, base = configuration(context), company.data.currency
    transition, account = (known.get(Account, str(each)) for each in (tax.transition_account, tax.account))
    sign = 1 if tax.kind.startswith("sale") else -1
    text = f"{tax.tax} due at payment"
    lines = [
        JournalLine(transition, sign * tax.amount, base, sign * tax.amount, tax=tax.tax, text=text),
        JournalLine(account, -sign * due, base, -sign * due, tax=tax.tax, text=text),
    ]
    if loss := sign * (due - tax.amount):
        accounts = company.data.accounts
        reference = accounts.exchange_loss if loss > 0 else accounts.exchange_gain
        difference = account_for(context, "difference", reference, "/company")
        lines.append(JournalLine(difference, loss, base, loss, text=f"Exchange difference of {text}"))
    return lines


def _tell(
    context: Context, by: Document, on: dt.date, told: Sequence[tuple[TaxedDocument, TaxFact]], entry: int
) -> None:
    first = 1
    for kind in dict.fromkeys(kind for kind, _ in told):
        facts = [fact for each, fact in told if each == kind]
        record_taxes(context, by, kind, on, facts, entry, first)
        first += len(facts)


def _less(tax: PendingTax, lowered: LoweredTax | None) -> PendingTax:
    return tax if lowered is None else _with(tax, tax.base - lowered.base, tax.amount - lowered.amount)


def _lowered_fact(one: LoweredTax) -> TaxFact:
    if one.kind == "sale":
        return TaxFact(one.tax, -one.base, output=-one.amount, output_account=one.account)
    return TaxFact(
        one.tax,
        -one.base,
        output=-one.owed,
        input=-one.amount,
        cost=-one.cost,
        output_account=one.owed_account if one.owed else None,
        input_account=one.account if one.amount else None,
    )


def _due_fact(tax: PendingTax) -> TaxFact:
    if tax.kind.startswith("sale"):
        return TaxFact(tax.tax, tax.base, output=tax.amount, output_account=tax.account)
    return TaxFact(tax.tax, tax.base, input=tax.amount, input_account=tax.account)


def _with(tax: PendingTax, base: Decimal, amount: Decimal) -> PendingTax:
    return PendingTax(tax.origin_id, tax.kind, tax.tax, base, amount, tax.transition_account, tax.account)


def _scaled(tax: PendingTax, factor: Decimal) -> PendingTax:
    return _with(tax, tax.base * factor, tax.amount * factor)


def _pending(row: Mapping[str, Any]) -> PendingTax:
    return PendingTax(
        origin_id=UUID(row["origin_id"]),
        kind=row["kind"],
        tax=row["tax"],
        base=Decimal(row["base"]),
        amount=Decimal(row["amount"]),
        transition_account=UUID(row["transition_account"]),
        account=UUID(row["account"]),
    )


def _fact(row: Mapping[str, Any]) -> TaxFact:
    output, input_ = row["output_account"], row["input_account"]
    return TaxFact(
        tax=row["tax"],
        base=Decimal(row["base"]),
        output=Decimal(row["output"]),
        input=Decimal(row["input"]),
        output_account=UUID(output) if output else None,
        input_account=UUID(input_) if input_ else None,
        item=row["item"],
    )
