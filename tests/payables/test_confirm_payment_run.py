"""What the bank did with each line: paid ones become payments, rejected ones stay due."""

from typing import Any

import pytest

from tests.payables.runs import Runs
from tests.support.statements import counted


@pytest.mark.example
def test_example(runs: Runs, example: Any) -> None:
    runs.bill(supplier_number="2026-4711")
    run = runs.propose()
    runs.approve(run)
    headers = {"If-Match": '"2"', "Idempotency-Key": "confirm-1"}
    body = {"lines": [{"line": 1, "outcome": "paid"}], "date": "2026-11-24"}
    answer = example(path={"id": run["number"]}, body=body, headers=headers)
    assert (answer.status, answer["status"]) == (200, "confirmed")


def test_paid_lines_are_recorded_and_rejected_ones_stay_due(runs: Runs) -> None:
    first, second = runs.bill(), runs.bill("SUPP003")
    run = runs.propose()
    runs.approve(run)
    rejected = {"line": 2, "outcome": "rejected", "reason": "Account closed"}
    after = runs.act("confirm_payment_run", run, lines=[{"line": 1, "outcome": "paid"}, rejected])
    assert (after["status"], after["events"][-1]) == ("confirmed", "payment_run.confirmed")
    assert [(line["status"], line.get("reason")) for line in after["lines"]] == [
        ("paid", None),
        ("rejected", "Account closed"),
    ]
    payment = runs.api.call("get_supplier_payment", path={"id": after["lines"][0]["payment"]["id"]}).expect(200)
    assert (payment["number"], payment["amount"], payment["payment_run"]["code"]) == (
        "SPAY-2026-000001",
        "1000.00",
        "RUN-2026-000001",
    )
    assert [runs.get(bill)["status"] for bill in (first, second)] == ["paid", "posted"]
    assert runs.trial_balance() == {"6150": "2000.00", "2100": "-1000.00", "1021": "-1000.00"}
    assert [line["supplier"]["code"] for line in runs.propose()["lines"]] == ["SUPP003"]
    assert runs.api.call("get_payment_run", path={"id": run["id"]}).expect(200).json == after


def test_lines_are_confirmed_one_by_one_each_once(runs: Runs) -> None:
    runs.bill()
    runs.bill("SUPP003")
    run = runs.propose()
    runs.approve(run)
    assert runs.act("confirm_payment_run", run, lines=[{"line": 2, "outcome": "paid"}])["status"] == "approved"
    before = runs.api.counts()
    answers = [
        runs.api.call("confirm_payment_run", {"lines": lines}, path={"id": run["id"]}, headers={"Idempotency-Key": "x"})
        for lines in ([{"line": 2, "outcome": "paid"}], [{"line": 3, "outcome": "paid"}])
    ]
    assert [answer["errors"][0]["code"] for answer in answers] == ["confirmed_twice", "unknown_line"]
    assert runs.act("cancel_payment_run", run, 409, reason="x")["code"] == "conflict"
    assert runs.api.counts() == before
    assert runs.act("confirm_payment_run", run)["status"] == "confirmed"


def test_a_bill_that_was_paid_meanwhile_is_not_paid_twice(runs: Runs) -> None:
    bill = runs.bill()
    run = runs.propose()
    runs.approve(run)
    runs.make("record_supplier_payment", supplier="SUPP001", amount="1000.00", allocations=[{"document": bill["id"]}])
    before = runs.api.counts()
    assert runs.act("confirm_payment_run", run, 422)["code"] == "over_allocated"
    assert runs.api.counts() == before
    rejected = {"line": 1, "outcome": "rejected", "reason": "Paid by card"}
    assert runs.act("confirm_payment_run", run, lines=[rejected])["status"] == "confirmed"


def test_discounts_and_exchange_differences_come_with_it(runs: Runs) -> None:
    instalment = {"days": 30, "early_discount": {"percent": 2, "days": 10}}
    runs.api.record("payment-terms", code="SKONTO", name="2/10 net 30", instalments=[instalment])
    fields = {"payment_terms": "SKONTO", "currency": "EUR", "exchange_rate": "1.10"}
    bill = runs.bill("SUPP003", items=[{"account": "6150", "unit_price": "100.00"}], **fields)
    run = runs.propose(currency="EUR")
    runs.approve(run)
    runs.act("confirm_payment_run", run, exchange_rate="1.20")
    assert runs.get(bill)["status"] == "paid"
    assert runs.trial_balance() == {"6150": "110.00", "1021": "-117.60", "5035": "-2.20", "6320": "9.80"}


def test_only_an_approved_run_is_confirmed(runs: Runs) -> None:
    runs.bill()
    run = runs.propose()
    before = runs.api.counts()
    assert runs.act("confirm_payment_run", run, 409)["document_status"] == "proposed"
    assert runs.api.counts() == before


def test_statements_do_not_grow_with_the_lines(runs: Runs) -> None:
    for number in range(6):
        bank = {"iban": "GB29NWBK60161331926819"}
        runs.api.record("suppliers", code=f"MANY{number}", name="Many", jurisdiction="US", bank_account=bank)
        runs.bill(f"MANY{number}")
    run = runs.propose()
    runs.approve(run)
    after, statements = counted(lambda: runs.act("confirm_payment_run", run))
    assert (len(after["lines"]), len(statements) <= 5) == (6, True)
