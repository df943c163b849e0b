"""Reports as files: CSV and XLSX with exact numbers, and PDF pages to hand to a bank.

The libraries are imported when a file is made, so that answering JSON costs nothing of them.
"""

import datetime as dt
from collections.abc import Callable
from typing import Literal

from bigledger.kernel import Content
from bigledger.reporting.model import Report
from bigledger.reporting.printing.grid import grid_of

FileFormat = Literal["csv", "xlsx", "pdf"]

MEDIA_TYPES: dict[FileFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def report(
    answer: Report, format: FileFormat, prepared: dt.datetime, written: Callable[[int], None] = lambda rows: None
) -> Content:
    """A report as a file; ``prepared`` is the instant it was read, which a page tells.

    ``written`` is called after each row with the number of those that are in the file, ``rows_of`` in the end.
    """
    grid = grid_of(answer, prepared)
    if format == "csv":
        from bigledger.reporting.printing.csv_file import csv_file

        data = csv_file(answer, written)
    elif format == "xlsx":
        from bigledger.reporting.printing.xlsx_file import xlsx_file

        data = xlsx_file(grid, prepared, written)
    else:
        from bigledger.reporting.printing.pdf_file import pdf_file

        data = pdf_file(grid, written)
    of = answer.company.code if answer.company else "companies"
    return Content(MEDIA_TYPES[format], data, f"{answer.kind}-{of}-{_days(answer)}.{format}")


def rows_of(answer: Report, format: FileFormat, prepared: dt.datetime) -> int:
    """How many rows the file of a report has."""
    if format == "csv":
        from bigledger.reporting.printing.csv_file import table_of

        return sum(1 for _ in table_of(answer))
    return len(grid_of(answer, prepared).rows)


def _days(answer: Report) -> str:
    column = answer.columns[0]
    if column.starts_on is not None:
        return f"{column.starts_on}-to-{column.ends_on}"
    return str(column.as_of)
