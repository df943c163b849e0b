"""Exchange rates: dated, typed, corrected without being overwritten, and used either way round."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bigledger.currency import Rate, balanced_in_base, rate_json, read_rate
from tests.support.api import Api


@pytest.mark.example
def test_rates_are_set_for_a_day(example: Any) -> None:
    answer = example(
        body={
            "rates": [
                {"currency": "EUR", "date": "2026-11-23", "rate": "1.0842"},
                {"currency": "GBP", "date": "2026-11-23", "rate": "1.2625"},
                {"currency": "EUR", "date": "2026-11-30", "rate": "1.0901", "type": "closing"},
            ]
        }
    )
    assert answer.status == 201
    assert [(rate["currency"], rate["base_currency"], rate["rate"], rate["type"]) for rate in answer["rates"]] == [
        ("EUR", "USD", "1.0842", "spot"),
        ("GBP", "USD", "1.2625", "spot"),
        ("EUR", "USD", "1.0901", "closing"),
    ]


def given(api: Api, *rates: tuple[str, str, str], **more: str) -> Any:
    """Set rates of (currency, day, rate)."""
    body = [{"currency": currency, "date": day, "rate": rate, **more} for currency, day, rate in rates]
    return api.call("set_exchange_rates", {"rates": body})


def held(api: Api, currency: str, base: str, on: str, type: str = "spot") -> Any:
    """The rate that a statement of an operation would find."""
    sql = rate_json("cast(:currency AS text)", "cast(:base AS text)", "cast(:day AS date)", "cast(:type AS text)")
    rows = api.rows(f"SELECT {sql} AS found", currency=currency, base=base, day=on, type=type)
    return read_rate(rows[0].found)


def test_the_latest_rate_up_to_the_day_holds(api: Api) -> None:
    given(api, ("EUR", "2026-10-01", "1.05"), ("EUR", "2026-11-01", "1.10"), ("EUR", "2026-12-01", "1.20")).expect(201)
    assert held(api, "EUR", "USD", "2026-09-30") is None
    assert held(api, "EUR", "USD", "2026-10-31") == Rate(Decimal("1.05"), False, date(2026, 10, 1))
    assert held(api, "EUR", "USD", "2026-11-23") == Rate(Decimal("1.10"), False, date(2026, 11, 1))


def test_a_correction_replaces_the_rate_and_keeps_the_first_on_record(api: Api) -> None:
    given(api, ("EUR", "2026-11-01", "1.01")).expect(201)
    given(api, ("EUR", "2026-11-01", "1.10")).expect(201)
    assert held(api, "EUR", "USD", "2026-11-23").rate == Decimal("1.10")
    everything = api.call("list_exchange_rates", query={"currency": "EUR"}).expect(200).json["data"]
    assert [rate["rate"] for rate in everything] == ["1.1", "1.01"]
    holding = api.call("list_exchange_rates", query={"currency": "EUR", "on": "2026-11-23"}).expect(200).json["data"]
    assert [rate["rate"] for rate in holding] == ["1.1"]


def test_a_rate_serves_the_other_way_round_without_a_rounded_reciprocal(api: Api) -> None:
    given(api, ("USD", "2026-11-01", "1.20"), base_currency="EUR").expect(201)
    found = held(api, "EUR", "USD", "2026-11-23")
    assert (found.inverse, found.to_base(Decimal("400.00"), "USD")) == (True, Decimal("333.33"))
    assert found.from_base(Decimal("333.33"), "EUR") == Decimal("400.00")
    assert found.per_unit == Decimal("0.833333333333")


def test_each_type_of_rate_stands_for_itself(api: Api) -> None:
    given(api, ("EUR", "2026-11-01", "1.10"), type="average").expect(201)
    assert held(api, "EUR", "USD", "2026-11-23") is None
    assert held(api, "EUR", "USD", "2026-11-23", "average").rate == Decimal("1.10")


def test_lines_in_base_add_up_to_the_document(api: Api) -> None:
    # 100.01 x 1.1 = 110.011; the parts alone would come to 36.67 + 36.67 + 36.67 + 0.01 = 110.02.
    amounts = [Decimal(text) for text in ("100.01", "-33.34", "-33.33", "-33.34")]
    converted = balanced_in_base(amounts, Rate(Decimal("1.1")), "USD")
    assert converted[0] == Decimal("110.01")
    assert sum(converted) == 0
    assert converted[1:] == [Decimal("-36.68"), Decimal("-36.66"), Decimal("-36.67")]


@pytest.mark.parametrize(
    ("rate", "pointer", "code"),
    [
        ({"currency": "USD", "date": "2026-11-01", "rate": "1"}, "/rates/0/currency", "same_currency"),
        ({"currency": "EUR", "date": "2026-11-01", "rate": "0"}, "/rates/0/rate", "greater_than"),
        ({"currency": "EUR", "date": "2026-11-01", "rate": 1.1}, "/rates/0/rate", "inexact_number"),
        ({"currency": "EUX", "date": "2026-11-01", "rate": "1"}, "/rates/0/currency", "unknown_currency"),
    ],
)
def test_what_is_no_rate_is_refused_and_changes_nothing(api: Api, rate: Any, pointer: str, code: str) -> None:
    before = api.counts()
    problem = api.call("set_exchange_rates", {"rates": [rate]}).json
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert api.counts() == before


def test_a_rate_given_twice_in_one_request_is_refused(api: Api) -> None:
    answer = given(api, ("EUR", "2026-11-01", "1.1"), ("EUR", "2026-11-01", "1.2"))
    assert answer.status == 422
    assert api.counts()["currency.exchange_rate"] == 0
