"""The financial statements as they are answered: columns chosen, figures read once, rows filled, ties told."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bigledger.kernel import Context, Entry
from bigledger.kernel.money import quantum
from bigledger.records import Company
from bigledger.reporting import balance_sheet, cash_flow, figures, profit_loss
from bigledger.reporting.categories import chart
from bigledger.reporting.cells import Address, identifier, unknown_cell
from bigledger.reporting.columns import address_of, beside, column_shown, shared
from bigledger.reporting.companies import COMPANY, companies_of, named, of_cell, today_of
from bigledger.reporting.entries import parts
from bigledger.reporting.layout import Line, Statement, value
from bigledger.reporting.model import Report, ReportCell, ReportRow, Tie
from bigledger.reporting.periods import (
    Column,
    balance_column,
    compared_days,
    compared_periods,
    movement_column,
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


def cell_terms(context: Context, place: Address) -> tuple[Line, Column]:
    """What a cell of a statement adds up. Raises InvalidRequest for one that it does not have."""
    companies = of_cell(context, place)
    if place.kind == balance_sheet.KIND:
        column = balance_column(context, companies, place.last)
    elif place.first is not None:
        column = movement_column([company.id for company in companies], place.first, place.last)
    else:
        raise unknown_cell()
    shown = statement_of(context, place.kind, [column], _narrowed(place.dimension, place.split))
    column = shared(column, companies, place)
    line = shown.line(place.row)
    if line is None or not line.terms:
        raise unknown_cell()
    return line, column


def balance_sheet_report(query: BalanceSheetQuery, context: Context) -> Report:
    """The balance sheet as of a day."""
    companies = companies_of(context, query.company, query.split)
    days = compared_days(query.as_of or today_of(context, companies), query.compare, query.columns)
    columns = [balance_column(context, companies, day) for day in days]
    return _report(balance_sheet.KIND, query, context, companies, columns)


def profit_loss_report(query: PeriodQuery, context: Context) -> Report:
    """Profit or loss of a period."""
    return _of_period(profit_loss.KIND, query, context)


def cash_flow_report(query: PeriodQuery, context: Context) -> Report:
    """Cash flows of a period."""
    return _of_period(cash_flow.KIND, query, context)


def _of_period(kind: str, query: PeriodQuery, context: Context) -> Report:
    companies = companies_of(context, query.company, query.split)
    periods = compared_periods(*period(context, companies, query.first, query.last), query.compare, query.columns)
    columns = [movement_column([company.id for company in companies], *days) for days in periods]
    return _report(kind, query, context, companies, columns)


def _narrowed(dimension: Mapping[str, str], split: str | None) -> bool:
    """Whether a statement shows only some of the lines of its entries."""
    return bool(dimension) or split not in (None, COMPANY)


def _report(
    kind: str, query: StatementQuery, context: Context, companies: Sequence[Entry[Company]], columns: list[Column]
) -> Report:
    shown = statement_of(context, kind, columns, _narrowed(query.dimension, query.split))
    measures = {term.measure for term in shown.terms()}
    more = parts(columns, chart(context)) if kind == cash_flow.KIND else None
    sums = figures.read(context, columns, measures, query.known_at, query.dimension, query.split, more)
    columns = beside(columns, companies, query.split, sums)
    base = companies[0].data.currency
    unit = quantum(base)
    company, of = named(companies, query.split)

    def amount(line: Line, column: Column) -> Decimal:
        return value(line, column, sums).quantize(unit)

    def cell(line: Line, column: Column) -> str:
        return identifier(address_of(kind, line.key, column, query))

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
        company=company,
        companies=of,
        currency=base,
        known_at=query.known_at,
        dimension=query.dimension or None,
        split=query.split,
        columns=[column_shown(column, query.split) for column in columns],
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
