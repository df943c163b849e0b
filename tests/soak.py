"""`make soak`: simulations, storms, businesses and requests drawn anew, for as long as it is told, with its progress.

Two processes share one database server. What fails is printed with the seed that plays it again, and ends the run.
"""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable
from random import SystemRandom

from hypothesis import settings
from schemathesis import GenerationMode

from tests.contracts.fuzzing import OPERATIONS, SETTINGS, contract
from tests.properties.test_books import SETTINGS as BUSINESSES
from tests.properties.test_books import played
from tests.simulation.ground import ground
from tests.simulation.simulation import simulate
from tests.simulation.storm import blow
from tests.support.database import TestServer

TELL_EVERY = 10.0  # seconds
ROUND = 200
"""How many tenants are played in one database before it is made anew."""


class Part:
    """One kind of play, for a share of the time; tells now and then how far it is."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name, self._end, self._told = name, time.monotonic() + seconds, time.monotonic()
        self.played = 0

    @property
    def over(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() >= self._end

    def one_more(self, many: int = 1) -> None:
        """Count what was played."""
        self.played += many
        if time.monotonic() - self._told >= TELL_EVERY or self.over:
            self._told = time.monotonic()
            left = max(0, round(self._end - time.monotonic()))
            print(f"{self.name}: {self.played:,} played, none failed, {left} s to go", flush=True)


def simulations(admin_url: str, part: Part, worker: str) -> None:
    """Seeds nobody has played yet, each with all integrity checks."""
    seed = SystemRandom().randrange(1 << 40)
    while not part.over:
        with ground(admin_url, f"{worker}_simulation_{part.played}") as made:
            for _ in range(ROUND):
                if part.over:
                    return
                seed += 1
                simulate(made, seed, thorough=True)
                part.one_more()


def storms(admin_url: str, part: Part, worker: str) -> None:
    """Storms of requests by threads."""
    while not part.over:
        with ground(admin_url, f"{worker}_storm_{part.played}") as made:
            for _ in range(ROUND):
                if part.over:
                    return
                seed = SystemRandom().randrange(1 << 40)
                try:
                    blow(made, seed)
                except AssertionError as error:
                    raise AssertionError(f"storm {seed}: {error}") from error
                part.one_more()


def businesses(admin_url: str, part: Part, worker: str) -> None:
    """Businesses that nobody has played yet; hypothesis tells the shortest one that breaks something."""
    how = settings(BUSINESSES, max_examples=3, derandomize=False)
    while not part.over:
        with ground(admin_url, f"{worker}_business_{part.played}") as made:
            for _ in range(ROUND // 3):
                if part.over:
                    return
                played(made, how)
                part.one_more(3)


def requests(admin_url: str, part: Part, worker: str) -> None:
    """Requests drawn from the contract, operation by operation."""
    how = settings(SETTINGS, max_examples=25, derandomize=False)
    while not part.over:
        with contract(admin_url, f"{worker}_contract_{part.played}") as published:
            for label in OPERATIONS:
                if part.over:
                    return
                sent = published.fuzz(label, published.tenant(), GenerationMode.POSITIVE, how)
                part.one_more(sum(sent.values()))


PARTS: dict[str, list[tuple[Callable[[str, Part, str], None], float]]] = {
    "one": [(simulations, 1.0)],
    "two": [(storms, 0.2), (businesses, 0.4), (requests, 0.4)],
}
"""What each of the two processes plays, and for which share of the time."""


def play(worker: str, admin_url: str, seconds: float) -> None:
    """The work of one process."""
    for kind, share in PARTS[worker]:
        kind(admin_url, Part(kind.__name__, seconds * share), worker)


def main() -> int:
    """Play; answers the exit status."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=600.0)
    seconds = parser.parse_args().seconds
    server = TestServer()
    try:
        spawn = multiprocessing.get_context("spawn")
        workers = [spawn.Process(target=play, args=(worker, server.admin_url, seconds)) for worker in PARTS]
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            if any(worker.exitcode for worker in workers):
                for worker in workers:
                    worker.terminate()
            for worker in workers:
                worker.join(1.0)
    finally:
        server.stop()
    failed = [worker for worker in workers if worker.exitcode]
    print("Something failed; its seed stands above." if failed else f"Nothing failed in {seconds:.0f} seconds.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
