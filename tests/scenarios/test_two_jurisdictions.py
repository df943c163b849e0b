"""Selling in two states: what each authority is owed, through a change of rates, an exemption that ends and a void.

California taxes at 6 %, from December on at 7 %, San Francisco adds 1.25 %, and Nevada taxes at 6.85 %.
"""

from tests.inventory.later import later
from tests.support.api import Api
from tests.support.company import Company


def open_company(operator: Api) -> Company:
    """A shop for printing paper that keeps an account for what it owes to each authority."""
    company = Company(operator, "Golden Paper", currency="USD", jurisdiction="US-CA-SF")
    for code, name in (("2201", "Owed to California"), ("2202", "Owed to San Francisco"), ("2203", "Owed to Nevada")):
        company.keep("accounts", code, name, kind="liability", parent="22", category="current_tax_liabilities")
    company.levy("STATE", "California sales tax", "US-CA", "0.06", account="2201")
    company.levy("CITY", "San Francisco sales tax", "US-CA-SF", "0.0125", account="2202", sequence=20)
    company.levy("NEVADA", "Nevada sales tax", "US-NV", "0.0685", account="2203")
    company.keep("tax-rules", "CA", "California", jurisdiction="US-CA", taxes=["STATE"])
    company.keep("tax-rules", "SF", "San Francisco", jurisdiction="US-CA-SF", taxes=["CITY"])
    company.keep("tax-rules", "NV", "Nevada", jurisdiction="US-NV", taxes=["NEVADA"])
    company.keep("products", "PAPER", "Printing paper", kind="service", unit="EA", sales_price="33.33")
    company.keep("customers", "PRESS", "Bay Press", jurisdiction="US-CA-SF", payment_terms="NET30")
    company.keep("customers", "VEGAS", "Vegas Signs", jurisdiction="US-NV", payment_terms="NET30")
    company.keep("customers", "MUSEUM", "City Museum", jurisdiction="US-CA-SF", payment_terms="NET30",
                 exemptions=[{"certificate": "M-1", "jurisdiction": "US-CA-SF", "valid_from": "2026-01-01",
                              "valid_to": "2026-11-30", "reason": "public collection"}])  # fmt: skip
    return company


def owed(company: Company, day: str) -> dict[str, str]:
    """What each authority is owed on a day, by the ledgers of its account."""
    accounts = {"California": "2201", "San Francisco": "2202", "Nevada": "2203"}
    balances = {place: company.ledger(code, as_of=day)["closing_balance"] for place, code in accounts.items()}
    return {place: balance.removeprefix("-") for place, balance in balances.items()}


def test_two_jurisdictions(operator: Api) -> None:
    company = open_company(operator)
    company.books(debit={}, credit={})

    # November 10. Three times 33.33 to San Francisco: 99.99, of which 6 % is 6.00 and 1.25 % is 1.25.
    press = company.invoice("PRESS", "2026-11-10", PAPER=3)
    assert (press["subtotal"], press["tax_total"], press["total"]) == ("99.99", "7.25", "107.24")
    company.books(
        debit={"Accounts receivable": "107.24"},
        credit={"Owed to California": "6.00", "Owed to San Francisco": "1.25", "Sales of goods": "99.99"},
    )

    # November 11. Three to Nevada: 6.85 % of 99.99 is 6.85, and California gets nothing of it.
    vegas = company.invoice("VEGAS", "2026-11-11", PAPER=3)
    assert [(tax["jurisdiction"], tax["amount"]) for tax in vegas["taxes"]] == [("US-NV", "6.85")]
    company.books(
        debit={"Accounts receivable": "214.08"},
        credit={
            "Owed to California": "6.00",
            "Owed to San Francisco": "1.25",
            "Owed to Nevada": "6.85",
            "Sales of goods": "199.98",
        },
    )

    # November 12. Bay Press has one shipped to Nevada: the goods decide, not the customer. 6.85 % of 33.33 is 2.28.
    items = [{"product": "PAPER", "quantity": 1}]
    body = {"customer": "PRESS", "date": "2026-11-12", "ship_to": "US-NV", "items": items}
    shipped = company.api.call("create_invoice", body).expect(201)
    assert [(tax["jurisdiction"], tax["amount"]) for tax in shipped["taxes"]] == [("US-NV", "2.28")]
    company.books(
        debit={"Accounts receivable": "249.69"},
        credit={
            "Owed to California": "6.00",
            "Owed to San Francisco": "1.25",
            "Owed to Nevada": "9.13",
            "Sales of goods": "233.31",
        },
    )

    # November 13. The museum is exempt from the city's tax, not from the state's.
    museum = company.invoice("MUSEUM", "2026-11-13", PAPER=3)
    assert [(tax["code"], tax["amount"]) for tax in museum["taxes"]] == [("STATE", "6.00")]
    company.books(
        debit={"Accounts receivable": "355.68"},
        credit={
            "Owed to California": "12.00",
            "Owed to San Francisco": "1.25",
            "Owed to Nevada": "9.13",
            "Sales of goods": "333.30",
        },
    )

    # November 20. California announces 7 % from December on. Nothing that is booked changes.
    rates = [
        {"rate": "0.06", "valid_from": "2020-01-01", "valid_to": "2026-11-30"},
        {"rate": "0.07", "valid_from": "2026-12-01"},
    ]
    path = {"resource": "taxes", "id": "STATE"}
    company.api.call("update_record", {"rates": rates}, path=path, headers={"If-Match": '"1"'}).expect(200)
    company.books(
        debit={"Accounts receivable": "355.68"},
        credit={
            "Owed to California": "12.00",
            "Owed to San Francisco": "1.25",
            "Owed to Nevada": "9.13",
            "Sales of goods": "333.30",
        },
    )

    # December 1. The new rate counts, and the museum's certificate has run out: 7.00 and 1.25.
    late = company.invoice("MUSEUM", "2026-12-01", PAPER=3)
    assert [(tax["code"], tax["rate"], tax["amount"]) for tax in late["taxes"]] == [
        ("STATE", "0.07", "7.00"),
        ("CITY", "0.0125", "1.25"),
    ]
    company.books(
        as_of="2026-12-01",
        debit={"Accounts receivable": "463.92"},
        credit={
            "Owed to California": "19.00",
            "Owed to San Francisco": "2.50",
            "Owed to Nevada": "9.13",
            "Sales of goods": "433.29",
        },
    )

    # An invoice of November 30 that is written afterwards still bears November's rates.
    forgotten = company.invoice("PRESS", "2026-11-30", PAPER=1)
    assert [(tax["rate"], tax["amount"]) for tax in forgotten["taxes"]] == [("0.06", "2.00"), ("0.0125", "0.42")]
    company.books(
        as_of="2026-12-01",
        debit={"Accounts receivable": "499.67"},
        credit={
            "Owed to California": "21.00",
            "Owed to San Francisco": "2.92",
            "Owed to Nevada": "9.13",
            "Sales of goods": "466.62",
        },
    )

    # December 5. The sale to Vegas is voided: Nevada is owed less from then on, November's figures stay.
    later(12 * 24 * 60 * 60)
    company.void(vegas, "Wrong paper", "2026-12-05")
    company.books(
        as_of="2026-12-05",
        debit={"Accounts receivable": "392.83"},
        credit={
            "Owed to California": "21.00",
            "Owed to San Francisco": "2.92",
            "Owed to Nevada": "2.28",
            "Sales of goods": "366.63",
        },
    )
    assert owed(company, "2026-11-30") == {"California": "14.00", "San Francisco": "1.67", "Nevada": "9.13"}
    assert owed(company, "2026-12-31") == {"California": "21.00", "San Francisco": "2.92", "Nevada": "2.28"}
