"""Payments: to the bank, to the open items, and the rest an advance; never more than is open."""

import pytest

from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    invoice = shop.invoice()
    answer = example(
        body={
            "customer": "CUST001",
            "amount": "500.00",
            "allocations": [{"invoice": invoice["number"], "amount": "500.00"}],
        },
        headers={"Idempotency-Key": "payment-4711"},
    )
    assert answer.status == 201
    assert answer["allocations"][0]["amount_due"] == "787.00"


@pytest.mark.example
def test_partial_payments_then_the_rest(shop: Shop, example: object) -> None:
    invoice = shop.invoice()
    first = shop.pay("500.00", allocations=[{"invoice": invoice["number"]}])
    assert first["number"] == "PAY-2026-000001"
    assert first["allocations"][0]["status"] == "partially_paid"
    assert first["unallocated"] == "0.00"
    assert first["events"] == ["payment.received", "invoice.partially_paid"]
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in first["posting"]["lines"]] == [
        ("1020", "500.00", "0.00"),
        ("1200", "0.00", "500.00"),
    ]
    after = shop.get(invoice)
    assert (after["status"], after["amount_due"], after["version"]) == ("partially_paid", "787.00", 2)
    last = shop.pay("787.00", allocations=[{"invoice": invoice["id"], "amount": "787.00"}])
    assert last["events"] == ["payment.received", "invoice.paid"]
    paid = shop.get(invoice)
    assert (paid["status"], paid["amount_due"]) == ("paid", "0.00")
    balances = shop.trial_balance()
    assert (balances["1020"], balances.get("1200", "0")) == ("1287.00", "0")


def test_without_allocations_the_earliest_due_is_settled_first_and_the_rest_is_an_advance(shop: Shop) -> None:
    later = shop.invoice(date="2026-11-20")
    sooner = shop.invoice(date="2026-11-10")
    answer = shop.pay("3000.00")
    assert [settled["invoice"]["code"] for settled in answer["allocations"]] == [sooner["number"], later["number"]]
    assert answer["unallocated"] == "426.00"
    assert shop.trial_balance()["2300"] == "-426.00"


def test_an_empty_list_of_allocations_leaves_all_as_an_advance(shop: Shop) -> None:
    invoice = shop.invoice()
    assert shop.pay("100.00", allocations=[])["unallocated"] == "100.00"
    assert shop.get(invoice)["amount_due"] == "1287.00"


def test_the_credit_is_given_back(shop: Shop) -> None:
    shop.invoice()
    shop.pay("1287.00")
    assert shop.invoice()["credit"] == {"limit": "50000.00", "exposure": "1287.00", "available": "48713.00"}


@pytest.mark.parametrize(
    ("allocations", "pointer", "code"),
    [
        ([{"invoice": "INV-2026-000001", "amount": "1287.01"}], "/allocations/0/amount", "over_allocated"),
        ([{"invoice": "INV-2026-000009"}], "/allocations/0/invoice", "unknown_invoice"),
    ],
)
def test_faulty_allocations_are_refused_and_nothing_is_kept(
    shop: Shop, allocations: list[dict[str, str]], pointer: str, code: str
) -> None:
    shop.invoice()
    before = shop.api.counts()
    problem = shop.pay("2000.00", status=422, allocations=allocations)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert shop.api.counts() == before


def test_another_customers_invoice_cannot_be_settled(shop: Shop) -> None:
    other = shop.invoice("CUST002")
    problem = shop.pay("10.00", status=422, allocations=[{"invoice": other["number"]}])
    assert problem["code"] == "unknown_reference"


def test_money_that_moves_needs_a_key(shop: Shop) -> None:
    before = shop.api.counts()
    answer = shop.api.call("record_payment", {"customer": "CUST001", "amount": "1.00"}).expect(428)
    assert answer["code"] == "precondition_missing"
    assert shop.api.counts() == before


def test_a_repeated_payment_is_recorded_once(shop: Shop) -> None:
    shop.invoice()
    body = {"customer": "CUST001", "amount": "500.00"}
    first = shop.api.call("record_payment", body, headers={"Idempotency-Key": "k"}).expect(201)
    before = shop.api.counts()
    again = shop.api.call("record_payment", body, headers={"Idempotency-Key": "k"}).expect(201)
    assert again.text == first.text
    assert again.headers["Idempotency-Hit"] == "true"
    assert shop.api.counts() == before


def test_a_difference_can_be_written_off(shop: Shop) -> None:
    invoice = shop.invoice()
    answer = shop.pay("1286.00", write_off={"amount": "1.00", "account": "6340"})
    assert answer["allocations"][0]["status"] == "paid"
    assert answer["written_off"] == "1.00"
    assert shop.get(invoice)["amount_due"] == "0.00"
    assert shop.trial_balance()["6340"] == "1.00"


def test_amounts_finer_than_the_currency_are_refused(shop: Shop) -> None:
    shop.invoice()
    problem = shop.pay("10.005", status=422)
    assert [error["pointer"] for error in problem["errors"]] == ["/amount"]
