"""A tenant in one call: everything its first invoice needs, and a key that is told once."""

from typing import Any
from uuid import UUID

import pytest

from bigledger.kernel.database import transaction
from bigledger.kernel.permissions import allowed
from bigledger.platform import setup
from bigledger.platform.secrets import Secret, digest
from bigledger.records import RESOURCES
from tests.platform.callers import bearer, stored_texts
from tests.support.api import FUNCTIONS, OPERATOR, Api

BODY = {"name": "Harbor Supply Co", "company": {"currency": "USD", "jurisdiction": "US-CA"}, "mode": "test"}


def tenants() -> int:
    """How many tenants the installation has."""
    with transaction("dispatcher") as opened:
        return int(opened.row("SELECT count(*) FROM kernel.tenant")[0])


def records(api: Api, type: str) -> dict[str, Any]:
    """The data of the tenant's records of a type, by code."""
    rows = api.rows("SELECT number, data FROM kernel.document WHERE type = :type ORDER BY number", type=type)
    return {row.number: row.data for row in rows}


@pytest.mark.example
def test_example(example: Any, operator: Api) -> None:
    body = {"name": "Harbor Supply Co", "company": {"currency": "USD", "jurisdiction": "US-CA"}, "mode": "test"}
    example(body=body, headers={"Idempotency-Key": "harbor-supply"}, by=operator).expect(201)


def test_the_answer_is_the_tenant_its_company_and_its_first_key(operator: Api) -> None:
    answer = operator.call("create_tenant", BODY).expect(201).json
    assert sorted(answer) == ["api_key", "api_key_id", "api_version", "company", "created_at", "id", "name", "status"]
    assert (answer["name"], answer["status"], answer["api_version"]) == ("Harbor Supply Co", "active", "2026-11-23")
    assert (answer["company"]["code"], answer["company"]["name"]) == ("MAIN", "Harbor Supply Co")
    caller = bearer(answer["api_key"])
    assert caller.tenant_id == UUID(answer["id"])
    assert caller.authorizer["actor_id"] == answer["api_key_id"]
    assert caller.authorizer["permissions"] == "*"


def test_the_tenant_has_what_its_first_invoice_needs(operator: Api) -> None:
    api = Api(operator.call("create_tenant", BODY).expect(201)["id"])
    rows = api.rows("SELECT type, count(*) AS n FROM kernel.document GROUP BY type ORDER BY type")
    assert {row.type: row.n for row in rows} == {
        "account": 174,
        "api_key": 1,
        "api_key_secret": 1,
        "company": 1,
        "fiscal_year": 2,
        "location": 1,
        "number_series": 19,
        "payment_term": 5,
        "role": 6,
        "unit": 6,
    }
    assert records(api, "company") == {
        "MAIN": {
            "code": "MAIN",
            "name": "Harbor Supply Co",
            "currency": "USD",
            "jurisdiction": "US-CA",
            "timezone": "UTC",
            "accounts": {
                "receivable": "1200",
                "revenue": "4000",
                "inventory": "1400",
                "stock_received_not_invoiced": "2150",
                "bank": "1020",
                "customer_advances": "2300",
                "payable": "2100",
                "expense": "6300",
                "supplier_advances": "1230",
                "expense_claims": "2140",
                "discounts_granted": "4085",
                "discounts_received": "5035",
                "bad_debts": "6200",
                "dunning_fees": "4200",
                "rounding": "6340",
                "exchange_gain": "4220",
                "exchange_loss": "6320",
                "unrealised_exchange_gain": "4230",
                "unrealised_exchange_loss": "6330",
                "receivable_revaluation": "1205",
                "payable_revaluation": "2105",
                "deferred_revenue": "2310",
                "prepaid_expense": "1300",
                "withholding_tax": "2210",
                "tax_settlement": "2230",
                "retained_earnings": "3100",
                "opening_balance": "1810",
            },
            "policies": {
                "tax": {
                    "rounding": "per_document",
                    "mode": "half_up",
                    "net_price_decimals": 4,
                    "no_rule": "no_tax",
                },
                "over_credit_limit": "refuse",
                "stock_shortage": "refuse",
                "early_payment_tax": "at_payment",
                "early_payment_discount": "full_payment",
                "revaluation_reversal": "next_day",
                "advances_revalued": False,
                "rounded_totals": [],
                "cash_basis_rate": "document",
                "withholding_base": "net",
                "deferral_method": "months_30",
            },
        }
    }
    series = records(api, "number_series")
    assert {code: data["prefix"] for code, data in series.items()} == {
        "BILL": "BILL-{YYYY}-",
        "CONTRA_SETTLEMENT": "CON-{YYYY}-",
        "CREDIT_NOTE": "CN-{YYYY}-",
        "DEBIT_NOTE": "DN-{YYYY}-",
        "DEFERRAL_SCHEDULE": "DEF-{YYYY}-",
        "DUNNING_NOTICE": "DUN-{YYYY}-",
        "EXPENSE_CLAIM": "EXP-{YYYY}-",
        "WITHHOLDING_CERTIFICATE": "WHT-{YYYY}-",
        "INVOICE": "INV-{YYYY}-",
        "JOURNAL_ENTRY": "JE-{YYYY}-",
        "PAYMENT": "PAY-{YYYY}-",
        "PAYMENT_RUN": "RUN-{YYYY}-",
        "REFUND": "REF-{YYYY}-",
        "REVALUATION": "REV-{YYYY}-",
        "STOCK_RECEIPT": "SR-{YYYY}-",
        "SUPPLIER_CREDIT": "SC-{YYYY}-",
        "SUPPLIER_PAYMENT": "SPAY-{YYYY}-",
        "TAX_RETURN": "TAX-{YYYY}-",
        "WRITE_OFF": "WO-{YYYY}-",
    }
    assert {(data["width"], data["restart"], data["company"]) for data in series.values()} == {(6, "year", "MAIN")}
    assert {code: (data["starts_on"], data["ends_on"]) for code, data in records(api, "fiscal_year").items()} == {
        "FY2026": ("2026-01-01", "2026-12-31"),
        "FY2027": ("2027-01-01", "2027-12-31"),
    }
    assert list(records(api, "role")) == ["accountant", "admin", "approver", "read_only", "sales", "warehouse"]
    assert list(records(api, "payment_term")) == ["EOM30", "IMMEDIATE", "NET15", "NET30", "NET60"]
    assert "EA" in records(api, "unit")
    assert list(records(api, "location")) == ["MAIN"]


def test_the_periods_of_both_fiscal_years_are_open_for_postings(operator: Api) -> None:
    api = Api(operator.call("create_tenant", BODY).expect(201)["id"])
    (row,) = api.rows(
        "SELECT count(*) AS n, min(starts_on) AS first, max(ends_on) AS last, bool_and(status = 'open') AS open"
        " FROM records.fiscal_period"
    )
    assert (row.n, str(row.first), str(row.last), row.open) == (24, "2026-01-01", "2027-12-31", True)


def test_a_fiscal_year_may_begin_in_another_month_and_bears_the_year_it_ends_in(operator: Api) -> None:
    company = {"currency": "MYR", "jurisdiction": "MY", "timezone": "Asia/Kuala_Lumpur", "fiscal_year_month": 12}
    api = Api(operator.call("create_tenant", {"name": "Selat", "company": company}).expect(201)["id"])
    assert {code: (data["starts_on"], data["ends_on"]) for code, data in records(api, "fiscal_year").items()} == {
        "FY2026": ("2025-12-01", "2026-11-30"),
        "FY2027": ("2026-12-01", "2027-11-30"),
    }


def test_the_company_may_have_a_code_a_name_and_policies_of_its_own(operator: Api) -> None:
    company = {
        "code": "HSC",
        "name": "Harbor Supply Company, Inc.",
        "currency": "USD",
        "jurisdiction": "US-CA",
        "tax_number": "94-1234567",
        "policies": {"over_credit_limit": "approve"},
    }
    answer = operator.call("create_tenant", {"name": "Harbor", "company": company}).expect(201)
    stored = records(Api(answer["id"]), "company")["HSC"]
    assert (stored["name"], stored["tax_number"]) == ("Harbor Supply Company, Inc.", "94-1234567")
    assert stored["policies"]["over_credit_limit"] == "approve"
    assert records(Api(answer["id"]), "number_series")["INVOICE"]["company"] == "HSC"


def test_its_event_tells_of_the_tenant_and_not_of_the_secret(operator: Api) -> None:
    answer = operator.call("create_tenant", BODY).expect(201).json
    (event,) = Api(answer["id"]).events()
    assert (event["type"], event["actorkind"], event["subject"]) == (
        "tenant.created",
        "operator",
        f"tenant/{answer['id']}",
    )
    assert event["data"] == {
        "id": answer["id"],
        "name": "Harbor Supply Co",
        "api_version": "2026-11-23",
        "company": answer["company"],
        "currency": "USD",
        "jurisdiction": "US-CA",
        "api_key_id": answer["api_key_id"],
    }


def test_the_same_key_finds_the_same_tenant_without_its_secret(operator: Api) -> None:
    headers = {"Idempotency-Key": "harbor-1"}
    first = operator.call("create_tenant", BODY, headers=headers).expect(201)
    again = operator.call("create_tenant", BODY, headers=headers).expect(201)
    assert again.headers["Idempotency-Hit"] == "true"
    assert again.json == {name: value for name, value in first.json.items() if name != "api_key"}
    counts = Api(first["id"]).counts()
    assert (counts["kernel.tenant"], counts["kernel.event"], counts["kernel.idempotency"]) == (1, 1, 1)


def test_the_same_key_with_another_request_is_refused(operator: Api) -> None:
    headers = {"Idempotency-Key": "harbor-2"}
    operator.call("create_tenant", BODY, headers=headers).expect(201)
    before = tenants()
    refused = operator.call("create_tenant", BODY | {"name": "Another"}, headers=headers).expect(422)
    assert refused["code"] == "idempotency_key_reused"
    assert tenants() == before


def test_a_dry_run_answers_without_a_key_and_changes_nothing(operator: Api) -> None:
    before = tenants()
    answer = operator.call(
        "create_tenant", BODY, query={"dry_run": "true"}, headers={"Idempotency-Key": "harbor-3"}
    ).expect(200)
    assert "api_key" not in answer.json
    assert [event["type"] for event in answer["dry_run"]["events"]] == ["tenant.created"]
    assert tenants() == before
    assert set(Api(answer["id"]).counts().values()) == {0}
    real = operator.call("create_tenant", BODY, headers={"Idempotency-Key": "harbor-3"}).expect(201)
    assert real["id"] == answer["id"]


def test_the_secret_is_neither_stored_nor_logged(operator: Api, log_lines: list[str]) -> None:
    answer = operator.call("create_tenant", BODY, headers={"Idempotency-Key": "harbor-4"}).expect(201).json
    bearer(answer["api_key"]).call("verify_auth").expect(200)
    stored = stored_texts(Api(answer["id"]))
    assert answer["api_key"] not in stored
    assert digest(answer["api_key"]) in stored
    assert len(log_lines) == 3
    assert not any(answer["api_key"] in line for line in log_lines)


def test_a_tenants_own_administrator_cannot_make_tenants(api: Api) -> None:
    """The permission * of a tenant reaches no further than the tenant."""
    before = tenants()
    refused = api.call("create_tenant", BODY).expect(403)
    assert refused["code"] == "operator_only"
    assert tenants() == before


def test_the_operators_own_key_makes_tenants(operator_secret: Secret, owner_url: str) -> None:
    caller = bearer(operator_secret.text)
    assert caller.authorizer["permissions"] == OPERATOR
    made = caller.call("create_tenant", BODY).expect(201)
    assert caller.call("get_tenant", path={"id": made["id"]}).expect(200)["name"] == "Harbor Supply Co"


@pytest.mark.parametrize(
    ("company", "pointer", "code"),
    [
        ({"currency": "XXY", "jurisdiction": "US"}, "/company/currency", "unknown_currency"),
        ({"currency": "USD", "jurisdiction": "California"}, "/company/jurisdiction", "string_pattern_mismatch"),
        ({"currency": "USD", "jurisdiction": "US", "timezone": "Mars/Base"}, "/company/timezone", "unknown_timezone"),
        ({"currency": "USD", "jurisdiction": "US", "timezone": "../UTC"}, "/company/timezone", "unknown_timezone"),
        ({"currency": "USD", "jurisdiction": "US", "fiscal_year_month": 13}, "/company/fiscal_year_month",
         "less_than_equal"),
        ({"currency": "USD"}, "/company/jurisdiction", "required"),
        ({"currency": "USD", "jurisdiction": "US", "chart": "own"}, "/company/chart", "unknown_field"),
    ],
)  # fmt: skip
def test_a_faulty_company_is_pointed_at_and_nothing_is_made(
    operator: Api, company: dict[str, Any], pointer: str, code: str
) -> None:
    before = tenants()
    refused = operator.call("create_tenant", {"name": "Harbor", "company": company}).expect(422)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [(pointer, code)]
    assert tenants() == before


def test_every_permission_of_the_default_roles_covers_an_operation() -> None:
    """A misspelt permission would silently give nothing."""
    verbs = ("list", "get", "create", "update", "archive")
    known = {f"{path.parent.name}.{path.stem}" for path in FUNCTIONS.glob("*/*.py")}
    known |= {f"records.{verb}_{resource.type}" for verb in verbs for resource in RESOURCES.values()}
    for role in setup.ROLES:
        for pattern in role.permissions:
            assert any(allowed((pattern,), permission) for permission in known), f"{role.code}: {pattern}"
