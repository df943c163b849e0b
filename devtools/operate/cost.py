"""``bigledger cost``: what a million invoices, payments or reads cost in AWS, and what stands there every month.

Counts are measured, and a test holds them against the system; sizes and times are assumptions that a person replaces
by what their own logs say; prices are inputs, those of ``prices.json`` unless given. All arithmetic is decimal.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from devtools.local.cloudformation import load
from devtools.local.state import ROOT
from devtools.operate.target import Refusal

HERE = Path(__file__).parent
MEASURED = HERE / "measured.json"
PRICES = HERE / "prices.json"

MILLION = Decimal(1_000_000)
GB = Decimal(1_000_000_000)
HOURS = Decimal(730)
"""Hours of a month, as price lists count them."""

ASSUMED: Mapping[str, tuple[str, str]] = {
    "memory_gb": ("0.5", "memory of a function, in GB, as the templates say"),
    "operation_ms": ("80", "milliseconds that an operation is billed for; its log line tells them"),
    "relay_ms": ("80", "the same of the relay"),
    "subscriber_ms": ("50", "the same of a subscriber"),
    "authorizer_ms": ("30", "the same of the authorizer"),
    "authorized_share": ("0.1", "of the requests, those that the gateway asks the authorizer about; it keeps answers"),
    "log_bytes": ("2000", "bytes logged by an invocation: 850 by the function, the rest by Lambda"),
    "access_log_bytes": ("400", "bytes of an access log line"),
    "acu_vcpus": ("0.25", "processors of a capacity unit, as AWS's instances have with as much memory"),
    "utilisation": ("0.5", "of the database's processors, how much is in use when it is sized well"),
    "idle_acus": ("0.5", "capacity units while little happens"),
}
"""What is not measured: a name, a value, and what it means."""


@dataclass(frozen=True)
class Line:
    """A line of the bill: how much of what, at which price. ``quantity`` is in the price's unit."""

    item: str
    formula: str
    quantity: Decimal
    price: Decimal
    per: Decimal
    unit: str

    @property
    def usd(self) -> Decimal:
        """What it comes to."""
        return self.quantity * self.price / self.per


@dataclass(frozen=True)
class Prices:
    """Unit prices by name, of a region at a date."""

    region: str
    as_of: str
    source: str
    prices: Mapping[str, Mapping[str, Any]]

    def line(self, item: str, name: str, formula: str, quantity: Decimal) -> Line:
        """A line at a price."""
        price = self.prices[name]
        return Line(item, formula, quantity, Decimal(price["usd"]), Decimal(price["per"]), str(price["unit"]))


def main(arguments: list[str]) -> int:
    """Tell the costs; answers the exit status."""
    options = parser().parse_args(arguments)
    try:
        prices = read_prices(options.prices)
        told = report(json.loads(MEASURED.read_text()), assumed(options.assume), prices, standing_counts(ROOT))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(told)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    names = "".join(f"\n  {name:<17} {value:>5}  {meaning}" for name, (value, meaning) in ASSUMED.items())
    made = argparse.ArgumentParser(
        prog="bigledger cost",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Works out from measured counts what a million invoices, payments and reads cost in AWS, and what\n"
        "the installation costs while nobody works. It prints tables in Markdown.",
        epilog=f"what is assumed:{names}",
    )
    made.add_argument("--prices", type=Path, default=PRICES, help="another file of prices, shaped as prices.json is")
    made.add_argument("--assume", action="append", default=[], metavar="NAME=VALUE", help="replace an assumption")
    return made


def read_prices(path: Path) -> Prices:
    """The prices of a file. Raises Refusal."""
    try:
        read = Prices(**json.loads(path.read_text()))
        for price in read.prices.values():
            Decimal(price["usd"]), Decimal(price["per"])
    except (OSError, ValueError, TypeError, KeyError, InvalidOperation) as error:
        raise Refusal(f"{path} holds no prices; take {PRICES.name} as a pattern: {error}") from error
    missing = sorted(read_names() - read.prices.keys())
    if missing:
        raise Refusal(f"{path} has no price for {', '.join(missing)}.")
    return read


def read_names() -> set[str]:
    """The names of all prices that are needed."""
    return set(json.loads(PRICES.read_text())["prices"])


def assumed(given: Iterable[str]) -> dict[str, Decimal]:
    """The assumptions, some of them replaced. Raises Refusal."""
    values = {name: Decimal(value) for name, (value, _) in ASSUMED.items()}
    for one in given:
        name, _, value = one.partition("=")
        try:
            if name not in values or Decimal(value) < 0:
                raise InvalidOperation
            values[name] = Decimal(value)
        except InvalidOperation as error:
            raise Refusal(f"{one} is no assumption; `bigledger cost --help` lists them.") from error
    return values


def report(
    measured: Mapping[str, Any], values: Mapping[str, Decimal], prices: Prices, counts: Mapping[str, int]
) -> str:
    """All tables."""
    parts = []
    for name, flow in measured["flows"].items():
        lines = list(flow_lines(flow, measured["authorizer"], values, prices))
        parts.append(f"**A million of: {flow['what']}** (`{name}`)\n\n{table(lines)}")
    lines = list(standing_lines(counts, measured, values, prices))
    parts.append(f"**A month in which nothing happens**\n\n{table(lines)}")
    parts.append(f"Prices: {prices.region}, {prices.as_of}; {prices.source}.")
    return "\n\n".join(parts)


def flow_lines(
    flow: Mapping[str, Any], authorizer: Mapping[str, int], values: Mapping[str, Decimal], prices: Prices
) -> Iterator[Line]:
    """What a million of a flow cost, line by line."""
    functions, share = flow["functions"], values["authorized_share"]
    calls, events = sum(functions.values()), flow["events"]
    asked = sum(authorizer.values())
    invocations = Decimal(len(functions)) + share
    yield prices.line("HTTP API", "http_request", f"{flow['http_requests']}", flow["http_requests"] * MILLION)
    yield prices.line("Invocations", "lambda_request", f"{len(functions)} + {share}", invocations * MILLION)
    times = [values[_time_of(name)] for name in functions]
    seconds = (sum(times, Decimal(0)) + share * values["authorizer_ms"]) / 1000
    added = " + ".join(f"{time}" for time in times)
    yield prices.line(
        "Time of functions",
        "lambda_duration",
        f"({added} + {share} × {values['authorizer_ms']}) ms × {values['memory_gb']} GB",
        seconds * values["memory_gb"] * MILLION,
    )
    requests = Decimal(calls) + share * asked
    added = " + ".join(str(one) for one in functions.values())
    yield prices.line("Data API", "data_api_request", f"{added} + {share} × {asked}", requests * MILLION)
    if events:
        size = sum(events.values())
        yield prices.line("Events", "event", f"{len(events)}", len(events) * MILLION)
        yield prices.line("Archive", "archive", f"{size} bytes", size * MILLION / GB)
        yield prices.line("Archive, kept a month", "archive_storage", f"{size} bytes", size * MILLION / GB)
    deliveries = sum(_is_subscriber(name) for name in functions)
    if deliveries:
        yield prices.line("Queues", "queue_request", f"{deliveries} × 3", 3 * deliveries * MILLION)
    logged = invocations * values["log_bytes"] + values["access_log_bytes"]
    formula = f"({len(functions)} + {share}) × {values['log_bytes']} + {values['access_log_bytes']} bytes"
    yield prices.line("Logs", "log", formula, logged * MILLION / GB)
    database = flow["database"]
    busy, effective = Decimal(database["cpu_ms"]), values["acu_vcpus"] * values["utilisation"]
    yield prices.line(
        "Database at work",
        "capacity",
        f"{busy} ms ÷ ({values['acu_vcpus']} × {values['utilisation']})",
        busy / effective / 1000 / 3600 * MILLION,
    )
    if database["wal_bytes"]:
        pages = (Decimal(database["wal_bytes"]) / 4096).to_integral_value(ROUND_CEILING)
        yield prices.line("Database I/O", "database_io", f"⌈{database['wal_bytes']} ÷ 4096⌉", pages * MILLION)
        stored = Decimal(database["stored_bytes"])
        yield prices.line("Database, kept a month", "database_storage", f"{stored} bytes", stored * MILLION / GB)


def standing_counts(root: Path) -> dict[str, int]:
    """How many of what costs by being there, as the templates have them; ``operations`` are the functions."""
    kinds = {
        "AWS::SecretsManager::Secret": "secret",
        "AWS::CloudWatch::Alarm": "alarm",
        "AWS::KMS::Key": "key",
        "AWS::Serverless::Function": "functions",
        "AWS::Lambda::EventSourceMapping": "queues",
    }
    counts = dict.fromkeys(kinds.values(), 0)
    for path in (root / "template.yaml", *root.glob("infrastructure/*.yaml"), *root.glob("functions/*/template.yaml")):
        for resource in load(path)["Resources"].values():
            if resource["Type"] in kinds:
                counts[kinds[resource["Type"]]] += 1
    return counts


def standing_lines(
    counts: Mapping[str, int], measured: Mapping[str, Any], values: Mapping[str, Decimal], prices: Prices
) -> Iterator[Line]:
    """What a month costs in which nothing happens, line by line."""
    acus = values["idle_acus"]
    yield prices.line("Database, awake", "capacity", f"{acus} ACU × {HOURS} h", acus * HOURS)
    minutes = HOURS * 60
    runs = measured["idle_runs"]
    requests = sum(runs.values())
    added = " + ".join(str(one) for one in runs.values())
    yield prices.line("Data API, schedules", "data_api_request", f"({added}) × {minutes} min", requests * minutes)
    yield prices.line(
        "Functions, schedules",
        "lambda_duration",
        f"{len(runs)} × {values['relay_ms']} ms × {values['memory_gb']} GB × {minutes} min",
        len(runs) * values["relay_ms"] / 1000 * values["memory_gb"] * minutes,
    )
    for item, name in (("Secrets", "secret"), ("Alarms", "alarm"), ("Encryption keys", "key")):
        yield prices.line(item, name, f"{counts[name]}", Decimal(counts[name]))
    metrics = measured["metrics_per_function"]
    formula = f"{counts['functions']} × {metrics}, if each is used in every hour"
    yield prices.line("Metrics", "metric", formula, Decimal(counts["functions"] * metrics))
    polls = measured["polls_per_minute"]
    formula = f"{counts['queues']} × {polls} × {minutes} min"
    yield prices.line("Queues, polling", "queue_request", formula, counts["queues"] * polls * minutes)


def table(lines: Iterable[Line]) -> str:
    """Lines as a table in Markdown, with their sum."""
    rows = ["| | count | price | USD |", "|---|---|---|---:|"]
    total = Decimal(0)
    for line in lines:
        total += line.usd
        per = "" if line.per == 1 else f"{line.per:,} "
        rows.append(f"| {line.item} | {line.formula} | {line.price} per {per}{line.unit} | {_money(line.usd)} |")
    return "\n".join([*rows, f"| **together** | | | **{_money(total)}** |"])


def _money(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01'), ROUND_HALF_UP):,}"


def _time_of(function: str) -> str:
    """Which assumption says how long a function takes."""
    if function.endswith(".relay_events"):
        return "relay_ms"
    return "subscriber_ms" if _is_subscriber(function) else "operation_ms"


def _is_subscriber(function: str) -> bool:
    return function.partition(".")[2].startswith("on_")
