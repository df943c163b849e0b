"""Reading a letter."""

import pytest

from tests.receivables.reminders import overdue, procedure, remind
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    procedure(shop)
    invoice = overdue(shop, "2026-11-10")
    remind(shop)
    answer = example(path={"id": "DUN-2026-000001"})
    assert answer.status == 200
    (item,) = answer["items"]
    assert (item["document"]["code"], item["days_overdue"], item["level"]) == (invoice["number"], 13, 1)
    assert (answer["text"], answer["posting"], answer["events"]) == (
        "You may have overlooked this.",
        {"lines": []},
        ["dunning.issued"],
    )


def test_what_is_not_there(shop: Shop) -> None:
    shop.api.call("get_dunning_notice", path={"id": "DUN-2026-000009"}).expect(404)
