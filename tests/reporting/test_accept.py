"""The Accept header chooses the format of a report, as RFC 9110 (12.5.1) weighs media ranges; ``format`` wins."""

import json
from typing import Any

import pytest

from tests.support.api import Api, find

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = ["application/json", "text/csv", XLSX, "application/pdf"]


def sent(api: Api, accept: str | None, operation: str = "get_trial_balance", **query: str) -> dict[str, Any]:
    """What the gateway is handed of an answer."""
    found = find(operation)
    headers = {} if accept is None else {"accept": accept}
    answer: dict[str, Any] = found(api.event(found, query=query, headers=headers), None)
    return answer


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/csv", "text/csv"),
        ("Text/CSV; charset=utf-8", "text/csv"),
        (XLSX, XLSX),
        ("application/pdf", "application/pdf"),
        ("text/*", "text/csv"),
        ("application/*;q=0.5, text/csv", "text/csv"),
        ("text/csv;q=0.3, application/pdf;q=0.9", "application/pdf"),
        ("text/csv, application/json", "application/json"),
        ("application/json;q=0, */*;q=0.1", "text/csv"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("text/csv;q=high, application/pdf;q=0.2", "application/pdf"),
    ],
)
def test_the_header_chooses(api: Api, accept: str | None, expected: str) -> None:
    answer = sent(api, accept)
    assert (answer["statusCode"], answer["headers"]["Content-Type"].partition(";")[0]) == (200, expected)


@pytest.mark.parametrize("accept", ["application/pdf", "text/html"])
def test_the_format_of_the_query_wins(api: Api, accept: str) -> None:
    for format, expected in (("csv", "text/csv; charset=utf-8"), ("json", "application/json")):
        answer = sent(api, accept, format=format)
        assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, expected)


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "image/*, audio/ogg;q=0.2", "nonsense"])
def test_what_nothing_satisfies_is_told_what_there_is(api: Api, accept: str) -> None:
    answer = sent(api, accept)
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (406, "application/problem+json")
    assert (problem["code"], problem["available"]) == ("not_acceptable", MEDIA_TYPES)
    assert problem["detail"].endswith(f"Accept one of {', '.join(MEDIA_TYPES)}, or name a format.")


def test_every_report_is_negotiated_and_nothing_else_is(api: Api) -> None:
    for operation in ("get_balance_sheet", "get_general_ledger", "get_aged_payables", "get_stock_valuation"):
        assert sent(api, "text/csv", operation)["headers"]["Content-Type"] == "text/csv; charset=utf-8"
        assert sent(api, "text/html", operation)["statusCode"] == 406
    for operation in ("get_kpis", "list_report_jobs"):
        assert sent(api, "text/html", operation)["statusCode"] == 200


def test_the_published_description_has_the_refusal_and_the_formats(api: Api) -> None:
    described = api.call("get_openapi").expect(200).json["paths"]["/api/v1/reports/trial-balance"]["get"]["responses"]
    assert sorted(described["200"]["content"]) == sorted(MEDIA_TYPES)
    assert "406" in described
