"""The parts of accounts that balances do not tell: they depend on what else stands in the same journal entry."""

from collections.abc import Sequence

from bigledger.kernel.serialization import json_text
from bigledger.reporting.cash_flow import long_lived
from bigledger.reporting.categories import Chart
from bigledger.reporting.figures import COMPANIES, NARROWED, Parts
from bigledger.reporting.periods import Column

TOUCHES_ASSETS = """
    EXISTS (SELECT 1 FROM ledger.journal_line o
            WHERE o.document_id = l.document_id AND o.entry = l.entry
              AND o.account_id IN (SELECT value::uuid FROM jsonb_array_elements_text(cast(:assets AS jsonb))))
    AND NOT EXISTS (SELECT 1 FROM ledger.journal_line o
            WHERE o.document_id = l.document_id AND o.entry = l.entry AND o.party_id IS NOT NULL)
"""
"""The condition that a line's entry touches non-current assets and names no customer or supplier."""

DIFFERENCE_ONLY = "l.amount = 0"
"""The condition that a line is an exchange difference: nothing in its currency, something in base currency."""

_PARTS = f"""
    SELECT l.part, width_bucket(l.effective_date, e.days) AS place, l.company_id, l.account_id,
           l.area = 'closing' AS closing, l.dimensions->>:split AS value, sum(l.base_amount)::text AS amount
    FROM (
        SELECT 'with_assets' AS part, l.* FROM (
            SELECT DISTINCT a.document_id, a.entry
            FROM jsonb_array_elements_text(cast(:assets AS jsonb)) asset CROSS JOIN LATERAL (
                SELECT o.document_id, o.entry FROM ledger.journal_line o
                WHERE o.company_id = {COMPANIES} AND o.account_id = asset.value::uuid
                  AND o.effective_date BETWEEN cast(:from_day AS date) AND cast(:to_day AS date) OFFSET 0) a
        ) t
        JOIN ledger.journal_line l ON l.document_id = t.document_id AND l.entry = t.entry
        WHERE l.account_id IN (SELECT value::uuid FROM jsonb_array_elements_text(cast(:income AS jsonb)))
          AND {TOUCHES_ASSETS}
        UNION ALL
        SELECT 'exchange' AS part, x.* FROM jsonb_array_elements_text(cast(:cash AS jsonb)) money CROSS JOIN LATERAL (
            SELECT l.* FROM ledger.journal_line l
            WHERE l.company_id = {COMPANIES} AND l.account_id = money.value::uuid AND {DIFFERENCE_ONLY}
              AND l.effective_date BETWEEN cast(:from_day AS date) AND cast(:to_day AS date) OFFSET 0) x
    ) l, (SELECT ARRAY(
        SELECT value::date FROM jsonb_array_elements_text(cast(:edges AS jsonb)) ORDER BY 1) AS days) e
    WHERE l.company_id = {COMPANIES}
      AND l.effective_date BETWEEN cast(:from_day AS date) AND cast(:to_day AS date)
      AND l.recorded_at <= cast(:known_at AS timestamptz)
    {NARROWED.format(row="l")}
    GROUP BY 1, 2, 3, 4, 5, 6
"""


def conditions(chart: Chart) -> dict[str, str]:
    """The accounts that the conditions of the parts are about."""
    return {"assets": json_text([entry.id for entry in long_lived(chart)])}


def parts(columns: Sequence[Column], chart: Chart) -> Parts:
    """What reads the parts in the columns' periods, over the lines of few accounts."""
    return Parts(
        _PARTS,
        {
            "from_day": str(min(column.first for column in columns)),
            "to_day": str(max(column.last for column in columns)),
            "income": json_text([entry.id for entry in chart.kinds("revenue", "expense")]),
            "cash": json_text([entry.id for entry in chart.cash()]),
            **conditions(chart),
        },
    )
