"""Whatever people do to invoices, payments, stock and approvals, in whatever order: the books hold after every step.

`EXAMPLES` says how many businesses are played through; `make soak` plays others, as many as there is time for.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.properties.books import Books
from tests.simulation.ground import Ground

EXAMPLES = int(os.environ.get("EXAMPLES", "25"))
STEPS = 30

SETTINGS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
"""The same businesses in every run: what fails here fails everywhere."""


def test_the_books_hold_whatever_is_done(prepared: Ground) -> None:
    played(prepared, SETTINGS)


def played(ground: Ground, how: settings) -> None:
    """Play businesses through; hypothesis tells the shortest one that breaks something."""
    Books.ground = ground
    run_state_machine_as_test(Books, settings=how)
