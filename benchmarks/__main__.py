"""`make bench`: runs the benchmarks and writes their figures and the picture into benchmarks/results."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import exports, footprint, operations, picture, readme, reports, throughput, valuation
from benchmarks.readme import RESULTS
from benchmarks.reference import TpcB
from benchmarks.system import let_plan, running

SECTIONS = ("throughput", "operations", "footprint", "reports", "valuation", "exports")

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


def main() -> None:
    """Run the sections that are asked for; all of them unless told otherwise."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "sections",
        nargs="*",
        choices=[[], *SECTIONS],
        metavar="section",
        help=f"of {', '.join(SECTIONS)}; all by default",
    )
    parser.add_argument("--seconds", type=float, default=10, help="how long each load lasts")
    parser.add_argument("--tenants", type=int, default=100, help="how many tenants the load of many goes to")
    parser.add_argument("--lines", type=int, default=10_000_000, help="journal lines that the reports end with")
    parser.add_argument("--moves", type=int, default=1_000_000, help="stock moves that are valued")
    parser.add_argument("--rows", type=int, default=1_000_000, help="journal lines of the tenant that is exported")
    parser.add_argument("--times", type=int, default=3, help="how often each import is measured")
    options = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    for section in options.sections or SECTIONS:
        console.rule(section)
        globals()[f"_{section}"](options)
        readme.update()


def _keep(name: str, figures: Any) -> None:
    (RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n")


def _say(text: str) -> None:
    console.print(f"  {text}", markup=False)


def _throughput(options: argparse.Namespace) -> None:
    with running() as system:
        tpcb = TpcB(system.server)
        rows = throughput.measure(system, tpcb, options.seconds, options.tenants, _say)
        memory = footprint.resident(system.cloud.children["gateway"].pid)
    _keep("throughput", {"rows": [row.as_dict() for row in rows], "gateway_resident_bytes": memory})
    (RESULTS / "throughput.svg").write_text(picture.drawn(rows))
    table = Table("what", "clients", "tenants", "per second", "share of TPC-B", "p50 ms", "p95 ms", "p99 ms", "drift")
    for row in rows:
        figures = (f"{row.per_second:.0f}", f"{row.ratio:.2f}", f"{row.p50:.1f}", f"{row.p95:.1f}", f"{row.p99:.1f}")
        table.add_row(row.what, str(row.clients), str(row.tenants), *figures, f"{row.drift:.0%}")
    console.print(table)


def _operations(options: argparse.Namespace) -> None:
    with _Books() as (api, owner_url):
        operations.furnish(api)
        let_plan(owner_url)
        costs = operations.measure(api, 20, _say)
    _keep("operations", {"costs": [asdict(cost) for cost in costs], "per_line_ms": operations.per_line(costs)})
    console.print(f"One more line of an invoice: {operations.per_line(costs):.3f} ms")


def _footprint(options: argparse.Namespace) -> None:
    found = footprint.imports(options.times, _say)
    _keep("footprint", {"imports": [asdict(one) for one in found], "bytes": footprint.sizes()})


def _reports(options: argparse.Namespace) -> None:
    sizes = [size for size in (10_000, 1_000_000, 10_000_000) if size <= options.lines]
    with _Books() as (api, owner_url):
        found = reports.measure(api, owner_url, sizes, _say)
    _keep("reports", [asdict(one) for one in found])
    table = Table("report", *(f"{size:,} lines" for size in sizes), "growth")
    for name in dict.fromkeys(one.report for one in found):
        least = [one.milliseconds for one in found if one.report == name]
        table.add_row(name, *(f"{one:.1f} ms" for one in least), f"{least[-1] / least[0]:.1f}")
    console.print(table)


def _valuation(options: argparse.Namespace) -> None:
    with _Books() as (api, owner_url):
        operations.furnish(api)
        found = valuation.measure(api, owner_url, options.moves, _say)
    _keep("valuation", [asdict(one) for one in found])


def _exports(options: argparse.Namespace) -> None:
    with running() as system:
        found = exports.measure(system, TpcB(system.server), options.rows, _say)
    _keep("exports", asdict(found))
    table = Table("rows", "files", "bytes", "seconds", "rows per TPC-B transaction", "peak memory", "before", "drift")
    size = [f"{one / 1e6:.0f} MB" for one in (found.bytes, found.peak_bytes, found.idle_bytes)]
    table.add_row(
        f"{found.rows:,}", str(found.files), size[0], f"{found.seconds:.1f}", f"{found.ratio:.1f}", *size[1:],
        f"{found.drift:.0%}",
    )  # fmt: skip
    console.print(table)


class _Books:
    """A tenant's books in a database of their own, called in this process."""

    def __enter__(self) -> tuple[Any, str]:
        os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
        os.environ["POWERTOOLS_LOG_LEVEL"], os.environ["POWERTOOLS_METRICS_DISABLED"] = "CRITICAL", "true"
        from tests.support.api import Api, operator_client
        from tests.support.database import TestServer, make_database

        self._server = TestServer()
        owner_url = make_database(self._server.admin_url, "bench")
        made = operator_client().call(
            "create_tenant", {"name": "Bench", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
        )
        return Api(made.expect(201)["id"]), owner_url

    def __exit__(self, *error: object) -> None:
        self._server.stop()


if __name__ == "__main__":
    main()
