"""The valuation of a large stock: how long it takes, and how much memory the function needs at most for it.

The moves are written set-based by the owner of the tables; the stock is kept by the same trigger as always.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from tests.support.api import Api

PER_PRODUCT = 10
"""Moves of each product."""

CHUNK = 100_000

# A product is copied from one that the interface has made, so that it is what the application would have stored.
_PRODUCTS = """
    INSERT INTO kernel.document (id, type, number, status, data, version, sequence, created_by, updated_by)
    SELECT uuidv7(), 'product', 'BENCH-' || lpad(n::text, 8, '0'), 'active',
           p.data || jsonb_build_object('code', 'BENCH-' || lpad(n::text, 8, '0')), 1, 0, 'bench', 'bench'
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) n,
         (SELECT data FROM kernel.document WHERE type = 'product' AND number = 'PROD1') p
"""
_MOVES = """
    INSERT INTO inventory.stock_move (id, document_id, line, product_id, location_id, quantity, unit_cost, value,
                                      effective_date)
    SELECT uuidv7(), r.id, m, p.id, l.id, 2, 1.5, 3, date '2026-01-01' + m * 30
    FROM kernel.document p CROSS JOIN generate_series(1, %(each)s) m,
         (SELECT id FROM kernel.document WHERE type = 'stock_receipt' LIMIT 1) r,
         (SELECT id FROM kernel.document WHERE type = 'location' AND number = 'MAIN') l
    WHERE p.type = 'product' AND p.number BETWEEN 'BENCH-' || lpad(%(first)s::text, 8, '0')
                                              AND 'BENCH-' || lpad(%(last)s::text, 8, '0')
"""


@dataclass(frozen=True, slots=True)
class Valuation:
    """One way to ask for the valuation of so many moves: the least milliseconds, and the most memory in bytes."""

    asked: str
    moves: int
    milliseconds: float
    peak_bytes: int


def measure(api: Api, owner_url: str, moves: int, say: Callable[[str], None]) -> list[Valuation]:
    """The first page and the value of everything, today and in the past; each answer as JSON and as a file."""
    with psycopg.connect(owner_url) as owner:
        for first in range(1, moves // PER_PRODUCT + 1, CHUNK // PER_PRODUCT):
            last = min(first + CHUNK // PER_PRODUCT - 1, moves // PER_PRODUCT)
            where = {"first": first, "last": last, "each": PER_PRODUCT}
            owner.execute("SELECT set_config('app.tenant_id', %s, true)", [str(api.tenant_id)])
            owner.execute(_PRODUCTS, where)
            owner.execute(_MOVES, where)
            owner.commit()
        for table in ("kernel.document", "inventory.stock", "inventory.stock_move"):
            owner.execute(f"ANALYZE {table}")
        owner.commit()
    say(f"{moves:,} moves written")
    found = []
    for asked, query in {
        "of today, a page": {},
        "of 30 June, a page": {"as_of": "2026-06-30"},
        "of today, a page in the middle": {"cursor": _middle(api)},
        "of today, a page as a workbook": {"format": "xlsx", "limit": "200"},
    }.items():
        milliseconds = _least(lambda query=query: api.call("get_stock_valuation", query=query).expect(200))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        found.append(Valuation(asked, moves, milliseconds, peak))
        say(f"{asked}: {milliseconds:.0f} ms, {peak / 2**20:.0f} MB at most")
    return found


def _middle(api: Api) -> str:
    """The cursor of a page that has many before it."""
    query = {"limit": "200"}
    for _ in range(3):
        query["cursor"] = api.call("get_stock_valuation", query=query).expect(200)["next_cursor"]
    return query["cursor"]


def _least(call: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begin)
    return best * 1000
