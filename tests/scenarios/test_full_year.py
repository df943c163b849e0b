"""A company's whole year by the API alone: it begins with what it brings along and ends with a closed year.

Every month is closed, every quarter is revalued and its taxes are filed and paid. At the end every report ties to the
ledger and explains itself.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import sepaxml
import xmlschema

from tests.support.api import Api
from tests.support.closing import Told, balances, report
from tests.support.firm import Firm
from tests.support.integrity import sound
from tests.support.ledger import credit, debit
from tests.tax.returns import boxes, file

SCHEMA = xmlschema.XMLSchema(str(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"))
EQUITY = {"3000": "-30000.00", "3100": "-12380.00"}
LAST = {3: "2025-03-31", 6: "2025-06-30", 9: "2025-09-30", 12: "2025-12-31"}


def open_company(operator: Api) -> Firm:
    """A trader in Hamburg with a customer in Boston, a supplier there, and one whose pay is taxed at the source."""
    firm = Firm(operator, "Elbe Trading", currency="EUR", jurisdiction="DE")
    firm.year(2025)
    bank = {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}
    firm.change("accounts", "1020", currency="EUR", bank_account=bank)
    at = {"jurisdiction": "DE", "account": "2200", "purchase_account": "1250"}
    vat, source = [{"rate": "0.19", "valid_from": "2020-01-01"}], [{"rate": "0.10", "valid_from": "2020-01-01"}]
    firm.keep("taxes", "VAT", "VAT", rates=vat, **at)
    firm.keep("taxes", "REVERSE", "VAT owed by the buyer", rates=vat, reverse_charge=True, **at)
    firm.keep("taxes", "SOURCE", "Tax at the source", rates=source, **at | {"account": "2210", "reported_in": "SOURCE"})
    firm.keep("tax-rules", "DE", "Germany", jurisdiction="DE", taxes=["VAT"])
    firm.keep("tax-rules", "US", "Abroad", jurisdiction="US", taxes=[], reason="Export")
    firm.keep("products", "GOODS", "Goods", kind="service", unit="EA", sales_price="1000.00")
    firm.keep("customers", "HANSA", "Hansa Stores", jurisdiction="DE", payment_terms="NET30")
    firm.keep("customers", "BOSTON", "Boston Stores", jurisdiction="US", currency="USD", payment_terms="NET60")
    account = {"bank_account": {"iban": "GB29NWBK60161331926819"}}
    firm.keep("suppliers", "MILL", "Paper Mill", jurisdiction="DE", payment_terms="NET30", **account)
    firm.keep("suppliers", "BUILDER", "Müller Bau", jurisdiction="DE", payment_terms="NET30", **account,
              withholding_tax="SOURCE")  # fmt: skip
    firm.keep("suppliers", "CHICAGO", "Chicago Advisers", jurisdiction="US", currency="USD", payment_terms="NET60")
    return firm


def ordinary(firm: Firm, month: int, *, paid_by_hansa: str = "11900.00", paid_to_mill: str = "4760.00") -> None:
    """What every month brings: ten sales of 1,000, a purchase of 4,000, both with 19 % of tax, rent and salaries."""
    first = f"2025-{month:02}-"
    firm.sell("HANSA", f"{first}05", "GOODS", 10)
    firm.buy("MILL", f"{first}08", "5000", "4000.00", "VAT")
    if paid_by_hansa:
        firm.receive("HANSA", f"{first}25", paid_by_hansa)
    if paid_to_mill:
        firm.pay("MILL", f"{first}26", paid_to_mill)
    firm.enter(debit("6120", "1000.00"), debit("6100", "2500.00"), credit("1020", "3500.00"), date=f"{first}27")


def close(firm: Firm, *months: int) -> None:
    """Close months."""
    for month in months:
        firm.period("close_period", month, year="FY2025")


def pay_taxes(firm: Firm, date: str, amount: str) -> None:
    """Pay the tax office what the returns came to."""
    firm.enter(debit("2230", amount), credit("1020", amount), date=date)


def quarter_end(firm: Firm, last_month: int, closing_rate: str) -> tuple[Any, Any]:
    """Value what is open in dollars; prepare and file the tax return. Answers both."""
    day, first = LAST[last_month], f"2025-{last_month - 2:02}-01"
    firm.rate("USD", day, closing_rate, type="closing")
    revaluation = firm.make("create_revaluation", date=day)
    return revaluation, file_return(firm, first, day)


def file_return(firm: Firm, first: str, last: str, filed_on: str | None = None, **scope: str) -> Any:
    """Prepare the return of a period and file it; it says what the tax accounts say."""
    prepared = firm.make("prepare_tax_return", starts_on=first, ends_on=last, **scope)
    assert {tied["difference"] for tied in prepared["accounts"]} == {"0.00"}
    return file(firm, prepared, date=filed_on or last)


def test_full_year(operator: Api) -> None:
    firm = open_company(operator)

    # January. The company brings along its bank account, an invoice that is not paid yet, and a bill it owes.
    firm.make(
        "post_opening_balances",
        date="2025-01-01",
        accounts=[debit("1020", "40000.00"), credit("3000", "30000.00"), credit("3100", "12380.00")],
        customers=[{"customer": "HANSA", "reference": "OLD-17", "amount": "5950.00", "due_date": "2025-01-31"}],
        suppliers=[{"supplier": "MILL", "reference": "OLD-3", "amount": "3570.00", "due_date": "2025-01-15"}],
    )
    assert Told(firm.api, "2025-01-01", "2025-01-01").trial == {
        "1020": "40000.00", "1200": "5950.00", "2100": "-3570.00", **EQUITY
    }  # fmt: skip
    firm.pay("MILL", "2025-01-03", "3570.00")
    firm.receive("HANSA", "2025-01-04", "5950.00")
    ordinary(firm, 1)
    close(firm, 1)

    # February. Boston buys for 5,000 dollars, worth 0.90 each. March. It pays 2,000 of them, worth 0.92: a gain of 40.
    ordinary(firm, 2)
    firm.rate("USD", "2025-02-10", "0.90")
    boston = firm.sell("BOSTON", "2025-02-10", "GOODS", unit_price="5000.00")
    assert (boston["total"], boston["base"]["total"], boston["tax_total"]) == ("5000.00", "4500.00", "0.00")
    close(firm, 2)
    ordinary(firm, 3)
    part = firm.receive("BOSTON", "2025-03-10", "2000.00", currency="USD", account_amount="1840.00")
    assert part["base"]["exchange_difference"] == "40.00"

    # The first quarter ends. 3,000 dollars stand at 2,700 and are worth 0.88 each, 2,640: a loss of 60, not realised.
    revaluation, filed = quarter_end(firm, 3, "0.88")
    assert revaluation["total"] == "-60.00"
    assert boxes(filed) == {
        "INPUT_BASE": "12000.00", "INPUT_TAX": "2280.00", "OUTPUT_BASE": "30000.00", "OUTPUT_TAX": "5700.00"
    }  # fmt: skip
    close(firm, 3)
    first = Told(firm.api, "2025-01-01", "2025-03-31")
    assert first.trial == {
        "1020": "55140.00", "1200": "2700.00", "1205": "-60.00", "2230": "-3420.00", **EQUITY,
        "4000": "-34500.00", "4220": "-40.00", "5000": "12000.00", "6100": "7500.00", "6120": "3000.00",
        "6330": "60.00",
    }  # fmt: skip
    assert (first.result["result"], first.receivable["total"][-1], first.payable["total"][-1]) == (
        "11980.00", "2700.00", "0.00"
    )  # fmt: skip

    # April. What was valued is taken back on its first day, and the tax of the quarter is paid.
    assert Told(firm.api, "2025-04-01", "2025-04-01").trial == {
        name: amount for name, amount in first.trial.items() if name not in ("1205", "6330")
    }
    pay_taxes(firm, "2025-04-10", "3420.00")
    ordinary(firm, 4)
    close(firm, 4)

    # May. Hansa sends goods for 1,000 back and pays the rest. Boston pays 3,000 dollars, worth 0.95: a gain of 150.
    ordinary(firm, 5, paid_by_hansa="")
    sold = firm.look("get_invoice", "INV-2025-000006")
    lines = [{"line": 1, "quantity": 1}]
    returned = firm.do("credit_invoice", sold, 201, reason="Sent back", date="2025-05-12", lines=lines)
    assert (returned["total"], returned["allocations"][0]["amount_due"]) == ("1190.00", "10710.00")
    firm.receive("HANSA", "2025-05-25", "10710.00")
    rest = firm.receive("BOSTON", "2025-05-15", "3000.00", currency="USD", account_amount="2850.00")
    assert rest["base"]["exchange_difference"] == "150.00"
    close(firm, 5)

    # June. Advice from Chicago for 4,000 dollars, worth 0.93 each: the company owes the tax on it, and claims it back.
    ordinary(firm, 6)
    firm.rate("USD", "2025-06-10", "0.93")
    advice = firm.buy("CHICAGO", "2025-06-10", "6170", "4000.00", "REVERSE")
    assert (advice["total"], advice["base"]["total"]) == ("4000.00", "3720.00")
    revaluation, filed = quarter_end(firm, 6, "0.96")
    assert revaluation["total"] == "-120.00"
    assert boxes(filed) == {
        "INPUT_BASE": "15720.00", "INPUT_TAX": "2986.80", "OUTPUT_BASE": "29000.00", "OUTPUT_TAX": "6216.80"
    }  # fmt: skip
    close(firm, 6)
    second = Told(firm.api, "2025-04-01", "2025-06-30")
    assert second.trial == {
        "1020": "64300.00", "2100": "-3720.00", "2105": "-120.00", "2230": "-3230.00", **EQUITY,
        "4000": "-63500.00", "4220": "-190.00", "5000": "24000.00", "6100": "15000.00", "6120": "6000.00",
        "6170": "3720.00", "6330": "120.00",
    }  # fmt: skip
    assert second.payable["total"][-1] == "3720.00"

    # July. Chicago is paid when a dollar is worth 0.94: a loss of 40. The mill and a builder are paid in one run, which
    # a colleague approves; 10 % of the builder's 2,000 is kept back for the tax office.
    pay_taxes(firm, "2025-07-10", "3230.00")
    ordinary(firm, 7, paid_to_mill="")
    firm.buy("BUILDER", "2025-07-10", "6190", "2000.00", "VAT")
    paid = firm.pay("CHICAGO", "2025-07-20", "4000.00", currency="USD", account_amount="3760.00")
    assert paid["base"]["exchange_difference"] == "-40.00"
    run = firm.make("create_payment_run", due_until="2025-08-31", date="2025-07-28")
    assert [(line["supplier"]["code"], line["amount"], line.get("withheld")) for line in run["lines"]] == [
        ("BUILDER", "2180.00", "200.00"),
        ("MILL", "4760.00", None),
    ]
    boss = firm.api.as_("boss", "payables.*")
    boss.call("approve_payment_run", path={"id": run["id"]}, headers=firm.key()).expect(200)
    message = firm.look("get_payment_run_file", run["number"])
    SCHEMA.validate(message["content"])
    assert "<CtrlSum>6940.00</CtrlSum>" in message["content"]
    assert firm.do("confirm_payment_run", run, date="2025-07-28")["status"] == "confirmed"
    ordinary(firm, 8)
    close(firm, 7, 8)

    # September. The mill grants 500 on its bill, and gets so much less. Boston buys for 2,000 dollars at 0.95.
    ordinary(firm, 9, paid_to_mill="")
    bill = firm.api.call("list_bills", query={"supplier": "MILL", "status": "posted"})
    granted = {"supplier_number": "C-9", "reason": "Damaged", "date": "2025-09-12"}
    (owed,) = bill.expect(200)["data"]
    given = firm.do("credit_bill", owed, 201, **granted, lines=[{"line": 1, "quantity": "0.125"}])
    assert given["total"] == "595.00"
    firm.pay("MILL", "2025-09-26", "4165.00")
    firm.rate("USD", "2025-09-05", "0.95")
    firm.sell("BOSTON", "2025-09-05", "GOODS", unit_price="2000.00")
    revaluation, filed = quarter_end(firm, 9, "0.97")
    assert (revaluation["total"], filed["payable"]) == ("40.00", "3135.00")
    close(firm, 9)
    third = Told(firm.api, "2025-07-01", "2025-09-30")
    assert third.trial == {
        "1020": "66645.00", "1200": "1900.00", "1205": "40.00", "2210": "-200.00", "2230": "-3135.00", **EQUITY,
        "4000": "-95400.00", "4220": "-190.00", "4230": "-40.00", "5000": "35500.00", "6100": "22500.00",
        "6120": "9000.00", "6170": "3720.00", "6190": "2000.00", "6320": "40.00",
    }  # fmt: skip
    assert third.receivable["total"][-1] == "1900.00"

    # October. The return of what was withheld is filed as well, and both are paid. A computer for 3,600 and its tax.
    # Boston pays at 0.96: a gain of 20.
    withheld = file_return(firm, "2025-07-01", "2025-09-30", filed_on="2025-10-10", scope="SOURCE")
    assert withheld["payable"] == "200.00"
    pay_taxes(firm, "2025-10-10", "3335.00")
    ordinary(firm, 10)
    firm.buy("MILL", "2025-10-15", "1550", "3600.00", "VAT")
    firm.pay("MILL", "2025-10-28", "4284.00")
    last = firm.receive("BOSTON", "2025-10-20", "2000.00", currency="USD", account_amount="1920.00")
    assert last["base"]["exchange_difference"] == "20.00"
    close(firm, 10)

    # November. An invoice to the wrong customer is voided on its day; Boston buys for 1,000 dollars at 0.94.
    ordinary(firm, 11)
    wrong = firm.sell("HANSA", "2025-11-06", "GOODS", 3)
    assert firm.do("void_invoice", wrong, reason="Wrong customer", date="2025-11-06")["status"] == "void"
    firm.rate("USD", "2025-11-10", "0.94")
    firm.sell("BOSTON", "2025-11-10", "GOODS", unit_price="1000.00")
    close(firm, 11)

    # December. Three months of depreciation, the income tax of the year, the last valuation and the last return.
    ordinary(firm, 12)
    firm.enter(debit("6195", "300.00"), credit("1559", "300.00"), date="2025-12-31")
    firm.enter(debit("6500", "3000.00"), credit("2220", "3000.00"), date="2025-12-31")
    revaluation, filed = quarter_end(firm, 12, "0.90")
    assert (revaluation["total"], filed["payable"]) == ("-40.00", "2736.00")
    close(firm, 12)
    before = Told(firm.api, "2025-01-01", "2025-12-31")
    assert before.trial == {
        "1020": "71866.00", "1200": "940.00", "1205": "-40.00", "1550": "3600.00", "1559": "-300.00",
        "2220": "-3000.00", "2230": "-2736.00", **EQUITY, "4000": "-126340.00", "4220": "-210.00",
        "5000": "47500.00", "6100": "30000.00", "6120": "12000.00", "6170": "3720.00", "6190": "2000.00",
        "6195": "300.00", "6320": "40.00", "6330": "40.00", "6500": "3000.00",
    }  # fmt: skip

    # The year is closed: its result of 27,950 goes to retained earnings, and nothing else changes.
    closed = firm.do("close_fiscal_year", {"id": "FY2025"})
    assert (closed["status"], closed["result"]) == ("closed", "27950.00")
    after = Told(firm.api, "2025-01-01", "2025-12-31", cells=True)
    assert after.trial == {
        "1020": "71866.00", "1200": "940.00", "1205": "-40.00", "1550": "3600.00", "1559": "-300.00",
        "2220": "-3000.00", "2230": "-2736.00", "3000": "-30000.00", "3100": "-40330.00",
    }  # fmt: skip
    every_report_ties(firm, before, after)
    figures_explain_themselves(firm)
    looked_at = sound(firm.api)
    assert looked_at["entries_balance"] == 98


def every_report_ties(firm: Firm, before: Told, after: Told) -> None:
    """What the year's reports say of one another, once the year is closed."""
    # The result is what retained earnings moved by, and is told alike before and after the closing.
    moved = Decimal(before.trial["3100"]) - Decimal(after.trial["3100"])
    assert (str(moved), before.result["result"], after.result["result"]) == ("27950.00",) * 3
    assert before.result == after.result
    # The balance sheet: assets are liabilities and equity, closed or not.
    assert after.balance["assets.total"] == after.balance["liabilities_and_equity"] == "76066.00"
    assert (after.balance["liabilities.total"], after.balance["equity.total"]) == ("5736.00", "70330.00")
    # Cash: it ends at the bank's balance, and begins with nothing.
    cash = {key: after.cash[key] for key in ("operating.total", "investing.total", "change", "opening", "closing")}
    assert cash["closing"] == after.trial["1020"] == "71866.00"
    assert (cash["investing.total"], cash["opening"]) == ("-3600.00", "0.00")
    # The general ledger ends at the trial balance, account by account.
    ended = {code: amounts[-1] for code, amounts in after.ledger.items() if amounts[-1] != "0.00"}
    assert ended == after.trial
    # What customers owe and suppliers get is what the control accounts say.
    assert (after.receivable["total"][-1], after.payable["total"][-1]) == ("940.00", "0.00")
    # The trial balance without the closing is that of before it.
    query = {"as_of": "2025-12-31", "closing": "exclude"}
    assert balances(report(firm.api, "get_trial_balance", **query)) == before.trial
    # The tax summary of the year is the sum of its returns.
    filed = firm.api.call("list_tax_returns", query={"status": "filed"}).expect(200)["data"]
    payable = sum((Decimal(each["payable"]) for each in filed), Decimal(0))
    assert (len(filed), str(payable)) == (5, "12721.00")
    assert after.tax["total"] == "12721.00"
    # The new year begins with the revaluation taken back, and the result of the old in retained earnings.
    begun = Told(firm.api, "2026-01-01", "2026-01-01").trial
    assert {code: begun.get(code, "0.00") for code in ("1205", "3100", "4230", "6330")} == {
        "1205": "0.00", "3100": "-40330.00", "4230": "0.00", "6330": "-40.00"
    }  # fmt: skip


def figures_explain_themselves(firm: Firm) -> None:
    """From a figure to its lines, from a line to its document, and from there to the events that made it."""
    year = {"from": "2025-01-01", "to": "2025-12-31"}
    for operation, row, lines, document_type, event in (
        ("get_profit_loss", "expenses.other_expenses.6320", 1, "supplier_payment", "payment.made"),
        ("get_profit_loss", "income.other_income.4220", 3, "payment", "payment.received"),
        ("get_profit_loss", "expenses.administrative_expenses.6170", 1, "bill", "bill.created"),
    ):
        answer = report(firm.api, operation, **year)
        (cell,) = (each["cells"][0] for each in answer["rows"] if each["key"] == row)
        path = {"kind": answer["kind"]}
        told = firm.api.call("get_explanation", path=path, query={"cell": cell["cell"]}).expect(200).json
        assert (told["amount"], told["lines"]) == (cell["amount"], lines)
        assert sum((Decimal(line["amount"]) for line in told["data"]), Decimal(0)) == Decimal(cell["amount"])
        for line in told["data"]:
            assert (line["document_type"], line["events"][0]["type"]) == (document_type, event)
            history = firm.api.call("get_document_history", path={"id": line["document"]["id"]}).expect(200)["data"]
            assert event in [one["type"] for one in history]
