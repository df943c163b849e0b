"""The list of exchange rates: newest first, filtered, in pages."""

from typing import Any

import pytest

from tests.currency.test_set_exchange_rates import given
from tests.support.api import Api


@pytest.mark.example
def test_rates_of_a_currency(example: Any, example_api: Api) -> None:
    given(example_api, ("EUR", "2026-11-20", "1.0811"), ("EUR", "2026-11-23", "1.0842")).expect(201)
    answer = example(query={"currency": "EUR"})
    assert [(rate["date"], rate["rate"]) for rate in answer["data"]] == [
        ("2026-11-23", "1.0842"),
        ("2026-11-20", "1.0811"),
    ]


def test_pages_follow_each_other_without_a_gap(api: Api) -> None:
    days = [f"2026-11-{day:02}" for day in range(1, 8)]
    given(api, *((currency, day, "1.5") for day in days for currency in ("EUR", "GBP"))).expect(201)
    seen: list[tuple[str, str]] = []
    query = {"limit": "5"}
    while True:
        page = api.call("list_exchange_rates", query=query).expect(200).json
        seen += [(rate["date"], rate["currency"]) for rate in page["data"]]
        if page["next_cursor"] is None:
            break
        query = {"limit": "5", "cursor": page["next_cursor"]}
    assert [day for day, _ in seen] == sorted((day for day in days for _ in range(2)), reverse=True)
    assert len(set(seen)) == 14


def test_filters_narrow_the_list(api: Api) -> None:
    given(api, ("EUR", "2026-11-01", "1.1"), ("GBP", "2026-11-02", "1.3"), ("EUR", "2026-11-03", "1.2")).expect(201)

    def listed(**query: str) -> list[str]:
        return [rate["rate"] for rate in api.call("list_exchange_rates", query=query).expect(200).json["data"]]

    assert listed(currency="EUR", since="2026-11-02") == ["1.2"]
    assert listed(until="2026-11-02") == ["1.3", "1.1"]
    assert listed(on="2026-11-02") == ["1.3", "1.1"]
    assert listed(type="closing") == []


def test_a_cursor_of_another_list_is_refused(api: Api) -> None:
    problem = api.call("list_exchange_rates", query={"cursor": "bm9uZQ"}).expect(422).json
    assert problem["errors"][0]["code"] == "invalid_cursor"
