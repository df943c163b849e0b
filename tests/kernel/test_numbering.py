"""Numbers without gaps: counted in the transaction that uses them, last of all, whoever else counts meanwhile."""

import random
import threading
from datetime import date
from typing import Any

import pytest

from bigledger.kernel import Context, Document, documents, numbering, operation
from tests.kernel.notes import NewNote, Note, NoteData, NoteWritten, answer, write_note
from tests.kernel.test_idempotency import together
from tests.support.api import Api, send
from tests.support.bare import add_document, working
from tests.support.statements import counted


def take(
    api: Api, series: Document, on: date, prefix: str = "INV-{YYYY}-", width: int = 6, restart: str = "year"
) -> str:
    """A number of the series, in a transaction of its own, on a document of its own."""
    with working(api) as context:
        token = numbering.take(context, series.id, prefix, width, restart, on)
        note = documents.create(context, Document(context.new_id(), "note", "open", {}, number=token))
        numbers = context.work.flush()
        (row,) = context.work.read("SELECT number FROM kernel.document WHERE id = cast(:id AS uuid)", id=str(note.id))
    assert numbers == {token: row.number}
    return str(row.number)


@pytest.fixture
def series(tenant: Api) -> Document:
    """The document that stands for a series."""
    return add_document(tenant, type="series")


def test_numbers_follow_one_another(tenant: Api, series: Document) -> None:
    taken = [take(tenant, series, date(2026, 5, 1)) for _ in range(3)]
    assert taken == ["INV-2026-000001", "INV-2026-000002", "INV-2026-000003"]


def test_the_count_restarts_each_year_and_may_go_on_in_the_old_one(tenant: Api, series: Document) -> None:
    days = ["2026-12-31", "2027-01-01", "2026-12-30", "2027-06-01"]
    taken = [take(tenant, series, date.fromisoformat(day)) for day in days]
    assert taken == ["INV-2026-000001", "INV-2027-000001", "INV-2026-000002", "INV-2027-000002"]


def test_the_count_restarts_each_month(tenant: Api, series: Document) -> None:
    days = ["2026-01-31", "2026-02-01", "2026-02-28", "2027-02-01"]
    taken = [take(tenant, series, date.fromisoformat(day), "{YY}{MM}/", 3, "month") for day in days]
    assert taken == ["2601/001", "2602/001", "2602/002", "2702/001"]


def test_the_count_never_restarts(tenant: Api, series: Document) -> None:
    days = ["2026-12-31", "2027-01-01", "2028-01-01"]
    taken = [take(tenant, series, date.fromisoformat(day), "C", 2, "never") for day in days]
    assert taken == ["C01", "C02", "C03"]


def test_a_number_longer_than_its_width_is_written_in_full(tenant: Api, series: Document) -> None:
    with working(tenant) as context:
        context.work.read(
            "INSERT INTO kernel.number_counter (series_id, period, last) VALUES (cast(:id AS uuid), '2026', 99)",
            id=str(series.id),
        )
    assert take(tenant, series, date(2026, 1, 1), "N", 2) == "N100"


def test_two_series_count_each_for_itself(tenant: Api, series: Document) -> None:
    second = add_document(tenant, type="series")
    day = date(2026, 1, 1)
    taken = [take(tenant, each, day, prefix) for each, prefix in ((series, "A"), (second, "B"), (series, "A"))]
    assert taken == ["A000001", "B000001", "A000002"]


def test_two_tenants_count_each_for_itself(tenant: Api, other: Api, series: Document) -> None:
    theirs = add_document(other, type="series")
    day = date(2026, 1, 1)
    assert take(tenant, series, day) == take(other, theirs, day) == "INV-2026-000001"


def test_several_numbers_of_one_request_are_given_in_the_order_they_were_asked_for(
    tenant: Api, series: Document
) -> None:
    take(tenant, series, date(2026, 1, 1))
    second = add_document(tenant, type="series")
    with working(tenant) as context:
        asked = [(series, 2026), (second, 2026), (series, 2027), (series, 2026), (series, 2026)]
        tokens = [
            numbering.take(context, each.id, "A{YYYY}-" if each is series else "B", 2, "year", date(year, 1, 1))
            for each, year in asked
        ]
        documents.create(context, Document(context.new_id(), "note", "open", {"numbers": tokens}))
        numbers = context.work.flush()
    expected = ["A2026-02", "B01", "A2027-01", "A2026-03", "A2026-04"]
    assert [numbers[token] for token in tokens] == expected
    assert tenant.rows("SELECT data FROM kernel.document WHERE type = 'note' AND number IS NULL")[0].data == {
        "numbers": expected
    }


def test_a_number_that_nothing_would_carry_is_not_taken(tenant: Api, series: Document) -> None:
    with working(tenant) as context:
        numbering.take(context, series.id, "N-", 4, "never", date(2026, 1, 1))
        assert context.work.flush() == {}
    assert tenant.counts()["kernel.number_counter"] == 0


def test_the_number_stands_everywhere_its_token_stood(tenant: Api, series: Document) -> None:
    with working(tenant) as context:
        token = numbering.take(context, series.id, "N-", 4, "never", date(2026, 1, 1))
        data = {"title": f"Invoice {token}", "lines": [{"text": token}]}
        note = documents.create(context, Document(context.new_id(), "note", "open", data, number=token))
        context.emit(NoteWritten(text=f"{token} was written"), note)
        context.work.flush()
    (row,) = tenant.rows("SELECT number, data FROM kernel.document WHERE type = 'note'")
    assert row.number == "N-0001"
    assert row.data == {"title": "Invoice N-0001", "lines": [{"text": "N-0001"}]}
    assert [event["data"]["text"] for event in tenant.events()] == ["N-0001 was written"]


def test_a_number_is_taken_within_the_one_statement_that_writes(tenant: Api, series: Document) -> None:
    response, sent = counted(lambda: tenant.call(write_note, {"text": "x", "series": str(series.id)}))
    assert response.expect(201)["number"] == "N-2026-0001"
    assert len(sent) == 2
    assert "kernel.number_counter" in sent[-1]
    assert "INSERT INTO kernel.document" in sent[-1]


def test_a_draft_takes_no_number(tenant: Api, series: Document) -> None:
    response, sent = counted(lambda: tenant.call(write_note, {"text": "x"}))
    assert "number" not in response.expect(201).json
    assert "kernel.number_counter" not in "".join(sent)
    assert tenant.counts()["kernel.number_counter"] == 0


def test_what_is_rolled_back_gives_its_number_back(tenant: Api, series: Document) -> None:
    take(tenant, series, date(2026, 1, 1))
    with pytest.raises(InterruptedError), working(tenant) as context:
        _write_and_fail(context, series)
    assert take(tenant, series, date(2026, 1, 1)) == "INV-2026-000002"


def _write_and_fail(context: Context, series: Document) -> None:
    numbering.take(context, series.id, "INV-{YYYY}-", 6, "year", date(2026, 1, 1))
    context.work.flush()
    raise InterruptedError


@operation("POST /api/v1/failing-notes", emits=[NoteWritten])
def write_or_fail(new: NewNote, context: Context) -> Note:
    """Write a numbered note; one with the text "fail" is written, numbered and then given up."""
    assert new.series is not None
    number = numbering.take(context, new.series, "N-", 4, "never", context.now.date())
    note = documents.create(context, Document(context.new_id(), "note", "open", NoteData(text=new.text), number=number))
    context.emit(NoteWritten(text=new.text), note)
    if new.text == "fail":
        context.work.flush()
        raise InterruptedError("killed in mid-flight")
    return answer(note)


def numbers_of(api: Api) -> list[str]:
    """Every number that was given, in order."""
    return [row.number for row in api.rows("SELECT number FROM kernel.document WHERE type = 'note' ORDER BY number")]


def in_parallel(api: Api, bodies: list[dict[str, Any]], workers: int = 8) -> list[Any]:
    """The answers to the calls, made by this many clients at once."""
    waiting = [api.event(write_or_fail, body) for body in bodies]
    lock, answers = threading.Lock(), []

    def work() -> Any:
        while True:
            with lock:
                if not waiting:
                    return None
                event = waiting.pop()
            response = send(write_or_fail, event)
            with lock:
                answers.append(response)

    together([work] * workers)
    return answers


def test_64_at_once_get_64_consecutive_numbers(tenant: Api, series: Document) -> None:
    answers = in_parallel(tenant, [{"text": "x", "series": str(series.id)}] * 64)
    assert [response.status for response in answers] == [201] * 64
    expected = [f"N-{number:04}" for number in range(1, 65)]
    assert sorted(response["number"] for response in answers) == expected
    assert numbers_of(tenant) == expected


@pytest.mark.parametrize("seed", range(3))
def test_64_at_once_of_which_half_are_killed_leave_no_gap(tenant: Api, series: Document, seed: int) -> None:
    texts = ["x", "fail"] * 32
    random.Random(seed).shuffle(texts)
    answers = in_parallel(tenant, [{"text": text, "series": str(series.id)} for text in texts])
    assert sorted(response.status for response in answers) == [201] * 32 + [500] * 32
    expected = [f"N-{number:04}" for number in range(1, 33)]
    assert sorted(response["number"] for response in answers if response.status == 201) == expected
    assert numbers_of(tenant) == expected
    assert tenant.rows("SELECT last FROM kernel.number_counter")[0].last == 32
