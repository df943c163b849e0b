"""The statement of cash flows by the indirect method (IAS 7, 18b and 20): from the result to the change of cash.

Cash changes by what all other accounts change by, so every account but cash stands in exactly one row:

- Operating: the result, what of it brought no cash, and the changes of working capital.
- ``Depreciation, impairment and disposals``: the income and expense in entries that also touch non-current assets. It
  is taken out of the result (IAS 7, 20b and 20c) and set off against the change of those assets, so that investing
  shows what was paid for assets and what disposals brought (16). Entries that name a customer or supplier are bills
  and sales: their income and expense stay operating.
- Provisions and deferred tax bring no cash while they are made (20b).
- Exchange differences on foreign cash are no flows (28): lines on cash accounts with an amount in base currency only.
"""

from collections.abc import Iterable
from uuid import UUID

from bigledger.kernel import Entry
from bigledger.records import Account
from bigledger.reporting.balance_sheet import added
from bigledger.reporting.categories import ASSETS, Chart, named
from bigledger.reporting.layout import Line, Statement, Term
from bigledger.reporting.periods import Column

KIND, TITLE = "cash-flow", "Cash flow statement"

_NON_CASH = {
    "current_provisions": "Provisions",
    "non_current_provisions": "Provisions",
    "deferred_tax": "Deferred tax",
}
_WORKING_CAPITAL = {
    "inventories": "Inventories",
    "trade_and_other_receivables": "Trade and other receivables",
    "other_current_assets": "Other current assets",
    "current_assets": "Other current assets",
    "trade_and_other_payables": "Trade and other payables",
    "contract_liabilities": "Contract liabilities",
    "current_liabilities": "Other current liabilities",
    "current_tax_assets": "Taxes",
    "current_tax_liabilities": "Taxes",
}
_BORROWED = {
    "current_financial_liabilities": "Borrowings",
    "non_current_financial_liabilities": "Borrowings",
    "current_lease_liabilities": "Lease liabilities",
    "non_current_lease_liabilities": "Lease liabilities",
    "other_non_current_liabilities": "Other non-current liabilities",
    "non_current_liabilities": "Other non-current liabilities",
}
_OWNED = {
    "issued_capital": "Issued capital",
    "owners_capital": "Capital of owners",
    "reserves": "Reserves",
    "retained_earnings": "Distributions to owners",
    "non_controlling_interests": "Non-controlling interests",
}


def long_lived(chart: Chart) -> list[Entry[Account]]:
    """The non-current assets whose purchase and sale is investing."""
    cash = {entry.id for entry in chart.cash()}
    wanted = [category for category in ASSETS["non_current"] if category != "deferred_tax"]
    return [entry for entry in chart.of("asset", wanted) if entry.id not in cash]


def statement(chart: Chart, columns: list[Column], narrowed: bool) -> Statement:
    """The rows of a cash flow statement; ``narrowed`` says that it shows only lines of some dimensions."""
    cash = _ids(chart.cash())
    income = _ids(chart.kinds("revenue", "expense"))
    operating = _operating(chart, cash, income)
    investing = _investing(chart, income)
    financing = _financing(chart)
    flows = [*operating[:-1], *investing[:-1], *financing[:-1]]
    exchange = Line(
        "exchange",
        "Effect of exchange rates on cash",
        0,
        "line",
        (Term(cash, "movement", 1, "exchange"),),
        may_hide=True,
    )
    rows = [*operating, *investing, *financing, exchange]
    flows.append(exchange)
    if narrowed:
        everything = frozenset(entry.id for entry in chart.accounts)
        shared = Line(
            "other_dimensions",
            "Shared with other dimensions",
            0,
            "line",
            (Term(everything, "movement", 1),),
            may_hide=True,
        )
        rows.append(shared)
        flows.append(shared)
    change = added("change", "Change of cash and cash equivalents", 0, flows)
    opening = Line("opening", "Cash at the beginning", 0, "line", (Term(cash, "opening", 1),))
    closing = Line("closing", "Cash at the end", 0, "total", (*opening.terms, *change.terms))
    balance = Line("cash_balance", "Balance of the cash accounts", 0, "total", (Term(cash, "closing", 1),))
    ties = [("Cash at the end", closing, "Balance of the cash accounts", balance)]
    return Statement(KIND, TITLE, columns, [*rows, change, opening, closing], ties)


def _operating(chart: Chart, cash: frozenset[UUID], income: frozenset[UUID]) -> list[Line]:
    rows = [
        Line("operating", "Operating activities", 0, "heading"),
        Line("operating.result", "Result after tax", 1, "line", (Term(income, "movement", -1),)),
        Line(
            "operating.assets",
            "Depreciation, impairment and disposals",
            1,
            "line",
            (Term(income, "movement", 1, "with_assets"),),
            may_hide=True,
        ),
        Line(
            "operating.exchange",
            "Exchange differences on cash",
            1,
            "line",
            (Term(cash, "movement", -1, "exchange"),),
            may_hide=True,
        ),
        *_changes(chart, "operating", {"asset": _NON_CASH, "liability": _NON_CASH}),
        *_changes(chart, "operating", {"asset": _WORKING_CAPITAL, "liability": _WORKING_CAPITAL}, others=True),
    ]
    return [*rows, added("operating.total", "Cash flow from operating activities", 0, rows)]


def _investing(chart: Chart, income: frozenset[UUID]) -> list[Line]:
    assets = long_lived(chart)
    categories = [chart.categories[entry.code] for entry in assets]
    rows = [Line("investing", "Investing activities", 0, "heading")]
    rows.append(
        Line(
            "investing.assets",
            "Property, plant and equipment and other non-current assets",
            1,
            "line",
            (Term(_ids(assets), "movement", -1), Term(income, "movement", -1, "with_assets"))
            if categories
            else (Term(income, "movement", -1, "with_assets"),),
            may_hide=True,
        )
    )
    return [*rows, added("investing.total", "Cash flow from investing activities", 0, rows)]


def _financing(chart: Chart) -> list[Line]:
    rows = [
        Line("financing", "Financing activities", 0, "heading"),
        *_changes(chart, "financing", {"liability": _BORROWED, "equity": _OWNED}, others_of=("equity",)),
    ]
    return [*rows, added("financing.total", "Cash flow from financing activities", 0, rows)]


def _changes(
    chart: Chart,
    place: str,
    kinds: dict[str, dict[str, str]],
    others: bool = False,
    others_of: Iterable[str] = (),
) -> list[Line]:
    """A row per label: what its accounts changed by, as cash sees it.

    ``others`` adds the assets and liabilities of categories that no row of the statement knows.
    """
    cash = {entry.id for entry in chart.cash()}
    accounts: dict[str, list[UUID]] = {}
    for kind, labels in kinds.items():
        for category, label in labels.items():
            accounts.setdefault(label, []).extend(e.id for e in chart.of(kind, [category]) if e.id not in cash)
    for kind in ("asset", "liability") if others else others_of:
        for category in chart.others(kind, _known(kind)):
            label = named(category)
            accounts.setdefault(label, []).extend(e.id for e in chart.of(kind, [category]) if e.id not in cash)
    return [
        Line(
            f"{place}.{label.lower().replace(' ', '_').replace('-', '_')}",
            label,
            1,
            "line",
            (Term(frozenset(found), "movement", -1),),
            may_hide=True,
        )
        for label, found in accounts.items()
        if found
    ]


def _known(kind: str) -> set[str]:
    """The categories of a kind that a row knows."""
    if kind == "asset":
        return {*_NON_CASH, *_WORKING_CAPITAL, *ASSETS["non_current"], "cash_and_cash_equivalents"}
    if kind == "liability":
        return {*_NON_CASH, *_WORKING_CAPITAL, *_BORROWED}
    return set(_OWNED)


def _ids(entries: Iterable[Entry[Account]]) -> frozenset[UUID]:
    return frozenset(entry.id for entry in entries)
