"""The main job as AWS would do it: built functions under AWS's runtime client, the Data API, bus, queues and clock."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from devtools import demo_company
from devtools.local.api import answer_of, api_client
from devtools.local.options import Options
from devtools.local.supervisor import LocalCloud

PATIENCE = 180.0

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    options = Options(folder=tmp_path_factory.mktemp("cloud") / ".local", port=0, durable=False, on_lambda=True)
    with LocalCloud(options) as running:
        yield running


@pytest.fixture(scope="module")
def shop(cloud: LocalCloud) -> Iterator[httpx.Client]:
    """A client of a new company that sells in two tax jurisdictions."""
    with api_client(cloud.url, cloud.operator_key) as operator:
        operator.timeout = httpx.Timeout(120)
        made = answer_of(operator.post("/api/v1/tenants", json=demo_company.TENANT))
    with api_client(cloud.url, made["api_key"]) as api:
        api.timeout = httpx.Timeout(120)
        receipt = {"items": [{"product": "PROD001", "quantity": "100", "unit_cost": "66.00"}]}
        for resource, body in (
            *(("taxes", tax) for tax in demo_company.TAXES[:2]),
            *(("tax-rules", rule) for rule in demo_company.TAX_RULES[:2]),
            ("customers", next(demo_company.customers())),
            ("products", next(demo_company.products())),
            ("stock-movements", receipt),
        ):
            answer_of(api.post(f"/api/v1/{resource}", json=body))
        yield api


def wait_for(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"it did not happen within {PATIENCE:.0f} seconds"
        time.sleep(0.2)
    return found


def without_ids(value: Any) -> Any:
    """The answer with "ID" for each id, alone or within a text."""
    if isinstance(value, dict):
        return {name: without_ids(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_ids(inner) for inner in value]
    return ID.sub("ID", value) if isinstance(value, str) else value


def lines(*accounts: tuple[str, str, str, str, str | None]) -> list[dict[str, Any]]:
    return [
        {
            "account": {"id": "ID", "code": code, "name": name},
            "debit": debit,
            "credit": credit,
            **({"tax": tax} if tax else {}),
        }
        for code, name, debit, credit, tax in accounts
    ]


def test_the_main_job(cloud: LocalCloud, shop: httpx.Client) -> None:
    order = {"customer": "CUST001", "items": [{"product": "PROD001", "quantity": 10}]}
    headers = {"Idempotency-Key": "order-1"}
    response = shop.post("/api/v1/invoices", json=order, headers=headers)
    assert response.status_code == 201, response.text
    invoice = response.json()
    state = {"code": "STATE", "jurisdiction": "US-CA", "rate": "0.06", "base": "1200.00", "amount": "72.00"}
    city = {"code": "CITY", "jurisdiction": "US-CA-SF", "rate": "0.0125", "base": "1200.00", "amount": "15.00"}
    day, due = invoice["date"], invoice["due_date"]
    assert (date.fromisoformat(due) - date.fromisoformat(day)).days == 30
    expected = {
        "id": "ID",
        "number": f"INV-{day[:4]}-000001",
        "status": "issued",
        "version": 1,
        "company": {"id": "ID", "code": "MAIN", "name": "Harbor Supply Co"},
        "customer": {"id": "ID", "code": "CUST001", "name": "Lighthouse Books & Charts"},
        "date": day,
        "due_date": due,
        "currency": "USD",
        "items": [
            {
                "line": 1,
                "product": {"id": "ID", "code": "PROD001"},
                "description": "Brass harbor lantern",
                "quantity": "10",
                "unit_price": "120.00",
                "discount": "0.00",
                "net": "1200.00",
                "taxes": [state, city],
            }
        ],
        "subtotal": "1200.00",
        "tax_total": "87.00",
        "total": "1287.00",
        "amount_due": "1287.00",
        "taxes": [state, city],
        "reservations": [{"product": "PROD001", "location": "MAIN", "quantity": "10", "available_after": "90"}],
        "credit": {"limit": "50000.00", "exposure": "1287.00", "available": "48713.00"},
        "approval": {"required": False},
        "posting": {
            "lines": lines(
                ("1200", "Accounts receivable", "1287.00", "0.00", None),
                ("4000", "Sales of goods", "0.00", "1200.00", None),
                ("2200", "Sales tax payable", "0.00", "72.00", "STATE"),
                ("2200", "Sales tax payable", "0.00", "15.00", "CITY"),
            )
        },
        "events": ["invoice.created", "stock.reserved"],
        "links": {"self": "/api/v1/invoices/ID", "history": "/api/v1/documents/ID/history"},
    }
    found = without_ids(invoice)
    assert {name: found[name] for name in expected} == expected

    # What followed, asked for in processes of other functions: the clock's relay published, the subscriber counted.
    wait_for(lambda: answer_of(shop.get("/api/v1/reports/kpis"))["revenue"]["month"] == "1200.00")
    wait_for(lambda: cloud.services.waiting() == 0)
    figures = answer_of(shop.get("/api/v1/reports/kpis"))
    assert figures["receivables"]["open"] == "1287.00"
    assert [(row["product"]["code"], row["quantity"]) for row in figures["top_products"]] == [("PROD001", "10")]
    stock = answer_of(shop.get("/api/v1/stock/availability", params={"product": "PROD001"}))
    assert (stock["on_hand"], stock["reserved"], stock["available"]) == ("100", "10", "90")
    balance = answer_of(shop.get("/api/v1/reports/trial-balance"))
    assert balance["total_debit"] == balance["total_credit"]
    assert {row["account"]["code"]: row["balance"] for row in balance["rows"]}["1200"] == "1287.00"
    events = answer_of(shop.get("/api/v1/events", params={"subject": f"invoice/{invoice['id']}"}))["data"]
    assert [event["type"] for event in events] == ["invoice.created", "stock.reserved"]

    # The same request again is answered with the same bytes, and nothing more is sold.
    again = shop.post("/api/v1/invoices", json=order, headers=headers)
    assert (again.status_code, again.text, again.headers["Idempotency-Hit"]) == (201, response.text, "true")
    assert answer_of(shop.get("/api/v1/stock/availability", params={"product": "PROD001"})) == stock

    started = cloud.figures()
    for name in (
        "platform-authorize_request",
        "receivables-create_invoice",
        "events-relay_events",
        "reporting-on_invoice_created",
        "reporting-get_kpis",
    ):
        assert started[f"bigledger-{name}"]["starts"] > 0, name


def test_refusals_are_told_as_anywhere_else(cloud: LocalCloud, shop: httpx.Client) -> None:
    before = answer_of(shop.get("/api/v1/invoices"))
    order = {"customer": "CUST001", "items": [{"product": "PROD001", "quantity": 1000}]}
    refused = shop.post("/api/v1/invoices", json=order)
    assert (refused.status_code, refused.json()["code"]) == (422, "insufficient_stock")
    malformed = shop.post("/api/v1/invoices", json={"customer": "CUST001", "items": []})
    assert malformed.status_code == 422
    assert [error["pointer"] for error in malformed.json()["errors"]] == ["/items"]
    with api_client(cloud.url, "blg_test_unknown") as stranger:
        unknown = stranger.post("/api/v1/invoices", json=order, timeout=120)
    assert (unknown.status_code, unknown.json()["code"]) == (401, "unauthenticated")
    assert answer_of(shop.get("/api/v1/invoices")) == before


def test_no_process_of_the_cloud_but_the_functions_has_the_databases_address(cloud: LocalCloud) -> None:
    """So that nothing can answer in the place of a function."""
    for name in ("gateway", "subscribers", "relay"):
        variables = Path(f"/proc/{cloud.children[name].pid}/environ").read_bytes().split(b"\0")
        names = {variable.partition(b"=")[0].decode() for variable in variables}
        assert "BIGLEDGER_LAMBDA" in names
        assert not {"DATABASE_URL", "DISPATCHER_DATABASE_URL"} & names
