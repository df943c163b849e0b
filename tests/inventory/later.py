"""Lets time pass in a test."""

from datetime import timedelta

from bigledger.kernel import runtime
from bigledger.kernel.clock import seeded_clock
from tests.conftest import START


def later(seconds: float) -> None:
    """Put the clock this many seconds after the start of the test; the fixture ``clock`` puts it back."""
    runtime.clock = seeded_clock(int(seconds * 1000), START + timedelta(seconds=seconds))
