"""A company's first quarter: every month is closed, and the statements are told after each, to the cent.

After each month everything ties: assets equal liabilities and equity, cash flows end at the cash, the ageing equals the
control account, the result equals what equity changed by, and each figure is explained by its lines.
"""

from typing import Any

from tests.support.ledger import Books, credit, debit
from tests.support.reports import explained, rows, ties
from tests.support.shop import Shop

SERVICE = [{"product": "SERV001", "quantity": 1}]


def report(shop: Shop, operation: str, **query: str) -> Any:
    return shop.api.call(operation, query=query).expect(200).json


def month(shop: Shop, first: str, last: str) -> dict[str, dict[str, str]]:
    """The statements of a month by the keys of their rows, once all of them tie and explain themselves."""
    period = {"from": first, "to": last}
    balance = report(shop, "get_balance_sheet", as_of=last)
    result = report(shop, "get_profit_loss", **period)
    cash = report(shop, "get_cash_flow", **period)
    ageing = report(shop, "get_aged_receivables", as_of=last, detail="items")
    ledger = report(shop, "get_general_ledger", **period)
    sales = report(shop, "get_sales_summary", **period)
    told = {"balance": balance, "result": result, "cash": cash, "ageing": ageing, "ledger": ledger, "sales": sales}
    for name, answer in told.items():
        assert ties(answer) == ["0.00"], name
        assert explained(shop.api, answer) > 0
    found = {name: rows(answer, -1) for name, answer in told.items()}
    # What the month earned is what equity gained by it; the cash of the sheet is that of the flows.
    year = report(shop, "get_profit_loss", **{"from": "2026-01-01", "to": last})
    assert rows(year, 0)["result"] == found["balance"]["equity.result"]
    assert found["cash"]["closing"] == found["balance"]["assets.current.cash_and_cash_equivalents"]
    assert found["sales"]["total"] == found["result"].get("income.revenue", "0.00")
    return found


def test_first_quarter(shop: Shop) -> None:
    books = Books(shop.api)

    # January. The owners pay in 50,000, a bank lends 20,000, a delivery van is bought for 24,000 and the rent paid.
    books.enter(debit("1020", "50000.00"), credit("3000", "50000.00"), date="2026-01-02")
    books.enter(debit("1020", "20000.00"), credit("2620", "20000.00"), date="2026-01-05")
    books.enter(debit("1530", "24000.00"), credit("1020", "24000.00"), date="2026-01-10")
    books.rent(date="2026-01-31")
    # Ten lamps are sold on credit for 1,200 and 87 of taxes, of which 500 are paid at once; two hours of work for cash.
    shop.invoice(date="2026-01-15")
    shop.pay("500.00", date="2026-01-20")
    shop.invoice("CUST002", date="2026-01-25", items=[{"product": "SERV001", "quantity": 2}])
    shop.pay("150.00", "CUST002", date="2026-01-25")
    # The van lasts four years: 24,000 / 48.
    books.enter(debit("6195", "500.00"), credit("1539", "500.00"), date="2026-01-31")
    books.period("close_period", 1)
    january = month(shop, "2026-01-01", "2026-01-31")
    assert (january["result"]["gross_profit"], january["result"]["result"]) == ("1350.00", "-350.00")
    assert january["balance"]["assets.non_current.total"] == "23500.00"
    assert january["balance"]["assets.current.trade_and_other_receivables"] == "787.00"
    assert january["balance"]["assets.total"] == "69737.00"
    assert january["balance"]["liabilities.total"] == "20087.00"
    assert january["balance"]["equity.total"] == "49650.00"
    assert {key: january["cash"][key] for key in TOTALS} == {
        "operating.total": "-550.00",
        "investing.total": "-24000.00",
        "financing.total": "70000.00",
        "change": "45450.00",
        "opening": "0.00",
        "closing": "45450.00",
    }
    assert january["ageing"]["total"] == "787.00"

    # February. A customer pays 1,000 in advance; one sale is credited; interest and repayment; tax of January is paid.
    shop.pay("1000.00", "CUST002", date="2026-02-03", allocations=[])
    returned = shop.invoice("CUST002", date="2026-02-10", items=[{"product": "PROD002", "quantity": 1}])
    body = {"reason": "Sent back", "date": "2026-02-12"}
    shop.api.call("credit_invoice", body, path={"id": returned["id"]}).expect(201)
    shop.invoice("CUST002", date="2026-02-14", items=SERVICE)
    books.enter(debit("6400", "100.00"), debit("2620", "400.00"), credit("1020", "500.00"), date="2026-02-28")
    books.enter(debit("2200", "87.00"), credit("1020", "87.00"), date="2026-02-20")
    books.rent(date="2026-02-28")
    books.enter(debit("6195", "500.00"), credit("1539", "500.00"), date="2026-02-28")
    books.period("close_period", 2)
    february = month(shop, "2026-02-01", "2026-02-28")
    assert (february["result"]["operating_result"], february["result"]["result"]) == ("-1625.00", "-1725.00")
    assert february["balance"]["equity.result"] == "-2075.00"
    assert february["balance"]["liabilities.current.contract_liabilities"] == "1000.00"
    assert february["balance"]["assets.total"] == "68525.00"
    assert {key: february["cash"][key] for key in TOTALS} == {
        "operating.total": "-387.00",
        "investing.total": "0.00",
        "financing.total": "-400.00",
        "change": "-787.00",
        "opening": "45450.00",
        "closing": "44663.00",
    }
    assert february["ageing"]["total"] == "-138.00"

    # March. The van is sold for 23,500: it stood at 23,000. The rest of January's invoice is paid; goods have arrived.
    books.enter(
        debit("1020", "23500.00"),
        debit("1539", "1000.00"),
        credit("1530", "24000.00"),
        credit("4210", "500.00"),
        date="2026-03-05",
    )
    shop.pay("787.00", date="2026-03-10")
    books.rent(date="2026-03-31")
    books.enter(debit("6500", "50.00"), credit("2220", "50.00"), date="2026-03-31")
    books.enter(debit("3110", "250.00"), credit("1020", "250.00"), date="2026-03-31")
    books.period("close_period", 3)
    march = month(shop, "2026-03-01", "2026-03-31")
    assert march["result"] == {
        "gross_profit": "0.00",
        "income.other_income": "500.00",
        "income.other_income.4210": "500.00",
        "expenses.administrative_expenses": "-1200.00",
        "expenses.administrative_expenses.6120": "-1200.00",
        "operating_result": "-700.00",
        "result_before_tax": "-700.00",
        "expenses.income_tax_expense": "-50.00",
        "expenses.income_tax_expense.6500": "-50.00",
        "result": "-750.00",
    }
    assert (march["cash"]["operating.assets"], march["cash"]["investing.assets"]) == ("-500.00", "23500.00")
    assert {key: march["cash"][key] for key in TOTALS} == {
        "operating.total": "-413.00",
        "investing.total": "23500.00",
        "financing.total": "-250.00",
        "change": "22837.00",
        "opening": "44663.00",
        "closing": "67500.00",
    }
    assert march["ageing"]["total"] == "-925.00"

    # The quarter is its three months; what January and February said is still what they say.
    quarter = month(shop, "2026-01-01", "2026-03-31")
    assert quarter["result"]["result"] == "-2825.00"
    assert quarter["cash"]["change"] == "67500.00"
    compared = rows(report(shop, "get_profit_loss", **{"from": "2026-03-01", "to": "2026-03-31"},
                           compare="previous_period", columns="2"))  # fmt: skip
    assert compared["result"] == ["-750.00", "-1725.00", "-350.00"]
    assert month(shop, "2026-01-01", "2026-01-31") == january
    sheets = rows(report(shop, "get_balance_sheet", as_of="2026-03-31", compare="previous_period", columns="2"))
    assert sheets["equity.total"] == ["46925.00", "47925.00", "49650.00"]
    assert sheets["liabilities_and_equity"] == sheets["assets.total"]


TOTALS = ("operating.total", "investing.total", "financing.total", "change", "opening", "closing")
