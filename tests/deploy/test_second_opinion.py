"""Answers are held against published examples: everything counts but ids, dates and the year in a number."""

from typing import Any

import pytest

from devtools.deploy.second_opinion import COMPANY, EXAMPLES, SET_UP, differences
from devtools.environment import ROOT
from devtools.generate.recorded import read

EXAMPLE: dict[str, Any] = {
    "id": "01a207a2-336e-7000-b172-83bc96c38d82",
    "number": "INV-2026-000001",
    "date": "2026-11-23",
    "total": "1287.00",
    "lines": [{"account": "1200", "debit": "1287.00"}],
    "links": {"self": "/api/v1/invoices/01a207a2-336e-7000-b172-83bc96c38d82"},
}


def test_ids_dates_and_years_may_differ() -> None:
    answer = EXAMPLE | {
        "id": "01a206d3-b1e9-7cbf-8276-0aeadde0bd4d",
        "number": "INV-2031-000001",
        "date": "2031-01-02",
        "links": {"self": "/api/v1/invoices/01a206d3-b1e9-7cbf-8276-0aeadde0bd4d"},
    }
    assert list(differences(EXAMPLE, answer)) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"total": "1287.01"}, '/total is "1287.01" and not "1287.00"'),
        ({"number": "INV-2026-000002"}, '/number is "INV-2026-000002" and not "INV-2026-000001"'),
        ({"id": "INV"}, '/id is "INV" and not "01a207a2-336e-7000-b172-83bc96c38d82"'),
        ({"lines": [{"account": "1200", "debit": "0.00"}]}, '/lines/0/debit is "0.00" and not "1287.00"'),
        ({"lines": []}, '/lines is [] and not [{"account": "1200", "debit": "1287.00"}]'),
        ({"more": 1}, "/more is only in the answer"),
    ],
)
def test_everything_else_may_not(change: dict[str, Any], told: str) -> None:
    assert list(differences(EXAMPLE, EXAMPLE | change)) == [told]


def test_what_is_missing_in_the_answer_is_told() -> None:
    assert list(differences(EXAMPLE, {name: EXAMPLE[name] for name in EXAMPLE if name != "total"})) == [
        "/total is only in the example"
    ]


def test_the_examples_are_there_and_the_company_is_theirs() -> None:
    examples = read(ROOT).answers
    invoice = examples["receivables.create_invoice"]["response"]["body"]
    assert set(EXAMPLES) <= examples.keys()
    made = {(resource, body.get("code")): body for resource, body in SET_UP}
    assert invoice["company"]["name"] == COMPANY["name"]
    assert made["customers", "CUST001"]["name"] == invoice["customer"]["name"]
    assert made["products", "PROD001"]["name"] == invoice["items"][0]["description"]
