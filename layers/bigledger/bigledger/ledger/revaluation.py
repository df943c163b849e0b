"""Revaluations: what is open in foreign currencies, at the rates of a day.

Monetary items are translated at the closing rate and the differences are income or expense of the period (IAS 21.23
and 21.28). What an open item is revalued by stands beside its control account, on the company's account of receivable
or payable revaluation: the control account stays equal to its subledger, an item settled in its currency has nothing
left in base currency, and settling it realises the whole difference from what it was booked at. So the revaluation
is taken back on the next day (the practice of Odoo's and SAP's period-end valuation), or stands until the next one,
which recognises only what is new. Accounts of money keep their new value: nothing will ever settle them. Advances are
claims to goods, not to money, and are not revalued unless the company says so (IAS 21.16, IFRIC 22).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import (
    Conflict,
    Context,
    Document,
    Entry,
    FieldError,
    InvalidRequest,
    Page,
    Table,
    configuration,
    database,
    documents,
    listing,
)
from bigledger.kernel.documents import from_json
from bigledger.kernel.money import nothing
from bigledger.ledger.accounts import account_for
from bigledger.ledger.entries import JournalEntry, read_entries, shown_entries
from bigledger.ledger.open_items import DatedTooEarly
from bigledger.ledger.posting import ORIGINAL, REVERSAL, check_open, post, reversed_lines
from bigledger.ledger.revaluation_model import (
    FxRevaluationReversed,
    FxRevalued,
    NewRevaluation,
    Revaluation,
    RevaluationData,
    RevaluationLinks,
    RevaluationList,
    RevaluationReference,
    RevaluationSummary,
    Revalued,
    ReverseRevaluation,
)
from bigledger.ledger.revaluation_queries import TYPE, stored, what_is_open
from bigledger.ledger.revaluing import ADVANCES, Accounts, entry_lines, rates_of, valued
from bigledger.records import Account, Company, company_of, number_for

_LINE = Table(
    "ledger.revaluation_line",
    tuple(
        "document_id entry line company_id account_id open_item_id effective_date currency amount rate carried"
        " recognised revalued difference".split()
    ),
)
_RUN = Table("ledger.revaluation", ("company_id", "day", "run", "document_id", "reverses_on"))


class LaterRevaluation(Conflict):
    """A later revaluation rests on what stands before it; it is taken back first."""

    title = "There is a later revaluation"


database.constraint("revaluation_run", lambda: Conflict("Another revaluation of that day came between. Try again."))


def create(new: NewRevaluation, context: Context) -> Revaluation:
    """Revalue what is open in foreign currencies at the end of a day.

    Done again for a day it recognises only what has changed since; where nothing has, the answer is the revaluation
    that stands. Raises ExchangeRateMissing, LaterRevaluation, PeriodClosed, InvalidRequest for a reversal that is not
    after it, and those of ``account_for``.
    """
    company = company_of(context, new.company)
    base = company.data.currency
    on = new.date or context.clock.today(company.data.timezone)
    reverses_on = _reverses_on(new, company, on)
    check_open(context, company, "gl", on)
    found = what_is_open(context, str(company.id), on, base)
    if found["later"]:
        raise LaterRevaluation(
            f"{found['later']} values a later day and rests on what stands before it. Reverse that first, or revalue"
            " that day again.",
            errors=[FieldError("/date", "later_revaluation", f"{found['later']} is later")],
        )
    every = {entry.id: entry for entry in configuration(context).every(Account)}
    rows = [row for row in found["rows"] or [] if _counts(company, every, row)]
    needed = [row["currency"] for row in rows if Decimal(row["amount"])]
    rates = rates_of(found["rates"] or {}, {one.currency: one.rate for one in new.rates}, needed, base, on)
    items = valued(rows, rates, every, base)
    if not items and found["same_day"] is not None:
        return _stored_answer(context, found["same_day"])
    data = _data(new, company, on, items, reverses_on if any(one.open_item_id for one in items) else None)
    document = documents.create(
        context,
        Document(
            id=context.new_id(),
            type=TYPE,
            status="posted",
            data=data,
            company_id=company.id,
            number=number_for(context, TYPE, company, on),
            date=on,
            currency=base,
            total=data.total,
            posted_at=context.now,
        ),
    )
    entries = _post(context, company, document, data, {row["open_item_id"]: row["subledger"] for row in rows})
    run = {"company_id": company.id, "day": on, "run": found["runs"] + 1, "document_id": document.id}
    context.work.append(_RUN, [{**run, "reverses_on": data.reverses_on}])
    told = {name: getattr(data, name) for name in ("company", "date", "currency", "gain", "loss", "total")}
    context.emit(
        FxRevalued(id=document.id, number=str(document.number), **told, reverses_on=data.reverses_on), document
    )
    return _answer(context, document, data, entries, [])


def reverse(command: ReverseRevaluation, context: Context) -> Revaluation:
    """Take back what of a revaluation still stands. Raises Conflict, LaterRevaluation, DatedTooEarly, PeriodClosed."""
    found = stored(context, command.id)
    document = from_json(found["stored"]["document"])
    documents.check_version(context, document)
    documents.check_status(document, ("posted",), "reversed")
    if found["later"]:
        raise LaterRevaluation(f"{found['later']} is later and rests on this one. Reverse that first.")
    data = document.read(RevaluationData)
    on = command.date or data.date + dt.timedelta(days=1)
    if on < data.date:
        raise DatedTooEarly(
            f"{document.number} is dated {data.date}, and a reversal on {on} would come before it.",
            errors=[FieldError("/date", "dated_too_early", f"choose {data.date} or a later day")],
        )
    company = company_of(context, str(data.company.id))
    standing = [one for one in data.items if data.reverses_on is None or one.kind == "account"]
    if not standing:
        since = f"was taken back on {data.reverses_on}" if data.reverses_on else "came to nothing"
        raise Conflict(f"All that {document.number} recognised {since}: nothing of it stands.")
    entries = read_entries(context, found["stored"]["entries"])
    lines = _standing_lines(entries)
    number = len(entries) + 1
    data = data.model_copy(update={"reversed_on": on, "reason": command.reason})
    documents.change(context, document, status="reversed", data=data)
    post(context, document, company, "gl", on, lines, entry=number)
    _append(context, document, company, standing, on, number, Decimal(-1))
    told = {name: getattr(data, name) for name in ("company", "date", "currency", "total")}
    context.emit(
        FxRevaluationReversed(
            id=document.id, number=str(document.number), **told, reversed_on=on, reason=command.reason
        ),
        document,
    )
    entries.append(JournalEntry(number, on, lines))
    return _answer(context, document, data, entries, found["stored"]["events"])


def get(reference: RevaluationReference, context: Context) -> Revaluation:
    """One revaluation by id or number; one statement. Raises NotFound."""
    return _stored_answer(context, stored(context, reference.id)["stored"])


def list_all(query: RevaluationList, context: Context) -> Page[RevaluationSummary]:
    """A page of revaluations, newest first unless sorted."""
    found, following = listing.page(context, TYPE, query)
    return Page[RevaluationSummary](data=[_summary(listed.document) for listed in found], next_cursor=following)


def _reverses_on(new: NewRevaluation, company: Entry[Company], on: dt.date) -> dt.date | None:
    """The day open items get their old value back, if they do."""
    wanted = company.data.policies.revaluation_reversal == "next_day" if new.reverse is None else new.reverse
    if not wanted and new.reverse_on is None:
        return None
    day = new.reverse_on or on + dt.timedelta(days=1)
    if day <= on:
        raise InvalidRequest(
            f"The revaluation of {on} is taken back after it.",
            errors=[FieldError("/reverse_on", "dated_too_early", f"choose a day after {on}")],
        )
    return day


def _counts(company: Entry[Company], accounts: Mapping[UUID, Entry[Account]], row: Mapping[str, Any]) -> bool:
    """Whether it is a monetary item: money and what is owed in it, advances only where the policy says so."""
    kind = accounts[UUID(row["account_id"])].data.kind
    advance = (row["subledger"], kind) in ADVANCES
    return not advance or company.data.policies.advances_revalued or bool(Decimal(row["recognised"]))


def _data(
    new: NewRevaluation, company: Entry[Company], on: dt.date, items: list[Revalued], reverses_on: dt.date | None
) -> RevaluationData:
    zero = nothing(company.data.currency)
    gain = sum((one.difference for one in items if one.difference > 0), zero)
    loss = -sum((one.difference for one in items if one.difference < 0), zero) + zero
    return RevaluationData(
        company=company.ref,
        date=on,
        currency=company.data.currency,
        items=items,
        gain=gain,
        loss=loss,
        total=gain - loss,
        reverses_on=reverses_on,
        text=new.text,
    )


def _post(
    context: Context,
    company: Entry[Company],
    document: Document,
    data: RevaluationData,
    subledgers: Mapping[str | None, str],
) -> list[JournalEntry]:
    """Stage the entry of the day, and the one that takes open items back."""
    if not data.items:
        return []
    own = company.data.accounts
    accounts = Accounts(
        {
            "receivable": account_for(context, "revaluation", own.receivable_revaluation, "/company"),
            "payable": account_for(context, "revaluation", own.payable_revaluation, "/company"),
        },
        account_for(context, "difference", own.unrealised_exchange_gain, "/company"),
        account_for(context, "difference", own.unrealised_exchange_loss, "/company"),
    )
    known = configuration(context)
    targets = [
        (
            accounts.adjusting[subledgers[str(one.open_item_id)]]
            if one.open_item_id
            else known.get(Account, str(one.account.id)),
            one.currency,
            one.difference,
        )
        for one in data.items
    ]
    text = data.text or f"Revaluation at the rates of {data.date}"
    entries = [JournalEntry(ORIGINAL, data.date, entry_lines(targets, accounts, text))]
    post(context, document, company, "gl", data.date, entries[0].lines)
    _append(context, document, company, data.items, data.date, ORIGINAL, Decimal(1))
    if data.reverses_on is not None:
        taken = [(target, one) for target, one in zip(targets, data.items, strict=True) if one.open_item_id]
        lines = reversed_lines(entry_lines([target for target, _ in taken], accounts, text))
        entries.append(JournalEntry(REVERSAL, data.reverses_on, lines))
        post(context, document, company, "gl", data.reverses_on, lines, entry=REVERSAL)
        _append(context, document, company, [one for _, one in taken], data.reverses_on, REVERSAL, Decimal(-1))
    return entries


def _append(
    context: Context,
    document: Document,
    company: Entry[Company],
    items: Sequence[Revalued],
    on: dt.date,
    entry: int,
    sign: Decimal,
) -> None:
    context.work.append(
        _LINE,
        [
            {
                "document_id": document.id,
                "entry": entry,
                "line": place,
                "company_id": company.id,
                "account_id": one.account.id,
                "open_item_id": one.open_item_id,
                "effective_date": on,
                "currency": one.currency,
                "amount": one.amount,
                "rate": one.rate,
                "carried": one.carried_amount,
                "recognised": one.recognised_amount,
                "revalued": one.revalued_amount,
                "difference": sign * one.difference,
            }
            for place, one in enumerate(items, 1)
        ],
    )


def _standing_lines(entries: Sequence[JournalEntry]) -> list[Any]:
    """The contrary of what the entries left standing, account by account and currency by currency."""
    sums: dict[tuple[UUID, str], Decimal] = {}
    first = {(line.account.id, line.currency): line for line in entries[0].lines}
    for line in (line for entry in entries for line in entry.lines):
        key = line.account.id, line.currency
        sums[key] = sums.get(key, Decimal(0)) + (line.base_amount or Decimal(0))
    left = [(first[key], amount) for key, amount in sums.items() if amount]
    return [type(line)(line.account, Decimal(0), line.currency, -amount, text=line.text) for line, amount in left]


def _stored_answer(context: Context, stored: Mapping[str, Any]) -> Revaluation:
    document = from_json(stored["document"])
    entries = read_entries(context, stored["entries"])
    return _answer(context, document, document.read(RevaluationData), entries, stored["events"])


def _answer(
    context: Context,
    document: Document,
    data: RevaluationData,
    entries: Sequence[JournalEntry],
    before: Sequence[str],
) -> Revaluation:
    emitted = [event.type for event, subject in context.work.events if subject is document]
    return Revaluation(
        **dict(data),
        id=document.id,
        number=str(document.number),
        status=document.status,
        version=document.version,
        posting=shown_entries(entries),
        events=[*before, *emitted],
        links=RevaluationLinks(
            self=f"/api/v1/revaluations/{document.id}", history=f"/api/v1/documents/{document.id}/history"
        ),
    )


def _summary(document: Document) -> RevaluationSummary:
    data = document.read(RevaluationData)
    return RevaluationSummary(
        id=document.id,
        number=str(document.number),
        status=document.status,
        version=document.version,
        company=data.company,
        date=data.date,
        currency=data.currency,
        total=data.total,
        reverses_on=data.reverses_on,
    )
