"""Currencies: those a tenant has archived take no new documents and rates; one without a record is used as ever."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.receivables.test_foreign_invoices import set_rate
from tests.support.api import Api
from tests.support.races import PATIENCE, at_once, before_writing
from tests.support.shop import Shop

EUR = {"code": "EUR", "name": "Euro", "symbol": "€"}
ITEMS = [{"product": "SERV001", "quantity": 1, "unit_price": "7.00"}]


def archive(shop: Shop, code: str = "EUR", status: int = 200) -> Any:
    return shop.api.call("archive_record", path={"resource": "currencies", "id": code}).expect(status).json


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """A shop that sells in dollars, and has sold in euros."""
    set_rate(shop, "1.10")
    shop.api.record("currencies", **EUR)
    return shop


def test_it_is_known_by_its_code(shop: Shop) -> None:
    read = shop.api.call("get_record", path={"resource": "currencies", "id": "EUR"}).expect(200)
    assert [read[name] for name in ("code", "name", "symbol", "status")] == ["EUR", "Euro", "€", "active"]


@pytest.mark.parametrize("code", ["EUX", "DEM", "eur"])
def test_a_code_that_iso_4217_does_not_know_is_refused(shop: Shop, code: str) -> None:
    before = shop.api.counts()
    body = {"code": code, "name": "x"}
    problem = shop.api.call("create_record", body, path={"resource": "currencies"}).expect(422)
    assert [error["pointer"] for error in problem["errors"]] == ["/code"]
    if code != "eur":
        assert problem["errors"][0]["message"] == f"{code} is not an ISO 4217 currency code"
    assert shop.api.counts() == before


def key(api: Api) -> dict[str, str]:
    return {"Idempotency-Key": f"currency-{api.requests}"}


REFUSED: dict[str, tuple[str, Callable[[], Any], str]] = {
    "invoice": ("create_invoice", lambda: {"customer": "CUST002", "currency": "EUR", "items": ITEMS}, "/currency"),
    "draft": (
        "create_invoice",
        lambda: {"customer": "CUST002", "currency": "EUR", "items": ITEMS, "draft": True},
        "/currency",
    ),
    "payment": ("record_payment", lambda: {"customer": "CUST002", "amount": "5.00", "currency": "EUR"}, "/currency"),
    "bill": (
        "create_bill",
        lambda: {
            "supplier": "MILL",
            "supplier_number": "1",
            "currency": "EUR",
            "items": [{"account": "6150", "unit_price": "5.00"}],
        },
        "/currency",
    ),
    "supplier payment": (
        "record_supplier_payment",
        lambda: {"supplier": "MILL", "amount": "5.00", "currency": "EUR"},
        "/currency",
    ),
    "journal entry": (
        "create_journal_entry",
        lambda: {
            "date": "2026-11-20",
            "lines": [
                {"account": "6150", "debit": "5.50"},
                {"account": "1020", "credit": "5.00", "currency": "EUR"},
            ],
        },
        "/lines/1/currency",
    ),
    "rate": (
        "set_exchange_rates",
        lambda: {"rates": [{"currency": "EUR", "date": "2026-11-22", "rate": "1.2"}]},
        "/rates/0/currency",
    ),
    "base of a rate": (
        "set_exchange_rates",
        lambda: {"rates": [{"currency": "USD", "base_currency": "EUR", "date": "2026-11-22", "rate": "0.8"}]},
        "/rates/0/base_currency",
    ),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_what_is_new_in_an_archived_currency_is_refused(shop: Shop, what: str) -> None:
    operation, body, pointer = REFUSED[what]
    shop.api.record("suppliers", code="MILL", name="Mill", jurisdiction="US")
    archive(shop)
    before = shop.api.counts()
    problem = shop.api.call(operation, body(), headers=key(shop.api)).expect(422)
    assert (problem["code"], problem["detail"], problem["errors"]) == (
        "unknown_reference",
        "The currency EUR is archived. Choose another, or send its record status active first.",
        [{"pointer": pointer, "code": "unknown_currency", "message": "there is no active currency EUR"}],
    )
    assert shop.api.counts() == before
    path = {"resource": "currencies", "id": "EUR"}
    shop.api.call("update_record", {"status": "active"}, path=path, headers={"If-Match": "*"}).expect(200)
    shop.api.call(operation, body(), headers=key(shop.api)).expect(201)


def test_a_draft_in_it_is_not_issued_and_an_invoice_that_stands_can_be_voided(shop: Shop) -> None:
    draft = shop.invoice("CUST002", currency="EUR", items=ITEMS, draft=True)
    paid = shop.invoice("CUST002", currency="EUR", items=ITEMS)
    payment = shop.pay("7.00", "CUST002", currency="EUR")
    archive(shop)
    before = shop.api.counts()
    problem = shop.api.call("issue_invoice", path={"id": draft["id"]}, headers=key(shop.api)).expect(422)
    assert (problem["code"], problem["errors"][0]["code"]) == ("unknown_reference", "unknown_currency")
    assert shop.api.counts() == before
    back = {"reason": "Bounced"}
    shop.api.call("void_payment", back, path={"id": payment["id"]}, headers=key(shop.api)).expect(200)
    shop.api.call("void_invoice", {"reason": "Wrong"}, path={"id": paid["id"]}).expect(200)
    assert shop.trial_balance() == {"1400": "7200.00", "2150": "-7200.00"}


def test_one_without_a_record_is_used_as_ever(shop: Shop) -> None:
    rates = [{"currency": "GBP", "date": "2026-11-01", "rate": "1.30"}]
    shop.api.call("set_exchange_rates", {"rates": rates}).expect(201)
    assert shop.invoice("CUST002", currency="GBP", items=ITEMS)["currency"] == "GBP"


def test_the_currency_of_the_books_stays(shop: Shop) -> None:
    shop.api.record("currencies", code="USD", name="US dollar", symbol="$")
    before = shop.api.counts()
    problem = archive(shop, "USD", 409)
    assert (problem["code"], problem["detail"]) == (
        "record_in_use",
        "Currency USD cannot be archived: a company keeps its books in it.",
    )
    assert shop.api.counts() == before


def test_one_with_open_items_stays_until_they_are_settled(shop: Shop) -> None:
    invoice = shop.invoice("CUST002", currency="EUR", items=ITEMS)
    before = shop.api.counts()
    problem = archive(shop, status=409)
    assert problem["detail"] == (
        "Currency EUR cannot be archived: customers or suppliers have open items in it, which must be settled first."
    )
    assert shop.api.counts() == before
    shop.pay("7.00", "CUST002", currency="EUR")
    archive(shop)
    assert shop.get(invoice)["status"] == "paid"


def test_no_company_begins_in_an_archived_currency(shop: Shop) -> None:
    archive(shop)
    before = shop.api.counts()
    body = {"code": "EAST", "name": "East", "currency": "EUR", "jurisdiction": "DE"}
    problem = shop.api.call("create_record", body, path={"resource": "companies"}).expect(422)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("unknown_reference", "/currency")
    assert shop.api.counts() == before


def test_another_tenants_archive_is_its_own(shop: Shop, operator: Api) -> None:
    archive(shop)
    made = operator.call("create_tenant", {"name": "B", "company": {"currency": "EUR", "jurisdiction": "DE"}})
    other = Api(made.expect(201)["id"])
    rates = [{"currency": "USD", "date": "2026-11-01", "rate": "0.90"}]
    other.call("set_exchange_rates", {"rates": rates}).expect(201)


def test_a_dry_run_archives_nothing(shop: Shop) -> None:
    before = shop.api.counts()
    path = {"resource": "currencies", "id": "EUR"}
    assert shop.api.call("archive_record", path=path, query={"dry_run": "true"}).expect(200)["status"] == "archived"
    assert shop.api.counts() == before
    shop.invoice("CUST002", currency="EUR", items=ITEMS)


def test_a_company_and_the_archiving_of_its_currency_at_one_moment(shop: Shop) -> None:
    """Both have read that nothing stands against it: one of them is refused."""
    gate = threading.Barrier(2)
    body = {"code": "EAST", "name": "East", "currency": "EUR", "jurisdiction": "DE"}
    other = Api(shop.api.tenant_id)
    with before_writing(lambda: gate.wait(PATIENCE)):
        made, archived = at_once(
            [
                lambda: other.call("create_record", body, path={"resource": "companies"}),
                lambda: shop.api.call("archive_record", path={"resource": "currencies", "id": "EUR"}),
            ]
        )
    # Who comes second is told when it tries once more.
    refused = archived if made.status == 201 else made
    assert (made.status, archived.status, refused["code"]) in {
        (201, 409, "record_in_use"),
        (422, 200, "unknown_reference"),
    }
    status = shop.api.call("get_record", path={"resource": "currencies", "id": "EUR"})["status"]
    assert status == ("active" if made.status == 201 else "archived")
