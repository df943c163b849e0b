"""Listing letters."""

import pytest

from tests.receivables.reminders import overdue, procedure, remind
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    procedure(shop)
    overdue(shop, "2026-11-10")
    overdue(shop, "2026-11-10", "CUST001")
    remind(shop)
    answer = example(query={"customer": "CUST002"})
    assert answer.status == 200
    assert [(one["level"], one["total"]) for one in answer["data"]] == [(1, "75.00")]
