"""Four eyes: who proposed a run does not approve it."""

from typing import Any

import pytest

from tests.payables.runs import Runs


@pytest.mark.example
def test_example(runs: Runs, example: Any) -> None:
    runs.bill(supplier_number="2026-4711")
    key = {"Idempotency-Key": "run"}
    body = {"due_until": "2026-12-31", "account": "1021"}
    run = runs.boss.call("create_payment_run", body, headers=key).expect(201)
    answer = example(path={"id": run["number"]}, headers={"If-Match": '"1"', "Idempotency-Key": "approve-1"})
    assert (answer.status, answer["status"]) == (200, "approved")


def test_its_maker_does_not_approve_it(runs: Runs) -> None:
    runs.bill()
    run = runs.propose()
    before = runs.api.counts()
    assert runs.act("approve_payment_run", run, 403)["code"] == "four_eyes_required"
    assert runs.api.counts() == before
    approved = runs.approve(run)
    assert (approved["approved_by"], approved["approved_at"][:10]) == ("boss", "2026-11-23")
    assert approved["events"] == ["payment_run.created", "payment_run.approved"]


def test_without_bank_accounts_there_is_nothing_to_approve(runs: Runs) -> None:
    runs.bill("SUPP002", currency="USD")
    runs.bill()
    run = runs.propose(account="1020")
    before = runs.api.counts()
    problem = runs.approve(run, 422)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/account", "bank_account_missing"),
        ("/lines/1", "bank_account_missing"),
    ]
    assert runs.api.counts() == before


def test_it_is_approved_once(runs: Runs) -> None:
    runs.bill()
    run = runs.propose()
    runs.approve(run)
    key = {"Idempotency-Key": "again"}
    answer = runs.boss.call("approve_payment_run", path={"id": run["id"]}, headers=key).expect(409)
    assert answer["document_status"] == "approved"
