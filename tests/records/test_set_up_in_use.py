"""What gives posted figures and given numbers their meaning stays once they are there."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop
from tests.support.statements import counted


def change(api: Api, resource: str, id: str, expected: int = 200, /, **fields: Any) -> Any:
    path = {"resource": resource, "id": id}
    return api.call("update_record", fields, path=path, headers={"If-Match": "*"}).expect(expected).json


def archive(api: Api, resource: str, id: str, expected: int = 200) -> Any:
    return api.call("archive_record", path={"resource": resource, "id": id}).expect(expected).json


def errors(problem: Any) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in problem["errors"]]


@pytest.mark.parametrize(
    ("resource", "code", "field", "value"),
    [
        ("companies", "MAIN", "currency", "EUR"),
        ("accounts", "2150", "kind", "revenue"),
        ("accounts", "2150", "group", True),
        ("accounts", "1400", "control", "bank"),
        ("accounts", "1400", "control", None),
        ("accounts", "1400", "currency", "EUR"),
        ("number-series", "STOCK_RECEIPT", "prefix", "RCV-{YYYY}-"),
        ("number-series", "STOCK_RECEIPT", "width", 8),
        ("number-series", "STOCK_RECEIPT", "restart", "never"),
        ("number-series", "STOCK_RECEIPT", "document_type", "transfer"),
        ("products", "PROD001", "kind", "service"),
        ("products", "PROD001", "unit", "HOUR"),
    ],
)
def test_what_is_used_keeps_its_meaning(shop: Shop, resource: str, code: str, field: str, value: object) -> None:
    more = {"parent": None} if (resource, field) == ("accounts", "kind") else {}
    before = shop.api.counts()
    problem = change(shop.api, resource, code, 409, **{field: value}, **more)
    assert (problem["code"], errors(problem)) == ("record_in_use", [(f"/{field}", "in_use")])
    assert shop.api.counts() == before


def test_stock_stays_with_its_company(shop: Shop) -> None:
    """Stock is valued in its company's books: moved to another one's, neither would tie to its accounts."""
    shop.api.record("companies", code="EAST", name="East", currency="EUR", jurisdiction="DE")
    before = shop.api.counts()
    assert errors(change(shop.api, "locations", "MAIN", 409, company="EAST")) == [("/company", "in_use")]
    assert shop.api.counts() == before
    change(shop.api, "locations", "MAIN", company="MAIN")  # the one that the tenant had when it came in
    before = shop.api.counts()
    for company in ("EAST", None):
        assert errors(change(shop.api, "locations", "MAIN", 409, company=company)) == [("/company", "in_use")]
    assert shop.api.counts() == before
    shop.api.record("locations", code="HALL", name="Hall", company="EAST")
    assert change(shop.api, "locations", "HALL", company="MAIN")["company"]["code"] == "MAIN"


def test_names_and_places_of_what_is_used_may_change(shop: Shop) -> None:
    assert change(shop.api, "companies", "MAIN", name="Renamed", currency="USD")["name"] == "Renamed"
    assert change(shop.api, "accounts", "1400", name="Goods", category="goods")["name"] == "Goods"
    assert change(shop.api, "number-series", "STOCK_RECEIPT", name="Receipts")["name"] == "Receipts"


def test_what_is_not_used_may_change(api: Api) -> None:
    assert change(api, "companies", "MAIN", currency="EUR")["currency"] == "EUR"
    assert change(api, "accounts", "1040", control="bank", currency="EUR")["control"] == "bank"
    assert change(api, "number-series", "INVOICE", prefix="R-{YY}-", width=4)["width"] == 4


@pytest.mark.parametrize(
    ("resource", "code", "why"),
    [
        ("companies", "MAIN", "Company MAIN cannot be archived: it has postings."),
        ("accounts", "1400", "Account 1400 cannot be archived: it has a balance, which must be brought to zero first."),
        ("accounts", "1020",
         ("Account 1020 cannot be archived:"
          " a company, a tax or a payment method posts to it, and must name another account first.")),
        ("accounts", "40", "Account 40 cannot be archived: accounts stand below it, which must be archived first."),
    ],
)  # fmt: skip
def test_what_the_books_need_is_not_archived(shop: Shop, resource: str, code: str, why: str) -> None:
    before = shop.api.counts()
    problem = archive(shop.api, resource, code, 409)
    assert (problem["code"], problem["detail"]) == ("record_in_use", why)
    assert shop.api.counts() == before


def test_an_account_without_balance_may_be_archived(shop: Shop) -> None:
    assert archive(shop.api, "accounts", "1050")["status"] == "archived"


def test_a_change_of_what_is_used_takes_three_statements(shop: Shop) -> None:
    change(shop.api, "accounts", "1400", name="First")
    path = {"resource": "accounts", "id": "1400"}
    _, sent = counted(lambda: shop.api.call("archive_record", path=path).expect(409))
    assert len(sent) == 2
    _, sent = counted(lambda: change(shop.api, "units", "EA", name="Piece"))
    assert len(sent) <= 4


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"parent": "1200"}, [("/parent", "parent_no_group")]),
        ({"parent": "21"}, [("/parent", "parent_kind")]),
        ({"parent": "1200", "kind": "liability"}, [("/parent", "parent_no_group"), ("/parent", "parent_kind")]),
    ],
)
def test_an_account_stands_below_a_group_of_its_kind(api: Api, fields: Any, expected: list[tuple[str, str]]) -> None:
    body = {"code": "1201", "name": "More receivables", "kind": "asset", **fields}
    before = api.counts()
    assert errors(api.call("create_record", body, path={"resource": "accounts"}).expect(422)) == expected
    assert api.counts() == before
    api.record("accounts", code="1201", name="More receivables", kind="asset", parent="12")
    assert errors(change(api, "accounts", "1201", 422, **fields)) == expected


def test_accounts_do_not_stand_below_themselves(api: Api) -> None:
    assert errors(change(api, "accounts", "1", 422, parent="1")) == [("/parent", "parent_loop")]
    assert errors(change(api, "accounts", "1", 422, parent="12")) == [("/parent", "parent_loop")]


def test_a_group_with_accounts_below_it_stays_one(api: Api) -> None:
    assert errors(change(api, "accounts", "12", 422, group=False)) == [("/group", "has_children")]
    assert errors(change(api, "accounts", "12", 422, kind="liability", parent=None)) == [("/kind", "has_children")]


def test_documents_of_a_type_have_one_series_at_a_time(shop: Shop) -> None:
    body = {"code": "INV-B", "document_type": "invoice", "company": "MAIN", "prefix": "B-{YYYY}-"}
    path = {"resource": "number-series"}
    before = shop.api.counts()
    problem = shop.api.call("create_record", body, path=path).expect(409)
    assert (problem["code"], errors(problem)) == ("series_exists", [("/document_type", "series_exists")])
    assert shop.api.counts() == before
    assert shop.invoice()["number"] == "INV-2026-000001"
    archive(shop.api, "number-series", "INVOICE")
    again = body | {"prefix": "INV-{YYYY}-"}
    assert errors(shop.api.call("create_record", again, path=path).expect(409)) == [("/prefix", "series_exists")]
    shop.api.record("number-series", **body)
    assert shop.invoice()["number"] == "B-2026-000001"
    problem = change(shop.api, "number-series", "INVOICE", 409, status="active")
    assert problem["code"] == "series_exists"


def test_another_company_has_a_series_of_its_own(api: Api) -> None:
    api.record("companies", code="EAST", name="East", currency="USD", jurisdiction="US-NY")
    api.record("number-series", code="INV-E", document_type="invoice", company="EAST", prefix="E-{YYYY}-")


def test_a_customer_with_open_items_may_be_archived(shop: Shop) -> None:
    invoice = shop.invoice()
    assert archive(shop.api, "customers", "CUST001")["status"] == "archived"
    assert shop.get(invoice)["status"] == "issued"
