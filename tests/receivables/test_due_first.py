"""Money that is for nothing in particular settles what is due first, instalment by instalment, across documents.

Odoo reconciles the lines of all documents by their due dates, and so does the automatic allocation of ERPNext, whose
payment schedule has a row per instalment. A later instalment waits until what is due before it is settled.
"""

from typing import Any

import pytest

from tests.support.ledger import credit, debit
from tests.support.purchases import Purchases
from tests.support.shop import Shop

HALVES = {"code": "HALVES", "name": "Half at once", "instalments": [{"percent": "50"}, {"days": 60}]}


@pytest.fixture
def owed(shop: Shop) -> Shop:
    """1,080.00 half due on 1 October and half on 30 November, and 540.00 due on 20 October; then it is November."""
    shop.api.record("payment-terms", **HALVES)
    for date, price, terms in (("2026-10-01", "1080.00", "HALVES"), ("2026-10-05", "540.00", "NET15")):
        items = [{"product": "SERV001", "quantity": 1, "unit_price": price}]
        shop.invoice("CUST002", date=date, payment_terms=terms, items=items)
    return shop


def aged(shop: Any, kind: str) -> list[tuple[str, str, str]]:
    """What is open, with its document and when it is due."""
    query = {"as_of": "2026-11-20", "detail": "items"}
    rows = shop.api.call(f"get_aged_{kind}", query=query).expect(200)["rows"]
    return [
        (row["document"]["code"], row["due_date"], row["cells"][-1]["amount"]) for row in rows if row["style"] == "item"
    ]


def test_a_payment_settles_what_is_due_first(owed: Shop) -> None:
    """540.00 were due on 1 October and 160.00 of those of 20 October; the instalment of 30 November waits."""
    payment = owed.pay("700.00", "CUST002", date="2026-11-20")
    settled = [(one["invoice"]["code"], one["amount"], one["status"]) for one in payment["allocations"]]
    assert settled == [("INV-2026-000001", "540.00", "partially_paid"), ("INV-2026-000002", "160.00", "partially_paid")]
    assert aged(owed, "receivables") == [
        ("INV-2026-000002", "2026-10-20", "380.00"),
        ("INV-2026-000001", "2026-11-30", "540.00"),
    ]


def test_an_advance_settles_what_is_due_first(owed: Shop) -> None:
    owed.pay("1100.00", "CUST002", date="2026-11-20", allocations=[])
    body = {"customer": "CUST002", "date": "2026-11-20"}
    made = owed.api.call("auto_allocate", body, headers={"Idempotency-Key": "auto"}).expect(201)
    assert [(one["invoice"]["code"], one["amount"]) for one in made["invoices"]] == [
        ("INV-2026-000001", "560.00"),
        ("INV-2026-000002", "540.00"),
    ]
    assert aged(owed, "receivables") == [("INV-2026-000001", "2026-11-30", "520.00")]


def test_an_amount_that_fits_a_document_settles_it_whole(owed: Shop) -> None:
    """With the flag of exact payments the customer meant that invoice, all of its instalments."""
    flag = {"key": "receivables.match_exact_payments"}
    owed.api.call("set_feature_flag", {"enabled": True}, path=flag, headers={"If-Match": '"0"'}).expect(200)
    payment = owed.pay("1080.00", "CUST002", date="2026-11-20")
    settled = [(one["invoice"]["code"], one["amount"]) for one in payment["allocations"]]
    assert settled == [("INV-2026-000001", "1080.00")]


def test_a_set_off_settles_what_is_due_first(owed: Shop) -> None:
    owed.api.record("suppliers", code="CUST002", name="Desert Tools", jurisdiction="US-NV")
    bill = {"supplier": "CUST002", "supplier_number": "D-1", "date": "2026-11-02"}
    owed.api.call("create_bill", {**bill, "items": [{"account": "6150", "unit_price": "700.00"}]}).expect(201)
    body = {"customer": "CUST002", "supplier": "CUST002", "reason": "agreed", "date": "2026-11-20"}
    made = owed.api.call("create_contra_settlement", body, headers={"Idempotency-Key": "off"}).expect(201)
    assert [(one["invoice"]["code"], one["amount"]) for one in made["receivables"]] == [
        ("INV-2026-000001", "540.00"),
        ("INV-2026-000002", "160.00"),
    ]


def test_a_supplier_is_paid_what_is_due_first(api: Any) -> None:
    """An opening entry holds two bills, due in October and in December; another bill is due between them."""
    buyer = Purchases(api)
    old = [("OLD-1", "100.00", "2026-10-31"), ("OLD-2", "200.00", "2026-12-31")]
    buyer.make(
        "post_opening_balances",
        date="2026-09-30",
        accounts=[debit("1020", "1000.00"), credit("3000", "700.00")],
        suppliers=[
            {"supplier": "SUPP001", "reference": number, "amount": amount, "due_date": due}
            for number, amount, due in old
        ],
    )
    bill = buyer.bill(date="2026-10-20", items=[{"account": "6150", "unit_price": "300.00"}])
    assert bill["due_date"] == "2026-11-19"
    paid = buyer.make("record_supplier_payment", supplier="SUPP001", amount="250.00", date="2026-11-20")
    settled = [(one["document"]["code"], one["amount"]) for one in paid["allocations"]]
    assert settled == [("JE-2026-000001", "100.00"), ("BILL-2026-000001", "150.00")]
    assert [(due, amount) for _, due, amount in aged(buyer, "payables")] == [
        ("2026-11-19", "150.00"),
        ("2026-12-31", "200.00"),
    ]
    buyer.holds()
