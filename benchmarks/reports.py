"""Reports over a growing ledger: how long they take at ten thousand, a million and ten million lines, and their plans.

The lines are written set-based by the owner of the tables, so that millions take minutes; the balances are kept by the
same trigger as always.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from tests.support.api import Api

AIM = 2.0
"""A report at the most lines, as a multiple of the same at the fewest."""

CHUNK = 100_000

# Ten-line entries over two years: each line of a document, alternating debit and credit on forty accounts.
_DOCUMENTS = """
    INSERT INTO kernel.document (id, type, company_id, number, status, date, currency, total, data, version, sequence,
                                 posted_at, created_by, updated_by)
    SELECT uuidv7(), 'journal_entry', %(company)s, 'BENCH-' || n, 'posted', date '2026-01-01' + (n %% 360)::int, 'USD',
           50, '{}', 1, 0, now(), 'bench', 'bench'
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
"""
_LINES = """
    INSERT INTO ledger.journal_line (document_id, entry, line, company_id, account_id, area, effective_date, currency,
                                     amount, base_amount)
    SELECT d.id, 1, l, d.company_id, a.id, 'gl', d.date, 'USD', CASE WHEN l %% 2 = 1 THEN 10 ELSE -10 END,
           CASE WHEN l %% 2 = 1 THEN 10 ELSE -10 END
    FROM kernel.document d CROSS JOIN generate_series(1, 10) l
    JOIN (SELECT id, row_number() OVER (ORDER BY number) - 1 AS place FROM kernel.document
          WHERE type = 'account' AND number IN (SELECT number FROM kernel.document
            WHERE type = 'account' AND data->>'group' = 'false' AND data->>'control' IS NULL
            ORDER BY number LIMIT 40)) a
      ON a.place = ((hashtext(d.number) & 2147483647)::bigint + l * 7) %% 40
    WHERE d.type = 'journal_entry' AND d.number IN (
        SELECT 'BENCH-' || n FROM generate_series(%(first)s::bigint, %(last)s::bigint) n)
"""


@dataclass(frozen=True, slots=True)
class Growth:
    """A report at so many journal lines: the least milliseconds of several times."""

    report: str
    lines: int
    milliseconds: float


def measure(api: Api, owner_url: str, sizes: list[int], say: Callable[[str], None]) -> list[Growth]:
    """Each report at each size of the same tenant's ledger."""
    found: list[Growth] = []
    written = 0
    with psycopg.connect(owner_url) as owner:
        for size in sizes:
            written = grow(owner, str(api.tenant_id), written, size, say)
            owner.execute("ANALYZE ledger.journal_line")
            owner.execute("ANALYZE ledger.balance, ledger.month_balance")
            owner.execute("ANALYZE kernel.document")
            owner.commit()
            for report, call in _reports(api).items():
                found.append(Growth(report, size, _least(call)))
                say(f"{report} at {size:,} lines: {found[-1].milliseconds:.1f} ms")
    return found


def grow(owner: psycopg.Connection, tenant_id: str, written: int, size: int, say: Callable[[str], None]) -> int:
    """Write journal lines of a tenant until there are as many as asked for; answers how many that are."""
    while written < size:
        lines = min(CHUNK, size - written)
        owner.execute("SELECT set_config('app.tenant_id', %s, true)", [tenant_id])
        found = owner.execute("SELECT id FROM kernel.document WHERE type = 'company'").fetchone()
        assert found is not None, "a tenant has a company"
        where = {"company": found[0], "first": written // 10 + 1, "last": (written + lines) // 10}
        owner.execute(_DOCUMENTS, where)
        owner.execute(_LINES, where)
        owner.commit()
        written += lines
        if written % (10 * CHUNK) == 0:
            say(f"{written:,} lines written")
    return written


def _reports(api: Api) -> dict[str, Callable[[], object]]:
    def report(name: str, **more: object) -> Callable[[], object]:
        return lambda: api.call(name, **more).expect(200)  # type: ignore[arg-type]

    account = api.call("get_trial_balance").expect(200)["rows"][0]["account"]["code"]
    return {
        "trial balance": report("get_trial_balance"),
        "account ledger page": report("get_account_ledger", path={"id": account}),
        "key figures": report("get_kpis"),
        "feed page": report("list_events"),
        "journal list page": report("list_invoices"),
    }


def _least(call: Callable[[], object]) -> float:
    call()
    best = float("inf")
    for _ in range(7):
        begin = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begin)
    return best * 1000
