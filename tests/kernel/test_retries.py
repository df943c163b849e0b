"""Requests that get in each other's way are tried again by the kernel; callers see only that it worked."""

import random
from collections.abc import Iterator

import pytest

from bigledger.kernel import Context, Problem, database, documents, operation
from bigledger.kernel.database import ConcurrentChange
from bigledger.kernel.pipeline import ATTEMPTS
from tests.kernel import notes
from tests.kernel.notes import NewNote, Note, NoteWritten, append_to_note, get_note, rewrite_note, write_note
from tests.kernel.test_idempotency import together
from tests.support.api import Api, send
from tests.support.bare import add_document, working

attempts: list[str] = []
"""What happened at each attempt of the operations below; a name or a code of Postgres fails the next one."""


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin with no attempt made, and do not wait between them."""
    attempts.clear()
    monkeypatch.setattr(random, "uniform", lambda low, high: 0.0)
    yield
    attempts.clear()


class NothingLeft(Problem):
    """The rule's own refusal."""


database.constraint("document_status_known", lambda: NothingLeft("Another request took the last one."))


@operation("POST /api/v1/stubborn-notes", emits=[NoteWritten])
def write_stubbornly(new: NewNote, context: Context) -> Note:
    """Write a note; the database refuses as many times as the text says, for the reason before it."""
    reason, _, times = new.text.partition(" ")
    attempts.append(reason)
    note = notes.write(new, context)
    context.work.flush()
    if len(attempts) <= int(times):
        raised = f"'{reason}'" if len(reason) == 5 else f"'check_violation', CONSTRAINT = '{reason}'"
        context.work.read(f"""DO $$ BEGIN RAISE EXCEPTION 'constraint "{reason}"' USING ERRCODE = {raised}; END $$""")
    return note


@pytest.mark.parametrize("state", ["40001", "40P01"])
@pytest.mark.parametrize("times", [1, 3, ATTEMPTS - 1])
def test_a_serialization_failure_or_a_deadlock_is_not_seen_by_the_caller(tenant: Api, state: str, times: int) -> None:
    before = tenant.counts()
    series = add_document(tenant, type="series")
    body = {"text": f"{state} {times}", "series": str(series.id)}
    answer = tenant.call(write_stubbornly, body, headers={"Idempotency-Key": "k"}).expect(201)
    assert attempts == [state] * (times + 1)
    assert answer["number"].startswith("~")  # it was flushed before the answer was made
    after = tenant.counts()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "kernel.document": 2,
        "kernel.event": 1,
        "kernel.outbox": 1,
        "kernel.idempotency": 1,
        "kernel.number_counter": 1,
    }
    assert tenant.rows("SELECT last FROM kernel.number_counter")[0].last == 1


def test_what_never_passes_is_told_as_unavailable_and_leaves_nothing(tenant: Api) -> None:
    before = tenant.counts()
    answer = tenant.call(write_stubbornly, {"text": "40001 99"}).expect(503)
    assert attempts == ["40001"] * ATTEMPTS
    assert answer["code"] == "unavailable"
    assert answer["detail"] == ("Too many requests work on the same records just now. Nothing was changed; try again.")
    assert answer.headers["Retry-After"] == "2"
    assert tenant.counts() == before


def test_a_registered_constraint_is_tried_again_and_then_told_as_its_problem(tenant: Api) -> None:
    before = tenant.counts()
    answer = tenant.call(write_stubbornly, {"text": "document_status_known 99"}).expect(422)
    assert attempts == ["document_status_known"] * 5
    assert (answer["code"], answer["detail"]) == ("nothing_left", "Another request took the last one.")
    assert tenant.counts() == before


def test_a_registered_constraint_that_passes_the_second_time_is_not_seen(tenant: Api) -> None:
    tenant.call(write_stubbornly, {"text": "document_status_known 1"}).expect(201)
    assert attempts == ["document_status_known"] * 2


def test_a_constraint_that_nobody_registered_is_a_defect(tenant: Api) -> None:
    before = tenant.counts()
    tenant.call(write_stubbornly, {"text": "unheard_of 99"}).expect(500)
    assert attempts == ["unheard_of"]
    assert tenant.counts() == before


def test_a_flush_over_a_newer_version_writes_nothing(tenant: Api) -> None:
    stored = add_document(tenant, data={"text": "a"})
    with working(tenant) as context:
        mine = documents.get(context, "note", str(stored.id))
        documents.change(context, mine, data={"text": "mine"})
        tenant.call(append_to_note, {"text": "b"}, path={"id": str(stored.id)}).expect(200)
        with pytest.raises(ConcurrentChange, match="a document was changed by another request"):
            context.work.flush()
    assert tenant.call(get_note, path={"id": str(stored.id)})["text"] == "ab"


@pytest.mark.parametrize("attempt", range(3))
def test_changes_made_at_once_are_all_kept(tenant: Api, attempt: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # wait as in earnest
    written = tenant.call(write_note, {"text": "-"}).expect(201)
    events = [tenant.event(append_to_note, {"text": letter}, path={"id": written["id"]}) for letter in "abcd"]
    answers = together([lambda event=event: send(append_to_note, event) for event in events])  # type: ignore[misc]
    assert [answer.status for answer in answers] == [200] * 4
    final = tenant.call(get_note, path={"id": written["id"]}).json
    assert sorted(final["text"]) == ["-", "a", "b", "c", "d"]
    assert final["version"] == 5
    assert [event["sequence"] for event in tenant.events()] == [1, 2, 3, 4, 5]


def test_of_two_changes_of_the_same_version_at_once_one_is_told_that_it_is_stale(
    tenant: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    written = tenant.call(write_note, {"text": "-"}).expect(201)
    events = [
        tenant.event(rewrite_note, {"text": letter}, path={"id": written["id"]}, headers={"If-Match": '"1"'})
        for letter in "ab"
    ]
    answers = together([lambda event=event: send(rewrite_note, event) for event in events])  # type: ignore[misc]
    assert sorted(answer.status for answer in answers) == [200, 412]
    final = tenant.call(get_note, path={"id": written["id"]}).json
    assert [final["text"]] == [answer["text"] for answer in answers if answer.status == 200]
    assert len(tenant.events("note.rewritten")) == 1


def test_two_events_that_would_take_the_same_place_are_a_passing_conflict(tenant: Api) -> None:
    """Both went on from the same state of the document; the second starts again from the new one."""
    stored = add_document(tenant, data={"text": "a"})
    with working(tenant) as context:
        note = documents.get(context, "note", str(stored.id))
        context.emit(NoteWritten(text="mine"), note)
        tenant.call(append_to_note, {"text": "b"}, path={"id": str(stored.id)}).expect(200)
        with pytest.raises(ConcurrentChange) as caught:
            context.work.flush()
    assert caught.value.problem is None
    assert [event["data"]["text"] for event in tenant.events()] == ["ab"]
