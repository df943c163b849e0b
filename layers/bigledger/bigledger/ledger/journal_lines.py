"""What a journal entry comes to: accounts, parties and rates found, lines in base currency, the balance held."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from bigledger.currency import SAME, Rate, balanced_in_base, missing_rate
from bigledger.kernel import (
    Context,
    Entry,
    FieldError,
    InvalidRequest,
    Problem,
    UnknownReference,
    configuration,
)
from bigledger.kernel.configuration import check_currency, unknown
from bigledger.kernel.money import nothing, round_money
from bigledger.ledger.accounts import KEPT_PER_PARTY, AccountNotSuitable, check_postable
from bigledger.ledger.dimensions import on_account, resolved
from bigledger.ledger.journal_lookups import Parties, look_up
from bigledger.ledger.journal_model import EntryKind, EntryLine, JournalEntryData, NewLine
from bigledger.ledger.open_items import OpenedItem
from bigledger.ledger.posting import JournalLine
from bigledger.ledger.scale import too_fine
from bigledger.records import Account, Company, Tax


class EntryUnbalanced(Problem):
    """The debits of an entry differ from its credits; ``difference`` is debits less credits in ``currency``."""

    title = "The entry does not balance"


@dataclass(frozen=True, slots=True)
class Drafted:
    """An entry worked out: what is stored of it, and its lines for the ledger."""

    data: JournalEntryData
    lines: Sequence[JournalLine]


def work_out(
    context: Context,
    company: Entry[Company],
    on: dt.date,
    lines: Sequence[NewLine],
    kind: EntryKind = "manual",
    text: str | None = None,
    reference: str | None = None,
    clearing: Entry[Account] | None = None,
    known_parties: Parties | None = None,
) -> Drafted:
    """Find what the lines name and convert them; at most one statement, for parties that are not known already.

    What the lines are off by goes to the account ``clearing``, if there is one; without it they have to balance.
    Raises UnknownReference, ExchangeRateMissing, AccountNotPostable, AccountNotSuitable, DimensionRequired,
    DimensionInvalid, InvalidRequest for amounts finer than their currency, and EntryUnbalanced.
    """
    base = company.data.currency
    for place, line in enumerate(lines):
        if line.currency is not None:
            check_currency(context, line.currency, f"/lines/{place}/currency")
    parties, rates = look_up(context, base, on, lines, known_parties)
    accounts = _accounts(context, lines, base)
    _check_parties(lines, accounts, on)
    carried = [_carried(context, line, accounts[place], on, place) for place, line in enumerate(lines)]
    _check_scale(lines, base)
    used = [_rate(line, rates, base, on, place) for place, line in enumerate(lines)]
    amounts = [_signed(line.debit, line.credit) for line in lines]
    in_base = _in_base(lines, amounts, used, base)
    difference = sum(in_base, Decimal(0))
    if clearing is not None and difference:
        debit, credit = (None, difference) if difference > 0 else (-difference, None)
        lines = [*lines, NewLine(account=str(clearing.id), debit=debit, credit=credit)]
        accounts, used = [*accounts, clearing], [*used, SAME]
        amounts, in_base = [*amounts, -difference], [*in_base, -difference]
        carried.append(on_account(context, clearing, {}, on))
    _check_balance(amounts, [line.currency or base for line in lines], in_base, base)
    shown = [
        _shown(
            place, line, accounts[place], base, amounts[place], in_base[place], used[place], parties, on, carried[place]
        )
        for place, line in enumerate(lines)
    ]
    data = JournalEntryData(
        kind=kind,
        company=company.ref,
        date=on,
        currency=base,
        lines=shown,
        total=sum((line.base_debit for line in shown), nothing(base)),
        text=text,
        reference=reference,
    )
    return Drafted(data, journal_lines(context, data))


def journal_lines(context: Context, data: JournalEntryData) -> list[JournalLine]:
    """The lines of a stored entry, as the ledger takes them."""
    known = configuration(context)
    return [
        JournalLine(
            known.get(Account, str(line.account.id), f"/lines/{place}/account"),
            line.debit - line.credit,
            line.currency,
            line.base_debit - line.base_credit,
            party_id=_party(line),
            tax=line.tax,
            text=line.text or data.text,
            dimensions=line.dimensions or {},
        )
        for place, line in enumerate(data.lines)
    ]


def opened(context: Context, data: JournalEntryData) -> list[OpenedItem]:
    """What the lines on accounts of customers and suppliers open."""
    known = configuration(context)
    items = []
    for line in data.lines:
        account, party = known.get(Account, str(line.account.id)), _party(line)
        if account.data.control in ("receivable", "payable") and party is not None and line.due_date is not None:
            items.append(
                OpenedItem(
                    subledger=account.data.control,
                    account_id=account.id,
                    party_id=party,
                    due_date=line.due_date,
                    currency=line.currency,
                    amount=line.debit - line.credit,
                    base_amount=line.base_debit - line.base_credit,
                    reference=line.reference,
                    document_date=line.document_date,
                )
            )
    return items


def as_commands(lines: Sequence[EntryLine], base: str) -> list[NewLine]:
    """The lines of a draft as they were given, so that what was looked up is looked up anew."""
    return [
        NewLine(
            account=str(line.account.id),
            debit=None if line.credit or line.base_credit else line.debit,
            credit=line.credit if line.credit or line.base_credit else None,
            currency=line.currency,
            rate=line.rate if line.agreed else None,
            base_amount=line.base_debit + line.base_credit if line.agreed and line.rate is None else None,
            customer=str(line.customer.id) if line.customer else None,
            supplier=str(line.supplier.id) if line.supplier else None,
            due_date=line.due_date,
            reference=line.reference,
            document_date=line.document_date,
            tax=line.tax,
            text=line.text,
            dimensions=line.dimensions,
        )
        for line in lines
    ]


def _carried(context: Context, line: NewLine, account: Entry[Account], on: dt.date, place: int) -> dict[str, str]:
    """The dimensions of a line: what it says, then what its account says."""
    pointer = f"/lines/{place}/dimensions"
    return on_account(context, account, resolved(context, line.dimensions, on, pointer), on, pointer)


def _party(line: EntryLine) -> UUID | None:
    party = line.customer or line.supplier
    return party.id if party else None


def _accounts(context: Context, lines: Sequence[NewLine], base: str) -> list[Entry[Account]]:
    """The account of each line; stock is posted by the movements of stock alone. Without a currency it is in base."""
    known = configuration(context)
    accounts, errors = [], []
    for place, line in enumerate(lines):
        pointer = f"/lines/{place}"
        account = known.find(Account, line.account)
        if account is None or not account.active:
            errors.append(unknown("account", line.account, f"{pointer}/account"))
            continue
        check_postable(account, f"{pointer}/account")
        if account.data.control == "inventory":
            raise _unsuitable(account, pointer, "is the value of stock, which only movements of stock change")
        if account.data.currency not in (None, line.currency or base):
            raise _unsuitable(account, pointer, f"is kept in {account.data.currency}; give the line that currency")
        if line.tax is not None:
            known.get(Tax, line.tax, f"{pointer}/tax")
        accounts.append(account)
    if errors:
        raise UnknownReference("Some lines name accounts that do not exist or are not active.", errors=errors)
    return accounts


def _check_parties(lines: Sequence[NewLine], accounts: Sequence[Entry[Account]], on: dt.date) -> None:
    """A line on the account of customers names a customer, one on that of suppliers a supplier.

    What it says of the party's document is for these lines alone, and the document is not dated after the entry.
    """
    for place, (line, account) in enumerate(zip(lines, accounts, strict=True)):
        pointer, control = f"/lines/{place}", account.data.control
        if control not in KEPT_PER_PARTY:
            for name in ("due_date", "reference", "document_date"):
                if getattr(line, name) is not None:
                    raise InvalidRequest(
                        f"A {name.replace('_', ' ')} is for a line on the account of a customer or supplier.",
                        errors=[FieldError(f"{pointer}/{name}", "not_for_this", "leave it out")],
                    )
            continue
        if line.document_date is not None and line.document_date > on:
            raise InvalidRequest(
                f"A document of {line.document_date} is not in the books on {on}.",
                errors=[FieldError(f"{pointer}/document_date", "after_entry", f"choose {on} or an earlier day")],
            )
        wanted = "customer" if control == "receivable" else "supplier"
        if getattr(line, wanted) is None:
            raise _unsuitable(account, pointer, f"is kept per {wanted}, and this line names none", wanted)
        if not (line.debit or line.credit):
            raise _unsuitable(account, pointer, f"is kept per {wanted}; an exchange difference is not posted by hand")


def _unsuitable(account: Entry[Account], pointer: str, reason: str, field: str = "account") -> AccountNotSuitable:
    return AccountNotSuitable(
        f"{account.code} {account.data.name} {reason}.",
        errors=[FieldError(f"{pointer}/{field}", "account_not_suitable", f"{account.code} {reason}")],
        account=account.code,
    )


def _check_scale(lines: Sequence[NewLine], base: str) -> None:
    """Amounts have no fractions of their currency's smallest unit. Raises InvalidRequest."""
    errors = too_fine(
        (f"/lines/{place}/{name}", amount, currency)
        for place, line in enumerate(lines)
        for name, amount, currency in (
            ("debit", line.debit, line.currency or base),
            ("credit", line.credit, line.currency or base),
            ("base_amount", line.base_amount, base),
        )
    )
    errors += [
        FieldError(f"/lines/{place}/{name}", "base_currency", f"a line in {base} needs no rate and no base amount")
        for place, line in enumerate(lines)
        for name in ("rate", "base_amount")
        if line.currency in (None, base) and getattr(line, name) is not None
    ]
    if errors:
        raise InvalidRequest("Some amounts do not fit to their currency; each is pointed at.", errors=errors)


def _rate(line: NewLine, rates: Mapping[str, Rate | None], base: str, on: dt.date, place: int) -> Rate | None:
    """The rate of a line, or None where its base amount was given. Raises ExchangeRateMissing."""
    if line.currency in (None, base):
        return SAME
    if line.base_amount is not None:
        return None
    found = Rate(line.rate) if line.rate is not None else rates.get(str(line.currency))
    if found is None:
        raise missing_rate(str(line.currency), base, on, f"/lines/{place}/currency")
    return found


def _in_base(
    lines: Sequence[NewLine], amounts: Sequence[Decimal], used: Sequence[Rate | None], base: str
) -> list[Decimal]:
    """The lines in base currency; an entry in one currency at one rate still balances after rounding."""
    first = used[0]
    one_currency = len({line.currency or base for line in lines}) == 1
    if first is not None and one_currency and all(rate == first for rate in used) and not sum(amounts, Decimal(0)):
        return balanced_in_base(amounts, first, base)
    return [
        _signed(line.base_amount if line.debit is not None else None, line.base_amount)
        if rate is None
        else rate.to_base(amount, base)
        for line, amount, rate in zip(lines, amounts, used, strict=True)
    ]


def _signed(debit: Decimal | None, credit: Decimal | None) -> Decimal:
    """Debit positive; a debit counts where there is one."""
    return debit if debit is not None else -(credit or Decimal(0))


def _check_balance(
    amounts: Sequence[Decimal], currencies: Sequence[str], in_base: Sequence[Decimal], base: str
) -> None:
    """Debits equal credits in base currency, and in the entry's own where it has one. Raises EntryUnbalanced."""
    own = {*currencies}
    for sums, currency in ((amounts, currencies[0] if len(own) == 1 else None), (in_base, base)):
        difference = sum(sums, Decimal(0)) if currency else Decimal(0)
        if currency and difference:
            debit = round_money(sum((amount for amount in sums if amount > 0), Decimal(0)), currency)
            credit = round_money(-sum((amount for amount in sums if amount < 0), Decimal(0)), currency)
            side = "credit" if difference > 0 else "debit"
            raise EntryUnbalanced(
                f"Debits are {debit} {currency} and credits {credit}. Add a {side} of"
                f" {abs(debit - credit)} {currency}, or mend a line.",
                errors=[
                    FieldError("/lines", "unbalanced", f"debits and credits differ by {debit - credit} {currency}")
                ],
                debit=str(debit),
                credit=str(credit),
                difference=str(debit - credit),
                currency=currency,
            )


def _shown(
    place: int,
    line: NewLine,
    account: Entry[Account],
    base: str,
    amount: Decimal,
    in_base: Decimal,
    rate: Rate | None,
    parties: Parties,
    on: dt.date,
    carried: dict[str, str],
) -> EntryLine:
    currency = line.currency or base
    foreign = currency != base
    return EntryLine(
        line=place + 1,
        account=account.ref,
        debit=round_money(max(amount, nothing(currency)), currency),
        credit=round_money(max(-amount, nothing(currency)), currency),
        currency=currency,
        base_debit=round_money(max(in_base, nothing(base)), base),
        base_credit=round_money(max(-in_base, nothing(base)), base),
        rate=rate.per_unit if foreign and rate is not None else None,
        agreed=True if foreign and (line.rate is not None or line.base_amount is not None) else None,
        customer=parties[("customer", line.customer)] if line.customer else None,
        supplier=parties[("supplier", line.supplier)] if line.supplier else None,
        due_date=(line.due_date or on) if account.data.control in KEPT_PER_PARTY else None,
        reference=line.reference,
        document_date=line.document_date,
        tax=line.tax,
        text=line.text,
        dimensions=carried or None,
    )
