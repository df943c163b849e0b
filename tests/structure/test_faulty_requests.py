"""Whatever is sent to whichever operation: it is never a defect, a fault is pointed at, and nothing is changed."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bigledger.kernel import Operation
from bigledger.records import RESOURCES, Resource
from tests.records.test_every_resource import NEW
from tests.structure.faults import NOBODY, Place, about, faulty, fits, pointer
from tests.structure.requests import Call, request
from tests.structure.test_functions import PUBLIC
from tests.structure.test_operations import OPERATORS, call, caller, name, operations, state
from tests.support.api import Api, Response, find, send
from tests.support.world import World

pytestmark = pytest.mark.one_driver  # most of these requests do not come as far as the database

resources = pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES)

OF_ANY_RESOURCE = {"records.create_record", "records.update_record"}
"""What takes other bodies for each resource."""


@pytest.fixture(scope="module")
def kept(world: World) -> dict[str, Any]:
    """A record of each resource, by the resource's type."""
    for resource in RESOURCES.values():
        if not world.api.call("list_records", path={"resource": resource.name}).expect(200)["data"]:
            world.api.record(resource.name, **NEW[resource.name])
    rows = world.api.rows(
        "SELECT DISTINCT ON (type) type, number, version, data::text AS data FROM kernel.document ORDER BY type, id"
    )
    return {row.type: row for row in rows}


@pytest.fixture(autouse=True)
def _unchanged(world: World, kept: dict[str, Any]) -> Iterator[None]:
    """Whatever a test here does: the tenant has no row more or less, nor an older or newer document, afterwards."""
    before = state(world.api)
    yield
    assert state(world.api) == before


def check_refusal(answer: Response, place: Place, what: str) -> None:
    """The answer is a problem that tells where it is."""
    assert answer.status in {400, 403, 404, 409, 413, 422}, f"{what}: {answer.text}"
    assert answer.headers["Content-Type"] == "application/problem+json", what
    assert answer["status"] == answer.status, what
    if answer["code"] == "invalid_request":
        pointers = [error["pointer"] for error in answer["errors"]]
        assert any(about(place, told) for told in pointers), f"{what}: {answer.text}"


def check(api: Api, operation: Operation[Any, Any], made: Call, place: Place, fine: bool) -> None:
    """A body that fits the schema is taken by a dry run or refused, one that does not is refused by the operation."""
    what = f"{name(operation)} with {pointer(place)} in {json.dumps(made.body)[:300]}"
    answer = call(api, operation, made, kept=not fine)
    if answer.status != 200 or not fine:
        check_refusal(answer, place, what)


@operations
def test_any_value_at_any_place_of_a_body(operation: Operation[Any, Any], world: World) -> None:
    command = operation.command
    if command is None or operation.method in {"GET", "DELETE"} or name(operation) in OF_ANY_RESOURCE:
        return
    good = request(name(operation), world)
    for place, body in faulty(command, good.body or {}, operation.path_parameters):
        fine = fits(command, {**body, **good.path})
        check(caller(world, operation), operation, replace(good, body=body), place, fine)


@resources
def test_any_value_at_any_place_of_a_new_record(resource: Resource, world: World) -> None:
    create = find("create_record")
    for place, body in faulty(resource.model, NEW[resource.name], ()):
        made = Call(body, path={"resource": resource.name})
        check(world.api, create, made, place, fits(resource.model, body))


@resources
def test_any_value_at_any_place_of_a_change_of_a_record(resource: Resource, world: World, kept: dict[str, Any]) -> None:
    """Null removes an optional field; what a record cannot be without is refused like anything else that is wrong."""
    update, new = find("update_record"), NEW[resource.name]
    row = kept[resource.type]
    headers = {"If-Match": f'"{row.version}"'}
    before = json.loads(row.data)
    for place, body in faulty(resource.model, new, ()):
        given = {place[0]: body[str(place[0])]}
        after = {field: value for field, value in {**before, **given}.items() if value is not None}
        made = Call(given, path={"resource": resource.name, "id": row.number}, headers=headers)
        check(world.api, update, made, place, place[0] == "periods" or fits(resource.model, after))


BODIES = [b"null", b"[]", b'"x"', b"7", b"{", b"\xff", b'{"x": 1}', b'{"": null}', b"[" * 5000]


@operations
def test_what_is_no_body(operation: Operation[Any, Any], world: World) -> None:
    if operation.method in {"GET", "DELETE"}:
        return
    good = request(name(operation), world)
    event = caller(world, operation).event(operation, path=good.path, headers=good.headers)
    for body in BODIES:
        encoded = {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        answer = send(operation, {**event, **encoded})
        assert answer.status in {400, 422}, f"{body!r}: {answer.text}"
        assert answer.headers["Content-Type"] == "application/problem+json"


QUERIES = [
    "status]=x",
    "status[=x",
    "status[]=x",
    "status[eq=x",
    "status[foo]=x",
    "[=x",
    "=x",
    "limit=abc",
    "limit=0",
    "limit=-1",
    "limit=201",
    "limit=",
    "limit=1.5",
    "limit=99999999999999999999",
    "limit[gte]=1",
    "limit=1&limit=2",
    "cursor=garbage",
    "cursor=%FF",
    "cursor=a%00b",
    "cursor=" + "x" * 500,
    "colour=red",
    "filters=x",
    "tenant_id=x",
    "a%00b=1",
    "status=a%00b",
    "sort=colour",
    "sort=%27",
    "dry_run=maybe",
    "date[gte]=tomorrow",
    "as_of=tomorrow",
    "as_of=9999-12-31",
    "known_at=9999-12-31T23:59:59-23:59",
]
"""Queries that no operation takes, whichever parameters it has."""


@operations
def test_no_query_is_a_defect_or_passed_over(operation: Operation[Any, Any], world: World) -> None:
    good = request(name(operation), world)
    event = caller(world, operation).event(operation, good.body, path=good.path, headers=good.headers)
    for query in QUERIES:
        answer = send(operation, {**event, "rawQueryString": query})
        assert answer.status in {400, 422}, f"{query}: {answer.status} {answer.text[:500]}"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.status == 400 or answer["errors"], f"{query}: {answer.text}"


IDS = [
    "nonsense",
    "7",
    "-1",
    "a/b",
    "/",
    "%2F",
    "..",
    " ",
    "'",
    "{id}",
    "é",
    "x" * 64,
    "x" * 65,
    "x" * 5000,
    "a\0b",
    "",
    NOBODY,
    NOBODY.lower(),
    NOBODY.replace("-", ""),
    f"{{{NOBODY}}}",
    f"urn:uuid:{NOBODY}",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
]
"""What names nothing."""


@operations
def test_what_names_nothing_is_not_found(operation: Operation[Any, Any], world: World) -> None:
    if "id" not in operation.path_parameters:
        return
    good = request(name(operation), world)
    for id in IDS:
        answer = call(caller(world, operation), operation, replace(good, path={**good.path, "id": id}), kept=True)
        assert answer.status in {404, 422}, f"{id[:70]!r}: {answer.text}"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.status == 404 or [error["pointer"] for error in answer["errors"]] == ["/id"], answer.text


@operations
def test_an_id_means_the_same_in_capitals(operation: Operation[Any, Any], world: World) -> None:
    good = request(name(operation), world)
    if "id" in good.path and name(operation) not in PUBLIC | OPERATORS:
        loud = replace(good, path={**good.path, "id": good.path["id"].upper()})
        assert call(world.api, operation, loud).expect(200).json.keys() == call(world.api, operation, good).json.keys()
