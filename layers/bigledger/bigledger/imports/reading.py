"""From a file to objects in the shape of the API, each with its external id and the row it stands in."""

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bigledger.imports.model import MAXIMUM_ROWS, ImportKind, NewImport, RowError
from bigledger.kernel import FieldError, InvalidRequest
from bigledger.ledger import NewJournalEntry
from bigledger.receivables import NewInvoice

_LINES: Mapping[str, tuple[str, frozenset[str]]] = {
    "journal_entries": ("lines", frozenset(NewJournalEntry.model_fields) - {"lines"}),
    "invoices": ("items", frozenset(NewInvoice.model_fields) - {"items"}),
}
"""Of what has lines: the field they stand in, and its other fields. A column of another name is one of its lines'."""


@dataclass(slots=True)
class Unit:
    """One object to import: where it stands, and the row of each of its lines."""

    row: int
    external_id: str
    data: dict[str, Any]
    rows: list[int] = field(default_factory=list)


def read(new: NewImport) -> tuple[list[Unit], list[RowError]]:
    """The objects of an import, and what is wrong before any is looked at. Raises InvalidRequest for no table."""
    errors: list[RowError] = []
    units = _objects(new) if new.rows is not None else _table(new, errors)
    seen: dict[str, int] = {}
    for unit in units:
        if not unit.external_id:
            errors.append(_error(unit.row, None, "/external_id", "required", "give each an external_id of its own"))
        elif unit.external_id in seen:
            told = f"row {seen[unit.external_id]} has it as well"
            errors.append(_error(unit.row, unit.external_id, "/external_id", "given_twice", told))
        seen.setdefault(unit.external_id, unit.row)
    return units, errors


def _objects(new: NewImport) -> list[Unit]:
    units = []
    for place, given in enumerate(new.rows or [], 1):
        data = dict(given)
        units.append(Unit(place, _external_id(data, new.kind), data))
    return units


def _external_id(data: dict[str, Any], kind: ImportKind) -> str:
    given = data.pop("external_id", None)
    if given is None and kind == "opening_items":
        given = " ".join(str(data[name]) for name in ("customer", "supplier", "number") if data.get(name)) or None
    if given is None and kind not in _LINES:
        given = data.get("code")
    return "" if given is None else str(given)[:200]


def _cells(new: NewImport) -> list[list[str]]:
    """The rows of a table as texts, without the empty ones; at least a header. Raises InvalidRequest."""
    if new.workbook is not None:
        from bigledger.imports.workbook import cells_of

        return cells_of(new.workbook, new.sheet)
    try:
        reader = csv.reader(io.StringIO(new.text or "", newline=""), delimiter=new.delimiter, strict=True)
        rows = [row for row in reader if any(cell.strip() for cell in row)]
        if not rows:
            raise ValueError("it is empty")
    except (csv.Error, ValueError) as error:
        raise InvalidRequest(
            f"This is no table of comma separated values with a header: {error}.",
            errors=[FieldError("/text", "not_csv", "the first row names the fields, each other row is an object")],
        ) from error
    return rows


def _table(new: NewImport, errors: list[RowError]) -> list[Unit]:
    header, *rows = _cells(new)
    names = [name.strip().removeprefix("\ufeff") for name in header]
    if len(set(names)) < len(names) or not all(names) or len(rows) > MAXIMUM_ROWS:
        raise InvalidRequest(
            "The header names a field twice, or not at all, or there are too many rows.",
            errors=[
                FieldError(
                    "/text" if new.workbook is None else "/workbook",
                    "bad_header",
                    f"name each field once; at most {MAXIMUM_ROWS} rows",
                )
            ],
        )
    units: list[Unit] = []
    for number, cells in enumerate(rows, 1):
        if len(cells) != len(names):
            told = f"the row has {len(cells)} cells and the header {len(names)}"
            errors.append(_error(number, None, "", "cells", told))
            continue
        given = {name: cell.strip() for name, cell in zip(names, cells, strict=True) if cell.strip()}
        _add(units, new.kind, number, given)
    return units


def _add(units: list[Unit], kind: ImportKind, number: int, given: dict[str, str]) -> None:
    """Add a row as an object, or as a further line of the one before."""
    lines = _LINES.get(kind)
    external_id = _external_id(given, kind)
    if lines is None:
        units.append(Unit(number, external_id, _nested(given)))
        return
    name, of_the_whole = lines
    whole = {key: value for key, value in given.items() if key.split(".")[0] in of_the_whole}
    line = {_of_line(key, of_the_whole): value for key, value in given.items() if key not in whole}
    if not units or not external_id or units[-1].external_id != external_id:
        units.append(Unit(number, external_id, _nested(whole) | {name: []}))
    units[-1].data[name].append(_nested(line))
    units[-1].rows.append(number)


def _of_line(column: str, of_the_whole: Collection[str]) -> str:
    """The field of a line that a column is: ``line_text`` is its ``text``, since the whole has one as well."""
    plain = column.removeprefix("line_")
    return plain if plain in of_the_whole else column


def _nested(given: Mapping[str, str]) -> dict[str, Any]:
    """``address.city`` becomes a field of an object."""
    data: dict[str, Any] = {}
    for name, value in given.items():
        inner, parts = data, name.split(".")
        for part in parts[:-1]:
            found = inner.setdefault(part, {})
            inner = found if isinstance(found, dict) else {}
        inner[parts[-1]] = value
    return data


def told(unit: Unit, errors: Sequence[FieldError]) -> list[RowError]:
    """The errors of an object, each at the row it stands in; one of a line at the line's row."""
    found = []
    for error in errors:
        parts = error["pointer"].split("/")
        line = int(parts[2]) if len(parts) > 2 and parts[1] in ("lines", "items") and parts[2].isdigit() else None
        row, pointer = unit.row, error["pointer"]
        if line is not None and line < len(unit.rows):
            row, pointer = unit.rows[line], "/" + "/".join(parts[3:])
        found.append(_error(row, unit.external_id, pointer, error["code"], error["message"]))
    return found


def _error(row: int, external_id: str | None, pointer: str, code: str, message: str) -> RowError:
    return RowError(row=row, external_id=external_id, pointer=pointer, code=code, message=message)
