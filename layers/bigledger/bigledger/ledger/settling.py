"""What settling does to open items: how much of each, at the base amount it carries, and the difference that makes."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, Document, Entry, configuration
from bigledger.kernel.money import EXACT, distribute, quantum, round_money
from bigledger.ledger.accounts import account_for
from bigledger.ledger.posting import JournalLine
from bigledger.records import Account, Company


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open item as it stands; amounts are signed as its journal line is, in its currency and in base currency."""

    id: UUID
    document_id: UUID
    account_id: UUID
    currency: str
    due_date: dt.date
    amount: Decimal
    settled: Decimal
    base_amount: Decimal
    base_settled: Decimal

    @property
    def open(self) -> Decimal:
        """What is not settled, in its currency."""
        return self.amount - self.settled

    def carried(self, part: Decimal, base: str) -> Decimal:
        """What a part of it stands at in base currency.

        Counted from what is settled after it, so that the parts add up to the whole whatever their order.
        """
        after = self.settled + part
        if after == self.amount:
            return self.base_amount - self.base_settled
        share = EXACT.divide(EXACT.multiply(self.base_amount, after), self.amount)
        return round_money(share, base) - self.base_settled


def item_json(item: str = "i", balance: str = "b") -> str:
    """SQL of an open item and its balance as a JSON object that ``read_item`` reads."""
    return (
        f"jsonb_build_object('id', {item}.id, 'document_id', {item}.document_id, 'account_id', {item}.account_id,"
        f" 'currency', {item}.currency, 'due_date', {item}.due_date, 'amount', {item}.amount::text,"
        f" 'settled', {balance}.settled::text, 'base_amount', {item}.base_amount::text,"
        f" 'base_settled', {balance}.base_settled::text)"
    )


def read_item(found: Mapping[str, Any]) -> OpenItem:
    """The open item that ``item_json`` answered."""
    return OpenItem(
        id=UUID(found["id"]),
        document_id=UUID(found["document_id"]),
        account_id=UUID(found["account_id"]),
        currency=found["currency"],
        due_date=dt.date.fromisoformat(found["due_date"]),
        amount=Decimal(found["amount"]),
        settled=Decimal(found["settled"]),
        base_amount=Decimal(found["base_amount"]),
        base_settled=Decimal(found["base_settled"]),
    )


@dataclass(slots=True)
class Share:
    """What settles one open item: in its currency, in base currency as the item carries it, and what it is worth."""

    item: OpenItem
    amount: Decimal
    base_amount: Decimal = Decimal(0)
    worth: Decimal = Decimal(0)

    @property
    def difference(self) -> Decimal:
        """The exchange gain (above zero) or loss of settling it, in base currency."""
        return self.worth - self.base_amount


@dataclass(slots=True)
class Settled:
    """A document, what is open of it before something settles it, and the shares it gets."""

    document: Document
    items: list[OpenItem]
    shares: list[Share] = field(default_factory=list)

    @property
    def open(self) -> Decimal:
        """What was open before."""
        return sum((item.open for item in self.items), Decimal(0))

    @property
    def amount(self) -> Decimal:
        """What is settled of it."""
        return sum((share.amount for share in self.shares), Decimal(0))

    @property
    def difference(self) -> Decimal:
        """The exchange gain (above zero) or loss on it, in base currency."""
        return sum((share.difference for share in self.shares), Decimal(0))

    def take(self, amount: Decimal) -> None:
        """Give its items their shares of an amount, in their order; the amount has their sign."""
        for item in self.items:
            part = min(item.open, amount, key=abs)
            if part:
                self.shares.append(Share(item, part))
                amount -= part


def value(shares: list[Share], left: Decimal, worth: Decimal, base: str) -> Decimal:
    """Say what each share stands at and what it is worth; answers the worth of what is left over.

    ``worth`` is that of all shares and the remainder together, in base currency.
    """
    *worths, of_left = distribute(worth, [*(share.amount for share in shares), left], quantum(base))
    for share, part in zip(shares, worths, strict=True):
        share.base_amount, share.worth = share.item.carried(share.amount, base), part
    return of_left


def settled_lines(
    context: Context, settled: Iterable[Settled], currency: str, party_id: UUID, text: str
) -> list[JournalLine]:
    """The lines that take what is settled off its accounts, one per account."""
    known = configuration(context)
    sums: dict[UUID, tuple[Decimal, Decimal]] = {}
    for share in (share for one in settled for share in one.shares):
        amount, base = sums.get(share.item.account_id, (Decimal(0), Decimal(0)))
        sums[share.item.account_id] = (amount + share.amount, base + share.base_amount)
    return [
        JournalLine(known.get(Account, str(account)), -amount, currency, -base, party_id=party_id, text=text)
        for account, (amount, base) in sums.items()
        if amount or base
    ]


def difference_lines(
    context: Context, company: Entry[Company], settled: Iterable[Settled], currency: str, party_id: UUID
) -> list[JournalLine]:
    """A line per document for the exchange difference realised on it: nothing in its currency, all in base."""
    lines = []
    for one in settled:
        if gain := one.difference:
            accounts = company.data.accounts
            reference = accounts.exchange_gain if gain > 0 else accounts.exchange_loss
            account = account_for(context, "difference", reference, "/company")
            text = f"Exchange difference on {one.document.number}"
            lines.append(JournalLine(account, Decimal(0), currency, -gain, party_id=party_id, text=text))
    return lines
