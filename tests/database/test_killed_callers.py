"""Callers and connections that are killed in the middle: no gap, no number twice, nothing half there."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.database.callers import INVOICE
from tests.support.api import Api, Response
from tests.support.database import plain_url
from tests.support.integrity import sound
from tests.support.races import at_once
from tests.support.shop import Shop

pytestmark = pytest.mark.one_driver  # the connections of psycopg

ROOT = Path(__file__).parents[2]


def numbers(api: Api) -> list[str]:
    """The numbers of all invoices, in order."""
    found = api.rows("SELECT number FROM kernel.document WHERE type = 'invoice' ORDER BY number")
    return [row.number for row in found]


def consecutive(count: int) -> list[str]:
    """The first numbers of the year's series."""
    return [f"INV-2026-{number:06}" for number in range(1, count + 1)]


CALLERS, INVOICES = 8, 8


@pytest.mark.parametrize("seed", range(2))
def test_half_of_the_callers_are_killed_while_they_issue_invoices(shop: Shop, seed: int) -> None:
    """SIGKILL comes after some answers, at whatever step of the next request the process is by then."""
    chance = random.Random(seed)
    killed = {place: chance.randrange(INVOICES) for place in chance.sample(range(CALLERS), CALLERS // 2)}
    answered = _served(str(shop.api.tenant_id), killed, chance)
    told = [number for numbers in answered.values() for number in numbers]
    assert len(set(told)) == len(told)
    assert all(len(answered[place]) == INVOICES for place in set(range(CALLERS)) - set(killed))
    issued = numbers(shop.api)
    # Those that were killed may have one more that was issued, and whose answer they did not live to see.
    assert set(told) <= set(issued)
    assert len(issued) <= len(told) + len(killed)
    assert issued == consecutive(len(issued))
    assert shop.trial_balance()["4000"] == f"-{75 * len(issued)}.00"
    assert sound(shop.api)["postings_equal_invoices"] == len(issued)


def _served(tenant: str, killed: Mapping[int, int], chance: random.Random) -> dict[int, list[str]]:
    """What each caller was answered; those to be killed are, after so many answers and a moment more."""
    path = os.pathsep.join([str(ROOT / "layers" / "bigledger"), str(ROOT)])
    answered: dict[int, list[str]] = {place: [] for place in range(CALLERS)}
    ids: dict[int, int] = {}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.database.callers", tenant, str(CALLERS), str(INVOICES)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as callers:
        assert callers.stdin is not None
        assert callers.stdout is not None
        ended: set[int] = set()
        for line in callers.stdout:
            place, told = int(line.split()[0]), line.split()[1:]
            if told[-1] == "ready":
                ids[place] = int(told[0])
                if len(ids) == CALLERS:
                    callers.stdin.write("go\n")
                    callers.stdin.flush()
            elif told == ["done"]:
                ended.add(place)
            else:
                answered[place] += told
            for victim in killed if len(ids) == CALLERS else ():
                if victim not in ended and len(answered[victim]) >= killed[victim]:
                    threading.Event().wait(chance.uniform(0, 0.01))
                    os.kill(ids[victim], signal.SIGKILL)
                    ended.add(victim)
            if len(ended) == CALLERS:
                callers.stdin.close()
    return answered


@contextmanager
def terminating(admin_url: str, seed: int) -> Iterator[list[int]]:
    """Terminate 32 connections in the middle of a transaction, at random moments; the list grows with them."""
    database = plain_url().partition("?")[0].rpartition("/")[2]
    chance, stop, terminated = random.Random(seed), threading.Event(), list[int]()
    busy = (
        "SELECT pid, pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE datname = %s"
        " AND usename = 'bigledger_application' AND state <> 'idle' ORDER BY pid) found OFFSET %s LIMIT 1"
    )

    def kill() -> None:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            while len(terminated) < 32 and not stop.wait(chance.uniform(0, 0.02)):
                terminated.extend(row[0] for row in connection.execute(busy, [database, chance.randrange(4)]))

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield terminated
    finally:
        stop.set()
        killer.join()


@pytest.mark.parametrize("seed", range(2))
def test_of_64_invoices_whose_connections_are_terminated_each_is_issued_once(
    shop: Shop, admin_url: str, seed: int
) -> None:
    """A caller who is told that the database was gone asks again under the same key, and has one invoice in the end."""
    problems: list[Response] = []

    def issue(n: int) -> str:
        for _ in range(100):
            answer = shop.api.call("create_invoice", INVOICE, headers={"Idempotency-Key": f"invoice {n}"})
            if answer.status == 201:
                return str(answer["number"])
            problems.append(answer)
        raise AssertionError(f"no invoice after a hundred requests: {answer.text}")

    with terminating(admin_url, seed) as terminated:
        rounds = [at_once([lambda n=n: issue(n) for n in range(start, start + 16)]) for start in range(0, 64, 16)]  # type: ignore[misc]
    assert len(terminated) > 5
    assert {(problem.status, problem["code"]) for problem in problems} <= {(503, "unavailable")}
    assert sorted(number for found in rounds for number in found) == numbers(shop.api) == consecutive(64)
    assert len(shop.api.events("invoice.created")) == 64
    assert sound(shop.api)["answers_name_documents"] >= 64


def test_64_drafts_are_issued_at_once(shop: Shop) -> None:
    """Sixty-four clients on one series: sixty-four consecutive numbers, and nobody is told of the throng."""
    drafts = at_once([lambda: shop.api.call("create_invoice", INVOICE | {"draft": True})] * 64)
    assert {draft.status for draft in drafts} == {201}
    answers = at_once(
        [lambda draft=draft: shop.api.call("issue_invoice", path={"id": draft["id"]}) for draft in drafts]  # type: ignore[misc]
    )
    assert {answer.status for answer in answers} == {200}
    assert sorted(answer["number"] for answer in answers) == numbers(shop.api) == consecutive(64)
    assert sound(shop.api)["numbers_without_gaps"] == 65  # and the receipt of the shop's stock
