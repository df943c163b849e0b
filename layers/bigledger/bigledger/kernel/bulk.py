"""Several requests in one: each goes through the whole pipeline of its operation, alone or all in one transaction.

Alone, each is just what it would be by itself, its retries included. Together they share a transaction, what opens it
and its commit. Each is flushed before the next one begins, so that a rule sees what the items before it did: the
stock they reserved, the credit they took, the documents they made. Only neighbours of an operation that is ``grouped``,
whose rule counts in what is staged, are flushed at once; when one of such a group is refused, or a flush is, they are
done again one by one.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from bigledger.kernel import database
from bigledger.kernel.bulk_items import Item, refusal
from bigledger.kernel.configuration import uncommitted_version
from bigledger.kernel.context import Context
from bigledger.kernel.database import ConcurrentChange
from bigledger.kernel.pipeline import (
    Outcome,
    Prepared,
    Staged,
    context_of,
    defect,
    finish,
    perform,
    persistently,
    prepare,
    respond,
    stage,
)
from bigledger.kernel.problems import PayloadTooLarge, Problem, Unavailable
from bigledger.kernel.transactions import nudge, open_keys, open_tenant, tenant_of

TIME = 20
"""Seconds after which no further item is begun: the gateway waits for thirty."""

BYTES = 4 * 1024 * 1024
"""Of all answers together; Lambda hands over six million, and quotes an answer once more."""


GROUP = 25
"""The most items that are flushed at once."""


Result = Outcome | Problem
"""What came of an item."""

Shorten = Callable[[str], str]
"""What is told of an item's answer, which is a JSON text."""


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
        raise refusal(refused, items, context)
    budget = _Budget()
    attempts = count()
    results = persistently(
        lambda: _transaction(items, prepared, context, budget, shorten, GROUP if next(attempts) == 0 else 1)
    )
    _tell(results)
    return results


def _transaction(
    items: Sequence[Item | Problem],
    prepared: Mapping[int, Prepared],
    context: Context,
    budget: "_Budget",
    shorten: Shorten,
    most: int,
) -> list[Result]:
    """One attempt, with so many in a group at most.

    Raises BulkRefused, and ConcurrentChange with the place of the item that came into conflict.
    """
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

        def own(one: Prepared) -> tuple[Prepared, Context, Any]:
            made = context_of(one, transaction)
            made.tenant, made.now = tenant, context.now
            return one, made, by_key.get(one.call.idempotency_key or "", opened)

        for places in groups(prepared, most):
            budget.check()
            if len(places) > 1:
                done = _flushed_at_once([own(prepared[place]) for place in places])
                results += [budget.spend(outcome, shorten) for outcome in done]
                if done:
                    continue
                if not transaction.sound:
                    raise ConcurrentChange("a group is done again one by one")
            for place in places:
                one, made, stored = own(prepared[place])
                try:
                    results.append(budget.spend(perform(one, made, stored), shorten))
                except ConcurrentChange as conflict:
                    told = conflict.problem and refusal({place: conflict.problem}, items, context)
                    raise ConcurrentChange(str(conflict), told) from conflict
                except Problem as problem:
                    refused[place] = problem
                if made.work.configuration_changed:
                    tenant = replace(tenant, configuration_version=uncommitted_version())
            if not transaction.sound:
                break
        if refused:
            raise refusal(refused, items, context)
        budget.check_room()
        if context.request.dry_run:
            transaction.discard()
    return results


def groups(prepared: Mapping[int, Prepared], most: int) -> Iterator[list[int]]:
    """The places of items that are flushed at once: neighbours of one operation that takes it, or each by itself."""
    group: list[int] = []
    for place, one in prepared.items():
        fits = one.operation.grouped and not one.call.dry_run
        if group and (not fits or len(group) >= most or prepared[group[0]].operation is not one.operation):
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def _flushed_at_once(items: Sequence[tuple[Prepared, Context, Any]]) -> list[Outcome]:
    """Do a group in one unit of work; answers nothing, and has written nothing, when one of them is refused."""
    shared = items[0][1].work
    done: list[tuple[Outcome | Staged, Context]] = []
    for one, own, stored in items:
        own.work = shared
        try:
            done.append((stage(one, own, stored), own))
        except Problem:
            return []
    try:
        numbers = shared.flush()
    except Problem as problem:
        raise ConcurrentChange("a group is done again one by one") from problem
    return [one if isinstance(one, Outcome) else finish(one, own, numbers) for one, own in done]


def _tell(results: Sequence[Result]) -> None:
    """Wake the relay, once for all."""
    if any(isinstance(one, Outcome) and one.events for one in results):
        nudge()


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
        self.check_room()

    def check_room(self) -> None:
        """Raise PayloadTooLarge when the answers are too large."""
        if self._left < 0:
            raise PayloadTooLarge(
                "There is no room for the answer to this, so it was not done. Send it again, with fewer others,"
                ' or ask for "answers": "brief".',
                limit=BYTES,
            )

    def spend(self, outcome: Outcome, shorten: Shorten) -> Outcome:
        """The outcome with what is told of its answer, for which room is taken."""
        outcome.response.body = shorten(outcome.response.body)
        self._left -= len(outcome.response.body)
        return outcome
