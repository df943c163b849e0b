"""Every operation, whoever writes it: tenants apart, permissions asked for, dry runs without a trace."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bigledger.kernel import Operation
from bigledger.records import RESOURCES
from tests.structure.requests import REQUESTS, Call, request
from tests.structure.sources import function_files
from tests.structure.test_functions import PUBLIC
from tests.support.api import Api, Response, find, send
from tests.support.statements import counted
from tests.support.world import OPERATOR, SECRETS, World

NOBODYS = "019b772d-0e3b-7000-8000-000000000000"
"""An id that nothing has."""

FOR_EVERYONE = PUBLIC | {"platform.verify_auth"}
"""What asks for no permission."""

GRANTS = {"platform.assign_role", "platform.create_api_key", "platform.create_role", "platform.rotate_api_key"}
"""What gives permissions away, and so asks the caller to have them."""

ASK_FOR_MORE = {
    "imports.commit_import",
    "imports.create_import",
    "imports.execute_bulk",
    "imports.resume_import",
    "reporting.create_report_job",
}
"""What asks as well for the permission to create what it brings in, to do what it consists of, or to read the report
that it makes."""

OPERATORS = {"platform.create_tenant"}
"""What only the operator of the installation may do, whatever the permissions of a tenant's key."""

operations = pytest.mark.parametrize(
    "operation",
    [found for path in function_files() if isinstance(found := find(f"{path.parent.name}.{path.stem}"), Operation)],
    ids=lambda operation: f"{operation.module}.{operation.name}",
)

PERMISSIONS = {
    *[f"{path.parent.name}.{path.stem}" for path in function_files()],
    *[
        f"records.{verb}_{resource.type}"
        for resource in RESOURCES.values()
        for verb in ("create", "get", "list", "update", "archive")
    ],
}


def name(operation: Operation[Any, Any]) -> str:
    """``receivables.create_invoice``."""
    return f"{operation.module}.{operation.name}"


def call(api: Api, operation: Operation[Any, Any], made: Call, kept: bool = False) -> Response:
    """The answer to a call; nothing that it writes is kept unless asked for."""
    query = dict(made.query) | ({"dry_run": "true"} if operation.writes and not kept else {})
    event = api.event(operation, made.body, path=made.path, query=query, headers=made.headers)
    event["requestContext"]["requestId"] = "request"
    return send(operation, event)


def caller(world: World, operation: Operation[Any, Any]) -> Api:
    """Who may make the call."""
    return OPERATOR if name(operation) in OPERATORS else world.api


@pytest.fixture(autouse=True)
def _unchanged(world: World, stranger: Api) -> Iterator[None]:
    """Whatever a test here does: neither tenant has a row more or less, nor an older or newer document, afterwards."""
    before = state(world.api), state(stranger)
    yield
    assert (state(world.api), state(stranger)) == before


def state(api: Api) -> tuple[dict[str, int], str]:
    """How many rows each table of the tenant has, and what its documents and balances are."""
    (row,) = api.rows(
        "SELECT md5(concat((SELECT string_agg(d::text, '' ORDER BY id) FROM kernel.document d),"
        " (SELECT string_agg(b::text, '' ORDER BY b::text) FROM ledger.balance b),"
        " (SELECT string_agg(s::text, '' ORDER BY s::text) FROM inventory.stock s),"
        " (SELECT string_agg(n::text, '' ORDER BY n::text) FROM kernel.number_counter n))) AS digest"
    )
    return api.counts(), str(row.digest)


def test_every_request_belongs_to_an_operation() -> None:
    known = {f"{path.parent.name}.{path.stem}" for path in function_files()}
    assert set(REQUESTS) <= known


@operations
def test_a_good_request_is_answered_and_neither_reading_nor_a_dry_run_changes_anything(
    operation: Operation[Any, Any], world: World
) -> None:
    answer = call(caller(world, operation), operation, request(name(operation), world)).expect(200)
    if operation.writes:
        assert isinstance(answer.json["dry_run"]["events"], list)
        # What consists of others emits what they do.
        emits = find("create_record").emits if operation.tenant == "items" else operation.emits
        assert {event["type"] for event in answer.json["dry_run"]["events"]} <= {told.type for told in emits}


@operations
def test_another_tenants_ids_name_nothing(operation: Operation[Any, Any], world: World, stranger: Api) -> None:
    """404 for what stands in the path, 422 for references in the body, told just as for an id that nothing has."""
    made = request(name(operation), world)
    if name(operation) in OPERATORS:
        assert call(stranger, operation, made, kept=True).expect(403)["code"] == "operator_only"
        return
    in_path = {found for found in world.ids if any(found in value for value in made.path.values())}
    in_body = {found for found in world.ids if found in json.dumps(made.body)}
    named = in_path | in_body | (world.ids & set(made.query.values()))
    answer = call(stranger, operation, made, kept=bool(in_path or in_body))
    # The cell of a report names what it is of, in a text of its own.
    assert answer.status in (
        {404} if in_path or "cell" in made.query else {422} if in_body else {200, 422} if named else {200}
    ), answer.text
    told = without(answer.text, named)
    assert [secret for secret in SECRETS if secret in told] == []
    assert [found for found in world.ids if found in told] == []
    if named and answer.status != 200:
        unknown = call(stranger, operation, renamed(made, named), kept=bool(in_path or in_body))
        assert (unknown.status, unknown.text) == (answer.status, told)


def renamed(made: Call, named: set[str]) -> Call:
    """The same call about something that does not exist."""
    return replace(
        made,
        body=json.loads(without(json.dumps(made.body), named)),
        path={key: without(value, named) for key, value in made.path.items()},
        query={key: without(value, named) for key, value in made.query.items()},
    )


def without(text: str, named: set[str]) -> str:
    """The text with nobody's id in the place of those."""
    for found in named:
        text = text.replace(found, NOBODYS)
    return text


@operations
def test_without_the_permission_it_is_forbidden(operation: Operation[Any, Any], world: World) -> None:
    if name(operation) in FOR_EVERYONE:
        assert call(world.api.as_("nobody", ""), operation, Call()).status == 200
        return
    made = request(name(operation), world)
    refused = call(world.api.as_("nobody", ""), operation, made, kept=True).expect(403)
    assert refused["code"] == "forbidden"
    needed = refused["permission"]
    assert needed in PERMISSIONS
    others = " ".join(sorted(PERMISSIONS - {needed}))
    again = call(world.api.as_("somebody", others), operation, made, kept=True).expect(403)
    assert again["permission"] == needed
    if name(operation) not in GRANTS | OPERATORS | ASK_FOR_MORE:
        assert call(world.api.as_("entitled", needed), operation, made).status == 200


@operations
def test_without_a_key_nobody_is_let_in(operation: Operation[Any, Any], world: World) -> None:
    event = world.api.event(operation, request(name(operation), world).body)
    event["requestContext"].pop("authorizer", None)
    assert send(operation, event).status == (200 if name(operation) in PUBLIC else 401)


@operations
def test_reading_takes_two_statements_at_most_and_writing_five(operation: Operation[Any, Any], world: World) -> None:
    """Besides begin and commit. The tenant's set-up is in memory: it is read once after each change of it."""
    made, by = request(name(operation), world), caller(world, operation)
    call(by, operation, made).expect(200)
    answer, sent = counted(lambda: call(by, operation, made))
    assert answer.status == 200
    assert len(sent) <= (5 if operation.writes else 2), "\n".join(sent)
