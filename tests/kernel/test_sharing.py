"""A long list of a document, its events and its answer is sent once, and stands whole wherever it belongs."""

from decimal import Decimal
from typing import Annotated, Any

import orjson
import pytest
from pydantic import BaseModel

from bigledger.kernel import Amount, Document, Shared, Table, documents, runtime
from bigledger.kernel.database import Transaction
from bigledger.kernel.sharing import SHORTEST, Shares
from bigledger.kernel.unit_of_work import filled
from tests.support.api import Api
from tests.support.bare import working


class Line(BaseModel):
    text: str
    amount: Amount
    note: str | None = None


class Lines(BaseModel):
    items: Annotated[list[Line], Shared]
    also: Annotated[list[Line], Shared] = []


def lines(count: int) -> list[Line]:
    return [Line(text=f'{number} "~" \\ ✓', amount=Decimal("0.10")) for number in range(count)]


def test_a_list_has_one_token_wherever_it_stands() -> None:
    """The list of a model is a copy; what is the same are its objects."""
    shares, many = Shares(runtime.clock), lines(SHORTEST)
    first, second = (model.model_dump_json(context=shares) for model in (Lines(items=many), Lines(items=list(many))))
    assert first == second
    (place,) = shares.places()
    assert first == f'{{"items":{place},"also":[]}}'
    other = Lines(items=lines(SHORTEST)).model_dump_json(context=shares)
    assert len(shares.places()) == 2
    assert other != first


def test_what_stands_behind_it_is_what_would_have_been_written() -> None:
    shares, model = Shares(runtime.clock), Lines(items=lines(30), also=lines(SHORTEST))
    written = model.model_dump_json(exclude_none=True, context=shares)
    assert filled(written, shares.places()) == model.model_dump_json(exclude_none=True)


def test_short_lists_and_models_for_themselves_are_written_as_they_are() -> None:
    shares, few = Shares(runtime.clock), Lines(items=lines(SHORTEST - 1))
    assert few.model_dump_json(context=shares) == few.model_dump_json()
    assert shares.sent() is None
    many = Lines(items=lines(30))
    assert [item["text"] for item in orjson.loads(many.model_dump_json())["items"]] == [one.text for one in many.items]


def test_the_contract_tells_of_the_list() -> None:
    schema = Lines.model_json_schema(mode="serialization")
    assert schema["properties"]["items"] == {"items": {"$ref": "#/$defs/Line"}, "title": "Items", "type": "array"}


def test_new_and_changed_documents_have_the_list_whole(tenant: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is among the parameters once, for both documents."""
    many, sent = lines(40), []
    with working(tenant) as context:
        changed = documents.create(context, Document(context.new_id(), "note", "open", {"text": "x"}))
        context.work.flush()
    rows = Transaction.rows

    def noted(self: Transaction, sql: str, **parameters: Any) -> Any:
        sent.append(" ".join(str(value) for value in parameters.values()))
        return rows(self, sql, **parameters)

    with working(tenant) as context:
        monkeypatch.setattr(Transaction, "rows", noted)
        documents.change(context, documents.get(context, "note", str(changed.id)), data=Lines(items=many))
        new = documents.create(context, Document(context.new_id(), "note", "open", Lines(items=many)))
        context.work.flush()
        monkeypatch.setattr(Transaction, "rows", rows)
    assert sent[-1].count('\\"~\\"') == len(many)
    whole = [orjson.loads(one.model_dump_json(exclude_none=True)) for one in many]
    stored = tenant.rows("SELECT id, data FROM kernel.document ORDER BY id")
    assert {row.id: row.data for row in stored} == {id: {"items": whole, "also": []} for id in (changed.id, new.id)}


def test_an_answer_has_its_lists_where_nothing_is_written(tenant: Api) -> None:
    answered = Lines(items=lines(20))
    with working(tenant) as context:
        told = answered.model_dump_json(exclude_none=True, context=context.work.shares)
        before = context.work.statements
        assert filled(told, context.work.flush()) == answered.model_dump_json(exclude_none=True)
        assert context.work.statements == before


def test_rows_have_what_they_have_alike_unless_they_say_otherwise(tenant: Api) -> None:
    documents_alike = Table("kernel.document", tuple("id type status data version sequence".split()) + BY)
    alike = {"type": "note", "status": "open", "data": {}, "version": 1, "sequence": 0} | dict.fromkeys(BY, "me")
    with working(tenant) as context:
        ids = sorted(context.new_id() for _ in range(3))
        context.work.append(documents_alike, [{"id": ids[0]}, {"id": ids[1], "status": "closed"}], alike)
        context.work.append(documents_alike, [alike | {"id": ids[2], "type": "memo"}])
        assert [row["type"] for row in context.work.staged(documents_alike)] == ["note", "note", "memo"]
        context.work.flush()
    stored = tenant.rows("SELECT id, type, status FROM kernel.document ORDER BY id")
    assert [tuple(row) for row in stored] == [
        (ids[0], "note", "open"),
        (ids[1], "note", "closed"),
        (ids[2], "memo", "open"),
    ]


BY = ("created_by", "updated_by")
