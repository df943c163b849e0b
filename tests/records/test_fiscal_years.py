"""Closing: periods change one by one, what is closed opens only with a reason, and what is locked stays."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop


def year(api: Api, id: str = "FY2026") -> Any:
    return api.call("get_record", path={"resource": "fiscal-years", "id": id}).expect(200).json


def change(api: Api, expected: int = 200, /, id: str = "FY2026", **fields: Any) -> Any:
    """Change a fiscal year, whatever its version is."""
    path = {"resource": "fiscal-years", "id": id}
    return api.call("update_record", fields, path=path, headers={"If-Match": "*"}).expect(expected).json


def close(api: Api, *numbers: int, status: str = "closed") -> Any:
    return change(api, periods=[{"number": number, "status": status} for number in numbers])


def states(api: Api) -> dict[int, str]:
    """The status of each period that is not open, as the ledger sees it."""
    rows = api.rows(
        "SELECT p.number, p.status FROM records.fiscal_period p JOIN kernel.document d ON d.id = p.fiscal_year_id"
        " WHERE d.number = 'FY2026' AND p.status <> 'open'"
    )
    return {row.number: row.status for row in rows}


def refused(api: Api, expected: int, /, **fields: Any) -> Any:
    """A refused change, which leaves everything as it was."""
    before = api.counts(), year(api), states(api)
    problem = change(api, expected, **fields)
    assert (api.counts(), year(api), states(api)) == before
    return problem


def pointers(problem: Any) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in problem["errors"]]


def test_periods_that_are_not_named_keep_their_state(api: Api) -> None:
    close(api, 1, 2)
    answer = change(api, periods=[{"number": 3, "closed_areas": ["sales"]}])
    assert states(api) == {1: "closed", 2: "closed"}
    assert [period["number"] for period in answer["periods"]] == list(range(1, 13))
    assert answer["periods"][2] == {
        "number": 3, "starts_on": "2026-03-01", "ends_on": "2026-03-31", "status": "open", "closed_areas": ["sales"],
            "locked_areas": [],
    }  # fmt: skip


def test_the_event_tells_the_changed_periods_only(api: Api) -> None:
    close(api, 2)
    (event,) = api.events("fiscal_year.updated")
    areas: dict[str, list[str]] = {"closed_areas": [], "locked_areas": []}
    period = {"number": 2, "starts_on": "2026-02-01", "ends_on": "2026-02-28", **areas}
    assert event["data"]["changes"] == {
        "periods": {"before": [period | {"status": "open"}], "after": [period | {"status": "closed"}]}
    }


@pytest.mark.parametrize("periods", [[], None])
@pytest.mark.parametrize("more", [{}, {"starts_on": "2026-07-01"}])
def test_no_periods_at_all_open_nothing_and_drop_no_day(shop: Shop, periods: Any, more: dict[str, str]) -> None:
    close(shop.api, 1, 2)
    problem = refused(shop.api, 422, periods=periods, **more)
    assert pointers(problem) == [("/periods", "required")]


def test_a_mistake_is_pointed_at_where_the_caller_made_it(api: Api) -> None:
    problem = refused(api, 422, periods=[{"number": 2, "status": "closed"}, {"number": 11, "status": "shut"}])
    assert [error["pointer"] for error in problem["errors"]] == ["/periods/1/status"]
    assert [error["pointer"] for error in refused(api, 422, periods=[{"status": "closed"}])["errors"]] != []
    assert [error["pointer"] for error in refused(api, 422, periods="all")["errors"]] == ["/periods"]


def test_opening_again_needs_a_reason_which_the_event_tells(api: Api) -> None:
    close(api, 2)
    problem = refused(api, 422, periods=[{"number": 2, "status": "open"}])
    assert pointers(problem) == [("/change_reason", "required")]
    change(api, periods=[{"number": 2, "status": "open"}], change_reason="A bill came late")
    assert states(api) == {}
    assert api.events("fiscal_year.updated")[-1]["data"]["change_reason"] == "A bill came late"


def test_opening_again_needs_a_permission_of_its_own(api: Api) -> None:
    clerk = api.as_("clerk", "records.update_fiscal_year records.get_fiscal_year")
    close(clerk, 2)
    problem = refused(clerk, 403, periods=[{"number": 2, "status": "open"}], change_reason="Late")
    assert problem["permission"] == "ledger.reopen_period"
    controller = api.as_("controller", "records.update_fiscal_year ledger.reopen_period")
    change(controller, periods=[{"number": 2, "status": "open"}], change_reason="Late")
    assert states(api) == {}


def test_an_area_is_opened_again_like_a_period(api: Api) -> None:
    change(api, periods=[{"number": 2, "closed_areas": ["sales", "tax"]}])
    assert pointers(refused(api, 422, periods=[{"number": 2, "closed_areas": ["tax"]}])) == [
        ("/change_reason", "required")
    ]
    change(api, periods=[{"number": 2, "closed_areas": ["sales", "tax", "stock"]}])
    change(api, periods=[{"number": 2, "closed_areas": []}], change_reason="Wrong tax")


def test_locked_is_final(api: Api) -> None:
    close(api, 1, status="locked")
    for fields in ({"status": "open"}, {"status": "closed"}, {"closed_areas": ["gl"]}):
        problem = refused(api, 409, periods=[{"number": 1, **fields}], change_reason="Please")
        assert (problem["code"], pointers(problem)) == ("record_in_use", [("/periods/0", "locked")])
    path = {"resource": "fiscal-years", "id": "FY2026"}
    before = api.counts()
    archived = api.call("archive_record", path=path).expect(409)
    assert archived["detail"] == "Fiscal year FY2026 cannot be archived: a period of it is locked, which is final."
    assert api.counts() == before


def test_locking_follows_the_order_of_time_across_years(api: Api) -> None:
    problem = refused(api, 422, periods=[{"number": 3, "status": "locked"}])
    assert pointers(problem) == [("/periods/0/status", "earlier_open")]
    assert problem["detail"].startswith("Period 3 cannot be locked while the one from 2026-01-01 is open.")
    assert pointers(change(api, 422, id="FY2027", periods=[{"number": 1, "status": "locked"}])) == [
        ("/periods/0/status", "earlier_open")
    ]
    close(api, *range(1, 13))
    change(api, id="FY2027", periods=[{"number": 1, "status": "locked"}])


def test_a_year_with_postings_keeps_its_days(shop: Shop) -> None:
    short = [{"number": 1, "starts_on": "2026-01-15", "ends_on": "2026-01-31"}]
    problem = refused(shop.api, 409, starts_on="2026-01-15", periods=short)
    assert (problem["code"], pointers(problem)) == ("record_in_use", [("/starts_on", "in_use")])
    moved = [{"number": 10, "ends_on": "2026-10-30"}, {"number": 11, "starts_on": "2026-10-31"}]
    problem = refused(shop.api, 409, periods=moved)
    assert (problem["code"], pointers(problem)) == ("record_in_use", [("/periods/0", "in_use")])


def test_a_year_without_postings_may_move_its_periods(api: Api) -> None:
    change(api, periods=[{"number": 10, "ends_on": "2026-10-30"}, {"number": 11, "starts_on": "2026-10-31"}])
    rows = api.rows("SELECT starts_on::text FROM records.fiscal_period WHERE number = 11 AND starts_on < '2027-01-01'")
    assert [row.starts_on for row in rows] == ["2026-10-31"]


def test_a_year_with_postings_is_not_archived(shop: Shop) -> None:
    before = shop.api.counts()
    problem = shop.api.call("archive_record", path={"resource": "fiscal-years", "id": "FY2026"}).expect(409)
    assert (problem["code"], problem["detail"]) == (
        "record_in_use", "Fiscal year FY2026 cannot be archived: it has postings.",
    )  # fmt: skip
    assert shop.api.counts() == before
    assert shop.invoice()["status"] == "issued"


def test_an_archived_year_leaves_its_days_to_another(api: Api) -> None:
    api.call("archive_record", path={"resource": "fiscal-years", "id": "FY2027"}).expect(200)
    api.record("fiscal-years", code="LONG", company="MAIN", starts_on="2027-01-01", ends_on="2028-06-30")
    problem = change(api, 422, id="FY2027", status="active")
    assert problem["code"] == "fiscal_years_overlap"


def test_each_period_has_a_number_of_its_own(api: Api) -> None:
    periods = [{"number": 1, "starts_on": "2030-01-01", "ends_on": "2030-06-30"},
               {"number": 1, "starts_on": "2030-07-01", "ends_on": "2030-12-31"}]  # fmt: skip
    body = {"code": "X", "company": "MAIN", "starts_on": "2030-01-01", "ends_on": "2030-12-31", "periods": periods}
    problem = api.call("create_record", body, path={"resource": "fiscal-years"}).expect(422)
    assert [error["code"] for error in problem["errors"]] == ["periods_broken"]


@pytest.mark.parametrize(
    ("days", "pointers"),
    [
        (("9999-01-01", "9999-12-31"), ["/starts_on", "/ends_on"]),
        (("9998-06-01", "9999-12-31"), ["/starts_on", "/ends_on"]),
        (("0001-01-01", "0001-12-31"), ["/starts_on", "/ends_on"]),
        (("2199-07-01", "2200-06-30"), ["/ends_on"]),
        (("1899-07-01", "1900-06-30"), ["/starts_on"]),
        (("-001-01-01", "2026-12-31"), ["/starts_on"]),
    ],
)
def test_a_year_beyond_the_calendar_is_refused(api: Api, days: tuple[str, str], pointers: list[str]) -> None:
    before = api.counts()
    body = {"code": "FAR", "company": "MAIN", "starts_on": days[0], "ends_on": days[1]}
    problem = api.call("create_record", body, path={"resource": "fiscal-years"}).expect(422)
    told = [(error["pointer"], error["code"]) for error in problem["errors"]]
    assert [one for one in told if not one[0].startswith("/periods")] == [(one, "not_a_date") for one in pointers]
    assert api.counts() == before


@pytest.mark.parametrize("days", [("2199-01-01", "2199-12-31"), ("1900-01-01", "1900-12-31")])
def test_the_first_and_the_last_year_there_are(shop: Shop, days: tuple[str, str]) -> None:
    starts_on, ends_on = days
    refused = shop.pay("100.00", status=422, date=ends_on, allocations=[])
    assert refused["code"] == "period_closed"
    shop.api.record("fiscal-years", code="EDGE", company="MAIN", starts_on=starts_on, ends_on=ends_on)
    assert shop.pay("100.00", date=ends_on, allocations=[])["date"] == ends_on
    assert shop.trial_balance(as_of=ends_on)["2300"] == "-100.00"
