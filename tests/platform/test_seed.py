"""The demo company: made through the API alone, the same every time, and completed after an interruption."""

from collections import Counter
from typing import Any

import httpx
import pytest

from bigledger.platform.secrets import Secret
from devtools import demo_company
from devtools.seed import Demo, SeedError, seed
from tests.platform.served import Served
from tests.support.api import Api

EXPECTED = {
    "approval_rule": 1,
    "customer": 20,
    "product": 50,
    "stock_receipt": 6,
    "supplier": 6,
    "tax": 4,
    "tax_rule": 6,
}


@pytest.fixture
def served(owner_url: str, operator_secret: Secret) -> Served:
    """The installation's API."""
    return Served()


def made(demo: Demo) -> dict[str, int]:
    """How many documents of the seeded types there are."""
    rows = Api(demo.tenant_id).rows("SELECT type, count(*) AS n FROM kernel.document GROUP BY type")  # type: ignore[arg-type]
    return {row.type: row.n for row in rows if row.type in EXPECTED}


def test_the_demo_company_is_complete_and_its_first_invoice_is_exact(served: Served, operator_secret: Secret) -> None:
    told: list[tuple[str, int, int]] = []
    demo = seed(served.client(operator_secret.text), progress=lambda *step: told.append(step))
    assert made(demo) == EXPECTED
    assert [step[1] for step in told] == list(range(1, 95))
    assert {step[2] for step in told} == {94}
    assert list(dict.fromkeys(step[0] for step in told)) == [
        "Company",
        "Taxes",
        "Approval rules",
        "Suppliers",
        "Customers",
        "Products",
        "Stock",
    ]

    client = served.client(demo.api_key)
    response = client.post(
        "/api/v1/invoices", json={"customer": "CUST001", "items": [{"product": "PROD001", "quantity": 10}]}
    )
    assert response.status_code == 201, response.text
    invoice = response.json()
    assert invoice["number"] == "INV-2026-000001"
    assert (invoice["status"], invoice["date"], invoice["due_date"]) == ("issued", "2026-11-23", "2026-12-23")
    assert [
        (tax["code"], tax["jurisdiction"], tax["rate"], tax["base"], tax["amount"]) for tax in invoice["taxes"]
    ] == [
        ("STATE", "US-CA", "0.06", "1200.00", "72.00"),
        ("CITY", "US-CA-SF", "0.0125", "1200.00", "15.00"),
    ]
    assert (invoice["subtotal"], invoice["tax_total"], invoice["total"]) == ("1200.00", "87.00", "1287.00")
    assert [
        (held["product"], held["location"], held["quantity"], held["available_after"])
        for held in invoice["reservations"]
    ] == [("PROD001", "MAIN", "10", "90")]
    assert invoice["credit"] == {"limit": "50000.00", "exposure": "1287.00", "available": "48713.00"}
    assert invoice["approval"] == {"required": False}


def test_every_receipt_names_its_supplier_and_services_have_their_own_revenue(
    served: Served, operator_secret: Secret
) -> None:
    """What is owed for goods received is owed to someone, and revenue of goods and of services stand apart."""
    demo = seed(served.client(operator_secret.text))
    rows = Api(demo.tenant_id).rows(  # type: ignore[arg-type]
        "SELECT type, number, data->>'revenue_account' AS account,"
        " coalesce(data->'supplier'->>'code', data->>'supplier') AS supplier FROM kernel.document"
        " WHERE type IN ('stock_receipt', 'product') ORDER BY number"
    )
    assert {row.supplier for row in rows if row.type == "stock_receipt"} == {f"SUP00{n}" for n in range(1, 7)}
    assert [row.number for row in rows if row.account == "4010"] == [f"PROD{n:03}" for n in range(46, 51)]


def test_an_invoice_above_ten_thousand_waits_for_approval(served: Served, operator_secret: Secret) -> None:
    client = served.client(seed(served.client(operator_secret.text)).api_key)
    body = {
        "customer": "CUST001",
        "items": [{"product": "PROD034", "quantity": 10}, {"product": "PROD019", "quantity": 6}],
    }
    response = client.post("/api/v1/invoices", json=body)
    assert response.status_code == 201, response.text
    assert (response.json()["status"], response.json()["approval"]["required"]) == ("pending_approval", True)


def test_tax_depends_on_place_product_and_customer(served: Served, operator_secret: Secret) -> None:
    client = served.client(seed(served.client(operator_secret.text)).api_key)

    def taxes(customer: str, product: str) -> dict[str, str]:
        body = {"customer": customer, "items": [{"product": product, "quantity": 1}]}
        response = client.post("/api/v1/invoices", json=body)
        assert response.status_code == 201, response.text
        return {tax["code"]: tax["amount"] for tax in response.json()["taxes"]}

    assert taxes("CUST012", "PROD001") == {"NY-STATE": "4.80", "NY-CITY": "5.40"}
    service, exempt_school, exempt_museum = ("CUST001", "PROD046"), ("CUST008", "PROD001"), ("CUST015", "PROD001")
    assert taxes(*service) == taxes(*exempt_school) == taxes(*exempt_museum) == {}


def test_an_interrupted_seeding_is_completed_without_doubles(served: Served, operator_secret: Secret) -> None:
    kept: list[Demo] = []
    served.fails_after = 60
    with pytest.raises(httpx.ConnectError):
        seed(served.client(operator_secret.text), keep=kept.append)
    assert 0 < made(kept[0])["product"] < 50
    assert "stock_receipt" not in made(kept[0])
    served.fails_after = None
    again = seed(served.client(operator_secret.text), kept[0])
    assert again == kept[0]
    assert made(again) == EXPECTED


def test_a_tenant_whose_key_was_lost_is_left_behind(served: Served, operator_secret: Secret) -> None:
    served.loses = "/api/v1/tenants"
    kept: list[Demo] = []
    with pytest.raises(httpx.ReadError):
        seed(served.client(operator_secret.text), keep=kept.append)
    assert kept == []
    demo = seed(served.client(operator_secret.text), keep=kept.append)
    assert kept == [demo]
    assert demo.api_key.startswith("blg_test_")
    assert made(demo) == EXPECTED


def test_a_refusal_is_told_with_its_reason(served: Served) -> None:
    with pytest.raises(SeedError, match=r"401.*not the key of this installation's operator"):
        seed(served.client("blg_operator_wrong"))


def test_the_names_and_codes_are_distinct() -> None:
    customers: list[Any] = list(demo_company.customers())
    products: list[Any] = list(demo_company.products())
    assert len({customer["name"] for customer in customers}) == len({customer["code"] for customer in customers}) == 20
    assert len({product["name"] for product in products}) == len({product["code"] for product in products}) == 50
    assert Counter(customer["jurisdiction"] for customer in customers) == {"US-CA-SF": 11, "US-NY-NYC": 9}
    assert (customers[0]["code"], customers[0]["credit_limit"]) == ("CUST001", "50000.00")
    assert customers[0]["payment_terms"] == "NET30"
    assert (products[0]["code"], products[0]["sales_price"]) == ("PROD001", "120.00")
