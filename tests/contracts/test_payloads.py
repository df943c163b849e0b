"""The payloads in events/ are accepted by their functions, as `sam local invoke -e` sends them: whole and unchanged."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from bigledger.kernel import Context, Event, Operation, Subscriber, runtime, subscriber
from bigledger.kernel.clock import Clock, seeded_clock
from devtools.generate import openapi
from devtools.generate.discover import ROOT, Functions, discover
from devtools.generate.recorded import envelope_of
from devtools.local.routes import Routes
from tests.support.api import Api, find, operator_client
from tests.support.database import drop_database, elsewhere, make_database
from tests.support.events import hand_over, subscribers
from tests.support.shop import Shop

OPERATIONS = sorted((ROOT / "events" / "operations").glob("*.json"))
EVENTS = sorted(path for path in (ROOT / "events").glob("*.v[0-9]*.json") if not path.name.endswith(".schema.json"))

OPERATOR_ONLY = {"platform.create_tenant"}
"""The payloads come from a user of a tenant; these are for the operator."""

OF_ANOTHER_SET_UP = {
    "ledger.close_fiscal_year",
    "ledger.get_account_balances",
    "ledger.lock_period",
    "ledger.post_opening_balances",
    "ledger.reopen_fiscal_year",
    "ledger.run_allocation_rule",
    "ledger.run_journal_template",
    "payables.create_bill",
    "payables.create_expense_claim",
    "payables.create_payment_run",
    "payables.create_supplier_credit",
    "payables.create_withholding_certificate",
    "receivables.auto_allocate",
    "receivables.create_contra_settlement",
    "receivables.create_dunning_run",
    "records.create_record",
    "records.update_record",
    "reporting.get_explanation",
}
"""What the tests that recorded these had made before: other years, closed periods, suppliers, advances, rules, and
customers that no other payload has changed."""

MISSED = {
    (404, "not_found"),
    (409, "allocated"),
    (409, "code_taken"),
    (409, "conflict"),
    (409, "period_not_closed"),
    (412, "stale_version"),
    (422, "not_one_party"),
    (422, "over_allocated"),
    (422, "unknown_reference"),
}
"""How a request is refused for what is not there, or what another payload has used up."""

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_DOCUMENT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Z]+-\d{4}-\d{6}")
"""The id or the number of a document."""


class Begun(Clock):
    """A clock whose first id is a wanted one."""

    def __init__(self, wanted: UUID, then: Clock) -> None:
        super().__init__(then._instant, then._bits)
        self._wanted: UUID | None = wanted

    def new_id(self) -> UUID:
        wanted, self._wanted = self._wanted, None
        return wanted or super().new_id()


def tenant(identifier: UUID) -> Api:
    """A tenant with a certain id, which the payloads name."""
    before = runtime.clock
    runtime.clock = Begun(identifier, before)
    body = {"name": "Test", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    made = operator_client().call("create_tenant", body).expect(201)["id"]
    runtime.clock = before
    assert made == str(identifier)
    return Api(identifier)


@pytest.fixture(scope="module")
def database(admin_url: str, owner_url: str) -> Iterator[None]:
    """A database of its own: the tests that recorded the payloads make the same tenants."""
    name = f"payloads_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    before = runtime.clock
    with elsewhere():
        make_database(admin_url, name)
        runtime.clock = seeded_clock(1, START)
        yield
        runtime.clock = before
    drop_database(admin_url, name)


@pytest.fixture(scope="module")
def shop(database: None) -> Shop:
    """The tenant that the operations' payloads are of: it sells what they name."""
    (identifier,) = {
        UUID(caller["lambda"]["tenant_id"])
        for path in OPERATIONS
        if (caller := json.loads(path.read_text())["requestContext"].get("authorizer"))
    }
    sells = Shop(tenant(identifier))
    sells.api.record("suppliers", code="SUPP001", name="Lamp works", jurisdiction="US-CA")
    return sells


@pytest.fixture(scope="module")
def functions() -> Functions:
    """Every function of the project."""
    return discover()


@pytest.fixture(scope="module")
def contract() -> Any:
    """The published contract."""
    return json.loads((ROOT / openapi.PATH).read_text())


@pytest.fixture(scope="module")
def documented(contract: Any) -> Routes[Any]:
    """What the contract says of each route."""
    return Routes(
        (f"{method.upper()} {path}", told)
        for path, methods in contract["paths"].items()
        for method, told in methods.items()
    )


def test_each_operation_and_each_event_has_a_payload(functions: Functions) -> None:
    names = {f"{operation.module}.{operation.name}" for operation in functions.operations}
    assert {path.stem for path in OPERATIONS} == names
    assert {path.stem for path in EVENTS} == {f"{event.type}.v{event.version}" for event in functions.events}


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.stem)
def test_an_operation_answers_its_payload_as_the_contract_says(
    path: Path, shop: Shop, documented: Routes[Any], contract: Any
) -> None:
    operation, payload = find(path.stem), json.loads(path.read_text())
    assert isinstance(operation, Operation)
    answer = operation(payload, None)
    status, kind, body = answer["statusCode"], answer["headers"]["Content-Type"], json.loads(answer["body"])
    found = documented.find(payload["requestContext"]["http"]["method"], payload["rawPath"])
    assert found is not None
    told = found[0]["responses"][str(status)]
    if "$ref" in told:
        told = contract["components"]["responses"][told["$ref"].rpartition("/")[2]]
    assert faults(contract, told["content"][kind]["schema"], body) == []
    said = payload["rawPath"] + payload["rawQueryString"] + payload.get("body", "")
    if path.stem in OPERATOR_ONLY:
        assert (status, body["code"]) == (403, "operator_only")
    elif _DOCUMENT.search(said) or path.stem in OF_ANOTHER_SET_UP:  # of what only the test that recorded it had
        assert status == operation.status or (status, body["code"]) in MISSED, body
    else:
        assert status == operation.status, body


def test_the_payload_of_an_invoice_makes_it(shop: Shop) -> None:
    """api.md's main job, out of the file."""
    before = len(shop.api.call("list_invoices").expect(200)["data"])
    payload = json.loads((ROOT / "events" / "operations" / "receivables.create_invoice.json").read_text())
    body = json.loads(find("create_invoice")(payload, None)["body"])
    assert (body["total"], body["customer"]["code"]) == ("1287.00", "CUST001")
    assert len(shop.api.call("list_invoices").expect(200)["data"]) == before + 1


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_subscribers_take_the_payload_of_an_event(
    path: Path, database: None, functions: Functions, known: dict[UUID, Api]
) -> None:
    """One that anybody might write hears it. The project's own read it, and miss only what this tenant has not."""
    payload = json.loads(path.read_text())
    envelope = envelope_of(payload)
    identifier = UUID(envelope["tenantid"])
    if identifier not in known:
        known[identifier] = tenant(identifier)
    (event,) = (one for one in functions.events if (one.type, one.version) == (envelope["type"], envelope["version"]))
    heard: list[Event] = []
    assert hearing(event, heard)(payload, None) == {"batchItemFailures": []}
    assert heard == [event.model_validate(envelope["data"])]
    own = [one for one in subscribers() if one.event.type == event.type]
    for each in own:
        hand_over(each, payload["Records"])
    for letter in known[identifier].call("list_dead_letters").expect(200)["data"]:
        assert (letter["event_type"], letter["consumer"]) in {
            (each.event.type, each.consumer) for each in subscribers()
        }
        assert re.search("violates foreign key constraint|There is no (export|report job) ", letter["reason"])


@pytest.fixture(scope="module")
def known() -> dict[UUID, Api]:
    """The tenants of events that there are already."""
    return {}


def hearing(event: type[Event], heard: list[Event]) -> Subscriber:
    """A subscriber that keeps what it hears."""

    def hear(event: Any, context: Context) -> None:
        heard.append(event)

    hear.__annotations__ = {"event": event, "context": Context, "return": None}
    return subscriber(event)(hear)


def faults(contract: Any, schema: Any, value: Any) -> list[str]:
    """What a schema of the contract has against a value."""
    validator = Draft202012Validator({**schema, "components": contract["components"]})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
