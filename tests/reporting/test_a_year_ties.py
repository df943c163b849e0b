"""A year of sales and purchases in two currencies, of taxes, stock and assets: each report ties to the trial balance.

On each day that is looked at, before and after the year is closed, and as it was known before a late bill came in.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.closing import balances, report
from tests.support.firm import Firm
from tests.support.ledger import credit, debit
from tests.support.reports import rows, ties

DAYS = ("2025-03-31", "2025-08-15", "2025-12-31", "2026-02-28")


@pytest.fixture
def firm(operator: Api) -> Firm:
    """A trader that sells and buys at home with 19 % of tax and abroad without, in euros."""
    made = Firm(operator, "Harbor Lights", currency="USD", jurisdiction="US")
    made.year(2025)
    rates = [{"rate": "0.19", "valid_from": "2020-01-01"}]
    made.keep("taxes", "VAT", "VAT", rates=rates, jurisdiction="US", account="2200", purchase_account="1250")
    made.keep("tax-rules", "HOME", "Home", jurisdiction="US", taxes=["VAT"])
    made.keep("tax-rules", "ABROAD", "Abroad", jurisdiction="DE", taxes=[], reason="Export")
    made.keep("products", "LAMP", "Lamp", unit="EA", sales_price="120.00")
    made.keep("products", "ADVICE", "Advice", kind="service", unit="EA", sales_price="75.00", revenue_account="4010")
    made.keep("customers", "HOME", "Books", jurisdiction="US", payment_terms="NET30")
    made.keep("customers", "EURO", "Söhne", jurisdiction="DE", currency="EUR", payment_terms="NET30")
    made.keep("suppliers", "MILL", "Paper Mill", jurisdiction="US", payment_terms="NET30")
    made.keep("suppliers", "NORDIC", "Nordic Print", jurisdiction="DE", currency="EUR", payment_terms="NET30")
    for day, rate in (("2025-01-01", "1.05"), ("2025-06-01", "1.12"), ("2026-01-01", "1.17")):
        made.rate("EUR", day, rate)
    made.enter(debit("1020", "50000.00"), credit("3000", "50000.00"), date="2025-01-01")
    made.enter(debit("1510", "12000.00"), credit("1020", "12000.00"), date="2025-01-10")
    made.enter(debit("1020", "20000.00"), credit("2500", "20000.00"), date="2025-02-01")
    for day, quantity, cost in (("2025-01-15", "400", "60.00"), ("2025-06-15", "100", "66.50")):
        items = [{"product": "LAMP", "quantity": quantity, "unit_cost": cost}]
        made.make("receive_stock", items=items, date=day)
    for month in ("2025-01", "2025-03", "2025-06", "2025-08", "2025-12", "2026-01"):
        made.sell("HOME", f"{month}-05", "LAMP", 10)
        made.sell("EURO", f"{month}-07", "ADVICE", 8, unit_price="90.00")
        made.buy("MILL", f"{month}-08", "6150", "300.00", "VAT")
        made.buy("NORDIC", f"{month}-09", "6190", "200.00")
        made.receive("HOME", f"{month}-12", "1200.00")
        made.enter(debit("6195", "200.00"), credit("1519", "200.00"), date=f"{month}-28")
    made.receive("EURO", "2025-08-20", "720.00", currency="EUR")
    made.pay("NORDIC", "2025-08-21", "200.00", currency="EUR")
    made.receive("EURO", "2026-01-20", "1000.00", currency="EUR")
    return made


def tied(api: Api, day: str, **known: str) -> dict[str, str]:
    """The trial balance of a day, once every report of the year up to it has been held against it."""
    period = {"from": f"{day[:4]}-01-01", "to": day, **known}
    at = {"as_of": day, **known}
    trial = balances(report(api, "get_trial_balance", **at))
    before = balances(report(api, "get_trial_balance", as_of=f"{int(day[:4]) - 1}-12-31", **known))

    def total(*starts: str, of: dict[str, str] = trial) -> Decimal:
        return sum((Decimal(amount) for code, amount in of.items() if code.startswith(starts)), Decimal(0))

    made = {
        name: report(api, f"get_{name}", **(at if name in ("balance_sheet", "stock_valuation") else period))
        for name in ("balance_sheet", "profit_loss", "cash_flow", "general_ledger", "tax_summary", "sales_summary",
                     "stock_valuation")
    }  # fmt: skip
    aged = {name: report(api, f"get_aged_{name}", **at) for name in ("receivables", "payables")}
    for name, answer in {**made, **aged}.items():
        assert set(ties(answer)) <= {"0.00"}, (name, answer["ties_to"])
    sheet, result, cash = (rows(made[name], 0) for name in ("balance_sheet", "profit_loss", "cash_flow"))
    assert total("1") == Decimal(sheet["assets.total"]) == Decimal(sheet["liabilities_and_equity"])
    # The result is what equity changed by, but for the capital that was paid in.
    equity = Decimal(sheet["equity.total"]) + total("3", "4", "5", "6", of=before)
    assert Decimal(result["result"]) == equity + total("30") - total("30", of=before)
    assert (Decimal(cash["opening"]), Decimal(cash["closing"])) == (total("10", of=before), total("10"))
    assert Decimal(cash["change"]) == total("10") - total("10", of=before)
    assert Decimal(rows(aged["receivables"])["total"][-1]) == total("1200", "2300")
    assert Decimal(rows(aged["payables"])["total"][-1]) == -total("2100")
    assert Decimal(rows(made["tax_summary"])["total"][1]) == -total("2200", "1250") + total("2200", "1250", of=before)
    assert Decimal(rows(made["stock_valuation"])["total"][2]) == total("14")
    for code, (_, _, _, closing) in rows(made["general_ledger"]).items():
        assert Decimal(closing) == Decimal(trial.get(code, "0.00")), code
    return trial


def test_every_report_ties_on_every_day(firm: Firm) -> None:
    found = {day: tied(firm.api, day) for day in DAYS}
    assert {day: trial["1200"] for day, trial in found.items()} == {
        "2025-03-31": "1968.00",
        "2025-08-15": "4036.80",
        "2025-12-31": "4315.20",
        "2026-02-28": "4316.00",
    }
    assert (found["2025-12-31"]["1400"], found["2025-12-31"]["2200"]) == ("30650.00", "-1140.00")


def test_they_tie_after_the_year_is_closed_as_before(firm: Firm) -> None:
    """The result has moved to retained earnings, and the statement of the year tells it as it was."""
    result = rows(report(firm.api, "get_profit_loss", **{"from": "2025-01-01", "to": "2025-12-31"}))["result"]
    firm.act("close_fiscal_year", {"id": "FY2025"})
    closed = tied(firm.api, "2026-02-28")
    assert (closed["3100"], result) == (str(-Decimal(result[0])), result)
    assert rows(report(firm.api, "get_profit_loss", **{"from": "2025-01-01", "to": "2025-12-31"}))["result"] == result
    sheet = report(firm.api, "get_balance_sheet", as_of="2025-12-31")
    assert (rows(sheet, 0)["equity.retained_earnings"], rows(sheet, 0)["equity.result"]) == (result[0], "0.00")
    assert ties(sheet) == ["0.00"]


def test_they_tie_as_they_were_known(firm: Firm) -> None:
    """A bill of March that comes in later is in none of the reports that were told before it."""
    known = str(firm.api.events()[-1]["time"])
    before = {day: tied(firm.api, day) for day in DAYS}
    firm.buy("MILL", "2025-03-20", "6150", "1000.00", "VAT")
    assert {day: tied(firm.api, day, known_at=known) for day in DAYS} == before
    assert Decimal(tied(firm.api, "2025-03-31")["6150"]) == Decimal(before["2025-03-31"]["6150"]) + 1000


def test_two_companies_tie_one_by_one_and_together(firm: Firm) -> None:
    """Beside a second company nothing of the first one changes."""
    alone: Any = report(firm.api, "get_balance_sheet", as_of="2025-12-31")
    firm.api.record("companies", code="EAST", name="East", currency="USD", jurisdiction="US")
    year = {"code": "E2025", "company": "EAST", "starts_on": "2025-01-01", "ends_on": "2025-12-31"}
    firm.api.record("fiscal-years", **year)
    series = {"code": "JE-E", "document_type": "journal_entry", "company": "EAST", "prefix": "E-{YYYY}-"}
    firm.api.record("number-series", **series)
    firm.enter(debit("1020", "900.00"), credit("4010", "900.00"), date="2025-08-11", company="EAST")
    both = report(firm.api, "get_balance_sheet", as_of="2025-12-31", split="company")
    assert [row["cells"][1]["amount"] for row in both["rows"] if row["cells"]] == [
        row["cells"][0]["amount"] for row in alone["rows"] if row["cells"]
    ]
    assert [cell["amount"] for cell in both["rows"][-1]["cells"]] == [
        "900.00", alone["rows"][-1]["cells"][0]["amount"],
        str(Decimal("900.00") + Decimal(alone["rows"][-1]["cells"][0]["amount"])),
    ]  # fmt: skip
    assert ties(both) == ["0.00"] * 3
