"""A dry run is the real operation in the real transaction, told and then rolled back."""

import pytest

from bigledger.kernel import Context, Document, documents, operation
from tests.kernel import notes
from tests.kernel.notes import (
    NewNote,
    Note,
    NoteData,
    NoteRewritten,
    NoteWritten,
    append_to_note,
    get_note,
    rewrite_note,
    write_note,
)
from tests.support.api import Api
from tests.support.bare import add_document

DRY = {"dry_run": "true"}


@operation("POST /api/v1/note-pairs", emits=[NoteWritten, NoteRewritten])
def write_note_pair(new: NewNote, context: Context) -> Note:
    """Write a note and a copy of it."""
    answer = notes.write(new, context)
    copy = documents.create(context, Document(context.new_id(), "note", "open", NoteData(text=new.text)))
    context.emit(NoteWritten(text=new.text), copy)
    context.emit(NoteRewritten(text=new.text), copy)
    return answer


def test_it_answers_what_would_be_with_the_events_and_changes_nothing(tenant: Api) -> None:
    before = tenant.counts()
    answer = tenant.call(write_note_pair, {"text": "x", "amount": "12.50"}, query=DRY).expect(200)
    told = answer.json
    events = told.pop("dry_run")["events"]
    assert told == {"id": told["id"], "text": "x", "amount": "12.50", "version": 1}
    assert [event["type"] for event in events] == ["note.written", "note.written", "note.rewritten"]
    assert events[0] == {
        "type": "note.written",
        "version": 1,
        "subject": f"note/{told['id']}",
        "data": {"text": "x"},
    }
    assert events[1]["subject"] == events[2]["subject"] != events[0]["subject"]
    assert tenant.counts() == before
    assert tenant.call(get_note, path={"id": told["id"]}).status == 404


def test_it_tells_the_next_number_and_consumes_none(tenant: Api) -> None:
    series = str(add_document(tenant, type="series").id)
    before = tenant.counts()
    for _ in range(3):
        assert (
            tenant.call(write_note, {"text": "x", "series": series}, query=DRY).expect(200)["number"] == "N-2026-0001"
        )
    assert tenant.counts() == before
    for number in ("N-2026-0001", "N-2026-0002"):
        assert tenant.call(write_note, {"text": "x", "series": series}).expect(201)["number"] == number
        following = tenant.call(write_note, {"text": "x", "series": series}, query=DRY).expect(200)["number"]
        assert following == f"N-2026-{int(number[-4:]) + 1:04}"


def test_a_change_is_not_kept(tenant: Api) -> None:
    written = tenant.call(write_note, {"text": "a"}).expect(201)
    path, headers = {"id": written["id"]}, {"If-Match": '"1"'}
    answer = tenant.call(rewrite_note, {"text": "b"}, path=path, headers=headers, query=DRY).expect(200)
    assert (answer["text"], answer["version"]) == ("b", 2)
    assert tenant.call(get_note, path=path).expect(200).json == written.json


def test_it_refuses_what_the_operation_would_refuse(tenant: Api) -> None:
    written = tenant.call(write_note, {"text": "a"}).expect(201)
    before = tenant.counts()
    tenant.call(write_note, {"text": ""}, query=DRY).expect(422)
    tenant.call(write_note, {"text": "x", "series": str(tenant.tenant_id)}, query=DRY).expect(500)
    tenant.call(append_to_note, {"text": "b"}, path={"id": "N-1"}, query=DRY).expect(404)
    stale = {"path": {"id": written["id"]}, "headers": {"If-Match": '"7"'}, "query": DRY}
    tenant.call(rewrite_note, {"text": "b"}, **stale).expect(412)  # type: ignore[arg-type]
    assert tenant.counts() == before


def test_it_asks_for_the_same_permission(tenant: Api) -> None:
    assert tenant.as_("stranger", "").call(write_note, {"text": "x"}, query=DRY).status == 403


def test_it_leaves_the_idempotency_key_free(tenant: Api) -> None:
    key = {"Idempotency-Key": "order-7"}
    for _ in range(2):
        answer = tenant.call(write_note, {"text": "x"}, query=DRY, headers=key).expect(200)
        assert "Idempotency-Hit" not in answer.headers
    written = tenant.call(write_note, {"text": "x"}, headers=key).expect(201)
    assert "Idempotency-Hit" not in written.headers
    assert "dry_run" not in written.json


def test_false_is_no_dry_run(tenant: Api) -> None:
    written = tenant.call(write_note, {"text": "x"}, query={"dry_run": "false"}).expect(201)
    assert tenant.call(get_note, path={"id": written["id"]}).status == 200


@pytest.mark.parametrize("value", ["true", "false"])
def test_reading_is_the_same_with_and_without(tenant: Api, value: str) -> None:
    written = tenant.call(write_note, {"text": "x"}).expect(201)
    answer = tenant.call(get_note, path={"id": written["id"]}, query={"dry_run": value}).expect(200)
    assert answer.json == written.json
