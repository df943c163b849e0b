"""A report as it is laid out on paper: a heading, columns, and rows of texts and numbers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby

from bigledger.kernel.money import scale
from bigledger.reporting.general_ledger import GeneralLedger
from bigledger.reporting.model import Report, ReportColumn, ReportRow, Style, Tie
from bigledger.reporting.periods import written
from bigledger.reporting.stock_movements import StockMovements
from bigledger.reporting.stock_valuation import StockValuation

Value = str | Decimal | dt.date | None


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column: its heading, and whether it holds texts, days, amounts or quantities."""

    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row of values, one per column; the first is indented by ``level``.

    ``again`` says that it is a heading that a page repeats.
    """

    style: Style
    level: int
    values: list[Value]
    again: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A report on paper. ``subtitle`` says of what days and in which currency, ``notes`` what else to know.

    ``sent_to`` are the lines of who it is handed to, if it is for someone outside the company.
    """

    title: str
    company: str
    subtitle: str
    columns: list[GridColumn]
    rows: list[GridRow]
    decimals: int
    notes: list[str] = field(default_factory=list)
    sent_to: list[str] = field(default_factory=list)

    def only(self, places: Sequence[int]) -> "Grid":
        """The same with some of the columns."""
        rows = [replace(row, values=[row.values[place] for place in places]) for row in self.rows]
        return replace(self, columns=[self.columns[place] for place in places], rows=rows)


def grid_of(report: Report, prepared: dt.datetime) -> Grid:
    """The layout of a report."""
    columns, rows = _ledger(report) if isinstance(report, GeneralLedger) else _report(report)
    companies = report.companies or ([report.company] if report.company else [])
    notes = [
        f"{tie.label} {_plain(tie.amount)} = {tie.ties_to} {_plain(tie.balance)}"
        if not tie.difference
        else f"{tie.label} {_plain(tie.amount)} differs from {tie.ties_to} {_plain(tie.balance)}"
        f" by {_plain(tie.difference)}"
        for tie in _told(report)
    ]
    if isinstance(report, GeneralLedger) and report.next_cursor is not None:
        notes.append("There are more lines: ask for the next page, or for fewer accounts or days.")
    if isinstance(report, StockMovements | StockValuation) and report.next_cursor is not None:
        notes.append("There are more positions: ask for the next page, or for one product or location.")
    if len(companies) > 1:
        told = ", ".join(f"{one.code} {one.name or ''}".strip() for one in companies)
        notes.append(f"The books of {told}, added up: nothing between them is eliminated.")
    if report.dimension:
        narrowed = ", ".join(f"{code} {value or '(none)'}" for code, value in report.dimension.items())
        notes.append(f"Only what is posted with {narrowed}.")
    if report.known_at is not None:
        notes.append(f"As known on {written(report.known_at.date())}, {report.known_at:%H:%M} UTC.")
    notes.append(f"Prepared on {written(prepared.date())}, {prepared:%H:%M} UTC.")
    return Grid(
        title=report.title,
        company=", ".join(one.name or one.code for one in companies),
        subtitle=f"{_days(report.columns[0])} · in {report.currency}",
        columns=columns,
        rows=rows,
        decimals=scale(report.currency),
        notes=notes,
    )


def _told(report: Report) -> list[Tie]:
    """What a page says of ties: those of the column that is asked for, or of the total, and all that do not hold."""
    if not report.ties_to:
        return []
    of = report.ties_to[-1 if report.split else 0].column
    return [tie for tie in report.ties_to if tie.column == of or tie.difference]


def _report(report: Report) -> tuple[list[GridColumn], list[GridRow]]:
    """The columns as they are; beside items also when they are due, beside taxes their rate."""
    dated = any(row.due_date for row in report.rows)
    rated = any(row.rate for row in report.rows)
    columns = [GridColumn("", "text")]
    columns += [GridColumn("Due", "date")] * dated + [GridColumn("Rate", "text")] * rated
    columns += [GridColumn(column.label, column.kind) for column in report.columns]
    rows = []
    for row in report.rows:
        beside: list[Value] = [row.due_date] * dated
        beside += [_percent(row)] * rated
        cells: list[Value] = [cell.amount for cell in row.cells] or [None] * len(report.columns)
        rows.append(GridRow(row.style, row.level, [row.label, *beside, *cells]))
    return columns, rows


def _ledger(report: GeneralLedger) -> tuple[list[GridColumn], list[GridRow]]:
    """Every account of the page with its opening balance, its lines and its closing balance."""
    texts = [GridColumn(label, kind) for label, kind in (("", "text"), ("Date", "date"), ("Text", "text"))]
    columns = texts + [GridColumn(label, "amount") for label in ("Debit", "Credit", "Balance")]
    lines = {code: list(of) for code, of in groupby(report.data, key=lambda line: line.account.code)}
    rows = []
    for account in report.rows:
        opening, debit, credit, closing = (cell.amount for cell in account.cells)
        rows.append(GridRow("heading", 0, [account.label, None, None, None, None, None]))
        rows.append(GridRow("line", 1, ["Opening balance", None, None, None, None, opening]))
        for line in lines.get(account.key, []):
            text = line.text or (line.party.name if line.party else None)
            sides: list[Value] = [line.debit or None, line.credit or None, line.balance]
            rows.append(GridRow("account", 1, [line.document.code, line.date, text, *sides]))
        rows.append(GridRow("subtotal", 1, ["Closing balance", None, None, debit, credit, closing]))
    return columns, rows


def _days(column: ReportColumn) -> str:
    if column.starts_on is not None and column.ends_on is not None:
        return f"{written(column.starts_on)} to {written(column.ends_on)}"
    return f"As of {written(column.as_of)}" if column.as_of else ""


def _percent(row: ReportRow) -> str | None:
    return None if row.rate is None else f"{(Decimal(row.rate) * 100).normalize():f} %"


def _plain(amount: Decimal) -> str:
    return f"({-amount:,f})" if amount < 0 else f"{amount:,f}"
