"""An interrupted import goes on where it stopped."""

from typing import Any

import pytest

from tests.imports.test_commit_import import commit
from tests.imports.test_create_import import create
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    rows = [
        {"external_id": f"OLD-{n}", "customer": "CUST001", "items": [{"product": "SERV001", "quantity": n}]}
        for n in (1, 2)
    ]
    made = create(shop.api, kind="invoices", rows=rows)
    commit(shop.api, made)
    answer = example(path={"id": made["id"]}, headers={"Idempotency-Key": "on"})
    assert (answer["status"], answer["done"], answer["created"]) == ("completed", 2, 2)
