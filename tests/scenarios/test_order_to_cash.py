"""Order to cash: from an empty company to settled, voided, approved and overdue invoices.

The trial balance is told after every step, account by account, so that the story can be followed with a pencil.
"""

from tests.support.api import Api
from tests.support.company import Company


def open_company(operator: Api) -> Company:
    """A lamp shop in San Francisco that also sells to Germany, where prices include the tax."""
    company = Company(operator, "Bay Lamps", currency="USD", jurisdiction="US-CA-SF")
    keep = company.keep
    keep("accounts", "2201", "German VAT payable", kind="liability", parent="22", category="current_tax_liabilities")

    company.levy("STATE", "California sales tax", "US-CA", "0.06")
    company.levy("CITY", "San Francisco sales tax", "US-CA-SF", "0.0125", sequence=20)
    company.levy("VAT", "VAT", "DE", "0.19", account="2201", included_in_price=True)
    company.levy("VAT7", "VAT, reduced", "DE", "0.07", account="2201", included_in_price=True)
    keep("tax-rules", "CA", "California", jurisdiction="US-CA", taxes=["STATE"])
    keep("tax-rules", "SF", "San Francisco", jurisdiction="US-CA-SF", taxes=["CITY"])
    keep("tax-rules", "SF-WORK", "No tax on work", jurisdiction="US-CA-SF", product_category="WORK", taxes=[],
         reason="services are not taxed", replaces_wider=True)  # fmt: skip
    keep("tax-rules", "DE", "Germany", jurisdiction="DE", taxes=["VAT"])
    keep("tax-rules", "DE-BOOKS", "Books in Germany", jurisdiction="DE", product_category="BOOK", taxes=["VAT7"])

    keep("products", "LAMP", "Reading lamp", unit="EA", sales_price="120.00")
    keep("products", "DESK", "Desk", unit="EA", sales_price="450.00")
    keep("products", "GUIDE", "Guide to lamps", unit="EA", sales_price="10.70", tax_category="BOOK")
    keep("products", "SETUP", "Setting up", kind="service", unit="HOUR", sales_price="75.00", tax_category="WORK",
         revenue_account="4010")  # fmt: skip

    keep("customers", "HARBOUR", "Harbour Books", jurisdiction="US-CA-SF", payment_terms="NET30",
         credit_limit="50000.00")  # fmt: skip
    keep("customers", "RHINE", "Rhine Offices", jurisdiction="DE", payment_terms="NET15")
    keep("customers", "SCHOOL", "Mission School", jurisdiction="US-CA-SF", payment_terms="NET30",
         exemptions=[{"certificate": "CA-4711", "valid_from": "2026-01-01", "reason": "public school"}])  # fmt: skip
    keep("approval-rules", "BIG", "Above 10,000", condition="document.total > 10000")
    return company


def test_order_to_cash(operator: Api) -> None:
    # A company is opened. Nothing is in its books.
    company = open_company(operator)
    company.books(debit={}, credit={})

    # November 2. Goods arrive, whose bills are not there yet: 100 × 60 + 60 × 280 + 50 × 4 = 23,000.
    company.receive("2026-11-02", LAMP=(100, "60.00"), DESK=(60, "280.00"), GUIDE=(50, "4.00"))
    company.books(
        debit={"Merchandise inventory": "23000.00"},
        credit={"Stock received not invoiced": "23000.00"},
    )

    # November 3. Ten lamps to San Francisco: 1,200, and 6 % for the state and 1.25 % for the city on top.
    lamps = company.invoice("HARBOUR", "2026-11-03", LAMP=10)
    assert (lamps["number"], lamps["total"], lamps["due_date"]) == ("INV-2026-000001", "1287.00", "2026-12-03")
    assert [(tax["code"], tax["amount"]) for tax in lamps["taxes"]] == [("STATE", "72.00"), ("CITY", "15.00")]
    company.books(
        debit={"Merchandise inventory": "23000.00", "Accounts receivable": "1287.00"},
        credit={
            "Stock received not invoiced": "23000.00",
            "Sales tax payable": "87.00",
            "Sales of goods": "1200.00",
        },
    )
    assert company.available("LAMP") == "90"

    # November 4. Two desks and ten guides to Germany at 900.00 and 107.00, tax included: 19 % and 7 %.
    desks = company.invoice("RHINE", "2026-11-04", DESK=2, GUIDE=10)
    assert (desks["subtotal"], desks["tax_total"], desks["total"]) == ("856.30", "150.70", "1007.00")
    assert [(tax["code"], tax["base"], tax["amount"]) for tax in desks["taxes"]] == [
        ("VAT", "756.30", "143.70"),
        ("VAT7", "100.00", "7.00"),
    ]
    company.books(
        debit={"Merchandise inventory": "23000.00", "Accounts receivable": "2294.00"},
        credit={
            "Stock received not invoiced": "23000.00",
            "Sales tax payable": "87.00",
            "German VAT payable": "150.70",
            "Sales of goods": "2056.30",
        },
    )

    # November 5. Five lamps to a school that is exempt.
    school = company.invoice("SCHOOL", "2026-11-05", LAMP=5)
    assert (school["tax_total"], school["total"], school["taxes"]) == ("0.00", "600.00", [])
    company.books(
        debit={"Merchandise inventory": "23000.00", "Accounts receivable": "2894.00"},
        credit={
            "Stock received not invoiced": "23000.00",
            "Sales tax payable": "87.00",
            "German VAT payable": "150.70",
            "Sales of goods": "2656.30",
        },
    )

    # November 6. Two hours of work, which bear no tax and touch no stock.
    work = company.invoice("HARBOUR", "2026-11-06", SETUP=2)
    assert (work["total"], work["reservations"]) == ("150.00", [])
    company.books(
        debit={"Merchandise inventory": "23000.00", "Accounts receivable": "3044.00"},
        credit={
            "Stock received not invoiced": "23000.00",
            "Sales tax payable": "87.00",
            "German VAT payable": "150.70",
            "Sales of goods": "2656.30",
            "Sales of services": "150.00",
        },
    )

    # November 10. Harbour Books pays a part of the lamps.
    company.pay("HARBOUR", "2026-11-10", "500.00")
    assert (company.read(lamps)["status"], company.read(lamps)["amount_due"]) == ("partially_paid", "787.00")
    company.books(
        debit={
            "Bank, current account": "500.00",
            "Merchandise inventory": "23000.00",
            "Accounts receivable": "2544.00",
        },
        credit={
            "Stock received not invoiced": "23000.00",
            "Sales tax payable": "87.00",
            "German VAT payable": "150.70",
            "Sales of goods": "2656.30",
            "Sales of services": "150.00",
        },
    )

    # November 12. Harbour Books pays 1,000: the rest of the lamps, the work, and 63.00 in advance.
    payment = company.pay("HARBOUR", "2026-11-12", "1000.00")
    assert [(paid["invoice"]["code"], paid["amount"], paid["status"]) for paid in payment["allocations"]] == [
        ("INV-2026-000001", "787.00", "paid"),
        ("INV-2026-000004", "150.00", "paid"),
    ]
    assert payment["unallocated"] == "63.00"
    company.books(
        debit={
            "Bank, current account": "1500.00",
            "Merchandise inventory": "23000.00",
            "Accounts receivable": "1607.00",
        },
        credit={
            "Stock received not invoiced": "23000.00",
            "Sales tax payable": "87.00",
            "German VAT payable": "150.70",
            "Customer advances": "63.00",
            "Sales of goods": "2656.30",
            "Sales of services": "150.00",
        },
    )

    # November 13. The school ordered by mistake: its invoice is voided, its lamps can be sold again.
    assert company.available("LAMP") == "85"
    assert company.void(school, "Ordered by mistake", "2026-11-13")["status"] == "void"
    assert company.available("LAMP") == "90"
    after_void = {
        "debit": {
            "Bank, current account": "1500.00",
            "Merchandise inventory": "23000.00",
            "Accounts receivable": "1007.00",
        },
        "credit": {
            "Stock received not invoiced": "23000.00",
            "Sales tax payable": "87.00",
            "German VAT payable": "150.70",
            "Customer advances": "63.00",
            "Sales of goods": "2056.30",
            "Sales of services": "150.00",
        },
    }
    company.books(**after_void)
    known_before_approval = company.now()

    # November 16. Two large orders wait for approval: they hold stock, and the books do not know them.
    big = company.invoice("HARBOUR", "2026-11-16", "pending_approval", LAMP=85)
    bigger = company.invoice("RHINE", "2026-11-16", "pending_approval", DESK=30)
    assert (big["total"], bigger["total"]) == ("10939.50", "13500.00")
    assert (company.available("LAMP"), company.available("DESK")) == ("5", "28")
    company.books(**after_void)

    # November 17. The one is approved and gets the next number; the other is rejected and gives its desks back.
    decided = company.decide(big, "approve", "They always pay")
    assert (decided["outcome"]["status"], decided["outcome"]["number"]) == ("issued", "INV-2026-000005")
    decided = company.decide(bigger, "reject", "They owe us already")
    assert decided["outcome"]["status"] == "void"
    assert (company.available("LAMP"), company.available("DESK")) == ("5", "58")
    company.books(
        debit={
            "Bank, current account": "1500.00",
            "Merchandise inventory": "23000.00",
            "Accounts receivable": "11946.50",
        },
        credit={
            "Stock received not invoiced": "23000.00",
            "Sales tax payable": "826.50",
            "German VAT payable": "150.70",
            "Customer advances": "63.00",
            "Sales of goods": "12256.30",
            "Sales of services": "150.00",
        },
    )

    # November 20. The desks were due on the 19th and are overdue.
    figures = company.figures("2026-11-20")
    assert figures["revenue"] == {"month": "12406.30", "year": "12406.30"}
    assert figures["receivables"] == {"open": "11946.50", "open_items": 2, "overdue": "1007.00", "overdue_items": 1}
    assert [(sold["product"]["code"], sold["quantity"], sold["net"]) for sold in figures["top_products"]] == [
        ("LAMP", "95", "11400.00"),
        ("DESK", "2", "756.30"),
        ("SETUP", "2", "150.00"),
        ("GUIDE", "10", "100.00"),
    ]
    assert company.figures("2026-11-19")["receivables"]["overdue"] == "0.00"
    assert company.figures("2026-12-17")["receivables"]["overdue"] == "11946.50"

    # The ledger of receivables tells the same story line by line, and ends where the trial balance does.
    ledger = company.ledger("1200")
    assert [(line["date"], line["document"]["code"], line["amount"], line["balance"]) for line in ledger["data"]] == [
        ("2026-11-03", "INV-2026-000001", "1287.00", "1287.00"),
        ("2026-11-04", "INV-2026-000002", "1007.00", "2294.00"),
        ("2026-11-05", "INV-2026-000003", "600.00", "2894.00"),
        ("2026-11-06", "INV-2026-000004", "150.00", "3044.00"),
        ("2026-11-10", "PAY-2026-000001", "-500.00", "2544.00"),
        ("2026-11-12", "PAY-2026-000002", "-937.00", "1607.00"),
        ("2026-11-13", "INV-2026-000003", "-600.00", "1007.00"),
        ("2026-11-16", "INV-2026-000005", "10939.50", "11946.50"),
    ]
    assert ledger["closing_balance"] == "11946.50"

    # As of November 6 the books stood where they stood then, whatever happened afterwards ...
    company.books(
        as_of="2026-11-06",
        debit={"Merchandise inventory": "23000.00", "Accounts receivable": "3044.00"},
        credit={
            "Stock received not invoiced": "23000.00",
            "Sales tax payable": "87.00",
            "German VAT payable": "150.70",
            "Sales of goods": "2656.30",
            "Sales of services": "150.00",
        },
    )

    # ... and a receipt that is entered late changes what November 6 was, but not what was known of it before.
    known_before_receipt = company.now()
    company.receive("2026-11-05", LAMP=(10, "61.00"))
    as_of_the_sixth = {
        "Sales tax payable": "87.00",
        "German VAT payable": "150.70",
        "Sales of goods": "2656.30",
        "Sales of services": "150.00",
    }
    company.books(
        as_of="2026-11-06",
        debit={"Merchandise inventory": "23610.00", "Accounts receivable": "3044.00"},
        credit={"Stock received not invoiced": "23610.00", **as_of_the_sixth},
    )
    company.books(
        as_of="2026-11-06",
        known_at=known_before_receipt,
        debit={"Merchandise inventory": "23000.00", "Accounts receivable": "3044.00"},
        credit={"Stock received not invoiced": "23000.00", **as_of_the_sixth},
    )
    company.books(as_of="2026-11-30", known_at=known_before_approval, **after_void)
    assert company.ledger("1400", as_of="2026-11-06")["closing_balance"] == "23610.00"
    assert company.ledger("1400", as_of="2026-11-06", known_at=known_before_receipt)["closing_balance"] == "23000.00"
