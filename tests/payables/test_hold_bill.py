"""A bill on hold is not paid until it is released."""

from typing import Any

import pytest

from tests.payables.runs import Runs


@pytest.mark.example
def test_example(runs: Runs, example: Any) -> None:
    bill = runs.bill(supplier_number="2026-4711")
    body = {"reason": "Half of the goods are missing"}
    answer = example(path={"id": bill["id"]}, body=body, headers={"If-Match": '"1"'})
    assert (answer.status, answer["payment_hold"], answer["status"]) == (200, body["reason"], "posted")


def test_runs_and_payments_leave_it_out(runs: Runs) -> None:
    held, other = runs.bill(supplier_number="H-1"), runs.bill(supplier_number="H-2")
    runs.act("hold_bill", held, reason="disputed")
    run = runs.propose()
    assert [bill["supplier_number"] for bill in run["lines"][0]["bills"]] == ["H-2"]
    payment = runs.make("record_supplier_payment", supplier="SUPP001", amount="1500.00")
    assert [one["document"]["code"] for one in payment["allocations"]] == [other["number"]]
    assert payment["unallocated"] == "500.00"
    body = {"supplier": "SUPP001", "amount": "10.00", "allocations": [{"document": held["id"]}]}
    before = runs.api.counts()
    problem = runs.make("record_supplier_payment", 409, **body)
    assert (problem["code"], f"{held['number']} (disputed)" in problem["detail"]) == ("bill_on_hold", True)
    assert runs.api.counts() == before
    runs.act("release_bill", held)
    assert runs.make("record_supplier_payment", **body)["allocations"][0]["amount"] == "10.00"


def test_a_run_is_not_approved_with_a_bill_that_was_put_on_hold_since(runs: Runs) -> None:
    held = runs.bill()
    run = runs.propose()
    runs.act("hold_bill", held, reason="disputed")
    before = runs.api.counts()
    assert runs.approve(run, 409)["code"] == "bill_on_hold"
    assert runs.api.counts() == before
    assert runs.act("release_bill", held)["events"][-2:] == ["bill.held", "bill.released"]
    headers = {"Idempotency-Key": "anew"}
    assert runs.boss.call("approve_payment_run", path={"id": run["id"]}, headers=headers).status == 200


def test_only_what_is_owed_is_held_and_once(runs: Runs) -> None:
    bill = runs.bill()
    runs.act("hold_bill", bill, reason="disputed")
    draft, before = runs.bill(draft=True), runs.api.counts()
    assert runs.act("hold_bill", bill, 409, reason="again")["code"] == "conflict"
    assert runs.act("hold_bill", draft, 409, reason="again")["code"] == "conflict"
    assert runs.api.counts() == before
