"""An export of everything of a tenant: how long it takes, and how much memory the process needs that writes it.

The whole way is measured as a tenant sees it: asked for over HTTP, carried from step to step by events, read by the
subscribers' process, stored in the emulated object store, which is a process of its own, and hashed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import reports
from benchmarks.reference import TpcB
from benchmarks.system import System
from devtools.local.api import answer_of, api_client

AIM = 300_000_000
"""Bytes that the exporting process may need, whatever the size of the tenant."""

_WAIT = 0.25  # seconds between two looks at the export


@dataclass(frozen=True, slots=True)
class Exported:
    """An export: its rows, files and bytes, its seconds, and the most memory of the process before and after.

    ``ratio`` is the rows of a second as a multiple of the transactions of TPC-B in a second, on the same server right
    before and after; ``drift`` is how far those two were apart.
    """

    rows: int
    files: int
    bytes: int
    seconds: float
    ratio: float
    drift: float
    idle_bytes: int
    peak_bytes: int


def measure(system: System, tpcb: TpcB, lines: int, say: Callable[[str], None]) -> Exported:
    """Export a tenant with so many journal lines, and the documents that they are of."""
    tenant = system.tenant("Export")
    tenant_id = system.get(tenant, "/api/v1/auth/verify")["tenant"]["id"]
    with psycopg.connect(system.cloud.database.owner) as owner:
        reports.grow(owner, tenant_id, 0, lines, say)
        owner.execute("ANALYZE ledger.journal_line")
        owner.execute("ANALYZE kernel.document")
    subscribers = system.cloud.children["subscribers"].pid
    idle = peak(subscribers)

    def export() -> tuple[Any, float]:
        with api_client(system.url, tenant.key) as api:
            begin = time.perf_counter()
            made = answer_of(api.post("/api/v1/exports", json={}))
            while made["status"] != "completed":
                time.sleep(_WAIT)
                made = answer_of(api.get(f"/api/v1/exports/{made['id']}"))
            return made, time.perf_counter() - begin

    (made, seconds), reference = tpcb.around(export)
    return Exported(
        rows=made["rows_done"],
        files=made["files_done"],
        bytes=sum(file["bytes"] for file in made["files"]),
        seconds=seconds,
        ratio=made["rows_done"] / seconds / reference.rate,
        drift=reference.drift,
        idle_bytes=idle,
        peak_bytes=peak(subscribers),
    )


def peak(pid: int) -> int:
    """The most memory that a process ever had resident, in bytes, as the kernel tells it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"the kernel tells nothing of the process {pid}")
