"""A services firm's first quarter: what is billed in advance is earned month by month, and late payers are reminded.

After each month the trial balance is told account by account, and the statements, the ageing and the control accounts
tie to it.
"""

from typing import Any

from tests.support.api import Api
from tests.support.closing import Told
from tests.support.firm import Firm
from tests.support.integrity import sound
from tests.support.ledger import credit, debit

EARLY = {"code": "2-10-NET30", "name": "2 % within 10 days, 30 days net"}
REMINDERS = [
    {"days": 7, "text": "You may have overlooked this."},
    {"days": 21, "text": "Please pay.", "fees": [{"currency": "GBP", "amount": "15.00"}], "payment_days": 14},
]


def open_firm(operator: Api) -> Firm:
    """Advisers in London: retainers on the first and the fifteenth of a month, licences by the year, projects."""
    firm = Firm(operator, "Thames Advisers", currency="GBP", jurisdiction="GB")
    rates = [{"rate": "0.20", "valid_from": "2020-01-01"}]
    firm.keep("taxes", "VAT", "VAT", jurisdiction="GB", account="2200", purchase_account="1250", rates=rates)
    firm.keep("tax-rules", "GB", "United Kingdom", jurisdiction="GB", taxes=["VAT"])
    discount = {"percent": "2", "days": 10}
    firm.api.record("payment-terms", **EARLY, instalments=[{"days": 30, "early_discount": discount}])
    firm.keep("dunning-procedures", "USUAL", "Usual", levels=REMINDERS)
    for code, name, price in (
        ("ADVICE", "Advice, a month", "2000.00"),
        ("TUITION", "Tuition, a month", "500.00"),
        ("LICENCE", "Licence, a month", "100.00"),
        ("PROJECT", "Project", "3000.00"),
    ):
        firm.keep("products", code, name, kind="service", unit="EA", sales_price=price, revenue_account="4010")
    firm.keep("customers", "BANK", "Lombard Bank", jurisdiction="GB", payment_terms="NET30")
    firm.keep("customers", "SCHOOL", "Greenwich School", jurisdiction="GB", payment_terms="NET30")
    firm.keep("customers", "MILL", "Paper Mill", jurisdiction="GB", payment_terms=EARLY["code"])
    firm.keep("suppliers", "INSURER", "Mutual Insurance", jurisdiction="GB")
    firm.keep("suppliers", "JANE", "Jane Doe", jurisdiction="GB")
    for code, name, customer, product, starts_on in (
        ("BANK", "Advice for the bank", "BANK", "ADVICE", "2026-01-01"),
        ("SCHOOL", "Tuition at the school", "SCHOOL", "TUITION", "2026-01-15"),
    ):
        items = [{"product": product, "quantity": 1}]
        firm.keep("recurring-invoices", code, name, customer=customer, items=items, starts_on=starts_on)
    return firm


def retainers(firm: Firm, until: str) -> list[str]:
    """Invoice the retainers that are due, and answer what for."""
    made = firm.make("run_recurring_invoices", 200, as_of=until)["made"]
    return [f"{invoice['due_on']} {invoice['total']}" for invoice in made]


def month_end(firm: Firm, day: str, month: int) -> None:
    """Pay salaries and rent, recognise what is due of the deferrals, and close the month."""
    firm.enter(debit("6100", "1500.00"), debit("6120", "400.00"), credit("1020", "1900.00"), date=day)
    refused = firm.make("run_deferrals", 200, until=day)["refused"]
    assert refused == []
    firm.period("close_period", month)


def claim(firm: Firm, *items: dict[str, Any]) -> Any:
    """Jane claims what she paid for; a colleague approves."""
    made = firm.make("create_expense_claim", employee="JANE", purpose="Visit to a customer", items=list(items))
    made = firm.do("submit_expense_claim", made)
    boss = firm.api.as_("boss", "payables.*")
    return boss.call("approve_expense_claim", path={"id": made["id"]}, headers=firm.key()).expect(200).json


def reminded(firm: Firm, on: str) -> list[tuple[str, int, str, str]]:
    """Remind whoever is late: the customers, the level, what is overdue and the fee."""
    run = firm.make("create_dunning_run", procedure="USUAL", date=on)
    notices = [firm.look("get_dunning_notice", made["notice"]["id"]) for made in run["notices"]]
    return [(n["customer"]["code"], n["level"], n["overdue"], n.get("fee", "0.00")) for n in notices]


def test_services_firm(operator: Api) -> None:
    firm = open_firm(operator)

    # January. The partners pay in 30,000. The retainers are invoiced: 2,000 and 500, with 20 % of tax.
    firm.enter(debit("1020", "30000.00"), credit("3000", "30000.00"), date="2026-01-02")
    assert retainers(firm, "2026-01-31") == ["2026-01-01 2400.00", "2026-01-15 600.00"]
    firm.receive("BANK", "2026-01-20", "2400.00")
    # The mill takes a licence for the year: twelve months at 100. It is earned month by month, from January on.
    licence = firm.sell("MILL", "2026-01-10", "LICENCE", 12)
    licence_deferred = firm.spread(licence, 2, "2026-01-01", 12)
    # It pays within ten days, so it takes off 2 % of 1,440.00: 24.00 of revenue and 4.80 of tax.
    paid = firm.receive("MILL", "2026-01-18", "1411.20")
    assert [(item["amount"], item["discount"]) for item in paid["allocations"]] == [("1440.00", "28.80")]
    # The insurance of the year, 2,400, is paid at once; a twelfth of it is January's.
    insurance = firm.buy("INSURER", "2026-01-05", "6140", "2400.00")
    firm.spread(insurance, 1, "2026-01-01", 12)
    firm.pay("INSURER", "2026-01-28", "2400.00")
    # Jane travelled: a train for 120.00 with tax in it, and a meal.
    train = {"date": "2026-01-28", "description": "Train", "amount": "120.00", "account": "6180", "tax": "VAT"}
    meal = {"date": "2026-01-29", "description": "Meal", "amount": "25.50", "account": "6180"}
    owed_to_jane = claim(firm, train, meal)
    month_end(firm, "2026-01-31", 1)

    january = Told(firm.api, "2026-01-01", "2026-01-31", cells=True)
    assert january.trial == {
        "1020": "29511.20",
        "1200": "600.00",
        "1250": "20.00",
        "1300": "2200.00",
        "2140": "-145.50",
        "2200": "-735.20",
        "2310": "-1100.00",
        "3000": "-30000.00",
        "4010": "-2600.00",
        "4085": "24.00",
        "6100": "1500.00",
        "6120": "400.00",
        "6140": "200.00",
        "6180": "125.50",
    }
    assert (january.result["income.revenue"], january.result["result"]) == ("2576.00", "350.50")
    assert statement(january) == ("32331.20", "1980.70", "30350.50")
    assert january.receivable["total"] == ["600.00", "0.00", "0.00", "0.00", "0.00", "0.00", "600.00"]
    assert january.payable["total"][-1] == "145.50"

    # February. The retainers again; the school has not paid for January. Jane gets her money.
    assert retainers(firm, "2026-02-28") == ["2026-02-01 2400.00", "2026-02-15 600.00"]
    firm.do("reimburse_expense_claim", owed_to_jane, 201, date="2026-02-05")
    firm.receive("BANK", "2026-02-12", "2400.00")
    # A project for the mill, 3,000 and 600 of tax, is paid within ten days: 72.00 less.
    firm.sell("MILL", "2026-02-20", "PROJECT")
    firm.receive("MILL", "2026-02-27", "3528.00")
    month_end(firm, "2026-02-28", 2)

    february = Told(firm.api, "2026-02-01", "2026-02-28", cells=True)
    assert february.trial == {
        "1020": "33393.70",
        "1200": "1200.00",
        "1250": "20.00",
        "1300": "2000.00",
        "2200": "-1823.20",
        "2310": "-1000.00",
        "3000": "-30000.00",
        "4010": "-8200.00",
        "4085": "84.00",
        "6100": "3000.00",
        "6120": "800.00",
        "6140": "400.00",
        "6180": "125.50",
    }
    assert (february.result["income.revenue"], february.result["result"]) == ("5540.00", "3440.00")
    assert statement(february) == ("36613.70", "2823.20", "33790.50")
    # The school's invoice of January was due on 14 February: it is 14 days late.
    assert february.receivable["total"] == ["600.00", "600.00", "0.00", "0.00", "0.00", "0.00", "1200.00"]
    assert february.payable["total"][-1] == "0.00"

    # March. The school is reminded, a week later for 15.00, and then pays for January, and the fee.
    assert reminded(firm, "2026-03-02") == [("SCHOOL", 1, "600.00", "0.00")]
    assert reminded(firm, "2026-03-03") == []
    assert reminded(firm, "2026-03-09") == [("SCHOOL", 2, "600.00", "15.00")]
    late, fee = firm.look("get_invoice", "INV-2026-000002"), firm.look("get_dunning_notice", "DUN-2026-000002")
    told = [{"invoice": late["number"]}, {"document": fee["number"]}]
    firm.receive("SCHOOL", "2026-03-20", "615.00", allocations=told)
    # It ends its tuition: what March was invoiced for is credited.
    assert retainers(firm, "2026-03-31") == ["2026-03-01 2400.00", "2026-03-15 600.00"]
    firm.receive("BANK", "2026-03-10", "2400.00")
    march_tuition = firm.look("get_invoice", "INV-2026-000008")
    ended = firm.do("credit_invoice", march_tuition, 201, reason="Tuition has ended", date="2026-03-25")
    assert (ended["total"], firm.look("get_invoice", "INV-2026-000008")["status"]) == ("600.00", "paid")
    # The mill gives its licence back after three months: nine are credited and paid back, and none is earned any more.
    assert len(firm.make("run_deferrals", 200, until="2026-03-31")["recognised"]) == 2
    nine = [{"line": 1, "quantity": 9}]
    given_back = firm.do("credit_invoice", licence, 201, reason="Given back", date="2026-03-31", lines=nine)
    assert firm.do("refund_credit_note", given_back, 201, date="2026-03-31")["amount"] == "1080.00"
    ended_licence = firm.look("get_deferral_schedule", licence_deferred["id"])
    assert (ended_licence["status"], ended_licence["recognised"], ended_licence["remaining"]) == (
        "cancelled", "300.00", "0.00"
    )  # fmt: skip
    month_end(firm, "2026-03-31", 3)

    march = Told(firm.api, "2026-03-01", "2026-03-31", cells=True)
    assert march.trial == {
        "1020": "33428.70",
        "1200": "600.00",
        "1250": "20.00",
        "1300": "1800.00",
        "2200": "-2043.20",
        "3000": "-30000.00",
        "4010": "-10300.00",
        "4085": "84.00",
        "4200": "-15.00",
        "6100": "4500.00",
        "6120": "1200.00",
        "6140": "600.00",
        "6180": "125.50",
    }
    assert (march.result["income.revenue"], march.result["result"]) == ("2100.00", "15.00")
    assert statement(march) == ("35848.70", "2043.20", "33805.50")
    # February's tuition was due on 17 March.
    assert march.receivable["total"] == ["0.00", "600.00", "0.00", "0.00", "0.00", "0.00", "600.00"]
    assert march.receivable["total"][-1] == march.trial["1200"]

    # January is what it was, and the quarter is the sum of its months.
    assert Told(firm.api, "2026-01-01", "2026-01-31").trial == january.trial
    quarter = Told(firm.api, "2026-01-01", "2026-03-31")
    assert quarter.result["result"] == quarter.balance["equity.result"] == "3805.50"
    assert quarter.cash["change"] == "33428.70"
    sound(firm.api)


def statement(told: Told) -> tuple[str, str, str]:
    """Assets, liabilities and equity of a balance sheet."""
    return tuple(told.balance[f"{part}.total"] for part in ("assets", "liabilities", "equity"))  # type: ignore[return-value]
