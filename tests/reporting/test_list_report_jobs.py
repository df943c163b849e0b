"""The reports that were asked for, in pages and by status."""

from typing import Any

import pytest

from tests.reporting.test_create_report_job import asked
from tests.support.api import Api
from tests.support.events import deliver
from tests.support.statements import counted
from tests.support.store import store_in_process


@pytest.mark.example
def test_example(api: Api, example: Any) -> None:
    made = asked(api)
    answer = example(query={"status": "queued"})
    assert [(one["id"], one["phase"]) for one in answer["data"]] == [(made["id"], "waiting")]


def listed(api: Api, **query: str) -> Any:
    return api.call("list_report_jobs", query=query).expect(200).json


def test_the_newest_first_in_pages(api: Api) -> None:
    made = [asked(api, as_of=f"2026-11-{day}")["id"] for day in (21, 22, 23)]
    first = listed(api, limit="2")
    assert [one["id"] for one in first["data"]] == made[:0:-1]
    second = listed(api, limit="2", cursor=first["next_cursor"])
    assert ([one["id"] for one in second["data"]], second["next_cursor"]) == ([made[0]], None)


def test_by_status(api: Api) -> None:
    with store_in_process():
        done, failed = asked(api, as_of="2026-11-23"), asked(api, company="NOWHERE")
        deliver(api)
        waiting = asked(api)
    for status, job, progress in (("completed", done, 100), ("failed", failed, 100), ("queued", waiting, 0)):
        assert [(one["id"], one["progress"]) for one in listed(api, status=status)["data"]] == [(job["id"], progress)]
    (completed,) = listed(api, status="completed")["data"]
    assert (completed["rows_total"], "url" in completed["file"]) == (completed["rows_done"], False)
    refused = api.call("list_report_jobs", query={"report": "kpis"}).expect(422)
    assert refused["errors"][0]["code"] == "unknown_filter"


def test_one_statement_however_many(api: Api) -> None:
    listed(api)
    for _ in range(3):
        asked(api)
    _, sent = counted(lambda: listed(api))
    assert len(sent) == 2
