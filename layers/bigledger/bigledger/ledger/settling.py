"""What settling does to open items: how much of each, at the base amount it carries, and the difference that makes."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, Document, Entry, FieldError, configuration
from bigledger.kernel.money import EXACT, distribute, quantum, round_money
from bigledger.ledger.accounts import account_for
from bigledger.ledger.open_items import DatedTooEarly
from bigledger.ledger.posting import JournalLine
from bigledger.ledger.terms import DueInstalment
from bigledger.records import Account, Company


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open item as it stands; amounts are signed as its journal line is, in its currency and in base currency.

    ``reference`` is the number of the document that the party has, where that is not the item's own document.
    """

    id: UUID
    document_id: UUID
    instalment: int
    party_id: UUID
    account_id: UUID
    currency: str
    due_date: dt.date
    amount: Decimal
    settled: Decimal
    base_amount: Decimal
    base_settled: Decimal
    reference: str | None = None

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
        f"jsonb_build_object('id', {item}.id, 'document_id', {item}.document_id,"
        f" 'instalment', {item}.instalment, 'party_id', {item}.party_id, 'account_id', {item}.account_id,"
        f" 'currency', {item}.currency, 'due_date', {item}.due_date, 'amount', {item}.amount::text,"
        f" 'settled', {balance}.settled::text, 'base_amount', {item}.base_amount::text,"
        f" 'base_settled', {balance}.base_settled::text, 'reference', {item}.reference)"
    )


def read_item(found: Mapping[str, Any]) -> OpenItem:
    """The open item that ``item_json`` answered."""
    return OpenItem(
        id=UUID(found["id"]),
        document_id=UUID(found["document_id"]),
        instalment=found["instalment"],
        party_id=UUID(found["party_id"]),
        account_id=UUID(found["account_id"]),
        currency=found["currency"],
        due_date=dt.date.fromisoformat(found["due_date"]),
        amount=Decimal(found["amount"]),
        settled=Decimal(found["settled"]),
        base_amount=Decimal(found["base_amount"]),
        base_settled=Decimal(found["base_settled"]),
        reference=found["reference"],
    )


@dataclass(slots=True)
class Share:
    """What settles one open item: in its currency, in base currency as the item carries it, and what it is worth.

    ``discount`` of the amount is taken off for paying early; it is worth what it stands at.
    """

    item: OpenItem
    amount: Decimal
    base_amount: Decimal = Decimal(0)
    worth: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    discount_base: Decimal = Decimal(0)

    @property
    def difference(self) -> Decimal:
        """The exchange gain (above zero) or loss of settling it, in base currency."""
        return self.worth - self.base_amount


@dataclass(slots=True, eq=False)
class Settled:
    """A document, what is open of it before something settles it, and the shares it gets."""

    document: Document
    items: list[OpenItem]
    shares: list[Share] = field(default_factory=list)
    offers: dict[UUID, Decimal] = field(default_factory=dict)
    """What is taken off each item if it is settled whole now."""

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

    @property
    def discount(self) -> Decimal:
        """What of the amount is taken off for paying early."""
        return sum((share.discount for share in self.shares), Decimal(0))

    @property
    def discount_base(self) -> Decimal:
        """The same in base currency, as the items carry it."""
        return sum((share.discount_base for share in self.shares), Decimal(0))

    def pay(self, cash: Decimal, items: Iterable[OpenItem], each: bool) -> Decimal:
        """Give items their shares of what is paid, in their order; answers what of it was needed.

        An item that is settled whole has its offer taken off, but no more than the payment falls short of it. ``each``
        lets a part of an item earn a part of its offer, too.
        """
        items = [item for item in items if item.open]
        needed = sum((item.open - self.offers.get(item.id, Decimal(0)) for item in items), Decimal(0))
        spare, offers = max(cash - needed, Decimal(0)), dict(self.offers)
        for item in reversed(items):
            kept = min(offers.get(item.id, Decimal(0)), spare)
            offers[item.id] = offers.get(item.id, Decimal(0)) - kept
            spare -= kept
        left = cash
        for item in items:
            offer = offers[item.id]
            part, discount = min(item.open, left), Decimal(0)
            if offer and left >= item.open - offer:
                part, discount = item.open, offer
            elif offer and each:
                grown = EXACT.divide(EXACT.multiply(left, item.open), item.open - offer)
                part = round_money(grown, item.currency)
                discount = part - left
            if part:
                self.shares.append(Share(item, part, discount=discount))
                left -= part - discount
        return cash - left

    def take(self, amount: Decimal, items: Iterable[OpenItem] | None = None) -> None:
        """Give its items, or these of them, their shares of an amount, in order; the amount has their sign."""
        for item in self.items if items is None else items:
            part = min(item.open, amount, key=abs)
            if part:
                self.shares.append(Share(item, part))
                amount -= part


def value(shares: list[Share], left: Decimal, worth: Decimal, base: str) -> Decimal:
    """Say what each share stands at and what it is worth; answers the worth of what is left over.

    ``worth`` is that of what is paid of all shares and of the remainder together, in base currency. A discount comes
    at the rate of its item, so that an exchange difference is made by money alone.
    """
    paid = [share.amount - share.discount for share in shares]
    *worths, of_left = distribute(worth, [*paid, left], quantum(base))
    for share, part in zip(shares, worths, strict=True):
        share.base_amount = share.item.carried(share.amount, base)
        if share.discount:
            of_discount = EXACT.divide(EXACT.multiply(share.base_amount, share.discount), share.amount)
            share.discount_base = round_money(of_discount, base)
        share.worth = part + share.discount_base
    return of_left


def offered_discounts(
    due: Sequence[DueInstalment], items: Iterable[OpenItem], on: dt.date, company: Entry[Company]
) -> dict[UUID, Decimal]:
    """What may be taken off each open item of a document, by its instalments, where it is paid on a day; above zero.

    In proportion to what is open of it. An item of which a part was settled before earns a discount only where the
    company's policy ``early_payment_discount`` lets any payment earn it.
    """
    every = company.data.policies.early_payment_discount == "any_payment"
    found: dict[UUID, Decimal] = {}
    for item in items:
        discount = due[item.instalment - 1].discount
        if discount is None or on > discount.until or not item.open or not (every or item.settled == 0):
            continue
        share = EXACT.divide(EXACT.multiply(discount.amount, item.open), item.amount)
        found[item.id] = round_money(share, item.currency)
    return found


def check_dates(parts: Iterable[Settled], on: dt.date) -> None:
    """Raise DatedTooEarly where a document is dated after what settles it.

    The ledger and the open items would differ on the days between.
    """
    later = [one.document for one in parts if one.document.date is not None and one.document.date > on]
    if later:
        named = ", ".join(f"{document.number} is dated {document.date}" for document in later)
        raise DatedTooEarly(
            f"This is dated {on}, but {named}. Date it on that day or later.",
            errors=[FieldError("/date", "dated_too_early", named)],
        )


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
