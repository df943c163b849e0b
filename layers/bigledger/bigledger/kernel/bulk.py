"""Several requests in one: each goes through the whole pipeline of its operation, alone or all in one transaction.

Alone, each is just what it would be by itself, its retries included. Together they share a transaction, what opens it
and its commit. Each is flushed before the next one begins, so that a rule sees what the items before it did: the
stock they reserved, the credit they took, the documents they made.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from bigledger.kernel import database
from bigledger.kernel.configuration import uncommitted_version
from bigledger.kernel.context import Context
from bigledger.kernel.database import ConcurrentChange
from bigledger.kernel.http import HttpRequest
from bigledger.kernel.operation import Operation
from bigledger.kernel.pipeline import Outcome, Prepared, context_of, defect, perform, persistently, prepare, respond
from bigledger.kernel.problems import FieldError, InvalidRequest, PayloadTooLarge, Problem, Unavailable
from bigledger.kernel.transactions import nudge, open_keys, open_tenant, tenant_of
from bigledger.kernel.wire import secret_fields

TIME = 20
"""Seconds after which no further item is begun: the gateway waits for thirty."""

BYTES = 4 * 1024 * 1024
"""Of all answers together; Lambda hands over six million, and quotes an answer once more."""


@dataclass(frozen=True, slots=True)
class Item:
    """One request of several, as the gateway would have handed it to its operation."""

    operation: Operation[Any, Any]
    request: HttpRequest


Result = Outcome | Problem
"""What came of an item."""

Shorten = Callable[[str], str]
"""What is told of an item's answer, which is a JSON text."""


class BulkRefused(Problem):
    """Some items are refused, so nothing was done; ``items`` has the problem of each with its place."""

    title = "Some items of an atomic bulk are refused"


def may_be_item(operation: Operation[Any, Any]) -> bool:
    """Whether an operation may be one of several: it writes for the caller's tenant, and shows no secret."""
    guarded = operation.permission is not None and operation.tenant == "caller"
    return guarded and operation.writes and not secret_fields(operation.answer)


def item(
    operation: Operation[Any, Any],
    context: Context,
    *,
    key: str | None,
    version: int | None,
    path: Mapping[str, str],
    body: Mapping[str, Any],
) -> Item:
    """The request that stands for an item of the context's own.

    Raises InvalidRequest for parameters of the path that are missing or not known.
    """
    call = context.request
    wrong = set(operation.path_parameters) ^ set(path)
    if wrong:
        needed = ", ".join(operation.path_parameters) or "nothing"
        errors = [FieldError(f"/path/{name}", "path_parameter", f"it takes {needed}") for name in sorted(wrong)]
        raise InvalidRequest(f"The path of {operation.name} takes {needed}.", errors=errors)
    filled = operation.path
    for name, value in path.items():
        filled = filled.replace(f"{{{name}}}", quote(value, safe=""))
    headers = {"x-correlation-id": call.correlation_id}
    headers |= {"idempotency-key": key} if key is not None else {}
    headers |= {"if-match": f'"{version}"'} if version is not None else {}
    query = {"dry_run": "true"} if call.dry_run else {}
    in_query = operation.method == "DELETE"
    request = HttpRequest(
        method=operation.method,
        path=filled,
        path_parameters=dict(path),
        query=query | {name: str(value) for name, value in body.items()} if in_query else query,
        doubled=(),
        headers=headers,
        body=b"" if in_query else json.dumps(body, ensure_ascii=False).encode(),
        id=call.id,
        authorizer={"tenant_id": str(context.tenant.id)},
    )
    return Item(operation, request)


def alone(items: Sequence[Item | Problem], context: Context, shorten: Shorten) -> list[Result]:
    """Each in a transaction of its own, in order; what one is refused for does not keep the others waiting.

    An item that time or space does not suffice for is not begun, and is told so.
    """
    budget = _Budget()
    results: list[Result] = []
    for one in items:
        try:
            if isinstance(one, Problem):
                raise one
            budget.check()
            results.append(budget.spend(respond(one.operation, one.request, context.actor), shorten))
        except Problem as problem:
            results.append(problem)
        except Exception:  # noqa: BLE001 - the boundary between items: told as a 500, logged whole
            results.append(defect(context.request.id))
    _tell(results)
    return results


def together(items: Sequence[Item | Problem], context: Context, shorten: Shorten) -> list[Result]:
    """All in one transaction, which commits only if none is refused.

    When one is, all are looked at, so that everything that is wrong is told at once; only what the database itself
    refuses ends the look. Raises BulkRefused; PayloadTooLarge or Unavailable when space or time does not suffice.
    """
    prepared: dict[int, Prepared] = {}
    refused: dict[int, Problem] = {}
    for place, one in enumerate(items):
        try:
            if isinstance(one, Problem):
                raise one
            prepared[place] = prepare(one.operation, one.request, context.actor)
        except Problem as problem:
            refused[place] = problem
    if refused:
        raise _refusal(refused, items, context)
    budget = _Budget()
    results = persistently(lambda: _transaction(items, prepared, context, budget, shorten))
    _tell(results)
    return results


def _transaction(
    items: Sequence[Item | Problem],
    prepared: Mapping[int, Prepared],
    context: Context,
    budget: "_Budget",
    shorten: Shorten,
) -> list[Result]:
    """One attempt. Raises BulkRefused, and ConcurrentChange with the place of the item that came into conflict."""
    budget.refill()
    tenant_id, actor = context.tenant.id, context.actor
    known = actor.id if actor.version is not None else None
    keys = [one.call.idempotency_key for one in prepared.values() if one.call.idempotency_key is not None]
    results: list[Result] = []
    refused: dict[int, Problem] = {}
    with database.transaction() as transaction:
        opened = open_tenant(transaction, tenant_id, context.now, actor=known)
        by_key = open_keys(transaction, tenant_id, context.now, actor=known, keys=keys)
        tenant = tenant_of(tenant_id, opened)
        for place, one in prepared.items():
            budget.check()
            own = context_of(one, transaction)
            own.tenant, own.now = tenant, context.now
            try:
                outcome = perform(one, own, by_key.get(one.call.idempotency_key or "", opened))
                results.append(budget.spend(outcome, shorten))
            except ConcurrentChange as conflict:
                told = conflict.problem and _refusal({place: conflict.problem}, items, context)
                raise ConcurrentChange(str(conflict), told) from conflict
            except Problem as problem:
                refused[place] = problem
                if not transaction.sound:
                    break
            if own.work.configuration_changed:
                tenant = replace(tenant, configuration_version=uncommitted_version())
        if refused:
            raise _refusal(refused, items, context)
        if context.request.dry_run:
            transaction.discard()
    return results


def _tell(results: Sequence[Result]) -> None:
    """Wake the relay, once for all."""
    if any(isinstance(one, Outcome) and one.events for one in results):
        nudge()


def _refusal(refused: Mapping[int, Problem], items: Sequence[Item | Problem], context: Context) -> BulkRefused:
    first = next(iter(refused.values()))
    return BulkRefused(
        f"{len(refused)} of {len(items)} items are refused, so nothing was done. The first of them: {first.detail}",
        errors=[error for place, problem in refused.items() for error in _pointed(place, problem, items[place])],
        items=[{"item": place, **problem.body(context.request.id)} for place, problem in refused.items()],
    )


def _pointed(place: int, problem: Problem, one: Item | Problem) -> Iterator[FieldError]:
    """What is wrong with an item, pointed at where it stands in the whole."""
    if not problem.errors:
        yield FieldError(f"/items/{place}", problem.code(), problem.detail)
    for error in problem.errors:
        pointer, part = error["pointer"], ""
        if isinstance(one, Item):  # which its operation was asked about, and knows no more than its fields
            part = "/path" if pointer[1:] in one.operation.path_parameters else "/body"
        yield FieldError(f"/items/{place}{part}{pointer}", error["code"], error["message"])


class _Budget:
    """The time and the space that an answer has."""

    def __init__(self) -> None:
        self._until = time.monotonic() + TIME
        self._left = BYTES

    def refill(self) -> None:
        """All space is there again; time is not."""
        self._left = BYTES

    def check(self) -> None:
        """Raise Unavailable or PayloadTooLarge when nothing more can be begun."""
        if time.monotonic() > self._until:
            raise Unavailable("There was no time left for this. It was not begun; send it again, with fewer others.")
        if self._left < 0:
            raise PayloadTooLarge(
                "There was no room left for the answer to this. It was not begun; send it again, with fewer others,"
                ' or ask for "answers": "brief".',
                limit=BYTES,
            )

    def spend(self, outcome: Outcome, shorten: Shorten) -> Outcome:
        """The outcome with what is told of its answer, for which room is taken."""
        outcome.response.body = shorten(outcome.response.body)
        self._left -= len(outcome.response.body)
        return outcome
