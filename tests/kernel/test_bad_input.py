"""Bad input is told clearly, each fault with a pointer to its place, and nothing is lost or half-written."""

import base64
import json
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from bigledger.kernel import Amount, Code, Command, Day
from bigledger.kernel.http import BODY_LIMIT
from bigledger.kernel.intake import field_errors
from tests.kernel.notes import get_note, list_notes, refresh_notes, rewrite_note, write_note
from tests.support.api import Api, Response, send

ID = "019b772d-0e3b-7000-8000-000000000000"


def places(answer: Response) -> list[tuple[str, str]]:
    """Pointer and code of each fault."""
    return [(error["pointer"], error["code"]) for error in answer["errors"]]


@pytest.fixture
def unchanged(tenant: Api) -> Any:
    """Holds that the tenant's rows are the same at the end of the test."""
    before = tenant.counts()
    yield
    assert tenant.counts() == before


class Line(Command):
    """A part of what is asked for."""

    amount: Annotated[Amount, Field(gt=0, lt=Decimal(10) ** 15)]


class Asked(Command):
    """Something that is asked for."""

    line: Line
    words: dict[str, str] = {}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"line": "10"}, ("/line", "model_type", "expected an object")),
        ({"line": None}, ("/line", "model_type", "expected an object")),
        ({"line": {"amount": "1"}, "words": []}, ("/words", "dict_type", "expected an object")),
        ({"line": {"amount": "0"}}, ("/line/amount", "greater_than", "Input should be greater than 0")),
        (
            {"line": {"amount": "1000000000000000"}},
            ("/line/amount", "less_than", "Input should be less than 1000000000000000"),
        ),
    ],
)
def test_faults_are_told_in_terms_of_json(body: Any, told: tuple[str, str, str]) -> None:
    """Of classes of the program a caller knows nothing."""
    with pytest.raises(ValidationError) as caught:
        Asked.model_validate(body)
    assert [tuple(error.values()) for error in field_errors(caught.value)] == [told]


@pytest.mark.usefixtures("unchanged")
class TestBody:
    """What a body may be."""

    @pytest.mark.parametrize(
        "body",
        [
            *[b"{", b"}", b"{]", b'{"text": }', b'{"text": "x",}', b"{'text': 'x'}", b'{"text": "x"} {}', b"text"],
            *[b'{"amount": NaN}', b'{"amount": Infinity}', b'{"amount": -Infinity}', b'{"amount": 01}'],
            *[b'{"text": "a\nb"}', b'{"text": "a\x00b"}', b'{"text": "\\ud800"}', b'{"text": "\\x41"}'],
            b'{"amount": ' + b"1" * 5000 + b"}",
            b"[" * 100_000,
            b'{"a":' * 100_000,
        ],
    )
    def test_malformed_json_is_told(self, tenant: Api, body: bytes) -> None:
        answer = tenant.call(write_note, raw=body).expect(400)
        assert answer["code"] == "malformed_request"
        assert answer["detail"].startswith("The body is not valid JSON: ")

    @pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true", b'[{"text": "x"}]'])
    def test_a_body_is_an_object(self, tenant: Api, body: bytes) -> None:
        answer = tenant.call(write_note, raw=body).expect(400)
        assert answer["detail"] == "The body must be a JSON object."

    @pytest.mark.parametrize("body", [b"\xff\xfe{\x00}", b'{"text": "\xe9"}', b'{"text": "\xed\xa0\x80"}'])
    def test_bytes_that_are_no_text_are_told(self, tenant: Api, body: bytes) -> None:
        event = tenant.event(write_note) | {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        assert send(write_note, event).expect(400)["code"] == "malformed_request"

    def test_a_body_over_the_limit_is_told_with_the_limit(self, tenant: Api) -> None:
        filling = "x" * (BODY_LIMIT - len('{"text": ""}') + 1)
        answer = tenant.call(write_note, {"text": filling}).expect(413)
        assert answer["code"] == "payload_too_large"
        assert answer["limit"] == 1024 * 1024
        assert "1048577 bytes; at most 1048576 are accepted" in answer["detail"]

    def test_the_limit_counts_bytes_and_not_letters(self, tenant: Api) -> None:
        body = json.dumps({"text": "é" * (BODY_LIMIT // 2)}, ensure_ascii=False).encode()
        tenant.call(write_note, raw=body).expect(413)

    @pytest.mark.parametrize("body", [b"", b"  \n", b"{}"])
    def test_an_empty_body_has_no_fields(self, tenant: Api, body: bytes) -> None:
        assert places(tenant.call(write_note, raw=body).expect(422)) == [("/text", "required")]


def test_a_body_of_just_the_limit_is_taken(tenant: Api) -> None:
    filling = "x" * (BODY_LIMIT - len('{"text": ""}'))
    answer = tenant.call(write_note, {"text": filling}).expect(201)
    assert answer["text"] == filling


@pytest.mark.usefixtures("unchanged")
class TestFields:
    """What fields may be."""

    def test_all_faults_are_told_at_once(self, tenant: Api) -> None:
        body = {"txt": "x", "amount": 1.5, "lines": ["1", 2.5, "x"], "tags": {"a/b~c": 7}}
        assert places(tenant.call(write_note, body).expect(422)) == [
            ("/text", "required"),
            ("/amount", "inexact_number"),
            ("/lines/1", "inexact_number"),
            ("/lines/2", "not_a_number"),
            ("/tags/a~1b~0c", "string_type"),
            ("/txt", "unknown_field"),
        ]

    @pytest.mark.parametrize("written", ["1.5", "1.0", "1e2", "0.1", "-0.0", "1E-3", "100000000000000000000.0"])
    def test_a_float_is_refused_for_money(self, tenant: Api, written: str) -> None:
        answer = tenant.call(write_note, raw=f'{{"text": "x", "amount": {written}}}'.encode()).expect(422)
        assert answer["errors"] == [
            {
                "pointer": "/amount",
                "code": "inexact_number",
                "message": 'write this number as a string, such as "12.50": a JSON float may have lost cents',
            }
        ]

    @pytest.mark.parametrize(
        "written", ['"1e3"', '"NaN"', "true", "null", '""', "1" * 19, "1" * 4000, '"' + "1" * 19 + '"']
    )
    def test_what_is_no_exact_number_is_refused_for_money(self, tenant: Api, written: str) -> None:
        answer = tenant.call(write_note, raw=f'{{"text": "x", "lines": [{written}]}}'.encode())
        assert places(answer.expect(422)) == [("/lines/0", "not_a_number")]

    @pytest.mark.parametrize("name", ["Text", "amonut", "id", "tenant_id", "__proto__", "dry_run", "", "a/b"])
    def test_an_unknown_field_is_refused(self, tenant: Api, name: str) -> None:
        answer = tenant.call(write_note, {"text": "x", name: "y"}).expect(422)
        assert answer["errors"] == [
            {
                "pointer": "/" + name.replace("/", "~1"),
                "code": "unknown_field",
                "message": "this field is not known here",
            }
        ]

    def test_an_operation_without_fields_takes_none(self, tenant: Api) -> None:
        answer = tenant.call(refresh_notes, {"text": "x"}).expect(422)
        assert answer["detail"] == "This operation takes no fields."
        assert places(answer) == [("/text", "unknown_field")]


CONTROLS = ["\u0000", "\u0001", "\b", "\u001b", "\u001f", "\u007f", "\u0085", "\u009f"]


@pytest.mark.usefixtures("unchanged")
class TestControlCharacters:
    """Texts for people have none, and the database could not keep some of them."""

    @pytest.mark.parametrize(
        ("letter", "escaped"),
        [(letter, True) for letter in CONTROLS] + [(letter, False) for letter in CONTROLS if letter > " "],
    )
    def test_they_are_refused_with_their_place(self, tenant: Api, letter: str, escaped: bool) -> None:
        body = json.dumps({"text": f"a{letter}b", "tags": {"x": "fine", "y": letter}}, ensure_ascii=escaped)
        answer = tenant.call(write_note, raw=body.encode()).expect(422)
        assert answer["code"] == "invalid_request"
        assert places(answer) == [("/text", "control_character"), ("/tags/y", "control_character")]

    @pytest.mark.parametrize("letter", CONTROLS)
    def test_names_of_fields_have_none_either(self, tenant: Api, letter: str) -> None:
        answer = tenant.call(write_note, {"text": "x", "tags": {f"a{letter}": "y"}}).expect(422)
        assert places(answer) == [(f"/tags/a{letter}", "control_character")]

    @pytest.mark.parametrize("letter", CONTROLS)
    def test_the_address_has_none_either(self, tenant: Api, letter: str) -> None:
        assert places(tenant.call(list_notes, query={"number": letter}).expect(422)) == [
            ("/number", "control_character")
        ]
        assert places(tenant.call(get_note, path={"id": f"N{letter}"}).expect(422)) == [("/id", "control_character")]


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE kernel.document; --",
        "Robert'); DELETE FROM kernel.event; --",
        "\\'; SELECT pg_sleep(10); --",
        "$$ $1 %s %(x)s :rows :x ::uuid {0} ?",
        '"quotes" and \\backslashes\\ and \\u0041',
        "line\r\nline\ttab",
        "~019b772d0e3b70008000000000000000~",
        "été 日本語 🧾 \u202e right to left \ufeff",
        "<script>alert(1)</script> &amp; {{7*7}}",
        " ",
    ],
)
def test_any_other_text_is_kept_as_it_is(tenant: Api, text: str) -> None:
    answer = tenant.call(write_note, {"text": text, "tags": {text: text}}).expect(201)
    assert answer["text"] == text
    assert tenant.call(get_note, path={"id": answer["id"]}).expect(200)["text"] == text
    (row,) = tenant.rows("SELECT data->>'text' AS text, metadata FROM kernel.document WHERE type = 'note'")
    assert (row.text, row.metadata) == (text, {text: text})
    (event,) = tenant.events("note.written")
    assert event["data"]["text"] == text
    assert tenant.call(list_notes, query={"number": "N-1", "status": text}).expect(200)["data"] == []


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50))
def test_every_text_comes_back_as_it_was_sent(tenant: Api, text: str) -> None:
    answer = tenant.call(write_note, {"text": text}).expect(201)
    assert tenant.call(get_note, path={"id": answer["id"]}).expect(200)["text"] == text


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.one_of(st.sampled_from(["text", "amount", "lines", "tags", "series"]), st.text(max_size=6)), json_values
    )
)
def test_no_body_whatsoever_is_a_defect(tenant: Api, body: Any) -> None:
    before = written(tenant)
    answer = tenant.call(write_note, body)
    assert answer.status in {201, 400, 422}, answer.text
    if answer.status == 201:
        assert written(tenant) == before + 1
    else:
        assert answer["errors"] if answer.status == 422 else answer["detail"]
        assert written(tenant) == before


def written(api: Api) -> int:
    """How many documents and events the tenant has, each document here having one."""
    (row,) = api.rows("SELECT (SELECT count(*) FROM kernel.document) + (SELECT count(*) FROM kernel.event) AS n")
    return int(row.n) // 2


@pytest.mark.usefixtures("unchanged")
class TestAddress:
    """What stands in the address."""

    @pytest.mark.parametrize("query", ["status=open&status=closed", "dry_run=true&dry_run=false", "x=&x="])
    def test_a_parameter_stands_once(self, tenant: Api, query: str) -> None:
        event = tenant.event(list_notes) | {"rawQueryString": query}
        answer = send(list_notes, event).expect(400)
        name = query.partition("=")[0]
        assert answer["detail"] == f"Give each query parameter once; this stands twice: {name}."

    def test_a_writing_operation_takes_its_fields_in_the_body(self, tenant: Api) -> None:
        answer = tenant.call(write_note, {"text": "x"}, query={"text": "y", "amount": "1"}).expect(422)
        assert places(answer) == [("/text", "unknown_parameter"), ("/amount", "unknown_parameter")]

    def test_what_stands_in_the_path_stands_nowhere_else(self, tenant: Api) -> None:
        answer = tenant.call(rewrite_note, {"id": "N-2", "text": "x"}, path={"id": "N-1"}, headers={"If-Match": "1"})
        assert places(answer.expect(422)) == [("/id", "in_path")]
        answer = tenant.call(get_note, path={"id": "N-1"}, query={"id": "N-2"}).expect(422)
        assert places(answer) == [("/id", "in_path")]

    def test_a_field_that_is_too_long_is_told(self, tenant: Api) -> None:
        assert places(tenant.call(get_note, path={"id": "x" * 65}).expect(422)) == [("/id", "string_too_long")]

    @pytest.mark.parametrize(
        "reference", ["0-1-9-b-772d0e3b70008000000000000000", "{019b772d0e3b70008000000000000000}--"]
    )
    def test_what_only_looks_like_an_id_is_not_found(self, tenant: Api, reference: str) -> None:
        assert tenant.call(get_note, path={"id": reference}).status == 404

    @pytest.mark.parametrize("value", ["1", "yes", "True", ""])
    def test_dry_run_is_true_or_false(self, tenant: Api, value: str) -> None:
        answer = tenant.call(write_note, {"text": "x"}, query={"dry_run": value}).expect(400)
        assert answer["detail"] == "dry_run is true or false."


@pytest.mark.usefixtures("unchanged")
class TestHeaders:
    """What headers may be."""

    @pytest.mark.parametrize("key", ["", "x" * 201])
    def test_an_idempotency_key_has_1_to_200_characters(self, tenant: Api, key: str) -> None:
        answer = tenant.call(write_note, {"text": "x"}, headers={"Idempotency-Key": key}).expect(400)
        assert answer["detail"] == "An Idempotency-Key has 1 to 200 characters."

    @pytest.mark.parametrize("etag", ["abc", '"1.5"', "-1", '""', "", '"1", "2"', "9" * 10, "9" * 5000])
    def test_if_match_takes_the_etag_that_was_answered(self, tenant: Api, etag: str) -> None:
        answer = tenant.call(rewrite_note, {"text": "x"}, path={"id": ID}, headers={"If-Match": etag}).expect(400)
        assert answer["detail"] == 'If-Match takes the ETag of the resource, such as "3".'


def test_a_long_correlation_id_is_cut(tenant: Api) -> None:
    tenant.call(write_note, {"text": "x"}, headers={"X-Correlation-Id": "c" * 500}).expect(201)
    (event,) = tenant.events("note.written")
    assert event["correlationid"] == "c" * 100


def test_names_of_headers_do_not_matter_by_case(tenant: Api) -> None:
    tenant.call(write_note, {"text": "x"}, headers={"IDEMPOTENCY-KEY": "k"}).expect(201)
    assert tenant.call(write_note, {"text": "x"}, headers={"idempotency-key": "k"}).headers["Idempotency-Hit"] == "true"


@pytest.mark.parametrize("written", ['{"text": "a", "text": "b"}', '{"text": NaN}', '{"text": Infinity}'])
def test_json_that_means_two_things_or_none_is_refused(tenant: Api, written: str) -> None:
    before = tenant.counts()
    assert tenant.call(write_note, raw=written.encode()).expect(400)["code"] == "malformed_request"
    assert tenant.counts() == before


@pytest.mark.parametrize("written", ["2026-W47-1", "20261123", "2026-11-23T00:00:00", "1899-12-31"])
def test_a_day_is_written_in_one_way(written: str) -> None:
    with pytest.raises(ValidationError, match="YYYY-MM-DD"):
        TypeAdapter(Day).validate_python(written)


def test_zero_has_no_sign() -> None:
    assert str(TypeAdapter(Amount).validate_python("-0.00")) == "0.00"


def test_a_code_does_not_look_like_an_id() -> None:
    with pytest.raises(ValidationError, match="must not look like an id"):
        TypeAdapter(Code).validate_python("01a20666-45a7-7218-bda3-5623d763318d")
