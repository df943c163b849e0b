"""A good request of each operation, made of one tenant's own ids, for the checks that hold for all operations."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.support.api import find
from tests.support.world import World

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@dataclass(frozen=True)
class Call:
    """What a request says beyond its operation."""

    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def about(document: Any, body: Any = None, **more: str) -> Call:
    """A call about one document, whose version the caller has read."""
    headers = {"If-Match": f'"{document["version"]}"'} if "version" in document else {}
    return Call(body, path={"id": document["id"], **more}, headers=headers)


def keyed(call: Call) -> Call:
    """The call with a key, for an operation that moves money."""
    return replace(call, headers={**call.headers, "Idempotency-Key": "structure"})


def _period(world: World, number: int) -> str:
    return f"{world.id_of('fiscal-years', 'FY2025')}-{number}"


def _items(world: World) -> list[dict[str, Any]]:
    return [{"product": world.id_of("products", "PROD001"), "quantity": "1"}]


REQUESTS: dict[str, Callable[[World], Call]] = {
    "events.get_audit_log": lambda world: Call(query={"fiscal_year": "FY2026"}),
    "events.get_document_history": lambda world: Call(path={"id": world.issued["id"]}),
    "events.get_event": lambda world: Call(path={"id": world.event["id"]}),
    "events.list_dead_letters": lambda world: Call(),
    "events.list_events": lambda world: Call(),
    "events.redrive_dead_letter": lambda world: about(world.letter),
    "exports.create_export": lambda world: Call({}),
    "exports.list_exports": lambda world: Call(),
    "imports.commit_import": lambda world: keyed(Call(path={"id": world.imported["id"]})),
    "imports.execute_bulk": lambda world: Call(
        {
            "atomic": True,
            "items": [
                {
                    "operation": "create_record",
                    "path": {"resource": "customers"},
                    "body": {
                        "code": "C7",
                        "name": "New",
                        "jurisdiction": "US-CA",
                        "payment_terms": world.id_of("payment-terms", "NET30"),
                    },
                }
            ],
        }
    ),
    "imports.resume_import": lambda world: keyed(Call(path={"id": world.imported["id"]})),
    "inventory.create_reservation": lambda world: Call(
        {"product": world.id_of("products", "PROD001"), "quantity": "1"}
    ),
    "inventory.get_availability": lambda world: Call(query={"product": world.id_of("products", "PROD001")}),
    "inventory.receive_stock": lambda world: Call({"items": [item | {"unit_cost": "5.00"} for item in _items(world)]}),
    "inventory.release_reservation": lambda world: about(world.reservation),
    "ledger.close_fiscal_year": lambda world: keyed(Call({}, path={"id": world.id_of("fiscal-years", "FY2025")})),
    "ledger.close_period": lambda world: Call({}, path={"id": _period(world, 2)}),
    "ledger.get_number_series_audit": lambda world: Call(path={"id": world.id_of("number-series", "JOURNAL_ENTRY")}),
    "ledger.lock_period": lambda world: Call({"areas": ["tax"]}, path={"id": _period(world, 1)}),
    "ledger.post_journal_entry": lambda world: keyed(about(world.entry_draft, {})),
    "ledger.post_opening_balances": lambda world: keyed(
        Call({"date": "2026-10-31", "accounts": [{"account": world.id_of("accounts", "1020"), "debit": "1.00"}]})
    ),
    "ledger.create_deferral_schedule": lambda world: keyed(
        Call({"source": world.deferrable, "starts_on": "2026-10-31", "months": 2})
    ),
    "ledger.run_allocation_rule": lambda world: keyed(
        Call(
            {"date_from": "2026-10-01", "date_to": "2026-10-31"},
            path={"id": world.id_of("allocation-rules", "ONWARD")},
        )
    ),
    "ledger.run_deferrals": lambda world: keyed(Call({"until": "2026-11-30"})),
    "ledger.run_due_journal_templates": lambda world: keyed(Call({"until": "2026-11-23"})),
    "ledger.run_journal_template": lambda world: keyed(
        Call({"date": "2026-10-30"}, path={"id": world.id_of("journal-templates", "POWER")})
    ),
    "ledger.reopen_fiscal_year": lambda world: keyed(
        Call({"reason": "x"}, path={"id": world.id_of("fiscal-years", "FY2024")})
    ),
    "ledger.reopen_period": lambda world: Call({"reason": "x"}, path={"id": _period(world, 1)}),
    "ledger.grant_period_exception": lambda world: Call(
        {
            "period": _period(world, 1),
            "areas": ["gl"],
            "user": "x",
            "reason": "x",
            "expires_at": "2099-01-01T00:00:00Z",
        }
    ),
    "ledger.update_journal_entry": lambda world: about(world.entry_draft, {"text": "x"}),
    "ledger.get_account_ledger": lambda world: Call(path={"id": world.id_of("accounts", "1200")}),
    "ledger.get_account_balances": lambda world: Call(
        query={"account": world.id_of("accounts", "1200"), "by": "period"}
    ),
    "payables.approve_expense_claim": lambda world: about(world.claim),
    "payables.create_expense_claim": lambda world: Call(
        {
            "employee": world.id_of("suppliers", "SUPP001"),
            "purpose": "x",
            "items": [{"date": "2026-11-20", "description": "x", "amount": "5.00"}],
        }
    ),
    "payables.create_withholding_certificate": lambda world: Call(
        {
            "supplier": world.id_of("suppliers", "SUPP014"),
            "tax": "CONF",
            "first_day": "2026-11-01",
            "last_day": "2026-11-30",
        }
    ),
    "payables.list_expense_claims": lambda world: Call(query={"employee": world.id_of("suppliers", "SUPP001")}),
    "payables.reimburse_expense_claim": lambda world: keyed(about(world.claim_approved, {})),
    "payables.reject_expense_claim": lambda world: about(world.claim_wrong, {"reason": "x"}),
    "payables.submit_expense_claim": lambda world: about(world.claim_draft),
    "payables.approve_payment_run": lambda world: keyed(about(world.run)),
    "payables.cancel_payment_run": lambda world: about(world.run, {"reason": "x"}),
    "payables.confirm_payment_run": lambda world: keyed(about(world.run_approved, {})),
    "payables.create_payment_run": lambda world: keyed(
        Call({"due_until": "2026-12-31", "suppliers": [world.id_of("suppliers", "SUPP001")]})
    ),
    "payables.create_bill": lambda world: Call(
        {"supplier": world.id_of("suppliers", "SUPP001"), "supplier_number": "New", "items": [{"unit_price": "1.00"}]}
    ),
    "payables.create_supplier_allocation": lambda world: keyed(
        Call(
            {
                "supplier": world.id_of("suppliers", "SUPP001"),
                "sources": [{"document": world.supplier_payment["id"]}],
                "bills": [{"document": world.bill["id"]}],
            }
        )
    ),
    "payables.create_supplier_credit": lambda world: Call(
        {
            "supplier": world.id_of("suppliers", "SUPP001"),
            "supplier_number": "New",
            "reason": "x",
            "items": [{"unit_price": "1.00"}],
        }
    ),
    "payables.credit_bill": lambda world: Call(
        {"supplier_number": "New", "reason": "x"}, path={"id": world.bill["id"]}
    ),
    "payables.list_bills": lambda world: Call(query={"supplier": world.id_of("suppliers", "SUPP001")}),
    "payables.list_supplier_payments": lambda world: Call(query={"supplier": world.id_of("suppliers", "SUPP001")}),
    "payables.post_bill": lambda world: about(world.bill_draft, {}),
    "payables.post_supplier_credit": lambda world: about(world.supplier_credit_draft),
    "payables.record_supplier_payment": lambda world: keyed(
        Call({"supplier": world.id_of("suppliers", "SUPP001"), "amount": "10.00"})
    ),
    "payables.update_bill": lambda world: about(world.bill_draft, {"reference": "New"}),
    "payables.update_expense_claim": lambda world: about(world.claim_draft, {"purpose": "New"}),
    "payables.hold_bill": lambda world: about(world.bill_voidable, {"reason": "x"}),
    "payables.release_bill": lambda world: about(world.bill_held),
    "payables.void_bill": lambda world: about(world.bill_voidable, {"reason": "x"}),
    "payables.void_supplier_credit": lambda world: about(world.supplier_credit, {"reason": "x"}),
    "payables.void_supplier_payment": lambda world: keyed(about(world.supplier_payment, {"reason": "x"})),
    "ledger.create_revaluation": lambda world: keyed(
        Call({"date": "2026-11-30", "company": world.id_of("companies", "MAIN")})
    ),
    "ledger.reverse_revaluation": lambda world: keyed(about(world.revaluation, {"reason": "x", "date": "2026-11-23"})),
    "reporting.list_report_jobs": lambda world: Call(),
    "reporting.create_report_job": lambda world: Call({"report": "trial-balance", "format": "csv"}),
    "reporting.get_trial_balance": lambda world: Call(query={"company": world.id_of("companies", "MAIN")}),
    "reporting.get_explanation": lambda world: Call(
        path={"kind": "aged-receivables"}, query={"cell": world.cell("get_aged_receivables")}
    ),
    "reporting.get_general_ledger": lambda world: Call(query={"account": world.id_of("accounts", "1200")}),
    "reporting.get_aged_receivables": lambda world: Call(query={"party": world.id_of("customers", "CUST001")}),
    "reporting.get_aged_payables": lambda world: Call(query={"party": world.id_of("suppliers", "SUPP001")}),
    "platform.assign_role": lambda world: Call({"role": world.role["id"], "user": "someone"}),
    "platform.create_api_key": lambda world: Call({"name": "Key", "roles": [world.role["id"]]}),
    "platform.create_role": lambda world: Call({"code": "NEW", "name": "New", "permissions": ["ledger.*"]}),
    "platform.create_tenant": lambda world: Call(
        {"name": "New", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    ),
    "platform.get_health": lambda world: Call(),
    "platform.get_openapi": lambda world: Call(),
    "platform.get_tenant": lambda world: Call(path={"id": str(world.api.tenant_id)}),
    "platform.list_api_keys": lambda world: Call(),
    "platform.revoke_api_key": lambda world: about(world.key),
    "platform.rotate_api_key": lambda world: about(world.key),
    "platform.set_feature_flag": lambda world: Call(
        {"enabled": True}, path={"key": "receivables.match_exact_payments"}, headers={"If-Match": "*"}
    ),
    "platform.verify_auth": lambda world: Call(),
    "receivables.auto_allocate": lambda world: keyed(Call({"customer": world.id_of("customers", "CUST001")})),
    "receivables.create_allocation": lambda world: keyed(
        Call(
            {
                "customer": world.id_of("customers", "CUST001"),
                "sources": [{"document": world.advance["id"]}],
                "invoices": [{"invoice": world.issued["id"], "amount": "10.00"}],
            }
        )
    ),
    "receivables.create_contra_settlement": lambda world: keyed(
        Call(
            {
                "customer": world.id_of("customers", "CUST002"),
                "supplier": world.id_of("suppliers", "CUST002"),
                "amount": "1.00",
            }
        )
    ),
    "receivables.create_debit_note": lambda world: Call(
        {"invoice": world.issued["id"], "lines": [{"line": 1, "unit_price": "1.00"}], "reason": "x"}
    ),
    "receivables.create_dunning_run": lambda world: keyed(
        Call(
            {
                "procedure": world.id_of("dunning-procedures", "CONF"),
                "customers": [world.id_of("customers", "CUST002")],
            }
        )
    ),
    "receivables.get_customer_statement": lambda world: Call(path={"id": world.id_of("customers", "CUST002")}),
    "receivables.hold_customer_credit": lambda world: Call(
        {"reason": "x"}, path={"id": world.id_of("customers", "CUST002")}
    ),
    "receivables.release_customer_credit": lambda world: Call(
        {"reason": "x"}, path={"id": world.id_of("customers", "CUST009")}
    ),
    "receivables.issue_debit_note": lambda world: about(world.debit_draft),
    "receivables.run_recurring_invoices": lambda world: keyed(
        Call({"schedule": world.id_of("recurring-invoices", "NEXT")})
    ),
    "receivables.void_debit_note": lambda world: about(world.debit, {"reason": "x"}),
    "receivables.delete_allocation": lambda world: Call(path={"id": world.allocation["id"]}),
    "receivables.issue_credit_note": lambda world: about(world.note_draft),
    "receivables.refund_credit_note": lambda world: keyed(Call({"amount": "1.00"}, path={"id": world.note["id"]})),
    "receivables.refund_payment": lambda world: keyed(Call({"amount": "1.00"}, path={"id": world.advance["id"]})),
    "receivables.void_credit_note": lambda world: about(world.credited, {"reason": "x"}),
    "receivables.create_invoice": lambda world: Call(
        {"customer": world.id_of("customers", "CUST001"), "items": _items(world)}
    ),
    "receivables.get_invoice": lambda world: Call(path={"id": world.issued["id"]}),
    "reporting.get_credit_note_pdf": lambda world: Call(path={"id": world.note["id"]}, query={"format": "json"}),
    "reporting.get_debit_note_pdf": lambda world: Call(path={"id": world.debit["id"]}, query={"format": "json"}),
    "reporting.get_invoice_pdf": lambda world: Call(path={"id": world.issued["id"]}, query={"format": "json"}),
    "reporting.get_statement_pdf": lambda world: Call(
        path={"id": world.id_of("customers", "CUST002")}, query={"format": "json"}
    ),
    "receivables.send_invoice": lambda world: about(world.issued, {"to": "books@harbour.example"}),
    "receivables.pay_invoice": lambda world: keyed(Call({"amount": "1.00"}, path={"id": world.issued["id"]})),
    "receivables.get_payment": lambda world: Call(path={"id": world.paid["id"]}),
    "receivables.issue_invoice": lambda world: about(world.draft),
    "receivables.list_invoices": lambda world: Call(query={"customer": world.id_of("customers", "CUST001")}),
    "receivables.record_payment": lambda world: Call(
        {"customer": world.id_of("customers", "CUST001"), "amount": "10.00"}, headers={"Idempotency-Key": "payment"}
    ),
    "receivables.update_invoice": lambda world: about(world.draft, {"reference": "New"}),
    "receivables.void_invoice": lambda world: about(world.voidable, {"reason": "Ordered twice"}),
    "records.archive_record": lambda world: Call(
        path={"resource": "customers", "id": world.id_of("customers", "CUST002")}
    ),
    "records.create_record": lambda world: Call(
        {
            "code": "NEW",
            "name": "New",
            "jurisdiction": "US-CA",
            "payment_terms": world.id_of("payment-terms", "NET30"),
        },
        path={"resource": "customers"},
    ),
    "records.get_record": lambda world: Call(path={"resource": "units", "id": world.id_of("units", "CONF")}),
    "records.import_chart": lambda world: Call(
        {
            "accounts": [
                {
                    "code": "6600",
                    "name": "Laboratory",
                    "kind": "expense",
                    "parent": "6",
                    "dimensions": [{"dimension": world.id_of("dimensions", "CENTRE"), "required": True}],
                }
            ]
        }
    ),
    "records.list_records": lambda world: Call(path={"resource": "customers"}),
    "records.update_record": lambda world: Call(
        {"name": "New"},
        path={"resource": "customers", "id": world.id_of("customers", "CUST001")},
        headers={"If-Match": '"2"'},
    ),
    "reporting.get_kpis": lambda world: Call(query={"company": world.id_of("companies", "MAIN")}),
    "tax.file_tax_return": lambda world: keyed(about(world.tax_return, {})),
    "tax.prepare_tax_return": lambda world: Call(
        {"starts_on": "2025-03-01", "ends_on": "2025-03-31", "company": world.id_of("companies", "MAIN")}
    ),
    "tax.quote_tax": lambda world: Call({"customer": world.id_of("customers", "CUST001"), "items": _items(world)}),
    "workflow.decide_approval": lambda world: about(world.approval, decision="approve"),
    "workflow.list_approvals": lambda world: Call(),
    "workflow.request_approval": lambda world: Call({"reason": "Look at it"}, path={"id": world.issued["id"]}),
}
"""By ``<module>.<operation>``, where the recorded example does not do for every tenant.

Each answers 200 (a dry run when it writes) to the tenant whose ids it is made of.
"""


def request(operation: str, world: World) -> Call:
    """The request of an operation: the table's, else its recorded example made of the world's own ids."""
    if operation in REQUESTS:
        return REQUESTS[operation](world)
    recorded = EXAMPLES / f"{operation}.json"
    assert recorded.is_file(), f"{operation} has no recorded example; write its example test and run make generate"
    return _translated(json.loads(recorded.read_text())["request"], find(operation).path, world)


def _translated(example: Any, route: str, world: World) -> Call:
    """The example's request about the world's document of the same collection and the world's records."""
    path, _, query = example["path"].partition("?")
    parameters, version = {}, None
    collection = ""
    for wanted, given in zip(route.split("/"), path.split("/"), strict=True):
        if wanted.startswith("{"):
            document = world.of_collection(collection) if wanted == "{id}" else None
            parameters[wanted.strip("{}")] = document["id"] if document else unquote(given)
            version = document.get("version", version) if document else version
        collection = wanted
    headers = {name: f'"{version}"' if name == "If-Match" else value for name, value in example["headers"].items()}
    return Call(_with_ids(example["body"], world), parameters, dict(parse_qsl(query)), headers)


def _with_ids(value: Any, world: World) -> Any:
    """The body with the codes of records that every shop has turned into this world's ids."""
    if isinstance(value, dict):
        return {name: _with_ids(inner, world) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_ids(inner, world) for inner in value]
    resource = {"CUST": "customers", "PROD": "products"}.get(value[:4]) if isinstance(value, str) else None
    return world.id_of(resource, value) if resource else value
