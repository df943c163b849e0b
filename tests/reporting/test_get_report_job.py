"""A report job tells whether its file is there, and opens it to those who may read the report."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.reporting.test_create_report_job import asked
from tests.support.api import Api
from tests.support.events import deliver
from tests.support.store import store_in_process


@pytest.mark.example
def test_example(api: Api, example: Any) -> None:
    made = asked(api)
    assert example(path={"id": made["id"]})["status"] == "queued"


def test_a_link_opens_the_file_of_who_may_read_the_report(api: Api) -> None:
    with store_in_process():
        made = asked(api, as_of="2026-11-23")
        deliver(api)
        path = {"id": made["id"]}
        answer = api.call("get_report_job", path=path).expect(200).json
        assert (answer["status"], answer["progress"]) == ("completed", 100)
        name = "trial-balance-MAIN-2026-11-23.csv"
        assert (answer["file"]["name"], answer["file"]["media_type"]) == (name, "text/csv; charset=utf-8")
        assert urlsplit(answer["file"]["url"]).path.endswith(f"{api.tenant_id}/reports/{made['id']}/{name}")
        clerk = api.as_("clerk", "reporting.get_report_job").call("get_report_job", path=path).expect(200)
        assert clerk["file"] == {key: value for key, value in answer["file"].items() if key != "url"}


def test_there_is_no_such_job(api: Api) -> None:
    for reference in ("nothing", "019b772d-0e3b-7000-8000-000000000000"):
        assert api.call("get_report_job", path={"id": reference}).expect(404)["code"] == "not_found"
