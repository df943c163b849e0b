"""A workbook is read as the table it shows: the digits that were typed, days as days, and empty rows passed over."""

import base64
import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from bigledger.imports import workbook
from tests.imports.test_commit_import import commit
from tests.imports.test_create_import import create, errors
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.ledger import Books
from tests.support.shop import Shop


def encoded(*rows: list[Any], more: dict[str, list[list[Any]]] | None = None) -> str:
    """A workbook with these rows in its first sheet."""
    book, data = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for name, others in (more or {}).items():
        added = book.create_sheet(name)
        for row in others:
            added.append(row)
    book.save(data)
    return base64.b64encode(data.getvalue()).decode()


def test_records_come_from_a_workbook(shop: Shop) -> None:
    made = create(
        shop.api,
        kind="customers",
        workbook=encoded(
            ["code", "name", "jurisdiction", "credit_limit", "address.city", None],
            ["C1", " Harbour Hotel ", "US-CA", 1500.25, "San Francisco"],
            [None, None],
            [1002, "Pier, the café", "US-NY", 2000],
        ),
    )
    assert (made["status"], made["total"], made["errors"]) == ("validated", 2, [])
    assert commit(shop.api, made)["status"] == "completed"
    first, second = (shop.api.call("get_record", path={"resource": "customers", "id": id}) for id in ("C1", "1002"))
    assert (first["name"], first["credit_limit"], first["address"]) == (
        "Harbour Hotel",
        "1500.25",
        {"city": "San Francisco"},
    )
    assert (second["name"], second["credit_limit"]) == ("Pier, the café", "2000")


def test_open_items_come_from_the_sheet_that_is_named(books: Books) -> None:
    books.api.record("customers", code="C1", name="Harbour Hotel", jurisdiction="US-CA")
    day = dt.date(2026, 10, 31)
    sheet = [["customer", "number", "date", "due_date", "amount"], ["C1", 77, day, dt.date(2026, 12, 15), 0.125]]
    sheet.append(["C1", 78, day, dt.date(2026, 12, 16), 19.99])
    data = encoded(["notes"], ["nothing of this"], more={"Items": sheet[:1] + sheet[2:]})
    commit(books.api, create(books.api, kind="opening_items", workbook=data, sheet="Items"))
    assert books.balances() == {"1200": "19.99", "1810": "-19.99"}
    # What is finer than the currency is told, not rounded here.
    answer = create(books.api, kind="opening_items", workbook=encoded(*sheet[:2]))
    assert [(row, pointer) for row, pointer, _ in errors(answer)] == [(1, "/amount")]
    sound(books.api)


def test_numbers_are_the_digits_that_were_typed() -> None:
    typed = [0.1, 1e-7, 1234567.89, 5.0, 12345678901234, True, "0.10", dt.datetime(2026, 1, 2, 3, 4, tzinfo=None)]  # noqa: DTZ001 - a sheet has none
    assert workbook._text(0.1 + 0.2) == "0.3"
    (_, row) = workbook.cells_of(encoded([f"c{n}" for n in range(len(typed))], typed), None)
    assert row == ["0.1", "0.0000001", "1234567.89", "5", "12345678901234", "true", "0.10", "2026-01-02T03:04:00"]


@pytest.mark.parametrize(
    ("given", "pointer", "code"),
    [
        ({"workbook": "not base64!"}, "/workbook", "not_xlsx"),
        ({"workbook": base64.b64encode(b"code,name").decode()}, "/workbook", "not_xlsx"),
        ({"workbook": encoded(["code"]), "sheet": "Other"}, "/sheet", "unknown_sheet"),
        ({"workbook": encoded()}, "/workbook", "empty"),
        ({"workbook": encoded(["code", "code"])}, "/workbook", "bad_header"),
        ({"workbook": encoded(["code"]), "text": "code\n"}, "", "text_or_rows"),
    ],
)
def test_what_is_no_table_is_refused_and_nothing_is_stored(
    api: Api, given: dict[str, str], pointer: str, code: str
) -> None:
    before = api.counts()
    refused = create(api, 422, kind="customers", **given)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [(pointer, code)]
    assert api.counts() == before


def test_a_workbook_that_unpacks_to_too_much_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    monkeypatch.setattr(workbook, "LARGEST", 1_000_000)
    refused = create(api, 422, kind="customers", workbook=base64.b64encode(data.getvalue()).decode())
    assert refused["errors"][0]["code"] == "too_large"
