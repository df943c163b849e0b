"""What a simulation leaves behind, and what must hold of it."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.simulation.scripts import Request
from tests.support.api import Api, Response

AS_READ = ("available_after", "credit", "stock")
"""Figures that an answer tells as its request read them: others may have moved them before it was committed."""


def state(rows: Iterable[str]) -> list[tuple[str, str]]:
    """The rows of a tenant as (table, row), comparable with those of another run; sorted."""
    told = []
    for text in rows:
        table, row = json.loads(text)
        if table == "kernel.idempotency" and row["body"]:
            row["body"] = json.loads(row["body"])
        told.append((table, json.dumps(_lasting(row), sort_keys=True)))
    return sorted(told)


def answer(request: Request, response: Response) -> tuple[int, Any]:
    """An answer, comparable with that of another run; of a refusal only which one it is, of a report only its status.

    Reports tell of other things that go on, such as the events that were delivered so far.
    """
    if request.operation.startswith(("get_", "list_")):
        return response.status, None
    body = response.json
    return response.status, body["code"] if response.status >= 400 else _lasting(body)


def difference(left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]) -> list[str]:
    """The rows that only one of two runs has."""
    only_left, only_right = set(left) - set(right), set(right) - set(left)
    return sorted([f"{table} with faults:    {row}" for table, row in only_left]) + sorted(
        [f"{table} without faults: {row}" for table, row in only_right]
    )


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lasting(inner) for name, inner in value.items() if name not in AS_READ}
    if isinstance(value, list):
        return [_lasting(inner) for inner in value]
    return value


def check_looks(operation: str, body: Mapping[str, Any]) -> None:
    """What a report has to be in itself, whenever it is asked for."""
    if operation == "get_trial_balance":
        assert body["total_debit"] == body["total_credit"]
    if operation == "list_events":
        in_order(body["data"])


def in_order(events: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Hold events against the order of each document; answers the last place seen of each.

    A document that was there before the simulation began has earlier events, which are not looked for.
    """
    last: dict[str, int] = {}
    for event in events:
        before = last.get(event["subject"], event["sequence"] - 1)
        assert event["sequence"] == before + 1, f"{event['subject']}: {event['sequence']} follows {before}"
        last[event["subject"]] = event["sequence"]
    return last


def feed(api: Api) -> list[dict[str, Any]]:
    """Every event of the tenant, page by page as a reader gets them.

    An event appears as soon as no older transaction runs on the whole server, whosesoever: they are waited for.
    """
    recorded = api.rows("SELECT count(*) AS n FROM kernel.event")[0].n
    deadline = time.monotonic() + 60
    found: list[dict[str, Any]] = []
    query = {"limit": "200"}
    while len(found) < recorded:
        page = api.call("list_events", query=query).expect(200).json
        found += page["data"]
        query["after"] = page["next_cursor"]
        assert page["data"] or time.monotonic() < deadline, "the feed leaves something out"
    return found
