"""The trial balance: every account's balance on a day, beside those of earlier days; each of them explains itself."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from pydantic import PrivateAttr

from bigledger.kernel import Amount, Answer, Content, Context, Day, Entry, Ref, configuration
from bigledger.kernel.money import nothing, quantum
from bigledger.records import Account, Company
from bigledger.reporting import figures
from bigledger.reporting.cells import Address, identifier, unknown_cell
from bigledger.reporting.columns import address_of, beside, column_shown, shared
from bigledger.reporting.companies import companies_of, named, of_cell, today_of
from bigledger.reporting.layout import Line, Term, value
from bigledger.reporting.model import Format, Report, ReportCell, ReportColumn, ReportRow, Tie
from bigledger.reporting.periods import EVER, Column, Span, compared_days
from bigledger.reporting.queries import ColumnsQuery

KIND, TITLE = "trial-balance", "Trial balance"

_MEASURES = ("before", "day")
"""What an account's balance adds up: all up to the day before, and the day itself."""

_SIDES = {"debit": 1, "credit": -1}
"""The totals, and the sign of the balances that each adds up."""


class TrialBalanceQuery(ColumnsQuery):
    """The day the trial balance is asked for, and with what it is compared or by what it is split."""

    as_of: Day | None = None
    closing: Literal["include", "exclude"] = "include"
    """Whether the entry that closes a fiscal year on that very day counts; without it income and expense still show."""


class ComparedBalance(Answer):
    """An account's balance on an earlier day, debit positive. ``cell`` is what ``explain`` takes."""

    as_of: dt.date
    balance: Amount
    cell: str


class BalanceOfShare(Answer):
    """What of an account's balance is one company's, or of one value of the dimension, or without one.

    ``cell`` is what ``explain`` takes.
    """

    company: Ref | None = None
    dimension_value: str | None = None
    balance: Amount
    """Debit positive."""
    cell: str


class TrialBalanceRow(Answer):
    """An account's balance, as a debit or as a credit. ``cell`` is what ``explain`` takes.

    ``compared`` are the balances of earlier days; ``shares`` add up to the balance where the report is split.
    """

    account: Ref
    kind: str
    debit: Amount
    credit: Amount
    balance: Amount
    """Debit positive."""
    cell: str
    compared: list[ComparedBalance] | None = None
    shares: list[BalanceOfShare] | None = None


class TrialBalance(Answer):
    """The balance of every account on a day, in base currency.

    Total debit equals total credit, always; only of what is narrowed to a dimension it need not. Split by company it is
    of all the ``companies`` together, and each of them balances.
    """

    other_formats = Report.other_formats
    company: Ref | None = None
    companies: list[Ref] | None = None
    as_of: dt.date
    known_at: dt.datetime | None = None
    currency: str
    dimension: dict[str, str] | None = None
    split: str | None = None
    rows: list[TrialBalanceRow]
    total_debit: Amount
    total_credit: Amount
    total_debit_cell: str
    total_credit_cell: str
    _report: Report | None = PrivateAttr(default=None)

    @property
    def printed(self) -> Report | None:
        """The report that its file is printed from, when it was asked for as one."""
        return self._report

    def as_file(self) -> Content | None:
        """The trial balance as a file, when it was asked for as one."""
        return None if self._report is None else self._report.as_file()

    def formatted(self, format: Format, beside: Sequence[ReportColumn], now: dt.datetime) -> "TrialBalance":
        """The same, to be answered in a format; a file has the balances of the other columns beside it."""
        self._report = _as_report(self, beside).formatted(format, now)
        return self


def trial_balance(query: TrialBalanceQuery, context: Context) -> TrialBalance:
    """The trial balance as of a day, in one statement over the balances of days. Raises UnknownReference.

    With ``known_at`` it is summed from the lines recorded by then.
    """
    companies = companies_of(context, query.company, query.split)
    as_of = query.as_of or today_of(context, companies)
    days = compared_days(as_of, query.compare, query.columns)
    asked = [_column(companies, day, query.closing) for day in days]
    sums = figures.read(context, asked, _MEASURES, query.known_at, query.dimension, query.split)
    base = companies[0].data.currency
    options = {} if query.closing == "include" else {"closing": "exclude"}
    *shares, total = beside(asked[:1], companies, query.split, sums)
    columns = [total, *asked[1:], *shares]

    def balance(account: Entry[Account], column: Column) -> tuple[Decimal, str]:
        place = address_of(KIND, account.code, column, query, **options)
        return value(_line(account), column, sums).quantize(quantum(base)), identifier(place)

    rows = []
    for account in sorted(configuration(context).every(Account), key=lambda entry: entry.code):
        figure = [balance(account, column) for column in columns]
        if query.zero == "show" or any(amount for amount, _ in figure):
            rows.append(_row(account, columns, figure, query))
    zero = nothing(base)
    sides = {side: identifier(address_of(KIND, "total", total, query, **options, side=side)) for side in _SIDES}
    company, of = named(companies, query.split)
    return TrialBalance(
        company=company,
        companies=of,
        as_of=as_of,
        known_at=query.known_at,
        currency=base,
        dimension=query.dimension or None,
        split=query.split,
        rows=rows,
        total_debit=sum((row.debit for row in rows), zero),
        total_credit=sum((row.credit for row in rows), zero),
        total_debit_cell=sides["debit"],
        total_credit_cell=sides["credit"],
    ).formatted(query.format, [column_shown(column, query.split) for column in columns[1:]], context.now)


def cell_terms(context: Context, place: Address) -> tuple[Line, Column]:
    """What a balance, or one of the totals, adds up. Raises InvalidRequest for what the report does not have.

    Which accounts are in a total is known from their balances, which one more statement reads.
    """
    companies = of_cell(context, place)
    column = _column(companies, place.last, place.options.get("closing", "include"))
    side = place.options.get("side")
    if side is not None:
        if side not in _SIDES:
            raise unknown_cell()
        sums = figures.read(context, [column], _MEASURES, place.known_at, place.dimension, None)
        terms = [
            replace(term, sign=_SIDES[side])
            for account in configuration(context).every(Account)
            for term in _line(account).terms
            if value(_line(account), column, sums) * _SIDES[side] > 0
        ]
        return Line("total", f"Total {side}", 0, "total", tuple(terms)), column
    account = configuration(context).find(Account, place.row)
    if account is None:
        raise unknown_cell()
    return _line(account), shared(column, companies, place)


def _column(companies: Sequence[Entry[Company]], day: dt.date, closing: str) -> Column:
    """What counts on a day: all before it, and the day itself with or without the entries that close a year."""
    before = Span(EVER, day - dt.timedelta(days=1))
    spans = {"before": before, "day": Span(day, day, closing=closing == "include")}
    return Column(day, day, True, {company.id: spans for company in companies})


def _line(account: Entry[Account]) -> Line:
    terms = tuple(Term(frozenset([account.id]), measure, 1) for measure in _MEASURES)
    return Line(account.code, f"{account.code} {account.data.name}", 0, "account", terms)


def _row(
    account: Entry[Account],
    columns: Sequence[Column],
    figures: Sequence[tuple[Decimal, str]],
    query: TrialBalanceQuery,
) -> TrialBalanceRow:
    """An account with its balance, and those of the columns beside."""
    (balance, cell), *others = figures
    told = list(zip(columns[1:], others, strict=True))
    zero = balance - balance
    return TrialBalanceRow(
        account=account.ref,
        kind=account.data.kind,
        debit=max(balance, zero),
        credit=max(-balance, zero),
        balance=balance,
        cell=cell,
        compared=[ComparedBalance(as_of=column.last, balance=amount, cell=cell) for column, (amount, cell) in told]
        if query.compare
        else None,
        shares=[
            BalanceOfShare(
                company=column.company,
                dimension_value=column.share.value if column.share else None,
                balance=amount,
                cell=cell,
            )
            for column, (amount, cell) in told
        ]
        if query.split
        else None,
    )


def _as_report(balance: TrialBalance, beside: Sequence[ReportColumn]) -> Report:
    """The trial balance in rows and columns, as files have it: shares before the balance, earlier days after it."""
    shares, earlier = (list(beside), []) if balance.split else ([], list(beside))
    sides = [
        ReportColumn(key=side, label=f"Total {side}" if shares else side.capitalize(), as_of=balance.as_of)
        for side in _SIDES
    ]
    rows = [
        ReportRow(
            key=row.account.code,
            label=f"{row.account.code} {row.account.name or ''}".strip(),
            level=0,
            style="line",
            cells=[
                *(ReportCell(amount=one.balance) for one in row.shares or []),
                ReportCell(amount=row.debit or None),
                ReportCell(amount=row.credit or None),
                *(ReportCell(amount=one.balance) for one in row.compared or []),
            ],
            account=row.account,
        )
        for row in balance.rows
    ]
    debit, credit = balance.total_debit, balance.total_credit
    total = [
        *(ReportCell(amount=_sum(row.cells[place] for row in rows)) for place in range(len(shares))),
        ReportCell(amount=debit),
        ReportCell(amount=credit),
        *(ReportCell(amount=_sum(row.cells[2 + place] for row in rows)) for place in range(len(earlier))),
    ]
    tie = Tie(column="debit", label="Debit", amount=debit, ties_to="Credit", balance=credit, difference=debit - credit)
    return Report(
        kind=KIND,
        title=TITLE,
        company=balance.company,
        companies=balance.companies,
        currency=balance.currency,
        known_at=balance.known_at,
        dimension=balance.dimension,
        split=balance.split,
        columns=[
            *shares,
            *sides,
            *(one.model_copy(update={"label": f"Balance of {one.label}"}) for one in earlier),
        ],
        rows=[*rows, ReportRow(key="total", label="Total", level=0, style="total", cells=total)],
        ties_to=[] if balance.dimension else [tie],
    )


def _sum(cells: Iterable[ReportCell]) -> Decimal:
    return sum((cell.amount for cell in cells if cell.amount is not None), Decimal(0))
