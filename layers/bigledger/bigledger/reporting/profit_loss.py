"""The statement of profit or loss of a period, without the entries that close fiscal years.

Income stands above zero and expenses below, so each subtotal is the sum of what is above it. Gross profit is shown
where the chart knows a cost of sales (IAS 1, 103); a chart by nature of expense has none (102).
"""

from bigledger.reporting.balance_sheet import added, grouped
from bigledger.reporting.categories import FINANCE, OPERATING, TAX, Chart, named
from bigledger.reporting.layout import Line, Statement, Term
from bigledger.reporting.periods import Column

KIND, TITLE = "profit-loss", "Profit and loss"


def statement(chart: Chart, columns: list[Column]) -> Statement:
    """The rows of a statement of profit or loss."""
    revenue = [
        *_rows(chart, "revenue", "Revenue", "revenue"),
        *_rows(chart, "", "Revenue without a category", "revenue"),
    ]
    cost = _rows(chart, "cost_of_sales", "Cost of sales")
    rows = [*revenue, *cost]
    if cost:
        rows.append(_subtotal("gross_profit", "Gross profit", rows))
    for category, label in OPERATING.items():
        rows += _rows(chart, category, label)
    known = {"revenue", "", "cost_of_sales", *OPERATING, *FINANCE, *TAX}
    for kind in ("revenue", "expense"):
        for category in chart.others(kind, known):
            rows += _rows(chart, category, named(category), kind)
    rows += _rows(chart, "", "Expenses without a category", "expense")
    rows.append(_subtotal("operating_result", "Operating result", rows))
    for category, label in FINANCE.items():
        rows += _rows(chart, category, label)
    rows.append(_subtotal("result_before_tax", "Result before tax", rows))
    for category, label in TAX.items():
        rows += _rows(chart, category, label)
    result = _subtotal("result", "Result after tax", rows)
    income = frozenset(entry.id for entry in chart.kinds("revenue", "expense"))
    change = Line("result_in_equity", "What equity changed by", 0, "total", (Term(income, "movement", -1),))
    ties = [("Result after tax", result, "Change of equity by income and expense", change)]
    return Statement(KIND, TITLE, columns, [*rows, Line("result", result.label, 0, "total", result.terms)], ties)


def _rows(chart: Chart, category: str, label: str, *kinds: str) -> list[Line]:
    """The lines of a category, whichever of the two kinds its accounts are of."""
    found: list[Line] = []
    for kind in kinds or ("revenue", "expense"):
        place = "income" if kind == "revenue" else "expenses"
        found += grouped(chart, kind, category, label, place, -1, "movement", 0)
    return found


def _subtotal(key: str, label: str, rows: list[Line]) -> Line:
    """The sum of all lines so far; the subtotals among them are not counted twice."""
    return added(key, label, 0, [row for row in rows if row.style == "line"])
