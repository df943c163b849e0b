"""Every request many times, in any order, by threads at once, dying at every step: as if each had been sent once."""

from tests.simulation.ground import Ground
from tests.simulation.storm import STEPS, blow


def test_a_storm_of_requests_ends_as_each_sent_once(prepared: Ground) -> None:
    died: set[str] = set()
    for seed in range(3):
        died |= blow(prepared, seed)
    assert died >= {*STEPS}, "no process died at some of the steps"
