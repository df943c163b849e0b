"""Payment runs by what people look for them by."""

from typing import Any

import pytest

from tests.payables.runs import Runs


@pytest.mark.example
def test_example(runs: Runs, example: Any) -> None:
    runs.bill(supplier_number="2026-4711")
    runs.propose()
    answer = example(query={"status": "proposed"})
    assert (answer.status, len(answer["data"])) == (200, 1)


def test_runs_are_found_by_status(runs: Runs) -> None:
    runs.bill()
    runs.act("cancel_payment_run", runs.propose(), reason="x")
    second = runs.propose()
    found = runs.api.call("list_payment_runs", query={"status": "proposed"}).expect(200)["data"]
    assert [(run["number"], run["total"]) for run in found] == [(second["number"], "1000.00")]
