"""Reads the sums behind a statement: from balances of months and days, or from the lines known at an instant."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Context
from bigledger.kernel.serialization import json_text
from bigledger.reporting.layout import Part
from bigledger.reporting.periods import EVER, Column, Span, Value, edges

Narrowing = Mapping[str, str]
"""The dimensions a report is narrowed to: the value of each by its code; an empty value means lines without it."""

NARROWED = """
      AND {row}.dimensions @> cast(:has AS jsonb)
      AND NOT jsonb_exists_any({row}.dimensions, ARRAY(SELECT jsonb_array_elements_text(cast(:lacks AS jsonb))))
"""
"""The condition that a row has the dimensions asked for."""

COMPANIES = "ANY (ARRAY(SELECT value::uuid FROM jsonb_array_elements_text(cast(:companies AS jsonb))))"
"""What the company of a row is held against: those of the report, as an index takes them."""

_EDGES = "(SELECT ARRAY(SELECT value::date FROM jsonb_array_elements_text(cast(:edges AS jsonb)) ORDER BY 1) AS days) e"

# Every balance lies between two edges, so each is added up once however many columns there are: whole months where
# no edge divides them, and the days of those that one does.
_BALANCES = f"""
    SELECT 'all' AS part, width_bucket(b.day, e.days) AS place, b.company_id, b.account_id, b.closing,
           b.dimensions->>:split AS value, sum(b.base_debit - b.base_credit)::text AS amount
    FROM {_EDGES}, (
        SELECT m.month AS day, m.company_id, m.account_id, m.closing, m.dimensions, m.base_debit, m.base_credit
        FROM ledger.month_balance m
        WHERE m.company_id = {COMPANIES} AND m.month < cast(:before AS date)
          AND m.month >= cast(:first AS date)
          AND m.month::text NOT IN (SELECT value FROM jsonb_array_elements_text(cast(:divided AS jsonb)))
        UNION ALL
        SELECT d.day, d.company_id, d.account_id, d.closing, d.dimensions, d.base_debit, d.base_credit
        FROM jsonb_array_elements_text(cast(:divided AS jsonb)) divided CROSS JOIN LATERAL (
            SELECT * FROM ledger.balance d
            WHERE d.company_id = {COMPANIES} AND d.day >= divided.value::date
              AND d.day < (divided.value::date + interval '1 month')::date
              AND d.day < cast(:before AS date) AND d.day >= cast(:first AS date) OFFSET 0) d) b
    WHERE true {NARROWED.format(row="b")}
    GROUP BY 1, 2, 3, 4, 5, 6
"""

_LINES = f"""
    SELECT 'all' AS part, width_bucket(l.effective_date, e.days) AS place, l.company_id, l.account_id,
           l.area = 'closing' AS closing, l.dimensions->>:split AS value, sum(l.base_amount)::text AS amount
    FROM ledger.journal_line l, {_EDGES}
    WHERE l.company_id = {COMPANIES} AND l.effective_date < cast(:before AS date)
      AND l.effective_date >= cast(:first AS date) AND l.recorded_at <= cast(:known_at AS timestamptz)
    {NARROWED.format(row="l")}
    GROUP BY 1, 2, 3, 4, 5, 6
"""


def narrowed(dimension: Narrowing) -> dict[str, str]:
    """The parameters of NARROWED."""
    return {
        "has": json_text({code: value for code, value in dimension.items() if value}),
        "lacks": json_text([code for code, value in dimension.items() if not value]),
    }


@dataclass(frozen=True, slots=True)
class Parts:
    """A statement that reads more than balances tell, in the columns of the others, and its own parameters."""

    sql: str
    parameters: Mapping[str, str]


class Sums:
    """Sums of accounts between edges, from which those of any span are put together."""

    def __init__(self, days: list[dt.date]) -> None:
        self._days = days
        self._sums: dict[tuple[Part, UUID, UUID, str | None], dict[tuple[int, bool], Decimal]] = defaultdict(dict)
        self.values: set[str | None] = set()
        """What the split dimension says of the lines that were read; None: nothing."""

    def add(self, row: Any) -> None:
        """Keep a sum of what lies between two edges."""
        key = row.part, UUID(str(row.company_id)), UUID(str(row.account_id)), row.value
        self._sums[key][row.place, row.closing] = Decimal(row.amount)
        self.values.add(row.value)

    def total(self, company: UUID, accounts: Iterable[UUID], span: Span, share: Value | None, part: Part) -> Decimal:
        """Debits less credits of the accounts in the span; see ``layout.Figures``."""
        first = 0 if span.first == EVER else self._days.index(span.first) + 1
        after = self._days.index(span.last + dt.timedelta(days=1)) + 1
        values = self.values if share is None else {share.value}
        found = Decimal(0)
        for account in accounts:
            for value in values:
                for (place, closing), amount in self._sums.get((part, company, account, value), {}).items():
                    if first <= place < after and (span.closing or not closing):
                        found += amount
        return found


def read(
    context: Context,
    columns: Iterable[Column],
    measures: Collection[str],
    known_at: dt.datetime | None,
    dimension: Narrowing,
    split: str | None,
    parts: Parts | None = None,
) -> Sums:
    """The sums of all accounts in the columns' days, in one statement; ``split`` keeps those of each value apart.

    Of the columns' measures those that are asked for are read.
    """
    of_companies = [each for column in columns for each in column.spans.items()]
    wanted = [span for _, spans in of_companies for measure, span in spans.items() if measure in measures]
    days = edges(wanted)
    sums = Sums(days)
    asked: dict[str, str | None] = {
        "companies": json_text(sorted({company for company, _ in of_companies})),
        "edges": json_text(days),
        "first": "-infinity" if any(span.first == EVER for span in wanted) else str(days[0]),
        "before": str(days[-1]),
        "split": split,
        **narrowed(dimension),
    }
    sql = _BALANCES if known_at is None else _LINES
    if known_at is None:
        asked["divided"] = json_text(sorted({day.replace(day=1) for day in days if day.day > 1}))
    if known_at is not None or parts is not None:
        asked["known_at"] = known_at.isoformat() if known_at else "infinity"
    if parts is not None:
        sql = f"{sql} UNION ALL {parts.sql}"
        asked |= parts.parameters
    for row in context.work.read(sql, **asked):
        sums.add(row)
    return sums
