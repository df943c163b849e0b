"""Journals, trial balances and the close of a year with numbers published elsewhere, replayed through the API."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.cases import CASES, case, then
from tests.support.integrity import sound
from tests.support.ledger import Books

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases is not here")

ACCOUNTS = {
    "cash": "1020",
    "receivable": "1200",
    "revenue": "4010",
    "result": "3100",
    "office_supplies": "1320",
    "prepaid_rent": "1300",
    "equipment": "1540",
    "accumulated_depreciation": "1549",
    "payable": "2100",
    "common_stock": "3000",
    "dividends": "3110",
    "service_revenue": "4010",
    "wages_expense": "6100",
    "rent_expense": "6120",
    "electricity_expense": "6130",
    "supplies_expense": "6150",
    "telephone_expense": "6160",
    "miscellaneous_expense": "6300",
    "depreciation_expense": "6195",
    "interest_expense": "6400",
}
"""The account roles of the cases by the codes of the general chart."""

OWN = {
    "notes_payable": ("2690", "Notes payable"),
    "utilities_payable": ("2191", "Utilities payable"),
    "unearned_revenue": ("2192", "Unearned revenue"),
    "interest_payable": ("2193", "Interest payable"),
}
"""Accounts of a case that the general chart has none for: code and name."""


class Keeper(Books):
    """Books that take the entries of a case as they are written there."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        api.record("customers", code="BUYER", name="Buyer", jurisdiction="US-CA")
        api.record("suppliers", code="SELLER", name="Seller", jurisdiction="US-CA")
        for code, name in OWN.values():
            api.record("accounts", code=code, name=name, kind="liability")

    def take(self, entry: dict[str, Any], on: str) -> None:
        """Post an entry of a case."""
        lines = []
        for line in entry["journal"]:
            side = "debit" if Decimal(line["debit"]) else "credit"
            party = {"receivable": {"customer": "BUYER"}, "payable": {"supplier": "SELLER"}}.get(line["account"], {})
            lines.append({"account": account(line["account"]), side: line[side], **party})
        self.enter(*lines, date=entry.get("date", on))


def account(role: str) -> str:
    return OWN[role][0] if role in OWN else ACCOUNTS[role]


def test_gl_001_the_result_moves_to_the_profit_account(api: Api) -> None:
    found, books = case("gl-001"), Keeper(api)
    books.year(2025)
    for entry in found["given"]["entries"]:
        books.take(entry, "2025-06-30")
    assert books.balances(as_of="2025-12-31") == {"1200": "42.00", "4010": "-42.00"}
    books.act("close_fiscal_year", {"id": "FY2025"})
    after = books.balances(as_of="2025-12-31")
    for expected in then(found, 1)["balances"]:
        if "(sub)" not in expected["account"]:
            role = expected["account"].removesuffix(" incl. sub-accounts")
            assert after.get(account(role), "0.00") == expected["balance"], role
    items = api.rows("SELECT amount::text AS amount FROM ledger.open_item_balance WHERE open ORDER BY amount")
    assert [item.amount for item in items] == ["21.00", "21.00"]  # what the sub-account is in the case
    sound(api)


def test_fs_001_trial_balances_before_and_after_adjustments(api: Api) -> None:
    found, books = case("fs-001"), Keeper(api)
    books.year(2010)
    for entry in found["given"]["entries"]:
        books.take(entry, "2010-01-31")
    first = then(found, 2)
    assert amounts(books) == expected(first)
    answer = api.call("get_trial_balance", query={"as_of": "2010-01-31"}).expect(200)
    assert Decimal(answer["total_debit"]) == Decimal(first["total_debit"])
    assert Decimal(answer["total_credit"]) == Decimal(first["total_credit"])
    for entry in found["given"]["adjustments"]:
        books.take(entry, "2010-01-31")
    assert amounts(books) == expected(then(found, 4))
    statements = then(found, 5)
    closed = books.act("close_fiscal_year", {"id": "FY2010"})
    assert Decimal(closed["result"]) == Decimal(statements["net_income"])
    rows = api.call("get_trial_balance", query={"as_of": "2010-12-31"}).expect(200)["rows"]
    totals = {
        kind: sum(Decimal(row["balance"]) for row in rows if row["kind"] == kind)
        for kind in ("asset", "liability", "equity", "revenue", "expense")
    }
    assert totals == {
        "asset": Decimal(statements["total_assets"]),
        "liability": -Decimal(statements["total_liabilities"]),
        "equity": -Decimal(statements["total_equity"]),
        "revenue": 0,
        "expense": 0,
    }
    sound(api)


def amounts(books: Books) -> dict[str, Decimal]:
    return {code: Decimal(balance) for code, balance in books.balances(as_of="2010-01-31").items()}


def expected(after: dict[str, Any]) -> dict[str, Decimal]:
    return {account(role): Decimal(balance) for role, balance in after["trial_balance"].items()}
