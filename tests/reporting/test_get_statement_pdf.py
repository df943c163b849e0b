"""The page of a customer's statement: what is open or what moved, how long it is due, and where to pay."""

import base64
from typing import Any

import pytest

from tests.support import pdf
from tests.support.shop import Shop

BANK = {"iban": "GB33BUKB20201555555555", "bic": "BUKBGB22"}


@pytest.fixture(autouse=True)
def bank(shop: Shop) -> None:
    path = {"resource": "companies", "id": "MAIN"}
    shop.api.call("update_record", {"bank_account": BANK}, path=path, headers={"If-Match": "*"}).expect(200)


def words(shop: Shop, **query: str) -> str:
    answer = shop.api.call("get_statement_pdf", path={"id": "CUST001"}, query=query).expect(200)
    assert answer.headers["Content-Type"] == "application/pdf"
    return pdf.words(base64.b64decode(answer.text))


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    """It says what the statement says, and where to pay."""
    invoice = shop.invoice()
    shop.pay("1000.00", allocations=[{"invoice": invoice["number"], "amount": "1000.00"}])
    query = {"date_from": "2026-11-01", "as_of": "2026-11-30"}
    page = example(path={"id": "CUST001"}, query={"format": "json", **query}).expect(200).json
    told = shop.api.call("get_customer_statement", path={"id": "CUST001"}, query=query).expect(200).json
    assert page == told | {"pay_to": BANK}
    assert [line["balance"] for line in page["lines"]] == ["1287.00", "287.00"]


def test_what_is_open_stands_on_the_page_with_its_age(shop: Shop) -> None:
    """Due on 23 December, so that it is eight days overdue at the year's end."""
    invoice = shop.invoice()
    told = words(shop, as_of="2026-12-31")
    for expected in (
        "Statement of account",
        "Lighthouse Books",
        "as of 31 Dec 2026",
        invoice["number"],
        "23 Dec 2026",
        "1,287.00",
        "Balance USD",
        "USD: 1,287.00 1 to 30 days overdue.",
        "Please pay to Test, GB33BUKB20201555555555, BIC BUKBGB22.",
    ):
        assert expected in told, told


def test_it_is_addressed_to_the_customer(shop: Shop) -> None:
    address = {"street": "1 Pier Road", "postal_code": "94133", "city": "San Francisco", "country": "US"}
    path = {"resource": "customers", "id": "CUST001"}
    shop.api.call("update_record", {"address": address}, path=path, headers={"If-Match": "*"}).expect(200)
    shop.invoice(date="2026-01-10")
    told = words(shop, as_of="2026-03-31")
    assert [
        line for line in told.split("\n") if line in ("Lighthouse Books", "1 Pier Road", "94133 San Francisco", "US")
    ]
    assert "1 Pier Road\n94133 San Francisco\nUS" in told, told
    assert "USD: 1,287.00 31 to 60 days overdue." in told, told
    page = shop.api.call("get_statement_pdf", path={"id": "CUST001"}, query={"format": "json"}).expect(200)
    assert page["address"] == address


def test_what_moved_stands_on_the_page_with_a_running_balance(shop: Shop) -> None:
    invoice = shop.invoice()
    shop.pay("1287.00", allocations=[{"invoice": invoice["number"], "amount": "1287.00"}])
    told = words(shop, date_from="2026-11-01", as_of="2026-11-30")
    for expected in ("1 Nov 2026 to 30 Nov 2026", "Brought forward", "Debit", "Credit", "1,287.00", "PAY-2026-000001"):
        assert expected in told, told
    assert "Please pay" not in told


def test_a_customer_who_owes_nothing_has_a_page_too(shop: Shop) -> None:
    assert "Statement of account" in words(shop)


def test_nobody_knows_that_customer(shop: Shop) -> None:
    problem = shop.api.call("get_statement_pdf", path={"id": "NOBODY"}).expect(404)
    assert problem["detail"] == shop.api.call("get_customer_statement", path={"id": "NOBODY"}).expect(404)["detail"]


def test_the_same_statement_gives_the_same_bytes(shop: Shop) -> None:
    shop.invoice()
    first, second = (shop.api.call("get_statement_pdf", path={"id": "CUST001"}).expect(200).text for _ in range(2))
    assert first == second
