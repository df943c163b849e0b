"""The ledger's trial balance as a report: each balance explains itself, and it comes as a file like the others."""

import datetime as dt

from pydantic import PrivateAttr

from bigledger.kernel import Content, Context, configuration
from bigledger.ledger import TrialBalance, TrialBalanceQuery, TrialBalanceRow, trial_balance
from bigledger.records import Account
from bigledger.reporting.cells import Address, identifier, unknown_cell
from bigledger.reporting.layout import Line, Term
from bigledger.reporting.model import Format, Report, ReportCell, ReportColumn, ReportRow, Tie
from bigledger.reporting.periods import EVER, Column, Span

KIND, TITLE = "trial-balance", "Trial balance"


class TrialBalanceReportQuery(TrialBalanceQuery):
    """The day and the instant the trial balance is asked for, of which company, and how it is answered."""

    format: Format = "json"


class ExplainableBalance(TrialBalanceRow):
    """An account's balance; ``cell`` is what ``explain`` takes."""

    cell: str


class TrialBalanceReport(TrialBalance):
    """The balance of every account on a day. Total debit equals total credit, always."""

    other_formats = Report.other_formats
    rows: list[ExplainableBalance]  # type: ignore[assignment]
    _report: Report | None = PrivateAttr(default=None)

    def as_file(self) -> Content | None:
        """The trial balance as a file, when it was asked for as one."""
        return None if self._report is None else self._report.as_file()

    def formatted(self, format: Format, now: dt.datetime) -> "TrialBalanceReport":
        """The same, to be answered in a format."""
        self._report = _as_report(self).formatted(format, now)
        return self


def trial_balance_report(query: TrialBalanceReportQuery, context: Context) -> TrialBalanceReport:
    """The ledger's trial balance, with what explains each balance."""
    found = trial_balance(query, context)
    rows = [
        ExplainableBalance(
            **dict(row),
            cell=identifier(
                Address(
                    kind=KIND,
                    row=row.account.code,
                    company=found.company.id,
                    last=found.as_of,
                    known_at=found.known_at,
                    options={} if query.closing == "include" else {"closing": "exclude"},
                )
            ),
        )
        for row in found.rows
    ]
    return TrialBalanceReport(**{**dict(found), "rows": rows}).formatted(query.format, context.now)


def cell_terms(context: Context, place: Address) -> tuple[Line, Column]:
    """What a balance adds up. Raises InvalidRequest for one that the report does not have."""
    account = configuration(context).find(Account, place.row)
    if account is None:
        raise unknown_cell()
    accounts = frozenset([account.id])
    spans = {"balance": Span(EVER, place.last)}
    terms: tuple[Term, ...] = (Term(accounts, "balance", 1),)
    if place.options.get("closing") == "exclude":
        spans = {
            "before": Span(EVER, place.last - dt.timedelta(days=1)),
            "day": Span(place.last, place.last, closing=False),
        }
        terms = (Term(accounts, "before", 1), Term(accounts, "day", 1))
    line = Line(place.row, f"{account.code} {account.data.name}", 0, "account", terms)
    return line, Column(place.last, place.last, True, spans)


def _as_report(balance: TrialBalance) -> Report:
    """The trial balance in rows and columns, as files have it."""

    def row(key: str, label: str, amounts: tuple[ReportCell, ...], **more: object) -> ReportRow:
        return ReportRow.model_validate(
            {"key": key, "label": label, "level": 0, "style": "line", "cells": amounts, **more}
        )

    debit, credit = balance.total_debit, balance.total_credit
    rows = [
        row(
            each.account.code,
            f"{each.account.code} {each.account.name or ''}".strip(),
            (ReportCell(amount=each.debit or None), ReportCell(amount=each.credit or None)),
            account=each.account,
        )
        for each in balance.rows
    ]
    total = (ReportCell(amount=debit), ReportCell(amount=credit))
    tie = Tie(column="debit", label="Debit", amount=debit, ties_to="Credit", balance=credit, difference=debit - credit)
    return Report(
        kind=KIND,
        title=TITLE,
        company=balance.company,
        currency=balance.currency,
        known_at=balance.known_at,
        columns=[
            ReportColumn(key=key, label=label, as_of=balance.as_of)
            for key, label in (("debit", "Debit"), ("credit", "Credit"))
        ],
        rows=[*rows, row("total", "Total", total, style="total")],
        ties_to=[tie],
    )
