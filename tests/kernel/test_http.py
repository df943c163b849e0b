"""Requests and answers in the shape of API Gateway's HTTP API (payload format 2.0)."""

import base64
import json

import pytest

from bigledger.kernel import InvalidRequest
from bigledger.kernel.http import HttpResponse, json_body, refuse_control_characters, request_from_event
from bigledger.kernel.problems import MalformedRequest
from tests.kernel.notes import get_note, list_notes, write_note
from tests.support.api import Api


@pytest.fixture
def api() -> Api:
    """A client whose requests are only looked at."""
    return Api(None, "ada")


def test_a_request_is_read_from_the_gateways_event(api: Api) -> None:
    event = api.event(get_note, path={"id": "N/1 é"}, query={"a": "1 2", "b": ""}, headers={"X-Y": "z"})
    request = request_from_event(event)
    assert (request.method, request.path) == ("GET", "/api/v1/notes/N%2F1%20%C3%A9")
    assert request.path_parameters == {"id": "N/1 é"}
    assert request.query == {"a": "1 2", "b": ""}
    assert request.doubled == ()
    assert request.headers == {"content-type": "application/json", "x-y": "z"}
    assert request.id == "request-0001"
    assert request.authorizer["actor_id"] == "ada"
    assert request.body == b""


def test_what_the_gateway_leaves_out_is_empty() -> None:
    event = {"rawPath": "/", "requestContext": {"requestId": "r", "http": {"method": "GET"}}}
    request = request_from_event(event)
    assert (request.path_parameters, request.query, request.headers, request.authorizer) == ({}, {}, {}, {})


@pytest.mark.parametrize(
    ("query", "read", "doubled"),
    [
        ("a=1&b=%C3%A9", {"a": "1", "b": "é"}, ()),
        ("due_date%5Bgte%5D=2026-01-01", {"due_date[gte]": "2026-01-01"}, ()),
        ("a=1&a=2&b=3&c=&c=", {"a": "2", "b": "3", "c": ""}, ("a", "c")),
        ("a", {"a": ""}, ()),
        ("a=1+2", {"a": "1 2"}, ()),
        ("a=%ff", {"a": "\ufffd"}, ()),
    ],
)
def test_the_query_is_decoded(api: Api, query: str, read: dict[str, str], doubled: tuple[str, ...]) -> None:
    request = request_from_event(api.event(list_notes) | {"rawQueryString": query})
    assert (request.query, request.doubled) == (read, doubled)


def test_a_body_may_come_in_base64(api: Api) -> None:
    body = json.dumps({"text": "été"}).encode()
    event = api.event(write_note) | {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    assert json_body(request_from_event(event)) == {"text": "été"}


def test_a_number_keeps_whether_it_was_whole(api: Api) -> None:
    request = request_from_event(api.event(write_note, raw=b'{"a": 1, "b": 1.0, "c": 12345678901234567890123}'))
    found = json_body(request)
    assert [type(found[name]) for name in "abc"] == [int, float, int]
    assert found["c"] == 12345678901234567890123


def test_an_answer_is_shaped_as_the_gateway_expects_it() -> None:
    assert HttpResponse(201, "{}", {"ETag": '"1"'}).event() == {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json", "ETag": '"1"'},
        "body": "{}",
        "isBase64Encoded": False,
    }


def test_line_breaks_and_tabs_are_no_control_characters() -> None:
    refuse_control_characters({"text": "a\r\n\tb", "list": ["é", {"x": "\u2028"}], "number": 7, "none": None})


def test_every_place_of_a_control_character_is_told() -> None:
    value = {"a": ["x", "\u0000"], "b/c~d": {"\u0007": "fine"}, "e": "\u009b"}
    with pytest.raises(InvalidRequest) as caught:
        refuse_control_characters(value)
    assert [error["pointer"] for error in caught.value.errors] == ["/a/1", "/b~1c~0d/\u0007", "/e"]


def test_a_malformed_body_tells_where(api: Api) -> None:
    request = request_from_event(api.event(write_note, raw=b'{"text": "x",\n "amount": }'))
    with pytest.raises(MalformedRequest, match="line 2 column 12"):
        json_body(request)
