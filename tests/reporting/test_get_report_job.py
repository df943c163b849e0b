"""A report job tells whether its file is there, and opens it to those who may read the report."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from bigledger.reporting import job_progress, jobs
from tests.reporting.test_create_report_job import asked
from tests.support.api import Api
from tests.support.events import deliver
from tests.support.ledger import Books, credit, debit
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


def many_lines(books: Books, entries: int) -> None:
    """Journal entries of two lines each."""
    for _ in range(entries):
        books.enter(debit("1020", "1.00"), credit("3000", "1.00"))


def seen_while(api: Api, made: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What somebody who looks at the job is told, each time that its progress is."""
    told: list[Any] = []
    plain = job_progress.Teller._tell

    def tell(teller: Any, done: int, total: int | None) -> None:
        plain(teller, done, total)
        answer = api.call("get_report_job", path={"id": made["id"]}).expect(200).json
        told.append((answer["phase"], answer["rows_done"], answer.get("rows_total"), answer["progress"]))

    monkeypatch.setattr(job_progress.Teller, "_tell", tell)
    deliver(api)
    return told


def test_progress_is_told_while_the_job_is_made(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven pages of a general ledger, read in twos of a page, then written: a tenth of the rows at each step."""
    many_lines(Books(api), 7)
    monkeypatch.setattr(jobs, "MOST_OF_A_PAGE", 2)
    monkeypatch.setattr(job_progress, "READ_EACH", 6)
    with store_in_process():
        made = asked(api, "general-ledger", **{"from": "2026-11-01", "to": "2026-11-30"})
        assert (made["phase"], made["progress"]) == ("waiting", 0)
        seen = seen_while(api, made, monkeypatch)
        answer = api.call("get_report_job", path={"id": made["id"]}).expect(200).json
    assert seen[:3] == [("reading", 0, None, 0), ("reading", 6, None, 0), ("reading", 12, None, 0)]
    assert seen[3:] == [("writing", 0, 15, 0)] + [
        ("writing", done, 15, 100 * done // 15) for done in (2, 3, 5, 6, 8, 9, 11, 12, 14)
    ] + [("writing", 15, 15, 99)]
    assert (answer["status"], answer["progress"], answer["rows_done"], answer["rows_total"]) == (
        "completed",
        100,
        15,
        15,
    )
    assert "phase" not in answer


def test_the_statements_of_progress_do_not_grow_with_the_rows(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten steps of writing and one each of beginning to read and to write, for 15 rows as for 61."""
    books, times = Books(api), []
    for entries in (7, 23):
        many_lines(books, entries)
        with store_in_process(), monkeypatch.context() as patch:
            made = asked(api, "general-ledger", **{"from": "2026-11-01", "to": "2026-11-30"})
            times.append(len(seen_while(api, made, patch)))
    assert times == [12, 12]


def test_the_file_of_a_report_in_pages_has_them_all(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that is asked for by its size is made as that page."""
    many_lines(Books(api), 3)
    monkeypatch.setattr(jobs, "MOST_OF_A_PAGE", 2)
    with store_in_process() as store:
        for parameters, rows in (({}, 7), ({"limit": "3"}, 4)):
            made = asked(api, "general-ledger", **{"from": "2026-11-01", "to": "2026-11-30"} | parameters)
            deliver(api)
            answer = api.call("get_report_job", path={"id": made["id"]}).expect(200).json
            data = store.read(f"{api.tenant_id}/reports/{made['id']}/{answer['file']['name']}")
            assert (answer["rows_total"], data.decode("utf-8-sig").count("\r\n")) == (rows, rows)


def test_a_report_that_is_too_long_for_a_file_fails_with_advice(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    many_lines(Books(api), 3)
    monkeypatch.setattr(jobs, "MOST_OF_A_PAGE", 2)
    monkeypatch.setattr(jobs, "MOST_ROWS", 4)
    with store_in_process() as store:
        made = asked(api, "general-ledger", **{"from": "2026-11-01", "to": "2026-11-30"})
        deliver(api)
        answer = api.call("get_report_job", path={"id": made["id"]}).expect(200).json
        assert (answer["status"], answer["failure"]["code"], store.names()) == ("failed", "invalid_request", [])
    assert "Ask for fewer days" in answer["failure"]["detail"]


def test_there_is_no_such_job(api: Api) -> None:
    for reference in ("nothing", "019b772d-0e3b-7000-8000-000000000000"):
        assert api.call("get_report_job", path={"id": reference}).expect(404)["code"] == "not_found"
