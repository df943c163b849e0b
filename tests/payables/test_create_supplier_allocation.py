"""Advances and credits meet bills later, many to many, also in part."""

from typing import Any

import pytest

from tests.support.purchases import Purchases, in_base, posted


def advance(buyer: Purchases, amount: str, **fields: Any) -> Any:
    return buyer.make(
        "record_supplier_payment", **{"supplier": "SUPP001", "amount": amount, "allocations": []} | fields
    )


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    payment = advance(buyer, "300.00")
    bill = buyer.bill(supplier_number="2026-4711")
    body = {
        "supplier": "SUPP001",
        "sources": [{"document": payment["number"]}],
        "bills": [{"document": bill["number"]}],
    }
    answer = example(body=body, headers={"Idempotency-Key": "allocation-1"})
    assert (answer.status, answer["bills"][0]["amount_due"]) == (201, "700.00")


def test_advances_are_used_in_their_order_until_the_bills_are_paid(buyer: Purchases) -> None:
    first, second = advance(buyer, "600.00"), advance(buyer, "600.00")
    bill = buyer.bill()
    body = {
        "supplier": "SUPP001",
        "sources": [{"document": first["id"]}, {"document": second["id"]}],
        "bills": [{"document": bill["id"]}],
    }
    made = buyer.make("create_supplier_allocation", **body)
    assert [(each["amount"], each["amount_due"]) for each in made["sources"]] == [
        ("600.00", "0.00"),
        ("400.00", "200.00"),
    ]
    assert posted(made) == [("1230", "0.00", "1000.00"), ("2100", "1000.00", "0.00")]
    assert made["events"] == ["supplier_payment.matched", "bill.paid"]
    assert buyer.trial_balance() == {"6150": "1000.00", "1020": "-1200.00", "1230": "200.00"}


def test_the_exchange_difference_falls_on_the_bill(buyer: Purchases) -> None:
    fields = {"supplier": "SUPP002", "currency": "EUR", "exchange_rate": "1.20"}
    payment = advance(buyer, "100.00", **fields)
    bill = buyer.bill("SUPP002", exchange_rate="1.10", items=[{"unit_price": "80.00"}])
    body = {"supplier": "SUPP002", "sources": [{"document": payment["id"]}], "bills": [{"document": bill["id"]}]}
    made = buyer.make("create_supplier_allocation", **body)
    assert in_base(made) == [("1230", "0.00", "96.00"), ("2100", "88.00", "0.00"), ("6320", "8.00", "0.00")]
    assert buyer.trial_balance() == {"6300": "88.00", "1020": "-120.00", "1230": "24.00", "6320": "8.00"}


@pytest.mark.parametrize(
    ("source", "bill", "pointer", "code"),
    [
        ({"amount": "100.01"}, {}, "/sources/0/amount", "over_allocated"),
        ({}, {"amount": "100.01"}, "/bills/0/amount", "over_allocated"),
        ({"document": "SPAY-2026-000009"}, {}, "/sources/0/document", "nothing_open"),
        ({"amount": "0.001"}, {}, "/sources/0/amount", "too_precise"),
    ],
)
def test_no_more_than_is_open_and_left_over(
    buyer: Purchases, source: dict[str, str], bill: dict[str, str], pointer: str, code: str
) -> None:
    """Complaint: outstanding is wrong after reconciliation. What is open is counted, never typed."""
    payment, owed = advance(buyer, "100.00"), buyer.bill()
    before = buyer.api.counts()
    body = {
        "supplier": "SUPP001",
        "sources": [{"document": payment["id"]} | source],
        "bills": [{"document": owed["id"]} | bill],
    }
    answer = buyer.api.call("create_supplier_allocation", body, headers={"Idempotency-Key": "x"})
    assert answer.status in (400, 422)
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [(pointer, code)]
    assert buyer.api.counts() == before
