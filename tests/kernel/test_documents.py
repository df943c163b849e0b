"""Documents: found by id or number within their tenant, changed once per request, guarded by version and status."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigledger.kernel import Conflict, Document, NotFound, StaleVersion, documents, runtime
from bigledger.kernel.clock import Clock
from bigledger.kernel.documents import check_status, is_id
from tests.kernel.notes import get_note
from tests.support.api import Api
from tests.support.bare import add_document, working


def test_a_document_comes_back_as_it_was_stored(tenant: Api) -> None:
    stored = add_document(
        tenant,
        number="N-1",
        date=date(2026, 1, 2),
        due_date=date(2026, 2, 1),
        currency="USD",
        total=Decimal("1287.00"),
        data={"text": "été", "amounts": ["1.10"]},
        metadata={"order": "7"},
        posted_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    )
    with working(tenant) as context:
        by_id = documents.get(context, "note", str(stored.id))
        by_number = documents.get(context, "note", "N-1")
    for found in (by_id, by_number):
        assert {name: getattr(found, name) for name in Document.__slots__} == {
            name: getattr(stored, name) for name in Document.__slots__
        }
        assert str(found.total) == "1287.00"


@pytest.mark.parametrize("reference", ["N-2", "019b772d-0e3b-7000-8000-000000000000", "", "n-1", "'; --"])
def test_what_does_not_exist_is_not_found(tenant: Api, reference: str) -> None:
    add_document(tenant, number="N-1")
    with working(tenant) as context, pytest.raises(NotFound, match="There is no note"):
        documents.get(context, "note", reference)


def test_a_document_of_another_type_is_not_found(tenant: Api) -> None:
    stored = add_document(tenant, type="order")
    with working(tenant) as context, pytest.raises(NotFound):
        documents.get(context, "note", str(stored.id))


def test_another_tenants_document_is_not_found(tenant: Api, other: Api) -> None:
    stored = add_document(other, number="N-1", data={"text": "theirs"})
    for reference in (str(stored.id), "N-1"):
        answer = tenant.call(get_note, path={"id": reference})
        assert answer.status == 404
        assert "theirs" not in answer.text


def test_a_document_can_be_named_by_its_id_in_capitals(tenant: Api) -> None:
    stored = add_document(tenant, data={"text": "a"})
    answer = tenant.call(get_note, path={"id": str(stored.id).upper()})
    assert answer.expect(200)["id"] == str(stored.id)


def test_a_change_raises_the_version_once_however_often_it_is_made(tenant: Api) -> None:
    stored = add_document(tenant, data={"text": "a"})
    with working(tenant) as context:
        note = documents.get(context, "note", str(stored.id))
        documents.change(context, note, data={"text": "b"})
        documents.change(context, note, data={"text": "c"}, status="closed")
        assert note.version == 2
        context.work.flush()
    with working(tenant) as context:
        found = documents.get(context, "note", str(stored.id))
    assert (found.version, found.status, found.data) == (2, "closed", {"text": "c"})


def test_a_new_document_that_is_changed_at_once_has_version_one(tenant: Api) -> None:
    with working(tenant) as context:
        note = documents.create(context, Document(context.new_id(), "note", "open", {}))
        documents.change(context, note, status="closed")
        context.work.flush()
    with working(tenant) as context:
        found = documents.get(context, "note", str(note.id))
    assert (found.version, found.status) == (1, "closed")


def test_two_requests_at_the_same_instant_each_raise_the_version(tenant: Api, clock: Clock) -> None:
    stored = add_document(tenant)
    runtime.clock = Clock(lambda: 1_800_000_000_000_000_000)
    for version in (2, 3):
        with working(tenant) as context:
            note = documents.change(context, documents.get(context, "note", str(stored.id)))
            context.work.flush()
        assert note.version == version


def test_a_change_tells_who_and_when(tenant: Api) -> None:
    stored = add_document(tenant)
    with working(tenant.as_("ada", "*")) as context:
        documents.change(context, documents.get(context, "note", str(stored.id)))
        context.work.flush()
        now = context.now
    with working(tenant) as context:
        found = documents.get(context, "note", str(stored.id))
    assert (found.created_by, found.created_at) == ("tester", stored.created_at)
    assert (found.updated_by, found.updated_at) == ("ada", now)


def test_a_version_that_was_read_is_held_against_the_stored_one(tenant: Api) -> None:
    note = Document(tenant.tenant_id, "note", "open", {}, version=3)  # type: ignore[arg-type]
    with working(tenant) as context:
        documents.check_version(context, note)
        for expected in (2, 4):
            object.__setattr__(context.request, "expected_version", expected)
            with pytest.raises(StaleVersion, match=f"You read version {expected}, but it is at version 3") as caught:
                documents.check_version(context, note)
            assert caught.value.members == {"version": 3}


def test_a_status_that_does_not_allow_a_transition_is_told(tenant: Api) -> None:
    invoice = Document(tenant.tenant_id, "sales_invoice", "partly_paid", {})  # type: ignore[arg-type]
    check_status(invoice, ["partly_paid"], "voided")
    with pytest.raises(Conflict) as caught:
        check_status(invoice, ["draft", "pending_approval"], "voided")
    assert caught.value.detail == (
        "This sales invoice is partly paid and cannot be voided; only one that is draft or pending approval can."
    )
    assert caught.value.members == {"document_status": "partly_paid"}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("019b772d-0e3b-7000-8000-000000000000", True),
        ("019B772D-0E3B-7000-8000-000000000000", True),
        ("019b772d0e3b70008000000000000000", False),
        ("{019b772d0e3b70008000000000000000}--", False),
        ("0-1-9-b-772d0e3b70008000000000000000", False),
        ("019b772d-0e3b-7000-8000-00000000000g", False),
        ("INV-2026-000001", False),
        ("", False),
    ],
)
def test_an_id_is_a_uuid_as_postgres_writes_it(reference: str, expected: bool) -> None:
    assert is_id(reference) is expected


@settings(deadline=None)
@given(st.uuids())
def test_every_uuid_is_an_id(identifier: object) -> None:
    assert is_id(str(identifier))
