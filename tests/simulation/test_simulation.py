"""Whatever the order and whatever the faults: the books are those of every request sent once, and every event counts.

A seed draws it all, and a failure begins with it: `SEED=1234 make test ARGS="-k simulation"` plays that one again.
`SEEDS` says how many are played, and `make soak` plays new ones for as long as it is told.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pytest

from bigledger.kernel import Context, Tenant, pipeline, relay, runtime
from bigledger.kernel.database import transaction
from bigledger.kernel.transactions import open_tenant
from bigledger.kernel.unit_of_work import UnitOfWork
from tests.simulation.ground import Ground
from tests.simulation.simulation import simulate

SEEDS = int(os.environ.get("SEEDS", "2000"))
PORTIONS = 50

CHECKED = 5
"""Every so many seeds the books are held against all integrity checks, too."""


if "SEED" in os.environ:

    def test_the_seed_that_was_asked_for(prepared: Ground) -> None:
        simulate(prepared, int(os.environ["SEED"]), thorough=True)

else:

    @pytest.mark.parametrize("portion", range(PORTIONS))
    def test_faults_change_nothing_in_the_end(prepared: Ground, portion: int) -> None:
        for seed in range(portion, SEEDS, PORTIONS):
            simulate(prepared, seed, thorough=seed % CHECKED == 0)


def _seeds_until_found(ground: Ground, most: int = 40) -> str:
    """Play seeds until one fails; answers what it says."""
    for seed in range(most):
        try:
            simulate(ground, seed)
        except AssertionError as error:
            told = str(error)
            break
    else:
        raise AssertionError(f"{most} seeds did not find the defect")
    assert told.startswith(f"SEED={seed} ")
    return told


def test_a_subscriber_that_takes_effect_twice_is_found(prepared: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def every_time(declared: Any, event: Any, received: Any, request: Any, actor: Any) -> int:
        with transaction() as opened:
            work = UnitOfWork(opened, runtime.clock)
            context = Context(Tenant(received.tenant_id), actor, runtime.clock, work, request)
            open_tenant(opened, received.tenant_id, context.now)
            declared.run(event, context)
            work.flush()
        return 0

    monkeypatch.setattr(import_module("bigledger.kernel.subscriber"), "_once", every_time)
    assert "reporting." in _seeds_until_found(prepared)


def test_a_relay_that_forgets_what_the_bus_refused_is_found(prepared: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    put = relay._put

    def as_if_all_were_taken(chunk: Sequence[Any]) -> list[Any]:
        put(list(chunk))
        return [row for row, _ in chunk]

    monkeypatch.setattr(relay, "_put", as_if_all_were_taken)
    assert "what was recorded is not what was published" in _seeds_until_found(prepared)


def test_a_request_that_acts_again_when_it_is_repeated_is_found(
    prepared: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = pipeline._stored

    def under_another_key(*arguments: Any) -> dict[str, Any]:
        row = stored(*arguments)
        return {**row, "key": f"{row['key']} {runtime.clock.new_id()}"}

    monkeypatch.setattr(pipeline, "_stored", under_another_key)
    assert "SEED=" in _seeds_until_found(prepared)
