"""What is looked at when a month is closed: every report of it, each tied to the ledger and to the others."""

from decimal import Decimal
from typing import Any

from tests.support.api import Api
from tests.support.reports import explained, rows, ties

EARNED = "equity.result"


def report(api: Api, operation: str, **query: str) -> Any:
    """A report."""
    return api.call(operation, query=query).expect(200).json


def balances(answer: Any) -> dict[str, str]:
    """The balances of a trial balance by the codes of accounts, debit positive; it has to balance."""
    assert answer["total_debit"] == answer["total_credit"]
    return {row["account"]["code"]: row["balance"] for row in answer["rows"] if row["balance"] != "0.00"}


class Told:
    """The reports of the days from ``first`` to ``last``, by the keys of their rows; made once all of them tie."""

    def __init__(self, api: Api, first: str, last: str, cells: bool = False) -> None:
        """With ``cells`` every cell of every report is explained as well."""
        period = {"from": first, "to": last}
        reports = {
            "balance": report(api, "get_balance_sheet", as_of=last),
            "result": report(api, "get_profit_loss", **period),
            "cash": report(api, "get_cash_flow", **period),
            "receivable": report(api, "get_aged_receivables", as_of=last),
            "payable": report(api, "get_aged_payables", as_of=last),
            "ledger": report(api, "get_general_ledger", **period),
            "tax": report(api, "get_tax_summary", **period),
        }
        for name, answer in reports.items():
            assert set(ties(answer)) <= {"0.00"}, (name, answer["ties_to"])
            if cells:
                assert explained(api, answer) > 0 or not answer["rows"], name
        found = {name: rows(answer, -1) for name, answer in reports.items()}
        self.balance, self.result, self.cash, self.tax = (found[name] for name in ("balance", "result", "cash", "tax"))
        self.receivable: dict[str, list[str]] = rows(reports["receivable"])
        self.payable: dict[str, list[str]] = rows(reports["payable"])
        self.ledger: dict[str, list[str]] = rows(reports["ledger"])
        self.trial = balances(report(api, "get_trial_balance", as_of=last))
        self._tie()

    def _tie(self) -> None:
        """Each report says what the trial balance says."""
        assert self.sum("1") == Decimal(self.balance["assets.total"])
        assert self.sum("2", "3", "4", "5", "6") == -Decimal(self.balance["liabilities_and_equity"])
        money = self.balance.get("assets.current.cash_and_cash_equivalents", "0.00")
        assert self.sum("10") == Decimal(money) == Decimal(self.cash["closing"])

    def sum(self, *starts: str) -> Decimal:
        """The balance of all accounts whose codes begin so, debit positive."""
        return sum((Decimal(amount) for code, amount in self.trial.items() if code.startswith(starts)), Decimal(0))
