"""Everything an operation writes goes to the database in one statement, however much it is."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from bigledger.kernel import Context, Document, Table, documents, numbering
from bigledger.kernel.flush import EVENT, LINK, OUTBOX, flush_sql
from bigledger.kernel.serialization import json_text
from bigledger.kernel.unit_of_work import filled
from tests.kernel.notes import NoteData, NoteWritten, on
from tests.support.api import Api
from tests.support.bare import add_document, working


def stage(context: Context, count: int, series: Document) -> list[Document]:
    """Stage many new documents with numbers, links and events."""
    notes = []
    for index in range(count):
        token = numbering.take(context, series.id, "N-", 4, "never", on("2026-01-01"))
        data = NoteData(text=f"{index}", amount=Decimal("0.10"))
        note = documents.create(context, Document(context.new_id(), "note", "open", data, number=token))
        context.work.link(series.id, note.id, "numbered")
        context.emit(NoteWritten(text=f"{index}"), note)
        notes.append(note)
    return notes


@pytest.mark.parametrize("count", [1, 3, 300])
def test_it_is_one_statement_whatever_the_number_of_rows(tenant: Api, count: int) -> None:
    series = add_document(tenant, type="series")
    with working(tenant) as context:
        before = context.work.statements
        stage(context, count, series)
        assert context.work.statements == before
        numbers = context.work.flush()
        assert context.work.statements == before + 1
    assert sorted(numbers.values()) == [f"N-{number:04}" for number in range(1, count + 1)]
    counts = tenant.counts()
    assert counts["kernel.document"] == count + 1
    assert counts["kernel.event"] == counts["kernel.outbox"] == counts["kernel.document_link"] == count


def test_its_text_depends_only_on_the_tables_that_take_part(tenant: Api) -> None:
    def text(tables: tuple[Table, ...], changed: bool = False, numbered: bool = False) -> str:
        parameters = frozenset({"rows", "numbers"} if numbered else {"rows"})
        return flush_sql(tables, frozenset(), parameters, changed, False)

    assert text((EVENT, OUTBOX)) is text((EVENT, OUTBOX))
    assert len({text((EVENT,)), text((EVENT, OUTBOX)), text((EVENT,), True), text((EVENT,), False, True)}) == 4


def test_new_and_changed_documents_travel_together(tenant: Api) -> None:
    stored = [add_document(tenant, data={"text": str(index)}) for index in range(3)]
    with working(tenant) as context:
        for note in stored:
            loaded = documents.get(context, "note", str(note.id))
            documents.change(context, loaded, status="closed", total=Decimal("1.10"), metadata={"a": "b"})
        stage(context, 2, stored[0])
        before = context.work.statements
        context.work.flush()
        assert context.work.statements == before + 1
    rows = tenant.rows("SELECT status, version, total::text, metadata FROM kernel.document ORDER BY id")
    assert [tuple(row) for row in rows] == [("closed", 2, "1.10", {"a": "b"})] * 3 + [("open", 1, None, {})] * 2


def test_without_anything_staged_nothing_is_sent(tenant: Api) -> None:
    with working(tenant) as context:
        before = context.work.statements
        assert context.work.flush() == {}
        assert context.work.statements == before


def test_what_was_flushed_is_not_written_again(tenant: Api) -> None:
    with working(tenant) as context:
        note = documents.create(context, Document(context.new_id(), "note", "open", {}))
        context.emit(NoteWritten(text="a"), note)
        context.work.flush()
        before = context.work.statements
        context.work.flush()
        assert context.work.statements == before
    assert tenant.counts()["kernel.document"] == 1


def test_what_can_be_read_before_the_flush_is_what_was_there(tenant: Api) -> None:
    with working(tenant) as context:
        documents.create(context, Document(context.new_id(), "note", "open", {}))
        assert context.work.read("SELECT count(*) FROM kernel.document")[0][0] == 0
        context.work.flush()
        assert context.work.read("SELECT count(*) FROM kernel.document")[0][0] == 1


def test_staged_rows_can_be_looked_at(tenant: Api) -> None:
    with working(tenant) as context:
        ends = context.new_id(), context.new_id()
        context.work.link(*ends, "made")
        assert context.work.staged(LINK) == [{"from_id": ends[0], "to_id": ends[1], "kind": "made"}]
        assert context.work.staged(OUTBOX) == []


def test_a_link_to_a_document_of_the_same_flush_holds(tenant: Api) -> None:
    with working(tenant) as context:
        first, second = (documents.create(context, Document(context.new_id(), "note", "open", {})) for _ in range(2))
        context.work.link(first.id, second.id, "led")
        context.work.flush()
    (row,) = tenant.rows("SELECT from_id, to_id, kind FROM kernel.document_link")
    assert tuple(row) == (first.id, second.id, "led")


def test_one_fault_undoes_all(tenant: Api) -> None:
    """A link to nothing breaks the foreign key, and the documents beside it are not written either."""
    before = tenant.counts()
    with working(tenant) as context:
        note = documents.create(context, Document(context.new_id(), "note", "open", {}))
        context.work.link(note.id, UUID(int=7), "led")
        with pytest.raises(Exception, match="document_link_tenant_id_to_id_fkey"):
            context.work.flush()
    assert tenant.counts() == before


def test_the_tenant_is_never_set_by_code(tenant: Api, other: Api) -> None:
    """Whatever tenant_id a row might bring along: the transaction's is stored."""
    with working(tenant) as context:
        made = {"id": context.new_id(), "tenant_id": other.tenant_id}
        row = Document(made["id"], "note", "open", {}, created_by="x", updated_by="x").row() | made
        context.work.append(Table("kernel.document", tuple(name for name in row if name != "tenant_id")), [row])
        context.work.flush()
    assert (tenant.counts()["kernel.document"], other.counts()["kernel.document"]) == (1, 0)


def test_reading_parses_one_json_text_or_answers_none(tenant: Api) -> None:
    with working(tenant) as context:
        read = context.work.read_json
        assert read("SELECT cast(:text AS text)", text='{"a": ["1.10", 2, null]}') == {"a": ["1.10", 2, None]}
        assert read("SELECT NULL") is None
        assert read("SELECT 'x' WHERE false") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), '"1000"'),
        (Decimal("0.00"), '"0.00"'),
        (Decimal("1E-7"), '"0.0000001"'),
        (on("2026-01-02"), '"2026-01-02"'),
        (UUID(int=0), '"00000000-0000-0000-0000-000000000000"'),
        (None, "null"),
        ({"a": [1, True, "é"]}, '{"a":[1,true,"é"]}'),
    ],
)
def test_rows_travel_as_exact_json(value: Any, text: str) -> None:
    assert json_text(value) == text


def test_a_token_is_filled_wherever_it_stands() -> None:
    assert filled('{"a":"~1~","b":"~2~ ~1~"}', {"~1~": "N-1", "~2~": "N-2"}) == '{"a":"N-1","b":"N-2 N-1"}'
