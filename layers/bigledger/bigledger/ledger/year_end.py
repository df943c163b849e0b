"""Closing a fiscal year: its result to retained earnings, once, in one transaction whose size is that of the chart."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Conflict,
    Context,
    Entry,
    NotFound,
    Ref,
    Reference,
    Table,
    Text,
    configuration,
    documents,
)
from bigledger.kernel.documents import AS_JSON, from_json
from bigledger.kernel.money import nothing, quantum, round_money
from bigledger.ledger.accounts import account_for
from bigledger.ledger.dimensions import with_defaults
from bigledger.ledger.entries import entries_json, read_entries
from bigledger.ledger.events import (
    FiscalYearClosed,
    FiscalYearFact,
    FiscalYearReopened,
    JournalEntryPosted,
    JournalEntryVoided,
)
from bigledger.ledger.journal import TYPE, tell, written
from bigledger.ledger.journal_lines import Drafted
from bigledger.ledger.journal_model import EntryLine, JournalEntryData
from bigledger.ledger.posting import REVERSAL, JournalLine, post_closing, reversed_lines
from bigledger.records import (
    RESOURCES,
    Account,
    Company,
    FiscalYear,
    RecordChange,
    changed_record,
    company_of,
    number_for,
)

_CLOSING = Table(
    "ledger.year_closing",
    ("fiscal_year_id", "number", "action", "company_id", "document_id", "effective_date", "result"),
)


class YearNotClosable(Conflict):
    """The year cannot be closed or reopened yet; the detail says what comes first."""

    title = "Something comes before this"


class CloseFiscalYear(Command):
    """Closes a fiscal year. ``retained_earnings`` is the account its result goes to, the company's own when absent."""

    id: Reference
    retained_earnings: Reference | None = None
    text: Text | None = None


class ReopenFiscalYear(Command):
    """Opens a closed fiscal year again, and says why."""

    id: Reference
    reason: Text


class FiscalYearClosing(Answer):
    """A fiscal year and what its closing came to.

    ``result`` is its profit in ``currency``, a loss below zero; ``entry`` the journal entry that took it to retained
    earnings, absent where there was nothing to take.
    """

    fiscal_year: Ref
    company: Ref
    status: Literal["closed", "open"]
    starts_on: dt.date
    ends_on: dt.date
    currency: str
    result: Amount
    entry: Ref | None = None
    events: list[str] = []


_STATE = f"""
    SELECT jsonb_build_object(
        'last', (SELECT jsonb_build_object('number', y.number, 'action', y.action, 'document_id', y.document_id,
                                           'code', d.number, 'result', y.result::text)
                 FROM ledger.year_closing y LEFT JOIN kernel.document d ON d.id = y.document_id
                 WHERE y.fiscal_year_id = cast(:year AS uuid) ORDER BY y.number DESC LIMIT 1),
        'later', (SELECT jsonb_agg(DISTINCT p.fiscal_year_id) FROM records.fiscal_period p
                  WHERE p.company_id = cast(:company AS uuid) AND p.starts_on > cast(:ends_on AS date)
                    AND ledger.year_closed(p.fiscal_year_id)),
        'entry', (SELECT jsonb_build_object('document', {AS_JSON}, 'entries', {entries_json("d.id")})
                  FROM kernel.document d WHERE d.id = (
                      SELECT y.document_id FROM ledger.year_closing y WHERE y.fiscal_year_id = cast(:year AS uuid)
                      ORDER BY y.number DESC LIMIT 1)),
        'balances', (
            SELECT jsonb_agg(jsonb_build_object('account_id', account_id, 'currency', currency, 'before', before::text,
                                                'amount', amount::text, 'base_amount', base_amount::text,
                                                'dimensions', dimensions)
                             ORDER BY code, currency, dimensions)
            FROM (SELECT a.id AS account_id, a.number AS code, b.currency, b.dimensions, sum(b.amount) AS amount,
                         sum(b.base_amount) AS base_amount,
                         coalesce(sum(b.base_amount) FILTER (
                             WHERE b.day < cast(:starts_on AS date)), 0) AS before
                  FROM kernel.document a
                  CROSS JOIN LATERAL (
                      SELECT currency, dimensions, day, debit - credit AS amount,
                             base_debit - base_credit AS base_amount
                      FROM ledger.balance
                      WHERE company_id = cast(:company AS uuid) AND account_id = a.id
                        AND day <= cast(:ends_on AS date)
                  ) b
                  WHERE a.type = 'account' AND a.data->>'kind' IN ('revenue', 'expense')
                  GROUP BY a.id, a.number, b.currency, b.dimensions
                  HAVING sum(b.amount) <> 0 OR sum(b.base_amount) <> 0) open)
    )::text
"""


def close(command: CloseFiscalYear, context: Context) -> FiscalYearClosing:
    """Take every balance of income and expense to retained earnings on the year's last day, and close its periods.

    A year that is closed stays as it is: the answer is the same. Postings under way are waited for, and later ones
    find the periods closed. Raises NotFound, YearNotClosable, and those of ``account_for``.
    """
    year, company = _year(context, command.id)
    found = _state(context, year, company)
    last = found["last"]
    if last is not None and last["action"] == "closed":
        return _answer(context, year, company, last, "closed")
    earnings = account_for(
        context,
        "earnings",
        command.retained_earnings or company.data.accounts.retained_earnings,
        "/retained_earnings" if command.retained_earnings else "/company",
    )
    balances = found["balances"] or []
    _check_closable(context, year, company, balances)
    lines = _closing_lines(context, company, earnings, balances)
    result = Decimal(0) - sum((line.amount for line in lines if line.account.id == earnings.id), Decimal(0))
    document_id, code = None, None
    if lines:
        data = _data(year, company, lines, command.text)
        document = written(context, company, Drafted(data, lines))
        document.number, document.status = number_for(context, TYPE, company, data.date), "posted"
        document.posted_at = context.now
        post_closing(context, document, company, data.date, lines)
        tell(context, JournalEntryPosted, document)
        document_id, code = document.id, document.number
    outcome = {
        "number": (last["number"] if last else 0) + 1,
        "document_id": document_id,
        "code": code,
        "result": round_money(result, company.data.currency),
    }
    _record(context, year, company, "closed", outcome)
    _close_periods(context, year)
    _tell(context, year, company, FiscalYearClosed, outcome)
    return _answer(context, year, company, outcome, "closed")


def reopen(command: ReopenFiscalYear, context: Context) -> FiscalYearClosing:
    """Take the closing entry of a year back on its own date. The periods stay closed until they are reopened.

    Raises NotFound, and YearNotClosable for a year that is open, one before a closed year, or one that is locked.
    """
    year, company = _year(context, command.id)
    found = _state(context, year, company)
    last = found["last"]
    if last is None or last["action"] == "reopened":
        raise YearNotClosable(f"{year.code} is not closed, so there is nothing to reopen.")
    if found["later"]:
        codes = [entry.code for entry in configuration(context).every(FiscalYear) if str(entry.id) in found["later"]]
        raise YearNotClosable(f"{', '.join(sorted(codes))} after it is closed. Reopen that first.")
    _check_unlocked(year)
    if found["entry"] is not None:
        document = from_json(found["entry"]["document"])
        entries = read_entries(context, found["entry"]["entries"])
        data = document.read(JournalEntryData)
        later = data.model_copy(update={"reason": command.reason})
        documents.change(context, document, status="void", data=later)
        post_closing(context, document, company, data.date, reversed_lines(entries[0].lines), REVERSAL)
        tell(context, JournalEntryVoided, document, reason=command.reason, previous_status="posted")
    outcome = {**last, "number": last["number"] + 1, "result": Decimal(last["result"])}
    _record(context, year, company, "reopened", outcome)
    _tell(context, year, company, FiscalYearReopened, outcome, reason=command.reason)
    return _answer(context, year, company, outcome, "open")


def _year(context: Context, reference: str) -> tuple[Entry[FiscalYear], Entry[Company]]:
    year = configuration(context).find(FiscalYear, reference)
    if year is None or not year.active:
        raise NotFound(f"There is no fiscal year {reference}.")
    return year, company_of(context, year.data.company)


def _state(context: Context, year: Entry[FiscalYear], company: Entry[Company]) -> Any:
    """What the year comes to, once the postings under way have ended: they hold the company's periods shared."""
    context.work.read(
        "SELECT cast(pg_advisory_xact_lock(hashtextextended('periods ' || :company, 0)) AS text)",
        company=str(company.id),
    )
    ends_on = year.data.ends_on
    return context.work.read_json(
        _STATE,
        year=str(year.id),
        company=str(company.id),
        starts_on=str(year.data.starts_on),
        ends_on=str(ends_on),
    )


def _check_closable(
    context: Context, year: Entry[FiscalYear], company: Entry[Company], balances: Sequence[dict[str, Any]]
) -> None:
    """The year is over, those before it are closed, and its last period is not locked. Raises YearNotClosable."""
    if context.clock.today(company.data.timezone) <= year.data.ends_on:
        raise YearNotClosable(f"{year.code} lasts until {year.data.ends_on}. Close it when it is over.")
    if any(Decimal(row["before"]) for row in balances):
        raise YearNotClosable(
            f"Income and expense from before {year.data.starts_on} have not gone to retained earnings. Close the"
            " earlier fiscal years first."
        )
    _check_unlocked(year)


def _check_unlocked(year: Entry[FiscalYear]) -> None:
    last = year.data.periods[-1]
    if last.status == "locked":
        raise YearNotClosable(
            f"The last period of {year.code} is locked, so nothing is posted on {last.ends_on} any more. A year is"
            " closed before its last period is locked."
        )


def _closing_lines(
    context: Context, company: Entry[Company], earnings: Entry[Account], balances: Sequence[dict[str, Any]]
) -> list[JournalLine]:
    """The contrary of every balance, and their sums in base currency to retained earnings, dimensions apart.

    So what a cost centre earned stays its own in the balance sheet (ERPNext's closing by accounting dimension).
    """
    base = company.data.currency
    accounts = {entry.id: entry for entry in configuration(context).every(Account)}
    lines = [
        JournalLine(
            accounts[UUID(row["account_id"])],
            -Decimal(row["amount"]),
            row["currency"],
            -Decimal(row["base_amount"]),
            dimensions=row["dimensions"],
        )
        for row in balances
    ]
    sums: dict[tuple[tuple[str, str], ...], Decimal] = {}
    for line in lines:
        carried = tuple(sorted(line.carried.items()))
        sums[carried] = sums.get(carried, Decimal(0)) + (line.base_amount or Decimal(0))
    earned = [
        JournalLine(earnings, -total, base, -total, dimensions=with_defaults(earnings, dict(carried)))
        for carried, total in sorted(sums.items())
        if total
    ]
    # Beside foreign lines it stands also when it is nothing: an entry in one currency would have to balance in that.
    if not earned and any(line.currency != base for line in lines):
        earned = [JournalLine(earnings, Decimal(0), base, Decimal(0))]
    return [*lines, *earned]


def _data(
    year: Entry[FiscalYear], company: Entry[Company], lines: Sequence[JournalLine], text: str | None
) -> JournalEntryData:
    base = company.data.currency
    shown = [
        EntryLine(
            line=place,
            account=line.account.ref,
            debit=round_money(max(line.amount, nothing(line.currency)), line.currency),
            credit=round_money(max(-line.amount, nothing(line.currency)), line.currency),
            currency=line.currency,
            base_debit=round_money(max(in_base, nothing(base)), base),
            base_credit=round_money(max(-in_base, nothing(base)), base),
            dimensions=dict(line.carried) or None,
        )
        for place, line in enumerate(lines, 1)
        for in_base in (line.base_amount or Decimal(0),)
    ]
    return JournalEntryData(
        kind="closing",
        company=company.ref,
        date=year.data.ends_on,
        currency=base,
        lines=shown,
        total=sum((line.base_debit for line in shown), nothing(base)),
        text=text or f"Closing of {year.data.name or year.code}",
    )


def _record(
    context: Context, year: Entry[FiscalYear], company: Entry[Company], action: str, outcome: dict[str, Any]
) -> None:
    context.work.append(
        _CLOSING,
        [
            {
                "fiscal_year_id": year.id,
                "number": outcome["number"],
                "action": action,
                "company_id": company.id,
                "document_id": outcome["document_id"],
                "effective_date": year.data.ends_on,
                "result": outcome["result"],
            }
        ],
    )


def _close_periods(context: Context, year: Entry[FiscalYear]) -> None:
    """Close the periods that are still open."""
    still_open = [
        {"number": period.number, "status": "closed"} for period in year.data.periods if period.status == "open"
    ]
    if still_open:
        change = RecordChange.model_validate({"resource": "fiscal-years", "id": year.code, "periods": still_open})
        changed_record(RESOURCES["fiscal-years"], change, context)


def _tell(
    context: Context,
    year: Entry[FiscalYear],
    company: Entry[Company],
    event: type[FiscalYearFact],
    outcome: dict[str, Any],
    **facts: Any,
) -> None:
    """Tell of the closing, as an event about the year, whose version moves: so two closings do not cross."""
    subject = next((document for _, document in context.work.events if document.id == year.id), None)
    if subject is None:
        subject = documents.change(context, documents.get(context, "fiscal_year", str(year.id)))
    context.emit(
        event(
            id=year.id,
            fiscal_year=year.ref,
            company=company.ref,
            ends_on=year.data.ends_on,
            currency=company.data.currency,
            result=outcome["result"],
            entry=_entry(outcome),
            **facts,
        ),
        subject,
    )


def _entry(outcome: dict[str, Any]) -> Ref | None:
    return Ref(id=outcome["document_id"], code=outcome["code"]) if outcome["document_id"] else None


def _answer(
    context: Context,
    year: Entry[FiscalYear],
    company: Entry[Company],
    outcome: dict[str, Any],
    status: Literal["closed", "open"],
) -> FiscalYearClosing:
    return FiscalYearClosing(
        fiscal_year=year.ref,
        company=company.ref,
        status=status,
        starts_on=year.data.starts_on,
        ends_on=year.data.ends_on,
        currency=company.data.currency,
        result=Decimal(outcome["result"]).quantize(quantum(company.data.currency)),
        entry=_entry(outcome),
        events=[event.type for event, _ in context.work.events],
    )
