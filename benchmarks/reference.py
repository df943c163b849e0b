"""The reference: what the same server does in pgbench's TPC-B, right before and after what is measured.

The machines are shared, so a rate alone says little. The ratio to TPC-B, taken in the same minutes on the same server
with the same durability, says what the system adds to what its database costs anyway.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from devtools.local.postgres import PostgresServer
from devtools.local.postgres_account import programs

SCALE = 10
CLIENTS = 4
SECONDS = 8

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reference:
    """Transactions per second before and after, and their mean, which results are held against."""

    before: float
    after: float

    @property
    def rate(self) -> float:
        """The mean of both runs."""
        return (self.before + self.after) / 2

    @property
    def drift(self) -> float:
        """How far both runs are apart, as a share of the mean: what a ratio is uncertain by."""
        return abs(self.before - self.after) / self.rate


class TpcB:
    """pgbench's own database on a server that runs already."""

    def __init__(self, server: PostgresServer) -> None:
        url = urlsplit(server.url("postgres"))
        where = parse_qs(url.query)
        self._options = ["-h", where["host"][0], "-p", where.get("port", ["5432"])[0], "-U", url.username or "postgres"]
        self._programs = programs()
        self._run("psql", "-q", "-c", "DROP DATABASE IF EXISTS tpcb", "-c", "CREATE DATABASE tpcb", "postgres")
        self._run("pgbench", "-i", "-q", "-s", str(SCALE), "tpcb")

    def rate(self) -> float:
        """Transactions per second with four clients."""
        told = self._run("pgbench", "-n", "-c", str(CLIENTS), "-j", "1", "-T", str(SECONDS), "tpcb")
        found = re.search(r"^tps = ([0-9.]+)", told, re.MULTILINE)
        if found is None:
            raise RuntimeError(f"pgbench told no rate: {told}")
        return float(found[1])

    def around(self, measure: Callable[[], Result]) -> tuple[Result, Reference]:
        """Measure something between two runs of the reference."""
        before = self.rate()
        result = measure()
        return result, Reference(before, self.rate())

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [self._programs / program, *self._options, *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")
        return done.stdout
