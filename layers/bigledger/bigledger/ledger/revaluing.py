"""What a revaluation comes to: pure rules over what was read."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.currency import ExchangeRateMissing, Rate, missing_rate, read_rate
from bigledger.kernel import Entry, Ref
from bigledger.kernel.money import quantum
from bigledger.ledger.posting import JournalLine
from bigledger.ledger.revaluation_model import Revalued
from bigledger.records import Account

ADVANCES = {("receivable", "liability"), ("payable", "asset")}
"""Subledger and kind of the accounts of advances: what was paid for what is still to be supplied."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Where the differences go: per subledger the account that adjusts it, and gains and losses."""

    adjusting: Mapping[str, Entry[Account]]
    gain: Entry[Account]
    loss: Entry[Account]


def rates_of(
    found: Mapping[str, Any], given: Mapping[str, Decimal], needed: Sequence[str], base: str, on: dt.date
) -> dict[str, Rate]:
    """The rate of each currency: the one given, the closing rate of the day, else the later of closing and spot.

    IAS 21.23(a) translates monetary items at the closing rate, which 21.8 defines as the spot rate at the end of the
    period: so where no closing rate was set for the day, the spot rate in force on it is that. Raises
    ExchangeRateMissing naming every currency that has none.
    """
    rates, missing = {}, []
    for currency in dict.fromkeys(needed):
        closing, spot = (read_rate((found.get(currency) or {}).get(type)) for type in ("closing", "spot"))
        dated = [rate for rate in (spot, closing) if rate is not None]
        if currency in given:
            rates[currency] = Rate(given[currency])
        elif dated:
            rates[currency] = max(reversed(dated), key=lambda rate: rate.effective_date or dt.date.min)
        else:
            missing.append(missing_rate(currency, base, on, "/rates"))
    if missing:
        raise ExchangeRateMissing(
            " ".join(problem.detail for problem in missing),
            errors=[error for problem in missing for error in problem.errors],
            currencies=[problem.members["currency"] for problem in missing],
            base_currency=base,
        )
    return rates


def valued(
    rows: Sequence[Mapping[str, Any]], rates: Mapping[str, Rate], accounts: Mapping[UUID, Entry[Account]], base: str
) -> list[Revalued]:
    """Each open item and account of money at the rate of its currency; what has not changed is left out."""
    unit = quantum(base)
    found = []
    for row in rows:
        amount, carried, recognised = (Decimal(row[name]) for name in ("amount", "carried", "recognised"))
        worth = rates[row["currency"]].to_base(amount, base) if amount else Decimal(0)
        difference = worth - carried - recognised
        if not difference:
            continue
        item = row.get("open_item_id")
        found.append(
            Revalued(
                kind="open_item" if item else "account",
                account=accounts[UUID(row["account_id"])].ref,
                document=Ref(**row["document"]) if row.get("document") else None,
                open_item_id=UUID(item) if item else None,
                party_id=UUID(row["party_id"]) if row.get("party_id") else None,
                currency=row["currency"],
                amount=amount.quantize(quantum(row["currency"])),
                rate=rates[row["currency"]].per_unit if amount else None,
                carried_amount=carried.quantize(unit),
                recognised_amount=recognised.quantize(unit),
                revalued_amount=worth.quantize(unit),
                difference=difference.quantize(unit),
            )
        )
    return found


def entry_lines(
    items: Sequence[tuple[Entry[Account], str, Decimal]], accounts: Accounts, text: str
) -> list[JournalLine]:
    """The lines of an entry: nothing in the foreign currency, per account and currency what it changes by in base.

    ``items`` are (account, currency, difference). Gains and losses stand apart.
    """
    sums: dict[tuple[UUID, str], Decimal] = defaultdict(Decimal)
    known = {account.id: account for account, _, _ in items} | {
        account.id: account for account in (accounts.gain, accounts.loss)
    }
    for account, currency, difference in items:
        sums[account.id, currency] += difference
    for account, currency, difference in items:
        del account
        other = accounts.gain if difference > 0 else accounts.loss
        sums[other.id, currency] -= difference
    return [
        JournalLine(known[account], Decimal(0), currency, amount, text=text)
        for (account, currency), amount in sums.items()
        if amount
    ]
