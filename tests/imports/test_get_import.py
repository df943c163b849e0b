"""How far an import has come."""

from typing import Any

import pytest

from tests.imports.test_create_import import create
from tests.support.api import Api
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    made = create(shop.api, kind="products", text="code,name,unit\nP1,Lamp,EA\nP2,Rug,YARD\n")
    answer = example(path={"id": made["id"]})
    assert (answer["status"], answer["error_count"]) == ("invalid", 1)
    assert answer["errors"][0]["message"] == "there is no active unit YARD"


def test_there_is_no_such_import(api: Api) -> None:
    assert api.call("get_import", path={"id": "nothing"}).expect(404)["code"] == "not_found"
