"""Open items: what a customer or supplier owes or is owed by a posted document, and what settles it, by date.

An amount is signed as its journal line is: above zero the party owes it, below zero it is owed to the party. What is
open of an item on a day is its amount less the settlements dated up to that day; the database keeps today's.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

from bigledger.kernel import Context, Document, Entry, Problem, Table, database
from bigledger.ledger.terms import DueInstalment
from bigledger.records import Account

Subledger = Literal["receivable", "payable"]
"""Which subledger an open item belongs to; its account is under that control."""

_OPEN_ITEM = Table(
    "ledger.open_item",
    tuple(
        "id document_id instalment company_id subledger party_id account_id effective_date due_date currency amount"
        " base_amount reference document_date".split()
    ),
)
_SETTLEMENT = Table(
    "ledger.settlement", ("id", "open_item_id", "document_id", "effective_date", "amount", "base_amount")
)


@dataclass(frozen=True, slots=True)
class OpenedItem:
    """An item that a line of a journal entry opens; amounts are signed as the line is.

    ``reference`` and ``document_date`` are the number and the date of the document that the party has, where the line
    stands for one.
    """

    subledger: Subledger
    account_id: UUID
    party_id: UUID
    due_date: dt.date
    currency: str
    amount: Decimal
    base_amount: Decimal
    reference: str | None = None
    document_date: dt.date | None = None


class OverAllocated(Problem):
    """More would be allocated than is open, or than was paid; ``errors`` points at each allocation."""

    title = "The allocation is too large"


class DatedTooEarly(Problem):
    """A payment or a void is dated before what it is for; ``errors`` points at what to change."""

    title = "The date is before the invoice's"


database.constraint(
    "settlement_within_open_item",
    lambda: OverAllocated("Another payment settled these invoices while this one was being made."),
)
database.constraint(
    "settlement_after_open_item", lambda: DatedTooEarly("The invoice is dated after this. Choose a later day.")
)


def open_items(
    context: Context,
    document: Document,
    subledger: Subledger,
    account: Entry[Account],
    instalments: Sequence[DueInstalment],
    base_amounts: Sequence[Decimal] | None = None,
) -> None:
    """Stage what the document's party owes (or is owed) on an account, an item per instalment that is not zero.

    ``base_amounts`` are the same in the company's base currency; None means that the document is in that currency.
    """
    amounts = base_amounts or [instalment.amount for instalment in instalments]
    context.work.append(
        _OPEN_ITEM,
        [
            {
                "id": context.new_id(),
                "document_id": document.id,
                "instalment": place,
                "company_id": document.company_id,
                "subledger": subledger,
                "party_id": document.party_id,
                "account_id": account.id,
                "effective_date": document.date,
                "due_date": instalment.due_date,
                "currency": document.currency,
                "amount": instalment.amount,
                "base_amount": base_amount,
                "reference": None,
                "document_date": None,
            }
            for place, (instalment, base_amount) in enumerate(zip(instalments, amounts, strict=True), 1)
            if instalment.amount
        ],
    )


def open_each(context: Context, document: Document, items: Sequence[OpenedItem]) -> None:
    """Stage what a document of several parties opens, dated as the document is."""
    context.work.append(
        _OPEN_ITEM,
        [
            {
                "id": context.new_id(),
                "document_id": document.id,
                "instalment": place,
                "company_id": document.company_id,
                "subledger": item.subledger,
                "party_id": item.party_id,
                "account_id": item.account_id,
                "effective_date": document.date,
                "due_date": item.due_date,
                "currency": item.currency,
                "amount": item.amount,
                "base_amount": item.base_amount,
                "reference": item.reference,
                "document_date": item.document_date,
            }
            for place, item in enumerate(items, 1)
        ],
    )


def settle(
    context: Context, document: Document, on: dt.date, parts: Iterable[tuple[UUID | str, Decimal, Decimal]]
) -> None:
    """Stage what the document settles of open items: the id of each, the amount in its currency and in the base's.

    An amount has the sign of its item; one of the other sign takes a settlement back. An item that is settled whole
    has to be settled whole in base currency too: the database holds both.
    """
    context.work.append(
        _SETTLEMENT,
        [
            {
                "id": context.new_id(),
                "open_item_id": open_item_id,
                "document_id": document.id,
                "effective_date": on,
                "amount": amount,
                "base_amount": base_amount,
            }
            for open_item_id, amount, base_amount in parts
        ],
    )
