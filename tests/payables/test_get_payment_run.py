"""A payment run read again is the run that was answered."""

from typing import Any

import pytest

from tests.payables.runs import Runs


@pytest.mark.example
def test_example(runs: Runs, example: Any) -> None:
    runs.bill(supplier_number="2026-4711")
    answer = example(path={"id": runs.propose()["number"]})
    assert (answer.status, answer["status"]) == (200, "proposed")


def test_it_is_read_as_it_was_answered(runs: Runs) -> None:
    runs.bill()
    run = runs.propose(metadata={"week": "48"})
    assert runs.api.call("get_payment_run", path={"id": run["id"]}).expect(200).json == run
    assert runs.api.call("get_payment_run", path={"id": "RUN-2026-000009"}).expect(404)["code"] == "not_found"
