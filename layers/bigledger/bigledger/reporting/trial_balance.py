"""The trial balance: every account's balance on a day, beside those of earlier days; each of them explains itself."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import Field, PrivateAttr

from bigledger.kernel import Amount, Answer, Content, Context, Day, Entry, Ref, configuration
from bigledger.kernel.money import quantum
from bigledger.records import Account, company_of
from bigledger.reporting import figures
from bigledger.reporting.cells import Address, identifier, unknown_cell
from bigledger.reporting.layout import Line, Term, value
from bigledger.reporting.model import Format, Report, ReportCell, ReportColumn, ReportRow, Tie
from bigledger.reporting.periods import EVER, Column, Compare, Span, balance_columns, written
from bigledger.reporting.queries import ReportQuery

KIND, TITLE = "trial-balance", "Trial balance"


class TrialBalanceQuery(ReportQuery):
    """The day the trial balance is asked for, and with how many earlier days it is compared."""

    as_of: Day | None = None
    compare: Compare | None = None
    columns: int = Field(default=1, ge=1, le=24)
    """How many earlier days there are, with ``compare``."""
    zero: Literal["hide", "show"] = "hide"
    """Whether accounts without a balance are shown."""
    closing: Literal["include", "exclude"] = "include"
    """Whether the entry that closes a fiscal year on that very day counts; without it income and expense still show."""


class ComparedBalance(Answer):
    """An account's balance on an earlier day, debit positive. ``cell`` is what ``explain`` takes."""

    as_of: dt.date
    balance: Amount
    cell: str


class TrialBalanceRow(Answer):
    """An account's balance, as a debit or as a credit. ``cell`` is what ``explain`` takes."""

    account: Ref
    kind: str
    debit: Amount
    credit: Amount
    balance: Amount
    """Debit positive."""
    cell: str
    compared: list[ComparedBalance] | None = None


class TrialBalance(Answer):
    """The balance of every account on a day, in base currency.

    Total debit equals total credit, always; only of what is narrowed to a dimension it need not.
    """

    other_formats = Report.other_formats
    company: Ref
    as_of: dt.date
    known_at: dt.datetime | None = None
    currency: str
    dimension: dict[str, str] | None = None
    rows: list[TrialBalanceRow]
    total_debit: Amount
    total_credit: Amount
    _report: Report | None = PrivateAttr(default=None)

    def as_file(self) -> Content | None:
        """The trial balance as a file, when it was asked for as one."""
        return None if self._report is None else self._report.as_file()

    def formatted(self, format: Format, earlier: list[dt.date], now: dt.datetime) -> "TrialBalance":
        """The same, to be answered in a format; a file has the balances of the earlier days beside it."""
        self._report = _as_report(self, earlier).formatted(format, now)
        return self


def trial_balance(query: TrialBalanceQuery, context: Context) -> TrialBalance:
    """The trial balance as of a day, in one statement over the balances of days. Raises UnknownReference.

    With ``known_at`` it is summed from the lines recorded by then.
    """
    company = company_of(context, query.company)
    as_of = query.as_of or context.clock.today(company.data.timezone)
    days = [column.last for column in balance_columns(context, company, as_of, query.compare, query.columns)]
    columns = [_column(day, query.closing) for day in days]
    spans = [span for column in columns for span in column.spans.values()]
    sums = figures.read(context, company.id, spans, query.known_at, query.dimension, None)
    unit = quantum(company.data.currency)

    def balance(account: Entry[Account], column: Column) -> ComparedBalance:
        place = Address(
            kind=KIND,
            row=account.code,
            company=company.id,
            last=column.last,
            known_at=query.known_at,
            dimension=query.dimension,
            options={} if query.closing == "include" else {"closing": "exclude"},
        )
        amount = value(_line(account), column, sums).quantize(unit)
        return ComparedBalance(as_of=column.last, balance=amount, cell=identifier(place))

    rows = []
    for account in sorted(configuration(context).every(Account), key=lambda entry: entry.code):
        now, *before = [balance(account, column) for column in columns]
        if query.zero == "show" or any(one.balance for one in (now, *before)):
            rows.append(_row(account, now, before if query.compare else None))
    zero = Decimal(0).quantize(unit)
    return TrialBalance(
        company=company.ref,
        as_of=as_of,
        known_at=query.known_at,
        currency=company.data.currency,
        dimension=query.dimension or None,
        rows=rows,
        total_debit=sum((row.debit for row in rows), zero),
        total_credit=sum((row.credit for row in rows), zero),
    ).formatted(query.format, days[1:], context.now)


def cell_terms(context: Context, place: Address) -> tuple[Line, Column]:
    """What a balance adds up. Raises InvalidRequest for one that the report does not have."""
    account = configuration(context).find(Account, place.row)
    if account is None:
        raise unknown_cell()
    return _line(account), _column(place.last, place.options.get("closing", "include"))


def _column(day: dt.date, closing: str) -> Column:
    """What counts on a day: all before it, and the day itself with or without the entries that close a year."""
    before = Span(EVER, day - dt.timedelta(days=1))
    return Column(day, day, True, {"before": before, "day": Span(day, day, closing=closing == "include")})


def _line(account: Entry[Account]) -> Line:
    terms = tuple(Term(frozenset([account.id]), measure, 1) for measure in ("before", "day"))
    return Line(account.code, f"{account.code} {account.data.name}", 0, "account", terms)


def _row(account: Entry[Account], now: ComparedBalance, before: list[ComparedBalance] | None) -> TrialBalanceRow:
    zero = now.balance - now.balance
    return TrialBalanceRow(
        account=account.ref,
        kind=account.data.kind,
        debit=max(now.balance, zero),
        credit=max(-now.balance, zero),
        balance=now.balance,
        cell=now.cell,
        compared=before,
    )


def _as_report(balance: TrialBalance, earlier: list[dt.date]) -> Report:
    """The trial balance in rows and columns, as files have it."""
    rows = [
        ReportRow(
            key=row.account.code,
            label=f"{row.account.code} {row.account.name or ''}".strip(),
            level=0,
            style="line",
            cells=[
                ReportCell(amount=row.debit or None),
                ReportCell(amount=row.credit or None),
                *(ReportCell(amount=one.balance) for one in row.compared or []),
            ],
            account=row.account,
        )
        for row in balance.rows
    ]
    debit, credit = balance.total_debit, balance.total_credit
    total = [ReportCell(amount=debit), ReportCell(amount=credit), *(ReportCell() for _ in earlier)]
    tie = Tie(column="debit", label="Debit", amount=debit, ties_to="Credit", balance=credit, difference=debit - credit)
    return Report(
        kind=KIND,
        title=TITLE,
        company=balance.company,
        currency=balance.currency,
        known_at=balance.known_at,
        dimension=balance.dimension,
        columns=[
            ReportColumn(key="debit", label="Debit", as_of=balance.as_of),
            ReportColumn(key="credit", label="Credit", as_of=balance.as_of),
            *(ReportColumn(key=str(day), label=f"Balance of {written(day)}", as_of=day) for day in earlier),
        ],
        rows=[*rows, ReportRow(key="total", label="Total", level=0, style="total", cells=total)],
        ties_to=[] if balance.dimension else [tie],
    )
