"""The financial statements as they are answered: columns chosen, figures read once, rows filled, ties told."""

from collections.abc import Sequence
from decimal import Decimal

from bigledger.kernel import Context, Entry
from bigledger.kernel.money import quantum
from bigledger.records import Company, company_of
from bigledger.reporting import balance_sheet, cash_flow, figures, profit_loss
from bigledger.reporting.categories import chart
from bigledger.reporting.cells import Address, identifier, unknown_cell
from bigledger.reporting.entries import parts
from bigledger.reporting.layout import Line, Statement, value
from bigledger.reporting.model import Report, ReportCell, ReportColumn, ReportRow, Tie
from bigledger.reporting.periods import (
    Column,
    Value,
    balance_column,
    balance_columns,
    movement_column,
    movement_columns,
)
from bigledger.reporting.queries import BalanceSheetQuery, PeriodQuery, StatementQuery, period

KINDS = frozenset({balance_sheet.KIND, profit_loss.KIND, cash_flow.KIND})


def statement_of(context: Context, kind: str, columns: list[Column], narrowed: bool) -> Statement:
    """The rows of a kind of statement over the tenant's chart."""
    known = chart(context)
    if kind == balance_sheet.KIND:
        return balance_sheet.statement(known, columns, narrowed)
    if kind == profit_loss.KIND:
        return profit_loss.statement(known, columns)
    return cash_flow.statement(known, columns, narrowed)


def cell_terms(context: Context, company: Entry[Company], place: Address) -> tuple[Line, Column]:
    """What a cell of a statement adds up. Raises InvalidRequest for one that it does not have."""
    if place.kind == balance_sheet.KIND:
        column = balance_column(context, company, place.last)
    elif place.first is not None:
        column = movement_column(place.first, place.last)
    else:
        raise unknown_cell()
    if place.shared:
        column = column.of(Value(place.value))
    shown = statement_of(context, place.kind, [column], bool(place.dimension) or place.split is not None)
    line = shown.line(place.row)
    if line is None or not line.terms:
        raise unknown_cell()
    return line, column


def balance_sheet_report(query: BalanceSheetQuery, context: Context) -> Report:
    """The balance sheet as of a day."""
    company = company_of(context, query.company)
    as_of = query.as_of or context.clock.today(company.data.timezone)
    columns = balance_columns(context, company, as_of, query.compare, query.columns)
    return _report(balance_sheet.KIND, query, context, company, columns)


def profit_loss_report(query: PeriodQuery, context: Context) -> Report:
    """Profit or loss of a period."""
    return _of_period(profit_loss.KIND, query, context)


def cash_flow_report(query: PeriodQuery, context: Context) -> Report:
    """Cash flows of a period."""
    return _of_period(cash_flow.KIND, query, context)


def _of_period(kind: str, query: PeriodQuery, context: Context) -> Report:
    company = company_of(context, query.company)
    columns = movement_columns(*period(context, company, query.first, query.last), query.compare, query.columns)
    return _report(kind, query, context, company, columns)


def _report(
    kind: str, query: StatementQuery, context: Context, company: Entry[Company], columns: list[Column]
) -> Report:
    narrowed = bool(query.dimension) or query.split is not None
    shown = statement_of(context, kind, columns, narrowed)
    measures = {term.measure for term in shown.terms()}
    spans = [span for column in columns for measure, span in column.spans.items() if measure in measures]
    more = parts(columns, chart(context)) if kind == cash_flow.KIND else None
    sums = figures.read(context, company.id, spans, query.known_at, query.dimension, query.split, more)
    if query.split is not None:
        values = sorted(sums.values, key=lambda found: (found is None, found or ""))
        columns = [*(columns[0].of(Value(found)) for found in values), columns[0]]
    unit = quantum(company.data.currency)

    def amount(line: Line, column: Column) -> Decimal:
        return value(line, column, sums).quantize(unit)

    def cell(line: Line, column: Column) -> str:
        return identifier(
            Address(
                kind=kind,
                row=line.key,
                company=company.id,
                first=None if column.as_of else column.first,
                last=column.last,
                known_at=query.known_at,
                dimension=query.dimension,
                split=query.split,
                value=column.share.value if column.share else None,
                shared=column.share is not None,
            )
        )

    rows = []
    for line in _chosen(shown.lines, query):
        amounts = [amount(line, column) for column in columns] if line.terms else []
        if line.may_hide and query.zero == "hide" and not any(amounts):
            continue
        cells = [
            ReportCell(amount=each, cell=cell(line, column)) for each, column in zip(amounts, columns, strict=False)
        ]
        rows.append(
            ReportRow(
                key=line.key, label=line.label, level=line.level, style=line.style, cells=cells, account=line.account
            )
        )
    return Report(
        kind=kind,
        title=shown.title,
        company=company.ref,
        currency=company.data.currency,
        known_at=query.known_at,
        dimension=query.dimension or None,
        split=query.split,
        columns=[_shown(column, query.split) for column in columns],
        rows=_without_empty_headings(rows),
        ties_to=[
            Tie(
                column=column.key,
                label=label,
                amount=amount(one, column),
                ties_to=to,
                balance=amount(other, column),
                difference=amount(one, column) - amount(other, column),
            )
            for label, one, to, other in shown.ties
            for column in columns
        ],
    ).formatted(query.format, context.now)


def _chosen(lines: Sequence[Line], query: StatementQuery) -> list[Line]:
    return [line for line in lines if query.detail == "accounts" or line.style != "account"]


def _without_empty_headings(rows: Sequence[ReportRow]) -> list[ReportRow]:
    """The rows but those headings below the first level that nothing stands under."""
    following = [*(row.level for row in rows[1:]), 0]
    return [
        row
        for row, next_level in zip(rows, following, strict=True)
        if row.style != "heading" or row.level == 0 or next_level > row.level
    ]


def _shown(column: Column, split: str | None) -> ReportColumn:
    return ReportColumn(
        key=column.key,
        label="Total" if split is not None and column.share is None else column.label,
        as_of=column.last if column.as_of else None,
        starts_on=None if column.as_of else column.first,
        ends_on=None if column.as_of else column.last,
        dimension_value=column.share.value if column.share else None,
    )
