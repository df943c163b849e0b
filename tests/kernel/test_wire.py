"""The types on the wire: exact numbers only, known currencies, codes that fit on a label, no unknown fields."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from bigledger.kernel import Amount, Answer, Code, Command, Currency, Instant, Number, Positive, in_order
from bigledger.kernel.wire import Day, ShownOnce, secret_fields

checked = settings(deadline=None, max_examples=300)


class Priced(Command):
    """A command with an amount."""

    amount: Amount


class Counted(Command):
    """A command with a quantity."""

    quantity: Number


class Sold(Command):
    """A command with a quantity above zero."""

    quantity: Positive


class Named(Command):
    """A command with a code."""

    code: Code


class Exchanged(Command):
    """A command with a currency."""

    currency: Currency


class Told(Answer):
    """An answer with both kinds of number."""

    amount: Amount
    quantity: Number


def refusal(model: type[BaseModel], value: Any) -> str:
    """The code a value of the model's only field is refused with."""
    (field,) = model.model_fields
    with pytest.raises(ValidationError) as caught:
        model.model_validate({field: value})
    (error,) = caught.value.errors()
    assert error["loc"] == (field,)
    return str(error["type"])


@pytest.mark.parametrize("value", [1.5, 1.0, 0.1, 1e300, float("nan"), float("inf")])
def test_a_float_is_refused_because_it_may_have_lost_cents(value: float) -> None:
    assert refusal(Priced, value) == "inexact_number"
    assert refusal(Counted, value) == "inexact_number"


@pytest.mark.parametrize(
    "value",
    [
        *["", " ", "1 ", " 1", "1\n", "+1", "--1", "-", ".", "1.", ".5", "1.2.3", "1,5", "1_000", "0x10", "ten"],
        *["1e3", "1E+2", "1e-2", "NaN", "nan", "sNaN", "Infinity", "-inf", "\u0663", "\uff11", "1\u00a0000"],
        *[True, False, None, [], {}, ["1"], {"amount": "1"}],
    ],
)
def test_what_is_no_plain_decimal_is_refused(value: Any) -> None:
    assert refusal(Priced, value) == "not_a_number"


@pytest.mark.parametrize("value", ["1" * 19, "-" + "1" * 19, "0." + "0" * 13, 10**18, -(10**18)])
def test_a_number_with_too_many_digits_is_refused(value: Any) -> None:
    assert refusal(Priced, value) == "not_a_number"


def test_a_number_too_long_to_be_written_is_refused() -> None:
    assert refusal(Priced, 10**5000) == "not_a_number"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        *[("12.50", "12.50"), ("-3.20", "-3.20"), (7, "7"), (-7, "-7"), ("007", "7"), ("0", "0")],
        *[("9" * 18 + "." + "9" * 12, "9" * 18 + "." + "9" * 12), (10**18 - 1, "9" * 18)],
    ],
)
def test_strings_and_whole_numbers_are_taken_as_they_are(value: Any, written: str) -> None:
    amount = Priced.model_validate({"amount": value}).amount
    assert isinstance(amount, Decimal)
    assert format(amount, "f") == written


@pytest.mark.parametrize(("value", "written"), [("10.00", "10"), ("0.50", "0.5"), (100, "100"), ("0.000", "0")])
def test_a_quantity_loses_its_trailing_zeros(value: Any, written: str) -> None:
    assert format(Counted.model_validate({"quantity": value}).quantity, "f") == written


@pytest.mark.parametrize("value", ["0", "0.00", "-1", "-0.000000000001", 0, -5])
def test_a_quantity_sold_is_above_zero(value: Any) -> None:
    assert refusal(Sold, value) == "greater_than"


def test_answers_write_numbers_as_strings_without_exponent() -> None:
    told = Told(amount=Decimal("1E+3"), quantity=Decimal("1E-7"))
    assert told.model_dump_json() == '{"amount":"1000","quantity":"0.0000001"}'


@checked
@given(st.decimals(-(10**18) + 1, 10**18 - 1, places=12))
def test_a_number_comes_back_as_it_was_sent(number: Decimal) -> None:
    sent = Priced.model_validate({"amount": format(number, "f")})
    assert sent.amount == number
    assert Priced.model_validate_json(sent.model_dump_json()) == sent


@checked
@given(st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.booleans(), st.none(), st.lists(st.none())))
def test_whatever_is_accepted_is_a_finite_decimal(value: Any) -> None:
    try:
        amount = Priced.model_validate({"amount": value}).amount
    except ValidationError:
        return
    assert isinstance(value, str | int)
    assert not isinstance(value, bool)
    assert amount.is_finite()
    assert amount == Decimal(value)


@pytest.mark.parametrize("value", ["usd", "US", "USDT", "USD\n", "U$D", "", "\uff35\uff33\uff24"])
def test_a_currency_is_three_capitals(value: str) -> None:
    assert refusal(Exchanged, value) == "string_pattern_mismatch"


@pytest.mark.parametrize("value", ["XXX", "DEM", "ABC"])
def test_a_currency_is_one_of_iso_4217(value: str) -> None:
    assert refusal(Exchanged, value) == "unknown_currency"


@pytest.mark.parametrize("value", ["CUST001", "a", "9/2026", "US-CA.sf_1", "A" * 40])
def test_a_code_fits_on_a_label(value: str) -> None:
    assert Named.model_validate({"code": value}).code == value


@pytest.mark.parametrize("value", ["", " ", "-A", "/A", "A B", "A\n", "A\u0000", "Ä", "A" * 41, "'; DROP TABLE x"])
def test_what_is_no_code_is_refused(value: str) -> None:
    assert refusal(Named, value) == "string_pattern_mismatch"


class Dated(Command):
    """A command with a day."""

    date: Day


@pytest.mark.parametrize("value", ["2026-02-28", "2024-02-29", "1900-01-01", "2199-12-31"])
def test_a_day_is_written_as_iso_8601_has_it(value: str) -> None:
    assert Dated.model_validate({"date": value}).date.isoformat() == value


@pytest.mark.parametrize(
    "value",
    [
        *["2026-02-29", "2026-13-01", "2026-1-1", "20260101", "2026-W01-1", "26-01-01", "01/02/2026", "", "today"],
        *["2026-01-01T00:00:00", "2026-01-01T00:00:00Z", "2026-01-01 ", "1899-12-31", "2200-01-01", "0001-01-01"],
        *[0, 86400, 20260101, 1.5, True, None, [], datetime(2026, 1, 1, tzinfo=UTC)],
    ],
)
def test_an_instant_a_number_or_another_notation_is_no_day(value: Any) -> None:
    assert refusal(Dated, value) == "not_a_date"


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError) as caught:
        Priced.model_validate({"amount": "1", "amonut": "2"})
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [("extra_forbidden", ("amonut",))]


def test_a_command_does_not_change() -> None:
    command = Priced.model_validate({"amount": "1"})
    with pytest.raises(ValidationError, match="frozen"):
        command.amount = Decimal(2)
    assert command.amount == 1


def test_the_fields_that_are_shown_once_are_known() -> None:
    class Key(Answer):
        id: str
        secret: Annotated[str | None, ShownOnce()] = None

    assert secret_fields(Key) == {"secret"}
    assert secret_fields(Told) == frozenset()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-23T09:00:00Z", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("2026-11-23T09:00:00.250+08:00", datetime(2026, 11, 23, 1, 0, 0, 250_000, tzinfo=UTC)),
        ("2199-12-31T23:59:59-23:59", datetime(2200, 1, 1, 23, 58, 59, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_utc(written: str, read: datetime) -> None:
    assert TypeAdapter(Instant).validate_python(written) == read
    assert TypeAdapter(Instant).validate_python(written).tzinfo == UTC


@pytest.mark.parametrize(
    "written",
    [0, 10**12, 1.5, True, None, "", "noon", "1795424400", "2026-11-23", "2026-11-23T09:00:00", "2026-11-23T25:00:00Z",
     "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-11-23T09:00:00 00:00"],
)  # fmt: skip
def test_what_is_no_instant_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError, match="a point in time between 1900 and 2199"):
        TypeAdapter(Instant).validate_python(written)


class _OfDays(Command):
    first: Annotated[Day | None, Field(alias="from")] = None
    ends_on: Day | None = None
    _days = in_order("first", "ends_on")


@pytest.mark.parametrize("days", [{}, {"from": "2026-02-01"}, {"from": "2026-02-01", "ends_on": "2026-02-01"}])
def test_days_in_order_are_taken(days: dict[str, str]) -> None:
    assert _OfDays.model_validate(days).model_dump(mode="json", by_alias=True, exclude_none=True) == days


def test_a_day_after_the_one_it_comes_before_is_refused() -> None:
    """The fields are called what the caller calls them."""
    with pytest.raises(ValidationError) as refused:
        _OfDays.model_validate({"from": "2026-02-02", "ends_on": "2026-02-01"})
    assert [(error["type"], error["msg"]) for error in refused.value.errors()] == [
        ("dates_reversed", "from is after ends_on")
    ]
