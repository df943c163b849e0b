"""How Postgres really carried out what a call sent to it: every statement, those inside of its functions included."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.pool import Pool

SETTINGS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
}
"""What a database is set to, so that those who use it are told the plan of each statement."""


@dataclass(frozen=True)
class Access:
    """One way in which a plan reads a table."""

    node: str
    """``Seq Scan``, ``Index Scan``, ..."""
    table: str
    rows: int
    """So many rows were looked at, those that a filter left out included."""
    condition: str
    """What the index was asked for."""
    statement: str

    def __str__(self) -> str:
        return f"{self.node} of {self.table}, {self.rows} rows, {self.condition or 'no condition'}: {self.statement}"


def explain_everything(url: str, database: str) -> None:
    """Have the plans told to whoever connects to a database from now on. The URL is a superuser's."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in SETTINGS.items():
            connection.execute(f"ALTER DATABASE {database} SET {name} = '{value}'")


@contextmanager
def accesses() -> Iterator[list[Access]]:
    """The ways in which the calls made meanwhile read tables, in order."""
    found: list[Access] = []

    def note(notice: psycopg.errors.Diagnostic) -> None:
        text = notice.message_primary or ""
        if text.startswith("duration: "):
            told = json.loads(text[text.index("{") :])
            found.extend(_accesses(told["Plan"], " ".join(told["Query Text"].split())))

    # A statement's plan may be told as late as at the commit.
    def taken(connection: psycopg.Connection[Any], *_: Any) -> None:
        connection.add_notice_handler(note)

    def returned(connection: psycopg.Connection[Any], *_: Any) -> None:
        connection.remove_notice_handler(note)

    event.listen(Pool, "checkout", taken)
    event.listen(Pool, "checkin", returned)
    try:
        yield found
    finally:
        event.remove(Pool, "checkout", taken)
        event.remove(Pool, "checkin", returned)


def _accesses(plan: dict[str, Any], statement: str) -> Iterator[Access]:
    if "Relation Name" in plan and plan["Node Type"] != "ModifyTable":
        left_out = sum(count for name, count in plan.items() if name.startswith("Rows Removed by"))
        looked_at = int((plan["Actual Rows"] + left_out) * plan["Actual Loops"])
        condition = plan.get("Index Cond") or plan.get("Recheck Cond") or ""
        yield Access(plan["Node Type"], plan["Relation Name"], looked_at, condition, statement)
    for inner in plan.get("Plans", ()):
        yield from _accesses(inner, statement)
