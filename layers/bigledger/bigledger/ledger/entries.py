"""The journal entries of a document: read back from the ledger, and as they are answered."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from bigledger.kernel import Amount, Answer, Context, Entry, Ref, configuration
from bigledger.kernel.money import nothing, round_money
from bigledger.ledger.posting import JournalLine, entry_kind
from bigledger.records import Account


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """The lines a document posted at one time; ``number`` counts its entries and ``date`` is the accounting date."""

    number: int
    date: dt.date
    lines: Sequence[JournalLine]


class PostedLine(Answer):
    """A journal line as it is answered, with debit and credit apart, in the document's currency.

    Where that is not the base currency each line tells its own ``currency`` and what it is in base currency.
    Where a document has several entries, each line tells the number, kind (original or reversal) and date of its own.
    """

    account: Ref
    debit: Amount
    credit: Amount
    tax: str | None = None
    entry: int | None = None
    kind: str | None = None
    date: dt.date | None = None
    currency: str | None = None
    base_debit: Amount | None = None
    base_credit: Amount | None = None
    dimensions: dict[str, str] | None = None
    """Codes of values by codes of dimensions, where the line carries any."""


class Posting(Answer):
    """The journal entries a document made, or would make."""

    lines: list[PostedLine]


def shown(lines: Sequence[JournalLine]) -> Posting:
    """The lines of a document's only entry as they are answered."""
    foreign = any(line.base_amount not in (None, line.amount) for line in lines)
    accounts = {line.account.id: line.account for line in lines}
    named = {id: account.ref for id, account in accounts.items()}
    posted = [_posted(line, named[line.account.id]) for line in lines]
    return Posting(lines=[_in_base(*both) for both in zip(lines, posted, strict=True)] if foreign else posted)


def shown_entries(entries: Sequence[JournalEntry]) -> Posting:
    """The lines of all of a document's entries as they are answered."""
    if len(entries) < 2:
        return shown([line for entry in entries for line in entry.lines])
    return Posting(
        lines=[
            line.model_copy(update={"entry": entry.number, "kind": entry_kind(entry.number), "date": entry.date})
            for entry in entries
            for line in shown(entry.lines).lines
        ]
    )


def entries_json(document: str = "d.id") -> str:
    """SQL of a sub-select that answers the journal lines of a document as one JSONB array.

    ``document`` is a uuid expression of the statement around it. ``read_entries`` reads what comes.
    """
    return f"""
        (SELECT coalesce(jsonb_agg(jsonb_build_object('entry', l.entry, 'date', l.effective_date, 'account_id',
             l.account_id, 'amount', l.amount::text, 'currency', l.currency, 'base_amount', l.base_amount::text,
             'party_id', l.party_id, 'product_id', l.product_id, 'quantity', l.quantity::text, 'tax', l.tax,
             'text', l.text, 'dimensions', l.dimensions) ORDER BY l.entry, l.line), '[]')
         FROM ledger.journal_line l WHERE l.document_id = {document})
    """


def read_entries(context: Context, found: Iterable[Mapping[str, Any]]) -> list[JournalEntry]:
    """The entries that ``entries_json`` answered, as they were posted."""
    accounts = {entry.id: entry for entry in configuration(context).every(Account)}
    return [
        JournalEntry(
            number, dt.date.fromisoformat(day), [_line(row, accounts[UUID(row["account_id"])]) for row in rows]
        )
        for (number, day), rows in groupby(found, lambda row: (row["entry"], row["date"]))
    ]


def _line(row: Mapping[str, Any], account: Entry[Account]) -> JournalLine:
    return JournalLine(
        account=account,
        amount=Decimal(row["amount"]),
        currency=row["currency"],
        base_amount=Decimal(row["base_amount"]),
        party_id=None if row["party_id"] is None else UUID(row["party_id"]),
        product_id=None if row["product_id"] is None else UUID(row["product_id"]),
        quantity=None if row["quantity"] is None else Decimal(row["quantity"]),
        tax=row["tax"],
        text=row["text"],
        dimensions=row["dimensions"],
    )


def _in_base(line: JournalLine, posted: PostedLine) -> PostedLine:
    amount = line.amount if line.base_amount is None else line.base_amount
    zero = abs(amount * 0)
    told = {"currency": line.currency, "base_debit": max(amount, zero), "base_credit": max(-amount, zero)}
    return posted.model_copy(update=told)


def _posted(line: JournalLine, account: Ref) -> PostedLine:
    amount, zero = round_money(line.amount, line.currency), nothing(line.currency)
    return PostedLine(
        account=account,
        debit=amount if amount > 0 else zero,
        credit=-amount if amount < 0 else zero,
        tax=line.tax,
        dimensions=dict(line.carried) or None,
    )
