"""The published contract of a few operations, detail by detail."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from bigledger.records import RESOURCES
from devtools.generate import openapi
from devtools.generate.discover import FaultyFunctions, Functions, discover
from devtools.generate.published import published
from devtools.generate.recorded import Recorded
from devtools.generate.schemas import references
from tests.contracts.tree import VOID_THING, small_tree

EXAMPLE = {
    "request": {"method": "POST", "path": "/api/v1/things/T%201/void", "headers": {}, "body": {"reason": "broken"}},
    "response": {"status": 200, "headers": {}, "body": {"id": "T 1", "version": 2}},
}
REFUSAL = {
    "request": {"method": "POST", "path": "/api/v1/things", "headers": {}, "body": {}},
    "response": {"status": 422, "headers": {}, "body": {"code": "too_many_things", "detail": "There are 9 already."}},
}
RECORDED = Recorded(
    answers={"things.void_thing": EXAMPLE},
    refusals={("things.create_thing", "too_many_things"): REFUSAL},
    events={},
    files={},
)


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Functions:
    """The small tree's functions and one operation on master data."""
    tree = small_tree(tmp_path_factory.mktemp("tree"))
    for name, route, command in (
        ("list_records", "GET /api/v1/{resource}", "RecordList"),
        ("get_record", "GET /api/v1/{resource}/{id}", "RecordReference"),
        ("create_record", "POST /api/v1/{resource}", "NewRecord"),
        ("update_record", "PATCH /api/v1/{resource}/{id}", "RecordChange"),
    ):
        answer = "Page[Record]" if name == "list_records" else "Record"
        emits = "RECORD_EVENTS" if name in {"create_record", "update_record"} else "()"
        status = ", status=201" if name == "create_record" else ""
        tree.function(
            "records",
            name,
            f'''
            from bigledger.kernel import Context, Page, operation
            from bigledger.records import RECORD_EVENTS, {command}, Record

            @operation("{route}", permission="", emits={emits}{status})
            def {name}(command: {command}, context: Context) -> {answer}:
                """{name.partition("_")[0].capitalize()} {"records" if name[0] == "l" else "a record"} by its code."""
                raise RuntimeError
            ''',
        )
    return discover(tree.root)


@pytest.fixture(scope="module")
def contract(functions: Functions) -> Any:
    """The contract of those functions."""
    return openapi.document(published(functions.operations, RESOURCES), RECORDED)


def operation(contract: Any, name: str) -> Any:
    """An operation of the contract by its id."""
    (found,) = [one for path in contract["paths"].values() for one in path.values() if one["operationId"] == name]
    return found


def parameter(contract: Any, described: Any) -> Any:
    """A parameter, looked up where it is referred to."""
    if "$ref" in described:
        return contract["components"]["parameters"][described["$ref"].rsplit("/", 1)[1]]
    return described


def test_the_document_is_valid(contract: Any) -> None:
    assert contract["openapi"] == "3.1.0"
    validate(contract)


def test_an_operation_is_told_by_its_name_module_docstring_permission_and_events(contract: Any) -> None:
    told = operation(contract, "create_thing")
    assert told is contract["paths"]["/api/v1/things"]["post"]
    assert told["tags"] == ["things"]
    assert told["summary"] == "Create a thing"
    assert told["description"] == "Its `secret` is told once."
    assert told["x-permission"] == "things.create_thing"
    assert told["x-emits"] == ["customer.created.v1"]
    assert "security" not in told


def test_a_public_operation_needs_no_key_and_takes_no_headers_of_a_tenant(contract: Any) -> None:
    told = operation(contract, "get_health")
    assert told["security"] == []
    assert "x-permission" not in told
    assert set(told["responses"]) == {"200", "400", "422", "500", "503"}


def test_a_request_body_is_the_command(contract: Any) -> None:
    body = operation(contract, "create_thing")["requestBody"]
    assert body == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewThing"}}},
    }
    assert contract["components"]["schemas"]["NewThing"] == {
        "type": "object",
        "description": "A thing to be made.",
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 200},
            "quantity": {
                "type": ["string", "integer"],
                "pattern": r"^[0-9]{1,18}(\.[0-9]{1,12})?$",
                "description": "Above 0.",
            },
            "customer": {
                "type": "string",
                "minLength": 1,
                "maxLength": 64,
                "description": "The code or id of a customer.",
            },
            "note": {"type": ["string", "null"]},
        },
        "required": ["name", "quantity", "customer"],
    }


def test_what_stands_in_the_path_does_not_stand_in_the_body(contract: Any) -> None:
    told = operation(contract, "void_thing")
    assert told["parameters"][0] == {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 64},
        "example": "T 1",
    }
    assert told["requestBody"]["content"]["application/json"] == {
        "schema": {"$ref": "#/components/schemas/VoidThingBody"},
        "example": {"reason": "broken"},
    }
    body = contract["components"]["schemas"]["VoidThingBody"]
    assert list(body["properties"]) == ["reason"]
    assert body["required"] == ["reason"]
    assert "VoidThing" not in contract["components"]["schemas"]


def test_an_answer_leaves_out_what_is_null_and_may_leave_out_a_secret(contract: Any) -> None:
    assert contract["components"]["schemas"]["Thing"] == {
        "type": "object",
        "description": "A thing.",
        "properties": {
            "id": {"type": "string"},
            "version": {"type": "integer"},
            "note": {"type": "string"},
            "secret": {"type": "string"},
        },
        "required": ["id", "version"],
    }


def test_a_write_takes_the_headers_of_idempotency_versions_and_dry_runs(contract: Any) -> None:
    def headers(name: str) -> list[tuple[str, bool]]:
        found = [parameter(contract, one) for one in operation(contract, name)["parameters"]]
        return [(one["name"], one.get("required", False)) for one in found if one["in"] != "path"]

    assert headers("create_thing") == [("Idempotency-Key", True), ("dry_run", False), ("X-Correlation-Id", False)]
    assert headers("void_thing") == [
        ("Idempotency-Key", False),
        ("If-Match", False),
        ("dry_run", False),
        ("X-Correlation-Id", False),
    ]
    assert ("If-Match", True) in headers("update_customer")
    assert headers("get_customer") == [("X-Correlation-Id", False)]


def test_the_answers_of_a_write_are_the_outcome_and_its_dry_run(contract: Any) -> None:
    responses = operation(contract, "create_thing")["responses"]
    assert responses["201"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Thing"}
    assert set(responses["201"]["headers"]) == {"X-Request-Id", "ETag", "Idempotency-Hit"}
    assert responses["200"]["content"]["application/json"]["schema"] == {
        "allOf": [{"$ref": "#/components/schemas/Thing"}, {"$ref": "#/components/schemas/DryRun"}]
    }


def test_a_recorded_answer_is_the_example(contract: Any) -> None:
    answer = operation(contract, "void_thing")["responses"]["200"]["content"]["application/json"]
    assert answer["example"] == {"id": "T 1", "version": 2}


def test_a_list_tells_its_sorting_and_its_filters_with_their_operators(contract: Any) -> None:
    told = {one["name"]: one["schema"] for one in operation(contract, "list_things")["parameters"] if "name" in one}
    assert told == {
        "limit": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
        "cursor": {"type": "string", "maxLength": 400},
        "sort": {"type": "string", "enum": ["due_date", "-due_date"]},
        "status": {"type": "string"},
        "due_date": {"type": "string", "format": "date"},
        "due_date[gte]": {"type": "string", "format": "date"},
        "due_date[gt]": {"type": "string", "format": "date"},
        "due_date[lte]": {"type": "string", "format": "date"},
        "due_date[lt]": {"type": "string", "format": "date"},
    }


def test_a_page_says_when_it_is_the_last(contract: Any) -> None:
    assert contract["components"]["schemas"]["PageOfListedThing"] == {
        "type": "object",
        "properties": {
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/ListedThing"}},
            "next_cursor": {"type": ["string", "null"], "description": "Null on the last page."},
        },
        "required": ["data", "next_cursor"],
    }


def test_each_refusal_stands_under_its_status_with_an_example(contract: Any) -> None:
    responses = operation(contract, "create_thing")["responses"]
    assert set(responses) == {"200", "201", "400", "401", "403", "409", "413", "422", "428", "500", "503"}
    assert responses["422"]["content"]["application/problem+json"]["examples"] == {
        "idempotency_key_reused": {"$ref": "#/components/examples/idempotency_key_reused"},
        "invalid_request": {"$ref": "#/components/examples/invalid_request"},
        "too_many_things": {"value": {"code": "too_many_things", "detail": "There are 9 already."}},
        "unknown_reference": {"$ref": "#/components/examples/unknown_reference"},
    }
    assert responses["401"] == {"$ref": "#/components/responses/Unauthenticated"}
    assert contract["components"]["examples"]["forbidden"]["value"]["status"] == 403
    assert set(operation(contract, "void_thing")["responses"]) == {
        *("200", "400", "401", "403", "404", "409", "412", "413", "422", "500", "503")
    }


def test_master_data_is_published_once_for_each_resource(contract: Any) -> None:
    assert set(contract["paths"]["/api/v1/tax-rules"]) == {"get", "post"}
    assert contract["paths"]["/api/v1/tax-rules"]["post"]["operationId"] == "create_tax_rule"
    assert contract["paths"]["/api/v1/tax-rules"]["get"]["operationId"] == "list_tax_rules"
    assert not [path for path in contract["paths"] if "{resource}" in path]
    told = operation(contract, "create_customer")
    assert told["x-permission"] == "records.create_customer"
    assert told["x-emits"] == ["customer.created.v1"]
    assert told["summary"] == "Create a customer by its code"
    assert "404" not in told["responses"]


def test_a_record_is_created_with_its_fields_and_changed_by_any_of_them(contract: Any) -> None:
    schemas = contract["components"]["schemas"]
    new, change = schemas["CreateUnitBody"], schemas["UpdateUnitBody"]
    assert list(new["properties"])[:3] == ["id", "code", "name"]
    assert set(change["properties"]) == set(new["properties"]) - {"id"} | {"status", "change_reason"}
    assert set(new["required"]) >= {"code", "name"}
    assert "required" not in change
    assert not [field for field in change["properties"].values() if "default" in field]


def test_the_text_below_a_field_describes_it(contract: Any) -> None:
    policies = contract["components"]["schemas"]["CompanyPoliciesInput"]["properties"]
    assert policies["over_credit_limit"]["description"] == (
        "What happens to an invoice that would pass the customer's credit limit."
    )


def test_a_record_answers_its_identity_its_state_and_references_with_id_and_code(contract: Any) -> None:
    record = contract["components"]["schemas"]["CustomerRecord"]
    assert list(record["properties"])[:7] == ["id", "code", "status", "version", "created_at", "updated_at", "name"]
    assert record["properties"]["payment_terms"] == {"$ref": "#/components/schemas/Ref"}
    assert {"id", "code", "status", "version", "created_at", "updated_at", "name"} <= set(record["required"])
    assert "payment_terms" not in record["required"]
    page = contract["components"]["schemas"]["PageOfCustomerRecord"]
    assert page["properties"]["data"]["items"] == {"$ref": "#/components/schemas/CustomerRecord"}


def test_every_schema_is_used(contract: Any) -> None:
    used = references(contract, "#/components/schemas/")
    assert used == set(contract["components"]["schemas"])


def test_two_operations_of_one_name_are_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    tree = small_tree(tmp_path_factory.mktemp("tree"))
    tree.function("things", "create_customer", VOID_THING.replace("void_thing", "create_customer"))
    tree.function(
        "records",
        "create_record",
        '''
        from bigledger.kernel import Context, operation
        from bigledger.records import NewRecord, Record

        @operation("POST /api/v1/{resource}", permission="")
        def create_record(new: NewRecord, context: Context) -> Record:
            """Create a record."""
            raise RuntimeError
        ''',
    )
    tree.write("functions/things/void_thing.py", VOID_THING.replace("\n    ", "\n").replace("/void", "/end"))
    operations = discover(tree.root).operations
    with pytest.raises(FaultyFunctions) as refusal:
        openapi.document(published(operations, RESOURCES), RECORDED)
    assert refusal.value.faults == ("the contract would hold two operations create_customer",)
