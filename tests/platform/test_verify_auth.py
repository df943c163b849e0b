"""Who am I, for which companies, with which permissions."""

from typing import Any

import pytest

from tests.platform.callers import bearer
from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any) -> None:
    example().expect(200)


def test_a_key_learns_what_it_is(api: Api) -> None:
    made = api.call("create_api_key", {"name": "Till", "roles": ["sales", "read_only"]}).expect(201)
    answer = bearer(made["api_key"]).call("verify_auth").expect(200).json
    assert answer["actor"] == {"id": made["id"], "kind": "api_key", "name": "Till"}
    assert answer["tenant"] == {"id": str(api.tenant_id), "name": "Test", "status": "active"}
    assert [(company["code"], company["name"]) for company in answer["companies"]] == [("MAIN", "Test")]
    assert answer["roles"] == ["read_only", "sales"]
    assert answer["permissions"] == [
        "*.get_*",
        "*.list_*",
        "imports.execute_bulk",
        "inventory.create_reservation",
        "inventory.get_*",
        "inventory.release_reservation",
        "receivables.create_invoice",
        "receivables.get_*",
        "receivables.issue_invoice",
        "receivables.list_*",
        "receivables.send_invoice",
        "receivables.update_invoice",
        "records.create_contact",
        "records.create_customer",
        "records.get_*",
        "records.list_*",
        "records.update_contact",
        "records.update_customer",
        "reporting.get_invoice_pdf",
        "tax.quote_tax",
    ]


def test_no_permission_is_needed_to_ask(api: Api) -> None:
    answer = api.as_("nobody", "").call("verify_auth").expect(200)
    assert (answer["actor"]["id"], answer["permissions"], answer["roles"]) == ("nobody", [], [])


def test_a_new_company_is_told(api: Api) -> None:
    api.record("companies", code="EAST", name="Harbor East", currency="USD", jurisdiction="US-NY")
    answer = api.call("verify_auth").expect(200)
    assert [company["code"] for company in answer["companies"]] == ["EAST", "MAIN"]
