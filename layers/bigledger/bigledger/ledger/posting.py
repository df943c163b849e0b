"""Posting: turning what a document means for the books into journal lines, debit positive."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from bigledger.kernel import (
    Context,
    Document,
    Entry,
    FieldError,
    Problem,
    Table,
    configuration,
    database,
)
from bigledger.kernel.configuration import check_currency
from bigledger.ledger.accounts import check_party, check_postable
from bigledger.ledger.dimensions import check_line, with_defaults
from bigledger.records import Account, Area, Company, is_open, next_open_day

JOURNAL_LINE = Table(
    "ledger.journal_line",
    tuple(
        "document_id entry line company_id account_id area effective_date currency amount base_amount party_id"
        " product_id quantity tax text dimensions".split()
    ),
)


class PeriodClosed(Problem):
    """No open period takes postings on that day; ``suggested_date`` is the next day that does."""

    title = "The period is closed"


database.constraint("period_open", lambda: PeriodClosed("The period was closed while this was being posted."))


class JournalLine(NamedTuple):
    """One line of a journal entry: ``amount`` in ``currency``, debit positive, credit negative.

    ``base_amount`` is in the company's base currency; None means that the currency is the base currency.
    ``dimensions`` are codes of values by codes of dimensions; None stands for the defaults of the account.
    """

    account: Entry[Account]
    amount: Decimal
    currency: str
    base_amount: Decimal | None = None
    party_id: UUID | None = None
    product_id: UUID | None = None
    quantity: Decimal | None = None
    tax: str | None = None
    text: str | None = None
    dimensions: Mapping[str, str] | None = None

    @property
    def carried(self) -> Mapping[str, str]:
        """Its dimensions, those of the account where nothing else was said."""
        return with_defaults(self.account, {}) if self.dimensions is None else self.dimensions


ORIGINAL, REVERSAL = 1, 2
"""The entries of a document: what it means for the books, and the reversal of that once it is void."""


def entry_kind(number: int) -> str:
    """What an entry of a document is: original or reversal."""
    return "original" if number == ORIGINAL else "reversal"


_AREAS: Mapping[Area, str] = {"gl": "general ledger"}
"""What people call an area, where that is not its name."""


def check_open(context: Context, company: Entry[Company], area: Area, on: dt.date) -> None:
    """Raise PeriodClosed unless the company takes postings of the area on that day, or this actor's by an exception.

    Exceptions are read only for a closed day, in one statement.
    """
    known = configuration(context)
    if is_open(known, company, area, on) or _excepted(context, company, area, on):
        return
    suggested = next_open_day(known, company, area, on)
    closed = f"{company.code} takes no {_AREAS.get(area, area)} postings on {on}"
    advice = f"The next open day is {suggested}." if suggested else "No later period is open; open a fiscal year first."
    raise PeriodClosed(
        f"{closed}. {advice}",
        errors=[FieldError("/date", "period_closed", f"{closed}; choose a day in an open period")],
        date=str(on),
        **({"suggested_date": str(suggested)} if suggested else {}),
    )


_EXCEPTED = """
    SELECT 1 FROM records.fiscal_period p
    JOIN kernel.document e ON e.tenant_id = p.tenant_id AND e.type = 'period_exception' AND e.status = 'active'
        AND e.company_id = p.company_id AND e.date = p.starts_on
    WHERE p.company_id = cast(:company AS uuid) AND cast(:on AS date) BETWEEN p.starts_on AND p.ends_on
      AND p.status <> 'locked' AND :area <> ALL (p.locked_areas) AND NOT ledger.year_closed(p.fiscal_year_id)
      AND (e.data->>'expires_at')::timestamptz > kernel.now() AND e.data->>'user' = :user
      AND jsonb_exists(e.data->'areas', :area)
    LIMIT 1
"""


def _excepted(context: Context, company: Entry[Company], area: Area, on: dt.date) -> bool:
    """Whether an exception lets this actor post on a closed day."""
    return bool(context.work.read(_EXCEPTED, company=str(company.id), area=area, on=str(on), user=context.actor.id))


def posting_day(context: Context, company: Entry[Company], area: Area, on: dt.date, move: bool) -> dt.date:
    """The day to post on: the one asked for, or, only if ``move`` says so, the next that takes postings.

    Raises PeriodClosed where the day is closed and no other was allowed or is left.
    """
    try:
        check_open(context, company, area, on)
    except PeriodClosed as closed:
        suggested = closed.members.get("suggested_date")
        if not move or suggested is None:
            raise
        return dt.date.fromisoformat(suggested)
    return on


def open_day(context: Context, company: Entry[Company], area: Area, on: dt.date) -> dt.date:
    """The day, or where its period is closed the first open one after it; the day itself where none is left.

    Nobody's exceptions count: for days that nobody named.
    """
    known = configuration(context)
    return on if is_open(known, company, area, on) else next_open_day(known, company, area, on) or on


def planned_day(context: Context, company: Entry[Company], on: dt.date, move: bool) -> dt.date:
    """``posting_day`` for what is posted by plan: without a statement, and without anybody's exceptions."""
    known = configuration(context)
    if is_open(known, company, "gl", on):
        return on
    later = next_open_day(known, company, "gl", on) if move else None
    if later is None:
        raise PeriodClosed(
            f"{company.code} takes no {_AREAS['gl']} postings on {on}."
            " Reopen the period, or let the next open day be taken."
        )
    return later


def post(
    context: Context,
    document: Document,
    company: Entry[Company],
    area: Area,
    on: dt.date,
    lines: Sequence[JournalLine],
    entry: int = ORIGINAL,
    takes_back: bool = False,
) -> None:
    """Stage a journal entry whose header is the document; ``entry`` counts the entries of one document.

    Dimensions are held against what the accounts ask, but for an entry that takes another one back: that carries
    what the other one did. Raises PeriodClosed, UnknownReference for an archived currency, AccountNotPostable,
    AccountNotSuitable for a line without a party on an account that is kept per party, DimensionRequired,
    DimensionInvalid, or ValueError for an entry that does not balance, which is a defect of the caller. The database
    holds all of it again but the currency.
    """
    check_open(context, company, area, on)
    if entry == ORIGINAL and not takes_back:
        if document.currency is not None:
            check_currency(context, document.currency)  # a draft may be older than the currency's archiving
        for line in lines:
            check_line(context, line.account, line.carried, on)
    _stage(context, document, company, area, on, lines, entry)


def post_closing(
    context: Context,
    document: Document,
    company: Entry[Company],
    on: dt.date,
    lines: Sequence[JournalLine],
    entry: int = ORIGINAL,
) -> None:
    """Stage the entry that closes a fiscal year, on its last day, whose period may be closed but not locked.

    The database takes it only together with the closing that names the document.
    """
    _stage(context, document, company, "closing", on, lines, entry)


def _stage(
    context: Context,
    document: Document,
    company: Entry[Company],
    area: str,
    on: dt.date,
    lines: Sequence[JournalLine],
    entry: int,
) -> None:
    _check_balanced(lines)
    for line in lines:
        check_postable(line.account)
        check_party(line.account, line.party_id)
    context.work.append(
        JOURNAL_LINE,
        [
            {
                "line": number,
                "account_id": line.account.id,
                "currency": line.currency,
                "amount": line.amount,
                "base_amount": line.amount if line.base_amount is None else line.base_amount,
                "party_id": line.party_id,
                "product_id": line.product_id,
                "quantity": line.quantity,
                "tax": line.tax,
                "text": line.text,
                "dimensions": dict(line.carried),
            }
            for number, line in enumerate(lines, 1)
        ],
        alike={
            "document_id": document.id,
            "entry": entry,
            "company_id": company.id,
            "area": area,
            "effective_date": on,
        },
    )


def reversed_lines(lines: Sequence[JournalLine]) -> list[JournalLine]:
    """The same lines with debit and credit exchanged."""
    return [
        JournalLine(
            line.account,
            -line.amount,
            line.currency,
            None if line.base_amount is None else -line.base_amount,
            line.party_id,
            line.product_id,
            None if line.quantity is None else -line.quantity,
            line.tax,
            line.text,
            line.carried,
        )
        for line in lines
    ]


def _check_balanced(lines: Sequence[JournalLine]) -> None:
    """An entry balances in base currency; one that is all in one currency balances in that as well."""
    base = sum((line.amount if line.base_amount is None else line.base_amount for line in lines), Decimal(0))
    own = sum((line.amount for line in lines), Decimal(0)) if len({line.currency for line in lines}) == 1 else 0
    if base or own:
        raise ValueError(f"the entry does not balance: {own} in its currency, {base} in base currency")
