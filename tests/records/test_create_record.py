"""Creating master data: typed, with every reference checked, told as an event."""

from typing import Any

import pytest

from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any) -> None:
    answer = example(
        path={"resource": "customers"},
        body={
            "code": "CUST003",
            "name": "Harbour Cafe",
            "jurisdiction": "US-CA-SF",
            "payment_terms": "NET30",
            "credit_limit": "20000.00",
        },
    )
    assert (answer.status, answer["version"]) == (201, 1)


def test_a_record_is_created_with_its_references_by_id_and_code(api: Api) -> None:
    answer = api.call(
        "create_record",
        {"code": "CUST001", "name": "Lighthouse Books", "jurisdiction": "US-CA-SF", "payment_terms": "NET30"},
        path={"resource": "customers"},
    ).expect(201)
    assert answer["code"] == "CUST001"
    assert answer["status"] == "active"
    assert answer["version"] == 1
    assert answer["payment_terms"]["code"] == "NET30"
    assert len(answer["payment_terms"]["id"]) == 36
    assert answer.headers["ETag"] == '"1"'
    (event,) = api.events("customer.created")
    assert event["subject"] == f"customer/{answer['id']}"
    assert event["data"]["data"]["name"] == "Lighthouse Books"


def test_notes_and_descriptions_take_several_lines(api: Api) -> None:
    text = "Delivers on Tuesdays.\nRing twice; “Café” entrance.\n" + "x" * 2000
    assert api.record("suppliers", code="S1", name="x", jurisdiction="US", notes=text)["notes"] == text
    assert api.record("products", code="P1", name="x", unit="EA", description=text)["description"] == text


def test_all_faulty_references_are_told_at_once_and_nothing_is_kept(api: Api) -> None:
    before = api.counts()
    answer = api.call(
        "create_record",
        {"code": "C1", "name": "x", "jurisdiction": "US", "payment_terms": "NOPE", "price_list": "NONE"},
        path={"resource": "customers"},
    ).expect(422)
    assert answer["code"] == "unknown_reference"
    assert [error["pointer"] for error in answer["errors"]] == ["/payment_terms", "/price_list"]
    assert api.counts() == before
