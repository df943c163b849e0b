"""Time and ids come from one place: UUIDv7 in order of time, and the same again from the same seed."""

from datetime import UTC, date, datetime, timedelta
from uuid import RFC_4122

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigledger.kernel.clock import Clock, seeded_clock

MOMENT = datetime(2026, 1, 1, 1, 30, 0, 123456, tzinfo=UTC)
NANOSECONDS = int(MOMENT.timestamp()) * 1_000_000_000 + 123_456_789


def still(bits: int = 0) -> Clock:
    """A clock that stands at MOMENT and draws the same bits every time."""
    return Clock(lambda: NANOSECONDS, lambda count: bits & ((1 << count) - 1))


def test_now_is_utc_to_the_microsecond() -> None:
    assert still().now() == MOMENT
    assert still().now().tzinfo is UTC


@pytest.mark.parametrize(
    ("timezone", "day"),
    [
        ("UTC", date(2026, 1, 1)),
        ("America/Los_Angeles", date(2025, 12, 31)),
        ("Asia/Tokyo", date(2026, 1, 1)),
        ("Pacific/Kiritimati", date(2026, 1, 1)),
    ],
)
def test_today_is_the_day_of_the_place(timezone: str, day: date) -> None:
    assert still().today(timezone) == day


@settings(deadline=None)
@given(st.integers(0, 2**48 - 1), st.integers(0, 999_999), st.integers(0, 2**62 - 1))
def test_an_id_is_a_uuid_of_version_7(milliseconds: int, rest: int, bits: int) -> None:
    identifier = Clock(lambda: milliseconds * 1_000_000 + rest, lambda count: bits & ((1 << count) - 1)).new_id()
    assert identifier.version == 7
    assert identifier.variant == RFC_4122
    assert identifier.int >> 80 == milliseconds
    assert (identifier.int >> 64) & 0xFFF == rest * 4096 // 1_000_000
    assert identifier.int & (2**62 - 1) == bits


def test_an_id_has_a_known_form() -> None:
    assert str(still().new_id()) == "019b772d-0e3b-774f-8000-000000000000"
    assert str(still(2**62 - 1).new_id()) == "019b772d-0e3b-774f-bfff-ffffffffffff"


def test_ids_follow_the_time() -> None:
    clock = seeded_clock(1, MOMENT)
    identifiers = [clock.new_id() for _ in range(1000)]
    assert identifiers == sorted(identifiers)
    assert [str(identifier) for identifier in identifiers] == sorted(map(str, identifiers))


def test_ids_of_one_millisecond_keep_their_order() -> None:
    instants = iter(range(NANOSECONDS, NANOSECONDS + 100_000, 1000))
    clock = Clock(lambda: next(instants))
    identifiers = [clock.new_id() for _ in range(100)]
    assert identifiers == sorted(identifiers)


def test_ids_of_one_instant_differ() -> None:
    clock = Clock(lambda: NANOSECONDS)
    assert len({clock.new_id() for _ in range(10_000)}) == 10_000


def test_the_same_seed_gives_the_same_times_and_ids() -> None:
    first, second, other = seeded_clock(7, MOMENT), seeded_clock(7, MOMENT), seeded_clock(8, MOMENT)
    drawn = [(first.now(), first.new_id(), first.new_secret(16)) for _ in range(20)]
    assert [(second.now(), second.new_id(), second.new_secret(16)) for _ in range(20)] == drawn
    assert [(other.now(), other.new_id(), other.new_secret(16)) for _ in range(20)] != drawn


def test_a_seeded_clock_starts_where_it_is_told_and_moves_by_its_step() -> None:
    start = datetime(2026, 11, 23, 9, tzinfo=UTC)
    clock = seeded_clock(1, start, step_ns=60_000_000_000)
    assert [clock.now() - start for _ in range(3)] == [timedelta(minutes=minutes) for minutes in (1, 2, 3)]


def test_a_secret_has_the_size_asked_for() -> None:
    assert still(2**300 - 1).new_secret(32) == b"\xff" * 32
    assert still(1).new_secret(4) == b"\x00\x00\x00\x01"
    assert len(Clock().new_secret(24)) == 24
