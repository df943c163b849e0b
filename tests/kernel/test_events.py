"""Events: facts in the past tense, stored with what they tell of, numbered per subject, shaped as CloudEvents 1.0."""

from uuid import UUID

import pytest

from bigledger.kernel import Document, Event, documents, event
from bigledger.kernel.events import Delivery, declared_events, delivery
from tests.kernel.notes import NoteRewritten, NoteWritten, append_to_note, write_note
from tests.support.api import Api
from tests.support.bare import add_document, working
from tests.support.shop import Shop


def test_an_event_is_told_as_a_cloudevents_envelope(tenant: Api) -> None:
    written = tenant.call(write_note, {"text": "été"}, headers={"X-Correlation-Id": "order-7"}).expect(201)
    (told,) = tenant.events()
    (row,) = tenant.rows("SELECT id, recorded_at FROM kernel.event")
    assert told == {
        "specversion": "1.0",
        "id": str(row.id),
        "source": "bigledger.tests",
        "type": "note.written",
        "version": 1,
        "subject": f"note/{written['id']}",
        "time": row.recorded_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": "urn:bigledger:event:note.written:1",
        "tenantid": str(tenant.tenant_id),
        "sequence": 1,
        "actorid": "tester",
        "actorkind": "user",
        "operation": "kernel.write_note",
        "correlationid": "order-7",
        "causationid": None,
        "data": {"text": "été"},
    }
    assert UUID(told["id"]).version == 7
    assert told["time"].endswith("Z")


def test_attribute_names_are_lower_case_letters_and_digits(tenant: Api) -> None:
    """CloudEvents 1.0, 3.1: names consist of lower-case letters and digits."""
    tenant.call(write_note, {"text": "x"}).expect(201)
    (told,) = tenant.events()
    assert all(name.isalnum() and name == name.lower() for name in told)


def test_an_event_was_recorded_at_the_instant_of_its_request(tenant: Api) -> None:
    written = tenant.call(write_note, {"text": "x"}).expect(201)
    (row,) = tenant.rows(
        "SELECT e.recorded_at = d.created_at AS at_once, d.created_at = d.updated_at AS same"
        " FROM kernel.event e JOIN kernel.document d ON d.id = e.subject_id WHERE d.id = cast(:id AS uuid)",
        id=written["id"],
    )
    assert (row.at_once, row.same) == (True, True)


def test_the_events_of_a_subject_are_counted_from_one(tenant: Api) -> None:
    first, second = (tenant.call(write_note, {"text": text}).expect(201) for text in "ab")
    for note in (first, second, first, first):
        tenant.call(append_to_note, {"text": "-"}, path={"id": note["id"]}).expect(200)
    told = [(event["subject"], event["sequence"]) for event in tenant.events()]
    one, two = f"note/{first['id']}", f"note/{second['id']}"
    assert told == [(one, 1), (two, 1), (one, 2), (two, 2), (one, 3), (one, 4)]


def test_several_events_of_one_request_keep_their_order(tenant: Api) -> None:
    with working(tenant) as context:
        note = documents.create(context, Document(context.new_id(), "note", "open", {}))
        for text in "abc":
            context.emit(NoteRewritten(text=text), note)
        context.work.flush()
    assert [(event["sequence"], event["data"]["text"]) for event in tenant.events()] == [(1, "a"), (2, "b"), (3, "c")]
    (row,) = tenant.rows("SELECT sequence FROM kernel.document WHERE type = 'note'")
    assert row.sequence == 3


def test_each_event_waits_once_in_the_outbox(tenant: Api) -> None:
    tenant.call(write_note, {"text": "x"}).expect(201)
    rows = tenant.rows("SELECT o.destination, e.type FROM kernel.outbox o JOIN kernel.event e ON e.id = o.event_id")
    assert [tuple(row) for row in rows] == [(None, "note.written")]


def test_the_transaction_of_an_event_is_the_one_that_wrote_it(tenant: Api) -> None:
    with working(tenant) as context:
        (current,) = context.work.read("SELECT pg_current_xact_id()::text::bigint AS id")
        context.emit(NoteWritten(text="x"), documents.create(context, Document(context.new_id(), "note", "open", {})))
        context.work.flush()
    assert tenant.rows("SELECT transaction_id FROM kernel.event")[0].transaction_id == current.id


def test_a_delivered_envelope_is_read_as_it_was_told(tenant: Api) -> None:
    tenant.call(write_note, {"text": "x"}).expect(201)
    (told,) = tenant.events()
    (row,) = tenant.rows("SELECT id, recorded_at FROM kernel.event")
    assert delivery(told) == Delivery(
        id=row.id,
        type="note.written",
        version=1,
        tenant_id=UUID(str(tenant.tenant_id)),
        subject=told["subject"],
        sequence=1,
        time=row.recorded_at,
        actor_id="tester",
        actor_kind="user",
        operation="kernel.write_note",
        correlation_id="request-0001",
        data={"text": "x"},
    )


def test_an_event_without_its_document_is_about_something_else_and_still_counted(tenant: Api) -> None:
    subject = Document(UUID(str(tenant.tenant_id)), "tenant", "active", {})
    with working(tenant) as context:
        context.emit(NoteWritten(text="x"), subject)
        context.work.flush()
    assert [event["subject"] for event in tenant.events()] == [f"tenant/{tenant.tenant_id}"]
    assert subject.sequence == 1


class TestDeclaration:
    """What ``@event`` declares."""

    def test_type_version_and_source_are_known(self) -> None:
        assert (NoteWritten.type, NoteWritten.version) == ("note.written", 1)
        assert declared_events()["note.written", 1] is NoteWritten

    def test_the_source_is_the_module_that_tells_it(self, shop: Shop) -> None:
        shop.invoice()
        assert {event["type"]: event["source"] for event in shop.api.events()}.items() >= {
            "customer.created": "bigledger.records",
            "invoice.created": "bigledger.receivables",
            "stock.reserved": "bigledger.inventory",
        }.items()

    def test_a_type_and_version_is_declared_once(self) -> None:
        with pytest.raises(ValueError, match=r"the event note.written version 1 is declared twice"):

            @event("note.written")
            class Another(Event):
                text: str

        assert declared_events()["note.written", 1] is NoteWritten

    def test_an_event_does_not_change(self) -> None:
        told = NoteWritten(text="x")
        with pytest.raises(ValueError, match="frozen"):
            told.text = "y"
        assert told.text == "x"


def test_what_a_document_of_another_request_told_is_not_counted_twice(tenant: Api) -> None:
    """The place in the sequence goes on from what is stored, not from what this process remembers."""
    stored = add_document(tenant, data={"text": ""})
    for _ in range(2):
        tenant.call(append_to_note, {"text": "x"}, path={"id": str(stored.id)}).expect(200)
    assert [event["sequence"] for event in tenant.events()] == [1, 2]
