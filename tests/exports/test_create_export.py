"""Exports hold every row of a tenant and none of another, say so with hashes, and survive being killed."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bigledger.exports import LEFT_OUT, SECRET_TYPES, writing
from bigledger.kernel import files
from bigledger.kernel.database import Transaction
from tests.support.api import Api
from tests.support.events import deliver
from tests.support.shop import Shop
from tests.support.store import Store, store_in_process
from tests.support.world import World

LATER = {"documents/export.ndjson", "kernel.event.ndjson"}
"""The files in which exports stand themselves."""


def asked(api: Api, **body: Any) -> Any:
    return api.call("create_export", body).expect(202).json


def shown(api: Api, made: Any) -> Any:
    return api.call("get_export", path={"id": made["id"]}).expect(200).json


def content(api: Api, store: Store, made: Any) -> dict[str, bytes]:
    """Every file of an export by its name."""
    folder = f"{api.tenant_id}/exports/{made['id']}/"
    return {name: store.read(folder + name) for name in store.names(folder)}


def exported(api: Api, store: Store, **body: Any) -> tuple[Any, dict[str, bytes]]:
    made = asked(api, **body)
    deliver(api)
    made = shown(api, made)
    assert made["status"] == "completed"
    return made, content(api, store, made)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store for parts of a few kilobytes, which are read a few lines at a time."""
    monkeypatch.setattr(writing, "_PAGE_BYTES", 2_000)
    monkeypatch.setattr(writing, "_FIRST_LINES", 3)
    with store_in_process(part=10_000) as made:
        yield made


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice()
    answer = example(body={})
    assert (answer["status"], answer["files"], answer["events"]) == ("queued", [], ["export.created"])
    assert answer["links"] == {"self": f"/api/v1/exports/{answer['id']}"}


def test_every_row_of_every_table_is_there_as_it_stands_in_the_database(api: Api, store: Store) -> None:
    """A world has rows in every table; the catalogue says which tables there are, and the export's lines are theirs."""
    world = World(api)
    deliver(api)
    made, found = exported(api, store)
    tables = {
        f"{row.table_schema}.{row.table_name}"
        for row in api.rows(
            "SELECT c.table_schema, c.table_name FROM information_schema.columns c JOIN information_schema.tables t"
            " USING (table_schema, table_name) WHERE c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE'"
        )
    }
    told = json.loads(found["manifest.json"])
    assert {file["table"] for file in told["files"]} == tables - LEFT_OUT.keys()
    for table in sorted(tables - LEFT_OUT.keys()):
        stored = [row.line for row in api.rows(f"SELECT (to_jsonb(t) - 'tenant_id')::text AS line FROM {table} t")]
        expected = Counter(_normal(json.loads(line, parse_float=str)) for line in stored)
        lines = [
            json.loads(line, parse_float=_refused)
            for file in told["files"]
            if file["table"] == table
            for line in found[file["name"]].splitlines()
        ]
        given = Counter(map(_normal, lines))
        if table == "kernel.document":
            expected = Counter({one: n for one, n in expected.items() if _type(one) not in {*SECRET_TYPES, "export"}})
            given = Counter({one: n for one, n in given.items() if _type(one) != "export"})
        if table == "kernel.event":  # what the export told of itself later
            expected = Counter({one: n for one, n in expected.items() if "export." not in dict(one)["type"]})
            given = Counter({one: n for one, n in given.items() if "export." not in dict(one)["type"]})
        assert given == expected, table
    issued = json.loads(_line(found["documents/invoice.ndjson"], world.issued["id"]))
    assert (issued["number"], issued["total"]) == (world.issued["number"], world.issued["total"])
    assert made["rows_done"] == made["rows_total"] == sum(file["rows"] for file in told["files"])


def _refused(text: str) -> Any:
    raise AssertionError(f"a line has a float in it: {text}")


def _normal(row: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """A row as texts, alike for both ways of writing numbers and instants."""
    return tuple(sorted((name, _text(value)) for name, value in row.items()))


def _text(value: Any) -> str:
    if isinstance(value, str) and len(value) > 18 and value[4:5] == "-" and value[10:11] == "T":
        try:
            return datetime.fromisoformat(value).astimezone(UTC).isoformat()
        except ValueError:
            return value
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True) if value is not None else "null"


def _type(row: tuple[tuple[str, str], ...]) -> str:
    return dict(row)["type"]


def _line(data: bytes, id: str) -> bytes:
    (line,) = [line for line in data.splitlines() if f'"id":"{id}"'.encode() in line]
    return line


def test_the_manifest_has_the_hash_the_size_and_the_columns_of_every_file(shop: Shop, store: Store) -> None:
    shop.invoice()
    made, found = exported(shop.api, store)
    told = json.loads(found["manifest.json"])
    assert told["format"] == "bigledger-export-1"
    assert told["tenant"] == {"id": str(shop.api.tenant_id), "name": "Test"}
    assert {file["name"] for file in told["files"]} == found.keys() - {"manifest.json"}
    for file in told["files"]:
        data = found[file["name"]]
        assert (file["bytes"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert file["rows"] == data.count(b"\n")
        columns = [column["name"] for column in told["tables"][file["table"]]["columns"]]
        assert all(list(json.loads(line)) == columns for line in data.splitlines())
    assert {file["name"]: file["sha256"] for file in made["files"]} == {
        file["name"]: file["sha256"] for file in told["files"]
    }
    manifest = found["manifest.json"]
    assert made["manifest"]["sha256"] == hashlib.sha256(manifest).hexdigest()
    (event,) = shop.api.events("export.completed")
    assert event["data"]["manifest_sha256"] == made["manifest"]["sha256"]
    assert event["data"]["rows_done"] == made["rows_total"]


def test_nothing_of_another_tenant_and_no_digest_of_a_key_is_in_it(shop: Shop, other: Api, store: Store) -> None:
    theirs = Shop(other)
    theirs.invoice()
    shop.invoice()
    shop.api.call("create_api_key", {"name": "Key", "roles": ["admin"]}).expect(201)
    _, found = exported(shop.api, store)
    everything = b"".join(found.values()).decode()
    ids = [row.id for row in other.rows("SELECT id::text FROM kernel.document UNION SELECT id::text FROM kernel.event")]
    assert len(ids) > 50
    assert [id for id in [str(other.tenant_id), *ids] if id in everything] == []
    digests = shop.api.rows("SELECT number FROM kernel.document WHERE type = 'api_key_secret'")
    assert len(digests) == 2
    assert [row.number for row in digests if row.number in everything] == []


def test_large_tables_come_in_parts_and_are_the_same(shop: Shop, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(6):
        shop.invoice(items=[{"product": "SERV001", "quantity": 1}])
    deliver(shop.api)
    made, whole = exported(shop.api, store)
    monkeypatch.setattr(writing, "_PAGE_BYTES", 2_000)
    monkeypatch.setattr(files, "PART", 10_000)
    again, inparts = exported(shop.api, store, recorded_up_to=made["recorded_up_to"])
    assert len(shop.api.events("export.advanced")) > 5
    assert again["recorded_up_to"] == made["recorded_up_to"]
    assert {name: inparts[name] for name in whole.keys() - LATER - {"manifest.json"}} == {
        name: whole[name] for name in whole.keys() - LATER - {"manifest.json"}
    }


@pytest.mark.parametrize("place", ["put_part", "finish", "commit"])
def test_an_export_that_is_killed_goes_on_and_its_files_are_the_same(
    shop: Shop, parts: Store, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Killed each time just after it stored something and before that was committed, and once in the commit itself."""
    for _ in range(3):
        shop.invoice(items=[{"product": "SERV001", "quantity": 1}])
    deliver(shop.api)
    made, whole = exported(shop.api, parts)
    kills = Counter[str]()

    def killing(name: str, plain: Any) -> Any:
        def killed(*arguments: Any, **named: Any) -> Any:
            answer = plain(*arguments, **named)
            if name != "commit" or "export.advanced" in str(named.get("rows")):
                kills[name] += 1
                if kills[name] % 2:
                    raise ConnectionError("the process is gone")
            return answer

        return killed

    if place == "commit":
        monkeypatch.setattr(Transaction, "row", killing(place, Transaction.row))
    else:
        monkeypatch.setattr(files, place, killing(place, getattr(files, place)))
    again, found = exported(shop.api, parts, recorded_up_to=made["recorded_up_to"])
    assert kills[place] >= 2
    unchanged = whole.keys() - LATER - {"manifest.json"}
    assert {name: found[name] for name in unchanged} == {name: whole[name] for name in unchanged}
    assert found["kernel.event.ndjson"] == whole["kernel.event.ndjson"]
    assert again["rows_done"] == again["rows_total"]


def test_a_file_whose_upload_the_store_forgot_is_written_from_its_beginning(
    shop: Shop, parts: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.invoice()
    made, whole = exported(shop.api, parts)
    plain, forgotten = files._s3().upload_part, list[str]()

    def forgetting(**given: Any) -> Any:
        if given["PartNumber"] == 2 and not forgotten:
            forgotten.append(given["Key"])
            raise ClientError({"Error": {"Code": "NoSuchUpload", "Message": "gone"}}, "UploadPart")
        return plain(**given)

    monkeypatch.setattr(files._s3(), "upload_part", forgetting)
    _, found = exported(shop.api, parts, recorded_up_to=made["recorded_up_to"])
    assert len(forgotten) == 1
    assert {name: found[name] for name in whole.keys() - LATER - {"manifest.json"}} == {
        name: whole[name] for name in whole.keys() - LATER - {"manifest.json"}
    }


def test_a_step_that_is_delivered_twice_is_done_once(shop: Shop, parts: Store) -> None:
    made = asked(shop.api)
    deliver(shop.api, times=2)
    steps = [event["data"]["step"] for event in shop.api.events("export.advanced")]
    assert steps == list(range(1, len(steps) + 1))
    assert len(shop.api.events("export.completed")) == 1
    assert shown(shop.api, made)["status"] == "completed"


def test_what_is_recorded_later_is_not_in_it(shop: Shop, store: Store) -> None:
    first = shop.invoice()
    made = asked(shop.api)
    later = shop.invoice()
    deliver(shop.api)
    found = content(shop.api, store, made)
    assert first["number"].encode() in found["documents/invoice.ndjson"]
    assert later["number"].encode() not in found["documents/invoice.ndjson"]
    assert later["id"].encode() not in found["ledger.journal_line.ndjson"] + found["kernel.event.ndjson"]


def test_an_instant_to_come_is_refused_and_nothing_begins(api: Api) -> None:
    before = api.counts()
    refused = api.call("create_export", {"recorded_up_to": "2099-01-01T00:00:00Z"}).expect(422)
    assert refused["errors"][0]["pointer"] == "/recorded_up_to"
    assert api.counts() == before
