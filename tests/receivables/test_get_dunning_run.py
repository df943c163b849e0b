"""Reading a dunning run."""

import pytest

from tests.receivables.reminders import overdue, procedure, remind
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    procedure(shop)
    overdue(shop, "2026-11-10")
    made = remind(shop)
    answer = example(path={"id": made["id"]})
    assert answer.status == 200
    assert answer.json == made | {"events": ["dunning_run.created"]}


@pytest.mark.parametrize("id", ["NONE", "019b772d-0e3b-7000-8000-000000000000"])
def test_what_is_not_there(shop: Shop, id: str) -> None:
    shop.api.call("get_dunning_run", path={"id": id}).expect(404)
