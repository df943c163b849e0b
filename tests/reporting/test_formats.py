"""Reports as files: CSV and XLSX with exact numbers, PDF to hand to a bank."""

import base64
import csv
import io
import re
import subprocess
import sys
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from bigledger.reporting.printing.grid import GridRow
from bigledger.reporting.printing.pdf_file import _together
from tests.reporting.test_get_cash_flow import year
from tests.support.api import find
from tests.support.ledger import Books, credit, debit
from tests.support.pdf import streams
from tests.support.reports import rows
from tests.support.shop import Shop
from tests.support.statements import counted

OPERATIONS = (
    "get_balance_sheet",
    "get_profit_loss",
    "get_cash_flow",
    "get_general_ledger",
    "get_aged_receivables",
    "get_aged_payables",
    "get_tax_summary",
    "get_sales_summary",
    "get_trial_balance",
)


def fetch(shop: Shop, operation: str, format: str, **query: str) -> tuple[dict[str, str], bytes]:
    """The headers and the bytes of a report, as the gateway hands them on."""
    found = find(operation)
    answer = found(shop.api.event(found, query=query | {"format": format}), None)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, True), answer["body"]
    return answer["headers"], base64.b64decode(answer["body"])


def sheet(data: bytes) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(data)).active.iter_rows()]


@pytest.fixture
def business(shop: Shop) -> Shop:
    shop.invoice(date="2026-08-01")
    shop.pay("500.00")
    year(shop)
    return shop


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_report_comes_in_every_format(business: Shop, operation: str) -> None:
    for format, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK\x03\x04"), ("pdf", b"%PDF-")):
        headers, data = fetch(business, operation, format)
        assert data.startswith(start)
        assert headers["Content-Disposition"].endswith(f'.{format}"')


def test_csv_has_the_rows_and_their_exact_figures(business: Shop) -> None:
    headers, data = fetch(business, "get_cash_flow", "csv", to="2026-08-01", compare="previous_year")
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    name = "cash-flow-MAIN-2026-01-01-to-2026-08-01.csv"
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
    found = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert found[0] == ["key", "label", "level", "style", "1 Jan – 1 Aug 2026", "1 Jan – 1 Aug 2025"]
    assert found[2] == ["operating.result", "Result after tax", "1", "line", "150.00", "0.00"]
    answer = business.api.call("get_cash_flow", query={"to": "2026-08-01", "compare": "previous_year"}).expect(200).json
    assert {row[0]: row[4:] for row in found[1:] if row[4]} == rows(answer)


def test_xlsx_holds_numbers_not_texts(business: Shop) -> None:
    _, data = fetch(business, "get_balance_sheet", "xlsx")
    found = sheet(data)
    assert [row[0] for row in found[:3]] == ["Test", "Balance sheet", "As of 23 Nov 2026 · in USD"]
    figures = {row[0]: row[1] for row in found[5:] if isinstance(row[1], int | float)}
    assert (figures["Assets, total"], figures["Retained earnings"]) == (74987, -2000)
    book = load_workbook(io.BytesIO(data))
    (total,) = [row[1] for row in book.active.iter_rows() if row[0].value == "Assets, total"]
    assert (total.data_type, total.number_format) == ("n", "#,##0.00;(#,##0.00)")


def test_a_whole_quantity_has_no_point_behind_it(shop: Shop) -> None:
    """100 lamps are 100, not "100."; 2.5 kilograms at an average of 60.332 have the decimals that they have."""
    shop.api.record("products", code="WAX", name="Wax", unit="KG", sales_price="9.00")
    shop.receive("60.333333", WAX="2.5")
    _, data = fetch(shop, "get_stock_valuation", "xlsx", as_of="2026-11-23")
    cells = {row[0].value: row[1:] for row in load_workbook(io.BytesIO(data)).active.iter_rows()}
    formats = {name: [cell.number_format for cell in cells[name]] for name in cells if str(name).endswith("MAIN")}
    amount = "#,##0.00;(#,##0.00)"
    assert formats["PROD001 Reading lamp · MAIN"] == ["#,##0", "#,##0", amount]
    assert formats["WAX Wax · MAIN"] == ["#,##0.0", "#,##0.000", amount]


def test_a_large_amount_keeps_every_digit_in_a_workbook(shop: Shop) -> None:
    """The number is written as it is, not as the nearest double."""
    Books(shop.api).enter(debit("1020", "123456789012345.67"), credit("3000", "123456789012345.67"))
    _, data = fetch(shop, "get_balance_sheet", "xlsx")
    written = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<v>123456789012345.67</v>" in written


def test_no_text_becomes_a_formula(shop: Shop) -> None:
    """A customer's name is a name, also where it begins as a formula does."""
    shop.api.record("customers", code="EVIL", name='=HYPERLINK("http://127.0.0.1","x")', jurisdiction="US-NV")
    shop.invoice("EVIL", items=[{"product": "SERV001", "quantity": 1}])
    query = {"account": "1200"}
    _, data = fetch(shop, "get_general_ledger", "xlsx", **query)
    cells = [cell for row in load_workbook(io.BytesIO(data)).active.iter_rows() for cell in row if cell.value]
    (evil,) = [cell for cell in cells if "HYPERLINK" in str(cell.value)]
    assert evil.data_type == "s"
    _, data = fetch(shop, "get_aged_receivables", "csv")
    assert all(not cell.startswith("=") for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row)


def test_a_pdf_says_what_it_is_and_is_the_same_each_time(business: Shop) -> None:
    headers, data = fetch(business, "get_balance_sheet", "pdf", as_of="2026-11-23")
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"] == 'attachment; filename="balance-sheet-MAIN-2026-11-23.pdf"'
    _, again = fetch(business, "get_balance_sheet", "pdf", as_of="2026-11-23")
    assert len(again) == len(data)


def test_a_pdf_writes_names_beyond_western_europe(business: Shop) -> None:
    """The letters of Łódź and Ωμέγα are in the file's own font; the other reports need none and stay small."""
    _, plain = fetch(business, "get_aged_receivables", "pdf")
    assert b"/Helvetica" in plain
    assert b"NotoSans" not in plain
    for code, name in (("LODZ", "Łódź Lamps"), ("OMEGA", "Ωμέγα Φως")):
        business.api.record("customers", code=code, name=name, jurisdiction="US-NV")
        business.invoice(code)
    _, data = fetch(business, "get_aged_receivables", "pdf")
    assert b"NotoSans" in data
    assert b"/BaseFont /Helvetica-Bold" not in data
    told = streams(data)
    assert [letter for letter in "Łódź Ωμέγα" if f"<{ord(letter):04X}>" not in told] == []
    assert len(data) < 100_000
    _, again = fetch(business, "get_aged_receivables", "pdf")
    assert again == data


def test_a_long_report_goes_on_to_more_pages(business: Shop) -> None:
    _, data = fetch(business, "get_balance_sheet", "pdf", zero="show")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") >= 3


def test_a_page_of_the_ledger_says_which_account_it_goes_on_with(shop: Shop) -> None:
    """60 rents fill more than a page of the bank; a line of tax without words is told by its tax."""
    books = Books(shop.api)
    for day in range(1, 31):
        books.enter(debit("6120", "10.00"), credit("1020", "10.00"), date=f"2026-09-{day:02}")
        books.enter(debit("6120", "10.00"), credit("1020", "10.00"), date=f"2026-10-{day:02}")
    shop.invoice(date="2026-10-31")
    _, data = fetch(shop, "get_general_ledger", "pdf", **{"from": "2026-09-01", "to": "2026-10-31", "limit": "200"})
    told = [text for _, text in _written(data)]
    for account in ("1020 Bank, current account", "6120 Rent"):
        assert told.count(account) == 1
        assert f"{account}, continued" in told
    assert [text for text in told if text in ("STATE", "CITY")] == ["STATE", "CITY"]


def test_a_file_costs_no_statement_more(business: Shop) -> None:
    fetch(business, "get_profit_loss", "pdf")
    _, sent = counted(lambda: fetch(business, "get_profit_loss", "pdf"))
    assert len(sent) == 2


def test_json_costs_no_import_of_the_libraries() -> None:
    code = "import sys, bigledger.reporting; print(any(m in sys.modules for m in ('reportlab', 'openpyxl', 'PIL')))"
    path = ":".join(path for path in sys.path if path)
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )
    assert told.stdout == "False\n"


def test_a_trial_balance_has_earlier_days_beside_it(business: Shop) -> None:
    query = {"as_of": "2026-08-31", "compare": "previous_period"}
    _, data = fetch(business, "get_trial_balance", "csv", **query)
    found = {row[0]: row[5:] for row in csv.reader(io.StringIO(data.decode("utf-8-sig")))}
    assert found["key"] == ["Debit", "Credit", "Balance of 31 Jul 2026"]
    assert found["1200"] == ["1287.00", "", "0.00"]
    assert found["2200"] == ["", "87.00", "0.00"]


def _written(data: bytes) -> list[tuple[float, str]]:
    """The texts on the pages of a PDF, and where they begin from the left."""
    found = re.findall(r"1 0 0 1 ([-0-9.]+) [-0-9.]+ Tm.*?\((.*?)\) Tj", streams(data), re.DOTALL)
    return [(float(place), text) for place, text in found]


def test_columns_that_find_no_room_go_on_to_further_pages(business: Shop) -> None:
    """Twelve months stand on two rows of pages, each with the names of the rows in full."""
    query = {"as_of": "2026-11-30", "compare": "previous_period", "columns": "11"}
    _, data = fetch(business, "get_balance_sheet", "pdf", **query)
    written = _written(data)
    assert [text for place, text in written if not 40 < place < 842 - 40] == []
    assert [text for _, text in written if "\\205" in text] == []  # no dots of what was cut
    for month in ("30 Nov 2026", "30 Jun 2026", "31 May 2026", "31 Dec 2025"):
        assert month in [text for _, text in written]
    assert len([text for _, text in written if text == "Assets, total"]) == 2
    assert len([text for _, text in written if text == "continued"]) == int(written[-1][1].split()[-1]) - 1


def test_a_heading_has_what_stands_under_it_on_its_page() -> None:
    rows = [GridRow("heading", 0, ["A"]), GridRow("heading", 1, ["B"]), GridRow("line", 2, ["C"])]
    assert [row.values for row in _together(rows, 0)] == [["A"], ["B"], ["C"]]
    total = GridRow("total", 0, ["Z"])
    assert [row.values for row in _together([*rows, total], 2)] == [["C"], ["Z"]]
    assert list(_together([rows[2], rows[2]], 0)) == [rows[2]]


def test_a_page_says_every_tie_of_what_was_asked_for(business: Shop) -> None:
    """Of a tax summary each account's, below zero in brackets; of columns beside one another the first one's."""
    _, data = fetch(business, "get_tax_summary", "xlsx")
    notes = [str(row[0]) for row in sheet(data) if "=" in str(row[0])]
    assert notes == ["Tax on 2200 87.00 = Movement of 2200 but for settled returns 87.00"]
    _, data = fetch(business, "get_balance_sheet", "xlsx", compare="previous_period")
    assert len([row for row in sheet(data) if str(row[0]).startswith("Assets ") and "=" in str(row[0])]) == 1
