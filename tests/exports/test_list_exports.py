"""The exports that were asked for, in pages and by status, each with its progress."""

from typing import Any

import pytest

from tests.exports.test_create_export import asked, shown
from tests.support.api import Api
from tests.support.events import deliver
from tests.support.statements import counted


@pytest.mark.example
def test_example(api: Api, example: Any) -> None:
    made = asked(api)
    answer = example(query={"status": "queued"})
    assert [(one["id"], one["progress"]) for one in answer["data"]] == [(made["id"], 0)]


def listed(api: Api, **query: str) -> Any:
    return api.call("list_exports", query=query).expect(200).json


def test_the_newest_first_in_pages(api: Api) -> None:
    made = [asked(api)["id"] for _ in range(3)]
    first = listed(api, limit="2")
    assert [one["id"] for one in first["data"]] == made[:0:-1]
    second = listed(api, limit="2", cursor=first["next_cursor"])
    assert ([one["id"] for one in second["data"]], second["next_cursor"]) == ([made[0]], None)


@pytest.mark.usefixtures("store")
def test_what_is_listed_is_what_the_export_says(api: Api) -> None:
    """Queued, under way and completed: the figures of the list are those of the export by itself."""
    made = asked(api)
    for times in range(3):
        (one,) = listed(api)["data"]
        full = shown(api, made)
        assert one == {name: full[name] for name in one}
        deliver(api, times=1 if times == 0 else 200)
    assert (one["status"], one["progress"], one["rows_done"]) == ("completed", 100, one["rows_total"])
    assert listed(api, status="queued")["data"] == []
    assert [found["id"] for found in listed(api, status="completed")["data"]] == [made["id"]]


def test_an_unknown_filter_is_refused(api: Api) -> None:
    assert api.call("list_exports", query={"files": "1"}).expect(422)["errors"][0]["code"] == "unknown_filter"


def test_one_statement_however_many(api: Api) -> None:
    listed(api)
    for _ in range(3):
        asked(api)
    _, sent = counted(lambda: listed(api))
    assert len(sent) == 2
