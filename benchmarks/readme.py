"""Prints the figures of the last run of each section into the README beside this file, between its markers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results"
README = HERE / "README.md"

Row = Sequence[str]


def update() -> None:
    """Fill each ``<!-- name -->`` … ``<!-- end of name -->`` from the results of that name, where there are any."""
    text = README.read_text()
    for name, table in TABLES.items():
        found = RESULTS / f"{name}.json"
        if found.is_file():
            begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
            before, _, rest = text.partition(begin)
            after = rest.partition(end)[2]
            text = f"{before}{begin}\n\n{table(json.loads(found.read_text()))}\n\n{end}{after}"
    README.write_text(text)


def _table(heads: Row, rows: Iterable[Row]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _throughput(found: Any) -> str:
    heads = ("what", "clients", "tenants", "per second", "share of TPC-B", "p50 ms", "p95 ms", "p99 ms", "drift")
    rows = (
        (
            row["what"],
            str(row["clients"]),
            str(row["tenants"]),
            f"{row['per_second']:.0f}",
            f"{row['ratio']:.2f}",
            *(f"{row[name]:.1f}" for name in ("p50", "p95", "p99")),
            f"{row['drift']:.0%}",
        )
        for row in found["rows"]
    )
    return _table(heads, rows)


def _operations(found: Any) -> str:
    rows = (
        (one["what"], str(one["statements"]), f"{one['bytes']:,}", f"{one['milliseconds']:.1f}")
        for one in found["costs"]
    )
    last = f"One more line of an invoice: **{found['per_line_ms']:.3f} ms**."
    return f"{_table(('call', 'statements', 'bytes to the database', 'ms'), rows)}\n\n{last}"


def _footprint(found: Any) -> str:
    imports = sorted(found["imports"], key=lambda one: one["ratio"])
    middle = imports[len(imports) // 2]
    shown = {"the least": imports[0], "the median": middle, "the most": imports[-1]}
    rows = [
        (
            f"{which}: `{one['operation']}`",
            f"{one['milliseconds']:.0f}",
            f"{one['ratio']:.2f}",
            f"{one['bytes'] / 2**20:.0f}",
        )
        for which, one in shown.items()
    ]
    sizes = _table(("folder", "MB"), [(name, f"{size / 2**20:.1f}") for name, size in found["bytes"].items()])
    return f"{_table(('import of', 'ms', 'of the bare stack', 'resident MB'), rows)}\n\n{sizes}"


def _reports(found: Any) -> str:
    sizes = list(dict.fromkeys(one["lines"] for one in found))
    rows = []
    for name in dict.fromkeys(one["report"] for one in found):
        times = [one["milliseconds"] for one in found if one["report"] == name]
        rows.append((name, *(f"{time:.1f}" for time in times), f"{times[-1] / times[0]:.1f}"))
    return _table(("report, ms at", *(f"{size:,} lines" for size in sizes), "growth"), rows)


def _valuation(found: Any) -> str:
    heads = ("valuation", "moves", "ms", "most memory, MB")
    rows = (
        (one["asked"], f"{one['moves']:,}", f"{one['milliseconds']:.0f}", f"{one['peak_bytes'] / 2**20:.0f}")
        for one in found
    )
    return _table(heads, rows)


def _exports(found: Any) -> str:
    heads = ("rows", "files", "MB", "seconds", "rows per transaction of TPC-B", "idle MB", "most memory, MB", "drift")
    sizes = (f"{found[name] / 2**20:.0f}" for name in ("idle_bytes", "peak_bytes"))
    row = (
        f"{found['rows']:,}",
        str(found["files"]),
        f"{found['bytes'] / 2**20:.0f}",
        f"{found['seconds']:.1f}",
        f"{found['ratio']:.1f}",
        *sizes,
        f"{found['drift']:.0%}",
    )
    return _table(heads, [row])


TABLES: Mapping[str, Callable[[Any], str]] = {
    "throughput": _throughput,
    "operations": _operations,
    "footprint": _footprint,
    "reports": _reports,
    "valuation": _valuation,
    "exports": _exports,
}
"""How the results of each section are shown."""
