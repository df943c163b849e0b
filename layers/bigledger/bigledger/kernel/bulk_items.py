"""One request of several: which may be one, what it would be by itself, and how its refusal is told."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bigledger.kernel.context import Context
from bigledger.kernel.http import HttpRequest
from bigledger.kernel.operation import Operation
from bigledger.kernel.problems import FieldError, InvalidRequest, Problem
from bigledger.kernel.wire import secret_fields


@dataclass(frozen=True, slots=True)
class Item:
    """One request of several, as the gateway would have handed it to its operation."""

    operation: Operation[Any, Any]
    request: HttpRequest


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


def refusal(refused: Mapping[int, Problem], items: Sequence[Item | Problem], context: Context) -> BulkRefused:
    """The problem of a bulk of which some items are refused, by their places."""
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
