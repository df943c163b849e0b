"""The life of one request, always in this order, never per operation:

permission → validation → tenant transaction → idempotency → run → declared-events check → flush → commit →
respond. Conflicts with concurrent requests are tried again here, invisibly.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import orjson

from bigledger.kernel import database, permissions, runtime
from bigledger.kernel.context import Actor, Context, Request, Tenant
from bigledger.kernel.database import ConcurrentChange
from bigledger.kernel.flags import INSTALLATION
from bigledger.kernel.flush import IDEMPOTENCY
from bigledger.kernel.http import HttpRequest, HttpResponse, file_response, problem_response, request_from_event
from bigledger.kernel.intake import correlation_id, read_actor, read_command, read_request, read_tenant
from bigledger.kernel.observability import begin, logger, record
from bigledger.kernel.operation import SIGNED_IN, Operation
from bigledger.kernel.problems import (
    Forbidden,
    IdempotencyKeyReused,
    InternalError,
    Problem,
    Unauthenticated,
    Unavailable,
)
from bigledger.kernel.serialization import json_text
from bigledger.kernel.tally import statements_sent
from bigledger.kernel.transactions import nudge, open_tenant, tenant_of
from bigledger.kernel.unit_of_work import UnitOfWork, filled
from bigledger.kernel.wire import Answer, Command, secret_fields

Result = TypeVar("Result")

ATTEMPTS = 8
"""How often an operation is tried when concurrent requests get in its way."""

PATIENCE = 4
"""How often a refusal of the database is taken for a race before its problem is told."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that its operation takes: permitted, well formed, and not begun."""

    operation: Operation[Any, Any]
    command: Command | None
    fingerprint: str
    tenant_id: UUID
    actor: Actor
    call: Request


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request: its answer, and whether the relay has something to publish."""

    response: HttpResponse
    events: bool = False


@dataclass(frozen=True, slots=True)
class Staged:
    """What a request has staged and would answer; numbers are still tokens."""

    response: HttpResponse
    events: bool


def handle(operation: Operation[Any, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one gateway event with one operation."""
    started = time.perf_counter()
    instance = str(event.get("requestContext", {}).get("requestId", ""))
    before = statements_sent()
    try:
        request = request_from_event(event)
        actor = read_actor(request)
        identity = Request(operation.name, request.id, correlation_id(request))
        begin(operation.name, str(request.authorizer.get("tenant_id", "")), actor, identity)
        outcome = respond(operation, request, actor)
        response = outcome.response
        if outcome.events:
            nudge()
    except Problem as problem:
        response = problem_response(problem, instance)
    except Exception:  # noqa: BLE001 - the boundary: told as a 500, logged whole
        response = problem_response(defect(instance), instance)
    response.headers.setdefault("X-Request-Id", instance)
    statements = statements_sent() - before
    record(operation.name, str(response.status), (time.perf_counter() - started) * 1000, statements)
    return response.event()


def defect(instance: str) -> InternalError:
    """What is told of the exception being handled, which is logged whole."""
    logger.exception("defect")
    return InternalError(f"The request failed and changed nothing. If it persists, tell us {instance}.")


def respond(operation: Operation[Any, Any], request: HttpRequest, actor: Actor) -> Outcome:
    """Answer one request in a transaction of its own. Raises the problem that speaks against it."""
    prepared = prepare(operation, request, actor)
    if operation.tenant in ("none", "items"):
        answer = _run(operation, prepared.command, context_of(prepared, database.Transaction(None)))
        return Outcome(HttpResponse(operation.status, answer.as_json()))
    return persistently(lambda: _attempt(prepared))


def prepare(operation: Operation[Any, Any], request: HttpRequest, actor: Actor) -> Prepared:
    """Hold a request against its operation. Raises Unauthenticated, Forbidden, or what is wrong with its form."""
    if operation.permission is not None:
        if "problem" in request.authorizer or not request.authorizer:
            raise Unauthenticated(request.authorizer.get("problem") or "Send an API key or a token as Bearer.")
        if operation.permission != SIGNED_IN:
            permissions.require(actor, operation.permission)
    call = read_request(operation, request)
    tenant_id = read_tenant(operation, request, call)
    command, fingerprint = read_command(operation, request)
    return Prepared(operation, command, fingerprint, tenant_id, actor, call)


def context_of(prepared: Prepared, transaction: database.Transaction) -> Context:
    """What a request's operation is given in a transaction, with a unit of work of its own."""
    work = UnitOfWork(transaction, runtime.clock)
    return Context(Tenant(prepared.tenant_id), prepared.actor, runtime.clock, work, prepared.call)


def persistently(work: Callable[[], Result]) -> Result:
    """Do the work of a request, again from the start while concurrent requests get in its way.

    Raises Unavailable when they do to the end, or the problem that a conflict stands for.
    """
    for attempt in range(ATTEMPTS):
        try:
            return work()
        except ConcurrentChange as conflict:
            if attempt >= PATIENCE and conflict.problem is not None:
                raise conflict.problem from conflict
            logger.warning("retried", extra={"reason": str(conflict), "attempt": attempt + 1})
            time.sleep(random.uniform(0, 0.004 * 2**attempt))  # noqa: S311 - jitter
    raise Unavailable("Too many requests work on the same records just now. Nothing was changed; try again.")


def _attempt(prepared: Prepared) -> Outcome:
    """One transaction from its begin to its commit."""
    with database.transaction() as transaction:
        context = context_of(prepared, transaction)
        actor = prepared.actor.id if prepared.actor.version is not None else None
        key = prepared.call.idempotency_key
        opened = open_tenant(transaction, prepared.tenant_id, context.now, actor=actor, key=key)
        context.tenant = tenant_of(prepared.tenant_id, opened)
        outcome = perform(prepared, context, opened)
        if prepared.call.dry_run:
            transaction.discard()
    return outcome


def perform(prepared: Prepared, context: Context, opened: Any) -> Outcome:
    """Do what a request asks for, its flush included, in the transaction that its context belongs to.

    ``opened`` is what ``open_tenant`` answered for the request's key.
    """
    done = stage(prepared, context, opened)
    return done if isinstance(done, Outcome) else finish(done, context, context.work.flush())


def stage(prepared: Prepared, context: Context, opened: Any) -> Outcome | Staged:
    """Do what a request asks for up to the flush, or answer what needs none."""
    operation, call, work = prepared.operation, prepared.call, context.work
    _admit(operation, context, opened)
    if opened.request_hash is not None:
        return Outcome(_replay(opened, operation, prepared.fingerprint))
    answer = _run(operation, prepared.command, context)
    work.check_declared(operation.name, operation.emits)
    file = answer.as_file()
    if file is not None and not operation.writes:
        return Outcome(file_response(operation.status, file))
    body = answer.as_json(work.shares if operation.writes and not call.dry_run else None)
    if call.idempotency_key is not None and not call.dry_run:
        work.append(IDEMPOTENCY, [_stored(operation, call, prepared.fingerprint, answer, body)])
    version = getattr(answer, "version", None)
    headers = {"ETag": f'"{version}"'} if isinstance(version, int) else {}
    response = HttpResponse(200 if call.dry_run else operation.status, body, headers)
    if not operation.writes:
        return Outcome(response)
    if call.dry_run:
        response.body = _described(body, work)
    return Staged(response, bool(work.events) and not call.dry_run)


def finish(staged: Staged, context: Context, behind: Mapping[str, str]) -> Outcome:
    """The answer to what was flushed, with what the flush answered for its tokens."""
    staged.response.body = filled(staged.response.body, behind)
    return Outcome(staged.response, staged.events)


def _admit(operation: Operation[Any, Any], context: Context, row: Any) -> None:
    """Let pass whose key and tenant are as they were. Raises Unauthenticated, Forbidden."""
    actor = context.actor
    if actor.version is not None and operation.tenant != "new" and row.actor_version != actor.version:
        raise Unauthenticated("This key was revoked or changed, or has expired. Use the present one.")
    if operation.tenant == "caller" or (operation.tenant == "installation" and context.tenant.id != INSTALLATION):
        if row.status is None:
            raise Unauthenticated("The tenant of this key does not exist any more.")
        if row.status != "active" and operation.writes:
            raise Forbidden("This tenant is suspended: it can be read, not changed.")


def _run(operation: Operation[Any, Any], command: Command | None, context: Context) -> Any:
    return operation.run(context) if command is None else operation.run(command, context)


def _replay(stored: Any, operation: Operation[Any, Any], fingerprint: str) -> HttpResponse:
    if stored.request_hash != fingerprint:
        raise IdempotencyKeyReused(
            "This Idempotency-Key was used before with another request. Use a new key for a new request."
        )
    return HttpResponse(stored.response_status, stored.response_body, {"Idempotency-Hit": "true"})


def _stored(operation: Operation[Any, Any], call: Request, fingerprint: str, answer: Any, body: str) -> dict[str, Any]:
    """The answer kept for a replay; secrets that are shown once are not kept."""
    kind: type[Answer] = type(answer)
    secrets = secret_fields(kind)
    return {
        "key": call.idempotency_key,
        "operation": operation.name,
        "request_hash": fingerprint,
        "status": operation.status,
        "body": answer.model_dump_json(exclude_none=True, exclude=secrets) if secrets else body,
    }


def _described(body: str, work: UnitOfWork) -> str:
    """The would-be answer of a dry run, with the events it would have published."""
    described = orjson.loads(body)
    described["dry_run"] = work.preview()
    return json_text(described)
