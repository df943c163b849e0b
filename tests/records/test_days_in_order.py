"""Wherever a record has a first and a last day, the last is not before the first."""

from typing import Any

import pytest

from tests.support.shop import Shop

PRICE = {"product": "PROD001", "unit_price": "1.00"}
REVERSED = {"valid_from": "2026-02-02", "valid_to": "2026-02-01"}
SPAN = {"starts_on": "2026-02-02", "ends_on": "2026-02-01"}


@pytest.mark.parametrize(
    ("resource", "fields", "pointer", "message"),
    [
        (
            "price-lists",
            {"currency": "USD", "items": [PRICE, {**PRICE, **REVERSED}]},
            "/items/1",
            "valid_from is after valid_to",
        ),
        ("dimension-values", {"dimension": "CENTRE", **REVERSED}, "", "valid_from is after valid_to"),
        ("report-schedules", {"report": "trial-balance", **SPAN}, "", "starts_on is after ends_on"),
        (
            "recurring-invoices",
            {"customer": "CUST001", "items": [{"product": "SERV001", "quantity": 1}], **SPAN},
            "",
            "starts_on is after ends_on",
        ),
    ],
)
def test_reversed_days_are_refused(
    shop: Shop, resource: str, fields: dict[str, Any], pointer: str, message: str
) -> None:
    shop.api.record("dimensions", code="CENTRE", name="Centre")
    before = shop.api.call("list_records", path={"resource": resource}).expect(200)["data"]
    body = {"code": "NEW", "name": "New", **fields}
    problem = shop.api.call("create_record", body, path={"resource": resource}).expect(422)
    assert [(one["pointer"], one["code"], one["message"]) for one in problem["errors"]] == [
        (pointer, "dates_reversed", message)
    ]
    assert shop.api.call("list_records", path={"resource": resource}).expect(200)["data"] == before
