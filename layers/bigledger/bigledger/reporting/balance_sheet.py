"""The statement of financial position: assets, liabilities and equity by their categories (IAS 1, 54 to 60).

The result that no closing entry has taken to retained earnings yet stands as a line of equity. So assets equal
liabilities and equity on every day; narrowed to some dimensions, a line of equity holds what those share with others.
"""

from collections.abc import Mapping, Sequence

from bigledger.kernel import Entry
from bigledger.records import Account
from bigledger.reporting.categories import ASSETS, EQUITY, LIABILITIES, Chart, named
from bigledger.reporting.layout import Line, Statement, Term
from bigledger.reporting.periods import Column

KIND, TITLE = "balance-sheet", "Balance sheet"

_SECTIONS = (
    ("assets", "asset", "Assets", 1, (("non_current", "Non-current assets"), ("current", "Current assets")), ASSETS),
    (
        "liabilities",
        "liability",
        "Liabilities",
        -1,
        (("non_current", "Non-current liabilities"), ("current", "Current liabilities")),
        LIABILITIES,
    ),
)


def statement(chart: Chart, columns: list[Column], narrowed: bool) -> Statement:
    """The rows of a balance sheet; ``narrowed`` says that it shows only lines of some dimensions."""
    assets = list(_section(chart, *_SECTIONS[0]))
    liabilities = list(_section(chart, *_SECTIONS[1]))
    equity = _equity(chart, narrowed)
    both = Line(
        "liabilities_and_equity",
        "Liabilities and equity",
        0,
        "total",
        (*liabilities[-1].terms, *equity[-1].terms),
    )
    ties = [("Assets", assets[-1], "Liabilities and equity", both)]
    return Statement(KIND, TITLE, columns, [*assets, *equity, *liabilities, both], ties)


def _section(
    chart: Chart,
    section: str,
    kind: str,
    title: str,
    sign: int,
    parts: Sequence[tuple[str, str]],
    known: Mapping[str, Mapping[str, str]],
) -> list[Line]:
    """Assets or liabilities: their parts with the lines of each, and their total."""
    lines = [Line(section, title, 0, "heading")]
    for part, label in parts:
        place = f"{section}.{part}"
        rows = [
            row
            for category, line in known[part].items()
            for row in grouped(chart, kind, category, line, place, sign, level=2)
        ]
        if rows:
            total = added(f"{place}.total", f"{label}, total", 1, rows, may_hide=True)
            lines += [Line(place, label, 1, "heading"), *rows, total]
    others = chart.others(kind, (category for part in known.values() for category in part))
    rows = [
        row for category in others for row in grouped(chart, kind, category, named(category), section, sign, level=2)
    ]
    if rows:
        place = f"{section}.not_classified"
        lines += [
            Line(place, f"{title}, not classified", 1, "heading"),
            *rows,
            added(f"{place}.total", f"{title}, not classified, total", 1, rows, may_hide=True),
        ]
    categories = [line for line in lines if line.style == "line"]
    return [*lines, added(f"{section}.total", f"{title}, total", 0, categories, total=True)]


def _equity(chart: Chart, narrowed: bool) -> list[Line]:
    rows = [row for category in EQUITY for row in grouped(chart, "equity", category, EQUITY[category], "equity", -1)]
    for category in chart.others("equity", EQUITY):
        label = named(category) if category not in ("", "equity") else "Other equity"
        rows += grouped(chart, "equity", category, label, "equity", -1)
    income = frozenset(entry.id for entry in chart.kinds("revenue", "expense"))
    rows += [
        Line(
            "equity.earlier_results",
            "Results of earlier years, not yet closed",
            1,
            "line",
            (Term(income, "earlier", -1),),
            may_hide=True,
        ),
        Line("equity.result", "Result of the year, not yet closed", 1, "line", (Term(income, "year", -1),)),
    ]
    if narrowed:
        everything = frozenset(entry.id for entry in chart.accounts)
        rows.append(
            Line(
                "equity.other_dimensions",
                "Shared with other dimensions",
                1,
                "line",
                (Term(everything, "balance", 1),),
                may_hide=True,
            )
        )
    return [Line("equity", "Equity", 0, "heading"), *rows, added("equity.total", "Equity, total", 0, rows, total=True)]


def grouped(
    chart: Chart, kind: str, category: str, label: str, place: str, sign: int, measure: str = "balance", level: int = 1
) -> list[Line]:
    """The line of a category, and below it those of its accounts; none where the chart has no such account."""
    entries = chart.of(kind, [category])
    if not entries:
        return []
    accounts = frozenset(entry.id for entry in entries)
    key = f"{place}.{category or 'without_category'}"
    line = Line(key, label, level, "line", (Term(accounts, measure, sign),), may_hide=True)
    return [line, *(account_line(entry, key, sign, measure, level + 1) for entry in entries)]


def account_line(entry: Entry[Account], place: str, sign: int, measure: str, level: int) -> Line:
    """The line of one account below its category."""
    label = f"{entry.code} {entry.data.name}"
    terms = (Term(frozenset([entry.id]), measure, sign),)
    return Line(f"{place}.{entry.code}", label, level, "account", terms, entry.ref, may_hide=True)


def added(key: str, label: str, level: int, rows: Sequence[Line], may_hide: bool = False, total: bool = False) -> Line:
    """The sum of lines; their accounts, which stand below them, are not counted twice."""
    terms = tuple(term for row in rows if row.style != "account" for term in row.terms)
    return Line(key, label, level, "total" if total else "subtotal", terms, may_hide=may_hide)
