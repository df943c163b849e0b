"""Requests drawn from the published contract: no server error, no answer it does not know, nobody let in without a key.

`REQUESTS` says how many are sent to each operation, and `make soak` draws others for as long as it is told.
"""

import os
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import settings
from schemathesis import GenerationMode

from tests.contracts.fuzzing import OPERATIONS, SETTINGS, Caller, Contract, contract
from tests.support.integrity import sound

REQUESTS = int(os.environ.get("REQUESTS", "10"))
"""How many requests as the contract has them each operation gets; half as many that break it come on top."""

PUBLIC = {label for label, operation in OPERATIONS.items() if operation.get("security") == []}

_databases = count(1)


@pytest.fixture(scope="module")
def published(admin_url: str) -> Iterator[Contract]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with contract(admin_url, f"fuzzed_{worker}_{next(_databases)}") as made:
        yield made


@pytest.fixture(scope="module")
def administrator(published: Contract) -> Caller:
    return published.tenant()


def test_every_operation_of_the_contract_is_looked_at(published: Contract) -> None:
    assert {*published.operations} == {*OPERATIONS}
    assert {"GET /api/v1/health"} == PUBLIC


@pytest.mark.parametrize("label", OPERATIONS)
def test_answers_are_as_the_contract_says(published: Contract, label: str) -> None:
    caller = published.tenant()
    published.fuzz(label, caller, GenerationMode.POSITIVE, settings(SETTINGS, max_examples=REQUESTS))
    if label not in PUBLIC:  # which take nothing that could be wrong
        published.fuzz(label, caller, GenerationMode.NEGATIVE, settings(SETTINGS, max_examples=REQUESTS // 2))
    sound(caller.api)


@pytest.mark.parametrize("label", [label for label in OPERATIONS if label not in PUBLIC])
def test_nobody_is_let_in_without_a_key(published: Contract, administrator: Caller, label: str) -> None:
    published.unknown(label, administrator)
