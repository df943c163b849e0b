"""A report is asked for as a file: what its own operation would refuse is refused at once."""

from typing import Any, get_args

import pytest

from bigledger.records import ReportName
from bigledger.reporting.jobs import PRINTABLE, permission
from tests.support.api import FUNCTIONS, Api, find


def asked(api: Api, report: str = "trial-balance", format: str = "csv", **parameters: str) -> Any:
    return (
        api.call("create_report_job", {"report": report, "format": format, "parameters": parameters}).expect(202).json
    )


@pytest.mark.example
def test_example(api: Api, example: Any) -> None:
    answer = example(body={"report": "profit-loss", "format": "pdf", "parameters": {"from": "2026-11-01"}})
    assert (answer["status"], answer["progress"], answer["events"]) == ("queued", 0, ["report.requested"])
    assert answer["links"] == {"self": f"/api/v1/report-jobs/{answer['id']}"}


def test_every_report_can_be_made() -> None:
    """What a schedule may name, a job can make; and each operation that reads a report has its job."""
    operations = {find(f"reporting.{path.stem}") for path in (FUNCTIONS / "reporting").glob("get_*.py")}
    paths = {one.path.removeprefix("/api/v1/reports/") for one in operations if one.path.startswith("/api/v1/reports/")}
    assert set(get_args(ReportName)) == PRINTABLE.keys() == paths - {"{kind}/explain"}
    assert {permission(report) for report in PRINTABLE} <= {one.permission for one in operations}


def test_parameters_are_those_of_the_report(api: Api) -> None:
    before = api.counts()
    body = {"report": "profit-loss", "parameters": {"as_of": "2026-11-30", "columns": "many", "format": "csv"}}
    refused = api.call("create_report_job", body).expect(422)
    assert refused["errors"][0]["pointer"] == "/parameters/format"
    del body["parameters"]["format"]  # type: ignore[attr-defined]
    refused = api.call("create_report_job", body).expect(422)
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [
        ("/parameters/columns", "int_parsing"),
        ("/parameters/as_of", "unknown_field"),
    ]
    assert api.call("create_report_job", {"report": "kpis", "format": "pdf"}).expect(422)["code"] == "invalid_request"
    assert api.counts() == before


def test_who_may_not_read_the_report_may_not_have_it_made(api: Api) -> None:
    seller = api.as_("seller", "reporting.create_report_job reporting.get_kpis")
    before = api.counts()
    refused = seller.call("create_report_job", {"report": "balance-sheet"}).expect(403)
    assert refused["permission"] == "reporting.get_balance_sheet"
    assert api.counts() == before
    seller.call("create_report_job", {"report": "kpis", "format": "json"}).expect(202)
