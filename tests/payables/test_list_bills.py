"""Bills by what people look for them by."""

from typing import Any

import pytest

from tests.support.purchases import Purchases


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    buyer.bill(supplier_number="2026-4711")
    answer = example(query={"supplier": "SUPP001", "status": "posted", "sort": "due_date"})
    assert (answer.status, len(answer["data"])) == (200, 1)


def test_bills_are_found_by_supplier_status_and_dates(buyer: Purchases) -> None:
    first = buyer.bill(date="2026-11-02")
    other = buyer.bill("SUPP002", currency="USD", date="2026-11-10")
    draft = buyer.bill(draft=True)

    def found(**query: str) -> list[str]:
        return [bill["id"] for bill in buyer.api.call("list_bills", query=query).expect(200)["data"]]

    assert found() == [draft["id"], other["id"], first["id"]]
    assert found(supplier="SUPP001") == [draft["id"], first["id"]]
    assert found(status="draft") == [draft["id"]]
    assert found(**{"due_date[lte]": "2026-11-30"}) == [other["id"]]
    assert found(sort="date") == [first["id"], other["id"], draft["id"]]


def test_each_tells_what_is_due(buyer: Purchases) -> None:
    buyer.bill()
    buyer.bill(draft=True)
    rows = buyer.api.call("list_bills").expect(200)["data"]
    assert [(row["status"], row["amount_due"]) for row in rows] == [("draft", "0.00"), ("posted", "1000.00")]
