"""A report as CSV (RFC 4180): a row per row, numbers exact and plain, texts that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from bigledger.reporting.general_ledger import GeneralLedger
from bigledger.reporting.model import Report

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(report: Report, written: Callable[[int], None]) -> bytes:
    """The file, in UTF-8 with its mark, by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.writer(text)
    for number, row in enumerate(table_of(report), 1):
        writer.writerow([_text(value) for value in row])
        written(number)
    return text.getvalue().encode("utf-8-sig")


def table_of(report: Report) -> Iterable[list[Any]]:
    """The rows of the file, its headings first."""
    return _ledger(report) if isinstance(report, GeneralLedger) else _rows(report)


def _rows(report: Report) -> Iterable[list[Any]]:
    facts = ("account", "party", "product", "document", "date", "due_date", "days_overdue", "currency", "rate")
    told = [fact for fact in facts if any(getattr(row, fact) is not None for row in report.rows)]
    foreign = any(cell.in_currency is not None for row in report.rows for cell in row.cells)
    labels = [column.label for column in report.columns]
    yield ["key", "label", "level", "style", *told, *labels, *(f"{label} (own currency)" for label in labels * foreign)]
    for row in report.rows:
        cells: list[Any] = [cell.amount for cell in row.cells] or [None] * len(labels)
        if foreign:
            cells += [cell.in_currency for cell in row.cells] or [None] * len(labels)
        values = [getattr(row, fact) for fact in told]
        yield [row.key, row.label, row.level, row.style, *values, *cells]


def _ledger(report: GeneralLedger) -> Iterable[list[Any]]:
    yield ["account", "name", "date", "document", "type", "party", "text", "currency", "amount", "debit", "credit",
           "balance"]  # fmt: skip
    for line in report.data:
        yield [line.account.code, line.account.name, line.date, line.document.code, line.document_type, line.party,
               line.text, line.currency, line.currency_amount, line.debit, line.credit, line.balance]  # fmt: skip


def _text(value: Any) -> str:
    """A value as it is written; a text that would start a formula is quoted as text (OWASP, CSV injection)."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    written = str(getattr(value, "code", value))
    return f"'{written}" if isinstance(value, str) and written.startswith(_FORMULA) else written
