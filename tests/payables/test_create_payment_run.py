"""A payment run selects what is due, or what earns a discount now, each bill once."""

from typing import Any

import pytest

from tests.payables.runs import Runs


@pytest.mark.example
def test_example(runs: Runs, example: Any) -> None:
    runs.bill(supplier_number="2026-4711")
    body = {"due_until": "2026-12-31", "account": "1021", "date": "2026-11-24"}
    answer = example(body=body, headers={"Idempotency-Key": "run-1"})
    assert (answer.status, answer["total"]) == (201, "1000.00")


def test_a_transfer_per_supplier_of_what_is_due_up_to_the_day(runs: Runs) -> None:
    first, second = runs.bill(date="2026-11-20"), runs.bill(date="2026-11-10", items=[{"unit_price": "50.00"}])
    runs.bill(payment_terms="NET60")
    third = runs.bill("SUPP003", supplier_number="X1")
    runs.make("record_supplier_payment", supplier="SUPP003", amount="400.00", allocations=[{"document": third["id"]}])
    run = runs.propose()
    assert (run["number"], run["status"], run["total"]) == ("RUN-2026-000001", "proposed", "1650.00")
    assert [(line["supplier"]["code"], line["amount"], line["status"]) for line in run["lines"]] == [
        ("SUPP001", "1050.00", "open"),
        ("SUPP003", "600.00", "open"),
    ]
    assert [bill["document"]["code"] for bill in run["lines"][0]["bills"]] == [second["number"], first["number"]]
    assert runs.trial_balance()["1020"] == "-400.00"
    assert "1021" not in runs.trial_balance()


def test_a_discount_that_can_still_be_taken_is_paid_before_it_is_due(runs: Runs) -> None:
    instalment = {"days": 90, "early_discount": {"percent": 3, "days": 14}}
    runs.api.record("payment-terms", code="EARLY", name="3/14 net 90", instalments=[instalment])
    runs.bill(payment_terms="EARLY")
    run = runs.propose(date="2026-12-07")
    assert [(bill["amount"], bill["discount"]) for bill in run["lines"][0]["bills"]] == [("970.00", "30.00")]
    runs.act("cancel_payment_run", run, reason="x")
    assert runs.propose(422, date="2026-12-08")["code"] == "nothing_due"
    assert runs.propose(422, date="2026-12-07", early_discounts=False)["code"] == "nothing_due"


def test_a_bill_waits_in_one_run_at_a_time(runs: Runs) -> None:
    runs.bill()
    run = runs.propose()
    before = runs.api.counts()
    assert runs.propose(422)["code"] == "nothing_due"
    assert runs.api.counts() == before
    runs.act("cancel_payment_run", run, reason="Wrong day")
    assert runs.propose()["total"] == "1000.00"


def test_the_database_holds_a_bill_in_one_run(runs: Runs) -> None:
    """Whoever writes: two runs made at once, or a program that does not ask first."""
    bill = runs.bill()
    run = runs.propose()
    assert run["lines"][0]["bills"][0]["document"]["id"] == bill["id"]
    copied = (
        "INSERT INTO kernel.document (id, type, number, status, data, version, sequence, created_by, updated_by)"
        " SELECT gen_random_uuid(), type, 'COPY', status, data, 1, 0, created_by, updated_by"
        " FROM kernel.document WHERE type = 'payment_run'"
    )
    with pytest.raises(Exception, match="bill_in_one_run"):
        runs.api.rows(copied)


def test_a_run_is_in_one_currency_and_of_the_suppliers_named(runs: Runs) -> None:
    runs.bill("SUPP002", exchange_rate="1.10")
    runs.bill()
    runs.bill("SUPP003")
    run = runs.propose(suppliers=["SUPP003"])
    assert [line["supplier"]["code"] for line in run["lines"]] == ["SUPP003"]
    assert [line["supplier"]["code"] for line in runs.propose(currency="EUR")["lines"]] == ["SUPP002"]


def test_suppliers_that_nobody_knows_are_pointed_at(runs: Runs) -> None:
    """A name that is mistyped is told, not passed over; one that is known and is owed nothing is left out."""
    runs.bill()
    other = runs.bill("SUPP003", supplier_number="X1")
    before = runs.api.counts()
    problem = runs.propose(422, suppliers=["SUPP001", "SUP003", "11111111-1111-7111-8111-111111111111"])
    assert (problem["code"], [(error["pointer"], error["code"]) for error in problem["errors"]]) == (
        "unknown_reference",
        [("/suppliers/1", "unknown_supplier"), ("/suppliers/2", "unknown_supplier")],
    )
    assert runs.api.counts() == before
    named = [other["supplier"]["id"], "SUPP002"]
    assert [line["supplier"]["code"] for line in runs.propose(suppliers=named)["lines"]] == ["SUPP003"]
