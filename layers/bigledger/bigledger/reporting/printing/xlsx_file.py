"""A report as a workbook of one sheet; amounts are numbers, written with all their digits."""

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from bigledger.reporting.printing.grid import Grid, GridRow, Value

_THIN, _DOUBLE = Side(style="thin", color="808080"), Side(style="double", color="404040")
_HEAD = 5
"""The row of the column headings, below the title."""


def xlsx_file(grid: Grid, prepared: dt.datetime, written: Callable[[int], None]) -> bytes:
    """The workbook's bytes."""
    book = Workbook()
    instant = prepared.replace(tzinfo=None)
    book.properties.title, book.properties.creator = grid.title, "BigLedger"
    book.properties.created = book.properties.modified = instant
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has a sheet")
    sheet.title = grid.title[:31]
    for place, (text, font) in enumerate(
        ((grid.company, Font(bold=True, size=12)), (grid.title, Font(bold=True, size=16)), (grid.subtitle, Font())), 1
    ):
        _write(sheet.cell(place, 1), text).font = font
    for place, column in enumerate(grid.columns, 1):
        cell = _write(sheet.cell(_HEAD, place), column.label)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(horizontal="left" if column.kind == "text" else "right", wrap_text=True)
        cell.border = Border(bottom=_THIN)
        width = 14 if column.kind != "text" else max([len(str(row.values[place - 1] or "")) for row in grid.rows] + [8])
        sheet.column_dimensions[get_column_letter(place)].width = min(width + 4, 64)
    for number, row in enumerate(grid.rows, _HEAD + 1):
        for place, (value, column) in enumerate(zip(row.values, grid.columns, strict=True), 1):
            _style(_write(sheet.cell(number, place), value), row, column.kind, place == 1, grid.decimals)
        written(number - _HEAD)
    for number, note in enumerate(grid.notes, _HEAD + len(grid.rows) + 2):
        _write(sheet.cell(number, 1), note).font = Font(italic=True, color="606060")
    sheet.freeze_panes = sheet.cell(_HEAD + 1, 2)
    sheet.page_setup.orientation = "landscape" if len(grid.columns) > 5 else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{_HEAD}:{_HEAD}"
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def _write(cell: Cell, value: Value) -> Cell:
    """Set a value: a number with all its digits, a text as a text, also one that begins as a formula does."""
    if isinstance(value, Decimal):
        # As a number the library would write its double.
        cell.value, cell.data_type = format(value, "f"), "n"
        return cell
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _style(cell: Cell, row: GridRow, kind: str, first: bool, decimals: int) -> None:
    if cell.data_type == "n" and kind in ("amount", "quantity"):
        # A quantity has the decimals that it has: a place for some that are not there would leave a point behind it.
        count = decimals if kind == "amount" else len(str(cell.value).partition(".")[2])
        places = f".{'0' * count}" if count else ""
        cell.number_format = f"#,##0{places};(#,##0{places})" if kind == "amount" else f"#,##0{places}"
    if kind == "date":
        cell.number_format = "yyyy-mm-dd"
    if row.style in ("heading", "subtotal", "total"):
        cell.font = Font(bold=True)
    if row.style in ("subtotal", "total") and not first:
        cell.border = Border(top=_THIN, bottom=_DOUBLE if row.style == "total" else None)
    if first:
        cell.alignment = Alignment(indent=row.level)
