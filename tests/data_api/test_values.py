"""Every value comes through the Data API as psycopg answers it: the same type, the same value, to the last digit."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigledger.kernel.database import parsed_json, transaction

VALUES: dict[str, Any] = {
    "NULL::text": None,
    "NULL::numeric": None,
    "NULL::uuid[]": None,
    "true": True,
    "false": False,
    "1::smallint": 1,
    "(-2147483648)::integer": -2147483648,
    "9223372036854775807::bigint": 9223372036854775807,
    "42::oid": 42,
    "'1.10'::numeric": Decimal("1.10"),
    "'0.00'::numeric(12, 2)": Decimal("0.00"),
    "'-1e-20'::numeric": Decimal("-0.00000000000000000001"),
    "'12345678901234567890123456789.123456789'::numeric": Decimal("12345678901234567890123456789.123456789"),
    "0.5::float8": 0.5,
    "'a'::text": "a",
    "''::text": "",
    "'a'::varchar(3)": "a",
    "'a'::char(3)": "a  ",
    "'a'::name": "a",
    "'été 日本語 🧾'": "été 日本語 🧾",
    "'calm'::mood": "calm",
    "'019b772d-0e3b-7000-8000-000000000000'::uuid": UUID("019b772d-0e3b-7000-8000-000000000000"),
    "date '2026-02-28'": date(2026, 2, 28),
    "time '23:59:59.5'": time(23, 59, 59, 500000),
    "timestamp '2026-11-23 09:00:00.000001'": datetime(2026, 11, 23, 9, 0, 0, 1),  # noqa: DTZ001
    "timestamptz '2026-11-23 09:00:00+00'": datetime(2026, 11, 23, 9, tzinfo=UTC),
    "timestamptz '2026-11-23 09:00:00.25+05:30'": datetime(2026, 11, 23, 3, 30, 0, 250000, tzinfo=UTC),
    "timestamptz '2026-11-23 09:00:00.123456-08'": datetime(2026, 11, 23, 17, 0, 0, 123456, tzinfo=UTC),
    "decode('00ff10', 'hex')": b"\x00\xff\x10",
    """'{"a": ["1.10", 2, null, true, "é"]}'::jsonb""": {"a": ["1.10", 2, None, True, "é"]},
    "'[0.1, 100000000000000000000.01]'::json": [Decimal("0.1"), Decimal("100000000000000000000.01")],
    """'{"a": 1}'::jsonb::text""": '{"a": 1}',
    "ARRAY[1, NULL, 3]": [1, None, 3],
    "ARRAY[true, NULL]": [True, None],
    "ARRAY['a', 'with, comma', 'with \"quotes\" and \\', NULL, 'NULL', '']": [
        "a", "with, comma", 'with "quotes" and \\', None, "NULL", ""
    ],
    "ARRAY[1.10, NULL]": [Decimal("1.10"), None],
    "ARRAY['019b772d-0e3b-7000-8000-000000000000'::uuid]": [UUID("019b772d-0e3b-7000-8000-000000000000")],
    "'{}'::text[]": [],
}  # fmt: skip


@pytest.mark.parametrize("expression", VALUES)
def test_a_value_is_the_one_psycopg_answers(expression: str, connected: Any, by_hand: Any) -> None:
    psycopg.types.json.set_json_loads(parsed_json, by_hand)
    (expected,) = by_hand.execute(f"SELECT {expression}").fetchone()
    with transaction() as opened:
        found = opened.row(f"SELECT {expression} AS value").value
    assert (found, type(found)) == (VALUES[expression], type(VALUES[expression]))
    assert (found, type(found)) == (expected, type(expected))
    assert str(found) == str(expected)  # Decimal("1.1") equals Decimal("1.10"), and is not the same


def test_a_row_is_used_by_names_and_by_places(connected: Any) -> None:
    with transaction() as opened:
        row = opened.row("SELECT 1 AS id, 'a' AS name, 1 AS id")
        assert (row.name, row[0], row[2], tuple(row), row._fields) == ("a", 1, 1, (1, "a", 1), ("id", "name", "_2"))
        assert list(opened.rows("SELECT 1 AS id WHERE false")) == []
        assert opened.row("SELECT 1 AS id WHERE false") is None
        assert opened.rows("UPDATE item SET name = 'a'") == ()


def test_parameters_are_texts_numbers_truths_and_nothing(connected: Any) -> None:
    sql = (
        "SELECT :text AS text, :number + 0 AS number, :truth AND true AS truth, cast(:nothing AS date) AS nothing,"
        " cast(:id AS uuid) AS id, cast(:amount AS numeric) AS amount, cast(:data AS jsonb)->>'a' AS data"
    )
    id = "019b772d-0e3b-7000-8000-000000000000"
    with transaction() as opened:
        row = opened.row(
            sql, text="a:b ':c' ::d", number=2**40, truth=True, nothing=None, id=id, amount="1.10", data='{"a": "é"}'
        )
    assert tuple(row) == ("a:b ':c' ::d", 2**40, True, None, UUID(id), Decimal("1.10"), "é")


EXACT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@EXACT
@given(st.decimals(allow_nan=False, allow_infinity=False).filter(lambda value: abs(value.adjusted()) < 400))
def test_any_numeric_comes_back_exactly(connected: Any, value: Decimal) -> None:
    with transaction() as opened:
        found = opened.row("SELECT cast(:value AS numeric) AS value", value=f"{value:f}").value
    assert (type(found), found, found.as_tuple().exponent) == (
        Decimal,
        value,
        Decimal(f"{value:f}").as_tuple().exponent,
    )


@EXACT
@given(st.dates(date(1, 1, 2), date(9999, 12, 30)), st.times(), st.integers(min_value=-14 * 60, max_value=14 * 60))
def test_any_instant_comes_back_in_utc_to_the_microsecond(connected: Any, day: date, hour: time, offset: int) -> None:
    instant = datetime.combine(day, hour, timezone(timedelta(minutes=offset)))
    with transaction() as opened:
        found = opened.row("SELECT cast(:value AS timestamptz) AS value", value=instant.isoformat()).value
    assert (found, found.utcoffset()) == (instant, timedelta(0))


@EXACT
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_comes_back_as_it_was(connected: Any, value: str) -> None:
    with transaction() as opened:
        row = opened.row("SELECT :value AS value, ARRAY[:value, NULL] AS several", value=value)
    assert (row.value, row.several) == (value, [value, None])
