"""A repeated request acts once: the same key with the same request answers what was answered before."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import pytest

from bigledger.kernel import Answer, Context, operation
from bigledger.kernel.wire import ShownOnce
from tests.kernel import notes
from tests.kernel.notes import NewNote, Note, NoteWritten, append_to_note, get_note, write_note, write_paid_note
from tests.support.api import Api, Response, send
from tests.support.bare import add_document, working

KEY = {"Idempotency-Key": "order-7"}


class Secret(Answer):
    """An answer with a secret in it."""

    name: str
    secret: Annotated[str | None, ShownOnce()] = None


@operation("POST /api/v1/secrets", emits=[NoteWritten])
def make_secret(new: NewNote, context: Context) -> Secret:
    """Answer a secret that is told once."""
    notes.write(new, context)
    return Secret(name=new.text, secret="opens everything")


def added(api: Api, before: dict[str, int]) -> dict[str, int]:
    """How many rows each table has gained."""
    return {name: count - before[name] for name, count in api.counts().items() if count != before[name]}


ONE_NOTE = {"kernel.document": 1, "kernel.event": 1, "kernel.outbox": 1, "kernel.idempotency": 1}


def together(calls: list[Callable[[], Response]]) -> list[Response]:
    """The answers to calls that are made at the same moment, each by a thread of its own."""
    gate = threading.Barrier(len(calls))

    def call(made: Callable[[], Response]) -> Response:
        gate.wait()
        return made()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def test_a_replay_is_answered_with_the_same_bytes_and_acts_no_more(tenant: Api) -> None:
    series = add_document(tenant, type="series")
    before = tenant.counts()
    body = {"text": "été", "amount": "1.10", "series": str(series.id)}
    first = tenant.call(write_note, body, headers=KEY).expect(201)
    assert first["number"] == "N-2026-0001"
    assert added(tenant, before) == ONE_NOTE | {"kernel.number_counter": 1}
    for _ in range(3):
        again = tenant.call(write_note, body, headers=KEY).expect(201)
        assert again.text == first.text
        assert again.headers["Idempotency-Hit"] == "true"
        assert again.headers["Content-Type"] == "application/json"
    assert "Idempotency-Hit" not in first.headers
    assert added(tenant, before) == ONE_NOTE | {"kernel.number_counter": 1}


def test_the_replay_tells_what_was_and_not_what_is(tenant: Api) -> None:
    first = tenant.call(write_note, {"text": "a"}, headers=KEY).expect(201)
    tenant.call(append_to_note, {"text": "b"}, path={"id": first["id"]}).expect(200)
    assert tenant.call(write_note, {"text": "a"}, headers=KEY).text == first.text


@pytest.mark.parametrize("body", [{"text": "b"}, {"text": "a", "amount": "1"}, {"text": "a", "tags": {}}])
def test_a_key_with_another_request_is_refused(tenant: Api, body: dict[str, object]) -> None:
    tenant.call(write_note, {"text": "a"}, headers=KEY).expect(201)
    before = tenant.counts()
    answer = tenant.call(write_note, body, headers=KEY).expect(422)
    assert answer["code"] == "idempotency_key_reused"
    assert "Idempotency-Hit" not in answer.headers
    assert tenant.counts() == before


def test_a_key_with_another_operation_or_address_is_refused(tenant: Api) -> None:
    first, second = (tenant.call(write_note, {"text": text}).expect(201) for text in ("a", "b"))
    tenant.call(append_to_note, {"text": "c"}, path={"id": first["id"]}, headers=KEY).expect(200)
    before = tenant.counts()
    assert tenant.call(append_to_note, {"text": "c"}, path={"id": second["id"]}, headers=KEY).status == 422
    assert tenant.call(write_paid_note, {"text": "c"}, headers=KEY).status == 422
    assert tenant.counts() == before
    assert tenant.call(get_note, path={"id": second["id"]})["text"] == "b"


def test_another_key_acts_again(tenant: Api) -> None:
    first = tenant.call(write_note, {"text": "a"}, headers=KEY).expect(201)
    second = tenant.call(write_note, {"text": "a"}, headers={"Idempotency-Key": "order-8"}).expect(201)
    assert first["id"] != second["id"]


def test_keys_of_two_tenants_do_not_meet(tenant: Api, other: Api) -> None:
    mine = tenant.call(write_note, {"text": "a"}, headers=KEY).expect(201)
    theirs = other.call(write_note, {"text": "b"}, headers=KEY).expect(201)
    assert "Idempotency-Hit" not in theirs.headers
    assert mine["id"] != theirs["id"]


def test_a_refused_request_leaves_the_key_free(tenant: Api) -> None:
    tenant.call(write_note, {"text": "a", "series": str(tenant.tenant_id)}, headers=KEY).expect(500)
    tenant.call(write_note, {"text": ""}, headers=KEY).expect(422)
    assert tenant.call(write_note, {"text": "a"}, headers=KEY).expect(201)["text"] == "a"


def test_reading_ignores_the_key(tenant: Api) -> None:
    written = tenant.call(write_note, {"text": "a"}).expect(201)
    for text in ("a", "ab"):
        answer = tenant.call(get_note, path={"id": written["id"]}, headers=KEY).expect(200)
        assert answer["text"] == text
        tenant.call(append_to_note, {"text": "b"}, path={"id": written["id"]}).expect(200)


def test_what_moves_money_is_refused_without_a_key(tenant: Api) -> None:
    before = tenant.counts()
    answer = tenant.call(write_paid_note, {"text": "a"}).expect(428)
    assert (answer["code"], answer["header"]) == ("precondition_missing", "Idempotency-Key")
    assert tenant.counts() == before
    tenant.call(write_paid_note, {"text": "a"}, headers=KEY).expect(201)


def test_a_secret_that_is_shown_once_is_not_kept_for_the_replay(tenant: Api) -> None:
    first = tenant.call(make_secret, {"text": "a"}, headers=KEY).expect(201)
    assert first["secret"] == "opens everything"
    again = tenant.call(make_secret, {"text": "a"}, headers=KEY).expect(201)
    assert again.json == {"name": "a"}
    (row,) = tenant.rows("SELECT body FROM kernel.idempotency")
    assert "opens everything" not in row.body


@pytest.mark.parametrize("attempt", range(3))
def test_two_at_once_have_one_effect(tenant: Api, attempt: int) -> None:
    before = tenant.counts()
    event = tenant.event(write_note, {"text": "a"}, headers=KEY)
    answers = together([lambda: send(write_note, event)] * 6)
    assert [answer.status for answer in answers] == [201] * 6
    assert len({answer.text for answer in answers}) == 1
    assert sum("Idempotency-Hit" in answer.headers for answer in answers) == 5
    assert added(tenant, before) == ONE_NOTE


def test_of_two_different_requests_at_once_one_wins(tenant: Api) -> None:
    before = tenant.counts()
    events = [tenant.event(write_note, {"text": text}, headers=KEY) for text in ("a", "b")]
    answers = together([lambda event=event: send(write_note, event) for event in events])  # type: ignore[misc]
    assert sorted(answer.status for answer in answers) == [201, 422]
    assert added(tenant, before) == ONE_NOTE


@operation("POST /api/v1/impatient-notes", emits=[NoteWritten])
def write_impatiently(new: NewNote, context: Context) -> Note:
    """Write a note, but not while another request holds this one up."""
    context.work.read("SELECT FROM kernel.document WHERE type = 'series' FOR UPDATE NOWAIT")
    return notes.write(new, context)


def test_a_request_that_would_wait_too_long_is_asked_to_come_back(tenant: Api) -> None:
    add_document(tenant, type="series")
    before = tenant.counts()
    with working(tenant) as context:
        context.work.read("SELECT FROM kernel.document WHERE type = 'series' FOR UPDATE")
        answer = tenant.call(write_impatiently, {"text": "a"}, headers=KEY).expect(409)
    assert answer["code"] == "in_progress"
    assert answer["retryable"] is True
    assert answer.headers["Retry-After"] == "1"
    assert tenant.counts() == before
    tenant.call(write_impatiently, {"text": "a"}, headers=KEY).expect(201)
