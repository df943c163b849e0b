"""Every request many times, in any order, by threads at once, dying at every step: as if each had been sent once."""

import pytest

from tests.simulation.ground import Ground
from tests.simulation.storm import blow


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_storm_of_requests_ends_as_each_sent_once(prepared: Ground, seed: int) -> None:
    blow(prepared, seed)
