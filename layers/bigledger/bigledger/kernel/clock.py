"""Where time and ids come from, so that tests and simulations can be deterministic."""

import secrets
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo


class Clock:
    """The instants and ids of one process.

    ``instant`` answers nanoseconds since 1970 UTC and ``bits`` that many random bits; a simulation gives its
    own of both.
    """

    def __init__(
        self, instant: Callable[[], int] = time.time_ns, bits: Callable[[int], int] = secrets.randbits
    ) -> None:
        self._instant = instant
        self._bits = bits

    def now(self) -> datetime:
        """The present instant in UTC, to the microsecond."""
        microseconds = self._instant() // 1000
        return datetime.fromtimestamp(microseconds // 1_000_000, UTC).replace(microsecond=microseconds % 1_000_000)

    def today(self, timezone: str = "UTC") -> date:
        """The calendar date now in an IANA time zone."""
        return self.now().astimezone(ZoneInfo(timezone)).date() if timezone != "UTC" else self.now().date()

    def new_id(self) -> UUID:
        """A UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, 12 of their fraction (6.2, method 3), 62 random bits.

        Ids that one process makes one after the other so stand in that order.
        """
        milliseconds, rest = divmod(self._instant(), 1_000_000)
        fraction = rest * 4096 // 1_000_000
        return UUID(
            int=(milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | self._bits(62)
        )

    def new_secret(self, size: int) -> bytes:
        """That many unpredictable bytes."""
        return self._bits(size * 8).to_bytes(size, "big")


def seeded_clock(seed: int, start: datetime, step_ns: int = 1_000_000) -> Clock:
    """A clock that begins at ``start``, moves by ``step_ns`` at each reading and draws ids from ``seed``."""
    random = Random(seed)  # noqa: S311 - reproducible by intent
    instant = int(start.timestamp()) * 1_000_000_000

    def tick() -> int:
        nonlocal instant
        instant += step_ns
        return instant

    return Clock(tick, random.getrandbits)
