"""Workbooks (XLSX) as tables of texts, read row by row: dates as days, numbers as the digits that were typed."""

import base64
import binascii
import datetime as dt
import io
import zipfile
from decimal import Decimal
from itertools import islice
from typing import Any

from bigledger.imports.model import MAXIMUM_ROWS
from bigledger.kernel import FieldError, InvalidRequest

LARGEST = 100_000_000
"""Bytes that a workbook may come to when it is unpacked."""

_COLUMNS = 200


def cells_of(encoded: str, sheet: str | None) -> list[list[str]]:
    """The rows of a sheet, the first one or the one named, without the empty ones, all as long as the header.

    A sheet keeps a number in binary, of which spreadsheets show 15 digits and take no more when one is typed; those
    are its text, so that 0.1 + 0.2 is 0.3. A cell with a formula counts as what it came to when the workbook was
    saved. Raises InvalidRequest.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        data = base64.b64decode(encoded, validate=True)
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > LARGEST:
                raise _refusal("too_large", f"the workbook unpacks to more than {LARGEST} bytes; import it in parts")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (binascii.Error, zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise _refusal("not_xlsx", "save it as an Excel workbook (.xlsx) and send its bytes in base64") from error
    names = [one.title for one in book.worksheets]
    if sheet is not None and sheet not in names:
        raise InvalidRequest(
            f"The workbook has no sheet {sheet}.",
            errors=[FieldError("/sheet", "unknown_sheet", f"it has: {', '.join(names)}")],
        )
    read = book[sheet] if sheet is not None else book.worksheets[0]
    lines = read.iter_rows(values_only=True, max_col=_COLUMNS)
    texts = ([_text(value) for value in line] for line in lines)
    rows = list(islice((row for row in texts if any(row)), MAXIMUM_ROWS + 2))
    if not rows:
        raise _refusal("empty", "the first row of the sheet names the fields, each other row is an object")
    width = max(place for place, text in enumerate(rows[0], 1) if text)
    return [_as_long(row, width) for row in rows]


def _as_long(row: list[str], width: int) -> list[str]:
    """The row with the cells of the header; what stands beyond it stays, to be told."""
    while len(row) > width and not row[-1]:
        row.pop()
    return row + [""] * (width - len(row))


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
        case float():
            exact = Decimal(f"{value:.15g}")
            return f"{exact:f}" if exact != exact.to_integral_value() else str(int(exact))
    return str(value).strip()


def _refusal(code: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"The workbook cannot be read: {message}.", errors=[FieldError("/workbook", code, message)])
