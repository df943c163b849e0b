"""What is read off a request before the operation runs: the actor, the facts of the call, a fingerprint."""

from typing import Any

import pytest

from bigledger.kernel import Actor, Operation, Request
from bigledger.kernel.http import HttpRequest, request_from_event
from bigledger.kernel.intake import read_actor, read_command, read_request
from tests.kernel.notes import (
    NewNote,
    NoteReference,
    get_note,
    refresh_notes,
    rewrite_note,
    write_note,
    write_paid_note,
)
from tests.support.api import Api


def request(found: Operation[Any, Any], body: Any = None, authorizer: Any = None, **more: Any) -> HttpRequest:
    """A request of the operation."""
    event = Api(None).event(found, body, **more)
    if authorizer is not None:
        event["requestContext"]["authorizer"] = {"lambda": authorizer}
    return request_from_event(event)


def test_the_actor_is_who_the_authorizer_says() -> None:
    known = {
        "actor_id": "k1",
        "actor_kind": "api_key",
        "actor_name": "Till 3",
        "permissions": "receivables.* ledger.get_*",
        "roles": "sales cashier",
        "actor_version": "7",
        "tenant_id": "t",
    }
    assert read_actor(request(get_note, authorizer=known)) == Actor(
        "k1", "api_key", "Till 3", ("receivables.*", "ledger.get_*"), ("sales", "cashier"), 7
    )


def test_nobody_has_no_permissions() -> None:
    assert read_actor(request(get_note, authorizer={})) == Actor("anonymous", "anonymous", "An anonymous caller")


def test_the_facts_of_a_call() -> None:
    headers = {"X-Correlation-Id": "c", "Idempotency-Key": "k", "If-Match": '"3"'}
    read = read_request(write_note, request(write_note, {"text": "x"}, headers=headers, query={"dry_run": "true"}))
    assert read == Request("kernel.write_note", "request-0001", "c", None, "request k", 3, dry_run=True)


def test_a_call_without_headers_is_its_own_correlation() -> None:
    read = read_request(write_note, request(write_note, {"text": "x"}))
    assert read == Request("kernel.write_note", "request-0001", "request-0001", None, None, None, dry_run=False)


def test_reading_knows_neither_keys_nor_dry_runs() -> None:
    asked = request(get_note, headers={"Idempotency-Key": "k"}, query={"dry_run": "true"}, path={"id": "1"})
    read = read_request(get_note, asked)
    assert (read.idempotency_key, read.dry_run) == (None, False)


def test_the_command_is_made_of_path_query_and_body() -> None:
    command, _ = read_command(get_note, request(get_note, path={"id": "N-1"}, query={"dry_run": "true"}))
    assert command == NoteReference(id="N-1")
    command, _ = read_command(write_note, request(write_note, {"text": "x", "amount": 7}))
    assert isinstance(command, NewNote)
    assert (command.text, str(command.amount)) == ("x", "7")
    assert read_command(refresh_notes, request(refresh_notes))[0] is None


@pytest.mark.parametrize(
    "other",
    [
        request(write_note, {"text": "y"}),
        request(write_note, raw=b'{"text":  "x"}'),
        request(write_note, {"text": "x", "tags": {}}),
        request(write_note, {"text": "x"}, query={"dry_run": "true"}),
    ],
)
def test_the_fingerprint_tells_requests_apart(other: HttpRequest) -> None:
    mine = read_command(write_note, request(write_note, {"text": "x"}))[1]
    assert read_command(write_note, request(write_note, {"text": "x"}))[1] == mine
    assert read_command(write_note, other)[1] != mine


def test_the_fingerprint_tells_operations_and_addresses_apart() -> None:
    prints = {
        read_command(found, request(found, {"text": "x"}, path=path))[1]
        for found, path in [
            (write_note, None),
            (write_paid_note, None),
            (rewrite_note, {"id": "N-1"}),
            (rewrite_note, {"id": "N-2"}),
        ]
    }
    assert len(prints) == 4


def test_the_fingerprint_does_not_depend_on_headers() -> None:
    one, two = (request(write_note, {"text": "x"}, headers={"X-Correlation-Id": value}) for value in "ab")
    assert read_command(write_note, one)[1] == read_command(write_note, two)[1]
