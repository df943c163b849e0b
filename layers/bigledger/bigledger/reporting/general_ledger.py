"""The general ledger: every account's balance before a period, its lines in it with their running balance, and after.

The accounts' figures are read from the balances of days (with ``known_at`` from lines), the lines in pages; both in
one statement. Entries that close a year are lines like all others here.
"""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from bigledger.kernel import Amount, Answer, Context, Entry, Page, Ref, configuration, listing
from bigledger.kernel.money import nothing, quantum, round_money
from bigledger.records import Account, Company, company_of
from bigledger.reporting.cells import Address, identifier, line_position, unknown_cell
from bigledger.reporting.figures import NARROWED, narrowed
from bigledger.reporting.layout import Line, Term
from bigledger.reporting.model import Report, ReportCell, ReportColumn, ReportRow, Tie
from bigledger.reporting.periods import Column, movement_column
from bigledger.reporting.queries import GeneralLedgerQuery, period

KIND, TITLE = "general-ledger", "General ledger"

COLUMNS = {"opening": "Opening balance", "debit": "Debit", "credit": "Credit", "closing": "Closing balance"}


class GeneralLedgerLine(Answer):
    """A posted line and the balance of its account after it, in base currency, debit positive.

    A line of a tax without a ``text`` of its own is told by the code of the tax.
    """

    account: Ref
    document: Ref
    document_type: str
    entry: int
    line: int
    date: dt.date
    party: Ref | None = None
    text: str | None = None
    currency: str
    currency_amount: Amount
    debit: Amount
    credit: Amount
    balance: Amount


class GeneralLedger(Report, Page[GeneralLedgerLine]):
    """Every account with a balance or lines, and a page of the lines: by account, oldest first."""

    def joined(self, later: Sequence[Self]) -> Self:
        """This page and those that follow it as one."""
        lines = [line for page in (self, *later) for line in page.data]
        return self.model_copy(update={"data": lines, "next_cursor": later[-1].next_cursor})


_FIGURES = """
    SELECT b.account_id, b.day, b.base_debit, b.base_credit FROM ledger.balance b
    WHERE b.company_id = cast(:company AS uuid) AND b.day <= cast(:last AS date)
      AND (:account = '' OR b.account_id = cast(nullif(:account, '') AS uuid))
"""

_FIGURES_KNOWN_AT = """
    SELECT b.account_id, b.effective_date AS day, greatest(b.base_amount, 0) AS base_debit,
           greatest(-b.base_amount, 0) AS base_credit
    FROM ledger.journal_line b
    WHERE b.company_id = cast(:company AS uuid) AND b.effective_date <= cast(:last AS date)
      AND b.recorded_at <= cast(:known_at AS timestamptz)
      AND (:account = '' OR b.account_id = cast(nullif(:account, '') AS uuid))
"""

_LEDGER = f"""
    WITH figure AS MATERIALIZED (
        SELECT g.*, a.number AS code FROM (
        SELECT f.account_id,
               coalesce(sum(f.base_debit - f.base_credit) FILTER (WHERE f.day < cast(:first AS date)), 0) AS opening,
               coalesce(sum(f.base_debit) FILTER (WHERE f.day >= cast(:first AS date)), 0) AS debit,
               coalesce(sum(f.base_credit) FILTER (WHERE f.day >= cast(:first AS date)), 0) AS credit
        FROM ({{figures}} {NARROWED.format(row="b")}) f
        GROUP BY 1) g JOIN kernel.document a ON a.id = g.account_id
    ), page AS (
        SELECT f.code, f.opening, l.* FROM figure f
        CROSS JOIN LATERAL (
            SELECT l.* FROM ledger.journal_line l
            WHERE l.company_id = cast(:company AS uuid) AND l.account_id = f.account_id
              AND l.effective_date >= cast(:first AS date) AND l.effective_date <= cast(:last AS date)
              AND l.recorded_at <= cast(:known_at AS timestamptz)
              AND (f.code > :after_code OR
                   (l.effective_date, l.recorded_at, l.document_id, l.entry, l.line) >
                   (cast(:after_date AS date), cast(:after_recorded AS timestamptz), cast(:after_document AS uuid),
                    cast(:after_entry AS integer), cast(:after_line AS integer)))
              {NARROWED.format(row="l")}
            ORDER BY l.effective_date, l.recorded_at, l.document_id, l.entry, l.line LIMIT :limit) l
        WHERE f.code >= :after_code
        ORDER BY f.code, l.effective_date, l.recorded_at, l.document_id, l.entry, l.line LIMIT :limit
    )
    SELECT jsonb_build_object(
        'figures', (SELECT coalesce(jsonb_agg(jsonb_build_object('account_id', account_id, 'opening', opening::text,
                        'debit', debit::text, 'credit', credit::text) ORDER BY code), '[]') FROM figure),
        'lines', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'account_id', l.account_id, 'code', l.code, 'document_id', l.document_id, 'number', d.number,
            'type', d.type, 'entry', l.entry, 'line', l.line, 'date', l.effective_date, 'recorded_at', l.recorded_at,
            'party_id', l.party_id, 'party_code', p.number, 'party_name', p.data->>'name',
            'text', coalesce(l.text, l.tax), 'currency', l.currency,
            'currency_amount', l.amount::text, 'base_amount', l.base_amount::text)
            ORDER BY l.code, l.effective_date, l.recorded_at, l.document_id, l.entry, l.line), '[]')
            FROM page l JOIN kernel.document d ON d.id = l.document_id
            LEFT JOIN kernel.document p ON p.id = l.party_id)
    )::text
"""

_START = ("", "-infinity", "-infinity", "00000000-0000-0000-0000-000000000000", "0", "0", "0")


def general_ledger(query: GeneralLedgerQuery, context: Context) -> GeneralLedger:
    """The accounts of a period and a page of their lines, in one statement."""
    company = company_of(context, query.company)
    account = configuration(context).get(Account, query.account, "/account") if query.account else None
    first, last = period(context, [company], query.first, query.last)
    after = _position(query.cursor) if query.cursor else list(_START)
    found = context.work.read_json(
        _LEDGER.format(figures=_FIGURES if query.known_at is None else _FIGURES_KNOWN_AT),
        company=str(company.id),
        account=str(account.id) if account else "",
        first=str(first),
        last=str(last),
        known_at=query.known_at.isoformat() if query.known_at else "infinity",
        after_code=after[0],
        after_date=after[1],
        after_recorded=after[2],
        after_document=after[3],
        after_entry=after[4],
        after_line=after[5],
        limit=query.limit + 1,
        **narrowed(query.dimension),
    )
    unit = quantum(company.data.currency)
    accounts = {entry.id: entry for entry in configuration(context).every(Account)}
    rows = [
        _row(query, company, accounts[UUID(row["account_id"])], _amounts(row, unit), (first, last))
        for row in found["figures"]
        if any(Decimal(row[name]) for name in ("opening", "debit", "credit"))
    ]
    openings = {row["account_id"]: Decimal(row["opening"]).quantize(unit) for row in found["figures"]}
    lines, following = _page(query, company, accounts, openings, found["lines"], after)
    zero = nothing(company.data.currency)
    debit, credit = (sum((row.cells[place].amount or zero for row in rows), zero) for place in (1, 2))
    return GeneralLedger(
        kind=KIND,
        title=TITLE,
        company=company.ref,
        currency=company.data.currency,
        known_at=query.known_at,
        dimension=query.dimension or None,
        columns=[ReportColumn(key=key, label=label, starts_on=first, ends_on=last) for key, label in COLUMNS.items()],
        rows=rows,
        ties_to=[
            Tie(
                column="debit",
                label="Debit",
                amount=debit,
                ties_to="Credit",
                balance=credit,
                difference=debit - credit,
            )
        ]
        if account is None and not query.dimension
        else [],
        data=lines,
        next_cursor=following,
    ).formatted(query.format, context.now)


def _position(cursor: str) -> list[str]:
    """The account's code, the line in it, and the balance after that. Raises InvalidRequest."""
    code, *line, balance = listing.read_cursor(cursor, len(_START))
    if not re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,12})?", balance):
        raise listing.bad_cursor()
    return [code, *line_position(line), balance]


def cell_terms(context: Context, place: Address) -> tuple[Line, Column]:
    """What a cell of the general ledger adds up. Raises InvalidRequest for one that it does not have."""
    account = configuration(context).find(Account, place.row)
    column = place.options.get("column")
    if account is None or place.first is None or column not in COLUMNS:
        raise unknown_cell()
    accounts = frozenset([account.id])
    terms = {
        "opening": Term(accounts, "opening", 1),
        "debit": Term(accounts, "lines", 1, "debit"),
        "credit": Term(accounts, "lines", -1, "credit"),
        "closing": Term(accounts, "closing", 1),
    }
    label = f"{account.code} {account.data.name}: {COLUMNS[column]}"
    line = Line(place.row, label, 0, "account", (terms[column],))
    return line, movement_column([place.company], place.first, place.last)


def _amounts(row: dict[str, Any], unit: Decimal) -> list[Decimal]:
    """Opening, debit, credit and closing."""
    opening, debit, credit = (Decimal(row[name]).quantize(unit) for name in ("opening", "debit", "credit"))
    return [opening, debit, credit, opening + debit - credit]


def _row(
    query: GeneralLedgerQuery,
    company: Entry[Company],
    account: Entry[Account],
    amounts: list[Decimal],
    days: tuple[dt.date, dt.date],
) -> ReportRow:
    cells = [
        ReportCell(
            amount=amount,
            cell=identifier(
                Address(
                    kind=KIND,
                    row=account.code,
                    company=company.id,
                    first=days[0],
                    last=days[1],
                    known_at=query.known_at,
                    dimension=query.dimension,
                    options={"column": column},
                )
            ),
        )
        for column, amount in zip(COLUMNS, amounts, strict=True)
    ]
    label = f"{account.code} {account.data.name}"
    return ReportRow(key=account.code, label=label, level=0, style="account", account=account.ref, cells=cells)


def _page(
    query: GeneralLedgerQuery,
    company: Entry[Company],
    accounts: dict[UUID, Entry[Account]],
    openings: dict[str, Decimal],
    rows: list[dict[str, Any]],
    after: list[str],
) -> tuple[list[GeneralLedgerLine], str | None]:
    """The lines with their running balances, and the cursor, which carries the balance of the account it is in."""
    base = company.data.currency
    unit, zero = quantum(base), nothing(base)
    if query.cursor:
        openings |= {row["account_id"]: Decimal(after[6]) for row in rows[:1] if row["code"] == after[0]}
    lines: list[GeneralLedgerLine] = []
    for row in rows[: query.limit]:
        amount = Decimal(row["base_amount"]).quantize(unit)
        openings[row["account_id"]] += amount
        party = (
            Ref(id=UUID(row["party_id"]), code=row["party_code"], name=row["party_name"]) if row["party_id"] else None
        )
        lines.append(
            GeneralLedgerLine(
                account=accounts[UUID(row["account_id"])].ref,
                document=Ref(id=UUID(row["document_id"]), code=row["number"] or ""),
                document_type=row["type"],
                entry=row["entry"],
                line=row["line"],
                date=dt.date.fromisoformat(row["date"]),
                party=party,
                text=row["text"],
                currency=row["currency"],
                currency_amount=round_money(Decimal(row["currency_amount"]), row["currency"]),
                debit=max(amount, zero),
                credit=max(-amount, zero),
                balance=openings[row["account_id"]],
            )
        )
    if len(rows) <= query.limit:
        return lines, None
    last = rows[query.limit - 1]
    names = ("code", "date", "recorded_at", "document_id", "entry", "line")
    return lines, listing.cursor(*(str(last[name]) for name in names), str(lines[-1].balance))
