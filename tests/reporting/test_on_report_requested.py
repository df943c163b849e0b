"""The file of a report job is the one that the report's own operation answers, stored once whatever happens."""

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from bigledger.kernel import files
from tests.reporting.test_create_report_job import asked
from tests.support.api import Api
from tests.support.events import deliver
from tests.support.shop import Shop
from tests.support.store import Store, store_in_process


@pytest.fixture
def store() -> Iterator[Store]:
    with store_in_process() as made:
        yield made


def shown(api: Api, made: Any) -> Any:
    return api.call("get_report_job", path={"id": made["id"]}).expect(200).json


def stored(api: Api, store: Store, made: Any) -> bytes:
    return store.read(f"{api.tenant_id}/reports/{made['id']}/{shown(api, made)['file']['name']}")


def test_the_file_is_what_the_report_answers(shop: Shop, store: Store) -> None:
    shop.invoice()
    csv = asked(shop.api, "balance-sheet", as_of="2026-11-23")
    as_json = asked(shop.api, "kpis", "json")
    sheet, pdf = asked(shop.api, "aged-receivables", "xlsx"), asked(shop.api, "profit-loss", "pdf")
    deliver(shop.api)
    answered = shop.api.call("get_balance_sheet", query={"as_of": "2026-11-23", "format": "csv"}).expect(200)
    assert stored(shop.api, store, csv) == base64.b64decode(answered.text)
    kpis = shop.api.call("get_kpis").expect(200)
    assert json.loads(stored(shop.api, store, as_json))["receivables"] == kpis["receivables"]
    assert stored(shop.api, store, sheet).startswith(b"PK")
    assert stored(shop.api, store, pdf).startswith(b"%PDF")
    told = shown(shop.api, csv)["file"]
    data = stored(shop.api, store, csv)
    assert (told["bytes"], told["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    events = {event["data"]["id"]: event["data"] for event in shop.api.events("report.generated")}
    assert events[csv["id"]]["sha256"] == told["sha256"]
    assert events[csv["id"]]["parameters"] == {"as_of": "2026-11-23"}
    assert len(events) == 4


def test_a_job_that_is_killed_before_its_commit_is_made_again_in_its_place(
    api: Api, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, kills = files.put, list[str]()

    def killed(key: str, data: bytes, media_type: str) -> None:
        plain(key, data, media_type)
        kills.append(key)
        if len(kills) == 1:
            raise ConnectionError("the process is gone")

    monkeypatch.setattr(files, "put", killed)
    made = asked(api, as_of="2026-11-23")
    deliver(api, times=2)
    assert len(kills) == 2
    assert len(store.names()) == 1
    assert shown(api, made)["status"] == "completed"
    assert len(api.events("report.generated")) == 1


@pytest.mark.example
@pytest.mark.usefixtures("example", "store")
def test_what_came_of_a_job_is_told(shop: Shop) -> None:
    asked(shop.api, as_of="2026-11-23")
    asked(shop.api, company="NOWHERE")
    deliver(shop.api)
    (generated,), (failed,) = (shop.api.events(f"report.{how}") for how in ("generated", "failed"))
    assert generated["data"]["file"] == "trial-balance-MAIN-2026-11-23.csv"
    assert failed["data"]["code"] == "unknown_reference"


def test_a_report_that_refuses_makes_a_job_that_failed(api: Api, store: Store) -> None:
    made = asked(api, company="NOWHERE")
    deliver(api)
    answer = shown(api, made)
    assert answer["status"] == "failed"
    assert answer["failure"]["code"] == "unknown_reference"
    assert "NOWHERE" in answer["failure"]["detail"]
    (event,) = api.events("report.failed")
    assert event["data"]["code"] == "unknown_reference"
    assert store.names() == []
    assert api.rows("SELECT 1 FROM kernel.document WHERE type = 'dead_letter'") == []
