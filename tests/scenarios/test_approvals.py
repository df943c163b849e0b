"""Approvals: what waits is held and not booked, and what is decided is booked or given back, never both."""

from typing import Any

from tests.support.api import Api
from tests.support.company import Company


def open_company(operator: Api) -> Company:
    """A furniture shop that lets a second person look at large sales, and at those past a credit limit."""
    policies = {"over_credit_limit": "approve"}
    company = Company(operator, "Oak Street", currency="USD", jurisdiction="US-NV", policies=policies)
    company.keep("products", "DESK", "Desk", unit="EA", sales_price="1000.00")
    company.keep("customers", "HOTEL", "Grand Hotel", jurisdiction="US-NV", credit_limit="15000.00")
    company.keep("approval-rules", "BIG", "Above 10,000", condition="document.total > 10000", four_eyes=True)
    company.receive("2026-11-02", DESK=(50, "600.00"))
    return company


STOCK = {"Merchandise inventory": "30000.00"}
SUPPLIED = {"Stock received not invoiced": "30000.00"}


def close_november(company: Company, status: str) -> None:
    """Close the period of November, or open it again."""
    path = {"resource": "fiscal-years", "id": "FY2026"}
    year = company.api.call("get_record", path=path).expect(200)
    periods: list[Any] = [
        {**period, "status": status} if period["number"] == 11 else period for period in year["periods"]
    ]
    headers = {"If-Match": year.headers["ETag"]}
    body = {"periods": periods, "change_reason": "A late sale"}
    company.api.call("update_record", body, path=path, headers=headers).expect(200)


def exposure(company: Company) -> str:
    """What the customer owes or may come to owe, as an invoice of nothing more would see it."""
    item = {"product": "DESK", "quantity": 1, "unit_price": "0.00"}
    body = {"customer": "HOTEL", "date": "2026-12-01", "items": [item]}
    return str(company.api.call("create_invoice", body, query={"dry_run": "true"}).expect(200)["credit"]["exposure"])


def test_approvals(operator: Api) -> None:
    company = open_company(operator)
    clerk, manager = company.api.as_("clerk", "*"), company.api.as_("manager", "*")
    owner, company.api = company.api, clerk
    company.books(debit=STOCK, credit=SUPPLIED)

    # The clerk sells twelve desks. It is a large sale: the desks are held, the credit is used, nothing is booked.
    large = company.invoice("HOTEL", "2026-11-10", "pending_approval", DESK=12)
    assert (large["approval"]["reason"], company.available("DESK"), exposure(company)) == (
        "Above 10,000",
        "38",
        "12000.00",
    )
    company.books(debit=STOCK, credit=SUPPLIED)

    # The clerk may not approve what the clerk made.
    refused = company.decide(large, "approve", "It is fine", by=clerk, status=403)
    assert refused["code"] == "four_eyes_required"
    company.books(debit=STOCK, credit=SUPPLIED)

    # The manager approves, and a second time is one too many.
    assert company.decide(large, "approve", "It is fine", by=manager)["outcome"]["number"] == "INV-2026-000001"
    assert company.decide(large, "approve", "Again", by=manager, status=409)["code"] == "already_decided"
    first = {
        "debit": {**STOCK, "Accounts receivable": "12000.00"},
        "credit": {**SUPPLIED, "Sales of goods": "12000.00"},
    }
    company.books(**first)

    # Four desks more are not large, but past the limit of 15,000: they wait as well.
    beyond = company.invoice("HOTEL", "2026-11-11", "pending_approval", DESK=4)
    assert (beyond["approval"]["reason"], beyond["credit"]["available"]) == ("over the credit limit", "-1000.00")
    company.books(**first)

    # They are rejected: the desks and the credit are free again.
    company.decide(beyond, "reject", "Let them pay first", by=manager)
    assert (company.read(beyond)["status"], company.available("DESK"), exposure(company)) == ("void", "38", "12000.00")
    company.books(**first)

    # Three desks reach the limit exactly, which is allowed.
    company.invoice("HOTEL", "2026-11-12", "issued", DESK=3)
    second = {
        "debit": {**STOCK, "Accounts receivable": "15000.00"},
        "credit": {**SUPPLIED, "Sales of goods": "15000.00"},
    }
    company.books(**second)

    # One more waits. The clerk voids it before anyone has looked: its approval is withdrawn.
    mistaken = company.invoice("HOTEL", "2026-11-13", "pending_approval", DESK=1)
    company.void(mistaken, "Not ordered", "2026-11-13")
    assert company.decide(mistaken, "approve", "Fine", by=manager, status=409)["document_status"] == "withdrawn"
    assert (company.available("DESK"), exposure(company)) == ("35", "15000.00")
    company.books(**second)

    # The hotel pays 5,000, and orders again: five desks, which is past nothing.
    company.pay("HOTEL", "2026-11-16", "5000.00")
    company.invoice("HOTEL", "2026-11-16", "issued", DESK=5)
    third = {
        "debit": {**STOCK, "Bank, current account": "5000.00", "Accounts receivable": "15000.00"},
        "credit": {**SUPPLIED, "Sales of goods": "20000.00"},
    }
    company.books(**third)

    # Two desks more are past the limit. While they wait, November is closed, and the manager cannot book them.
    company.api = clerk
    waiting = company.invoice("HOTEL", "2026-11-17", "pending_approval", DESK=2)
    company.api = owner
    close_november(company, "closed")
    refused = company.decide(waiting, "approve", "Last of the month", by=manager, status=422)
    assert (refused["code"], refused["suggested_date"]) == ("period_closed", "2026-12-01")
    assert (company.read(waiting)["status"], company.available("DESK")) == ("pending_approval", "28")
    company.books(**third)

    # November is opened once more, the manager approves, and the numbers have no gap.
    close_november(company, "open")
    assert company.decide(waiting, "approve", "Now", by=manager)["outcome"]["number"] == "INV-2026-000004"
    company.books(
        debit={**STOCK, "Bank, current account": "5000.00", "Accounts receivable": "17000.00"},
        credit={**SUPPLIED, "Sales of goods": "22000.00"},
    )
