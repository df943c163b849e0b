"""A run of which nothing is paid can be cancelled; its bills are free again."""

from typing import Any

import pytest

from tests.payables.runs import Runs


@pytest.mark.example
def test_example(runs: Runs, example: Any) -> None:
    runs.bill(supplier_number="2026-4711")
    run = runs.propose()
    answer = example(path={"id": run["number"]}, body={"reason": "Wrong day"}, headers={"If-Match": '"1"'})
    assert (answer.status, answer["status"]) == (200, "cancelled")


def test_it_is_cancelled_once_and_never_confirmed(runs: Runs) -> None:
    runs.bill()
    run = runs.propose()
    cancelled = runs.act("cancel_payment_run", run, reason="Wrong day")
    assert (cancelled["cancel_reason"], cancelled["events"][-1]) == ("Wrong day", "payment_run.cancelled")
    before = runs.api.counts()
    for operation in ("cancel_payment_run", "confirm_payment_run"):
        body = {"reason": "x"} if operation == "cancel_payment_run" else {}
        assert runs.act(operation, run, 409, **body)["document_status"] == "cancelled"
    assert runs.api.counts() == before
