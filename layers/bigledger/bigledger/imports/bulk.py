"""Bulks: which operations may be in one, whose key an item has, and what is told of it."""

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from bigledger.imports.bulk_model import KEY, Bulk, BulkItem, BulkResult, NewBulk
from bigledger.kernel import Context, FieldError, InvalidRequest, Operation, Problem, bulk
from bigledger.kernel.bulk_items import Item, item, may_be_item
from bigledger.kernel.problems import MalformedRequest
from bigledger.kernel.serialization import json_text

MODULES = (
    "currency",
    "imports",
    "inventory",
    "ledger",
    "payables",
    "platform",
    "receivables",
    "records",
    "tax",
    "workflow",
)
"""Whose operations may be in a bulk: the modules that are installed wherever this one is."""

_BRIEF = ("id", "code", "number", "status", "version", "total")


def execute(new: NewBulk, functions: Path, context: Context) -> Bulk:
    """Do the items, whose operations stand in the folder ``functions``, each through its own pipeline.

    The bulk's own Idempotency-Key gives every item without one a key of its own, so that sending the same bulk again
    does nothing twice. Raises InvalidRequest for a key that stands twice, BulkRefused for an atomic one.
    """
    _check_keys(new, context)
    items = [_item(one, place, functions, context) for place, one in enumerate(new.items)]
    run = bulk.together if new.atomic else bulk.alone
    outcomes = run(items, context, _brief if new.answers == "brief" else _whole)
    events = [event for one in outcomes for event in _foretold(one)] if context.request.dry_run else None
    results = [_result(*pair, context) for pair in zip(items, outcomes, strict=True)]
    done = sum(one.problem is None for one in results)
    answer = Bulk(done=done, refused=len(results) - done, items=results)
    return answer if events is None else answer.foretelling(events)


def find(functions: Path, name: str) -> Operation[Any, Any] | None:
    """The operation of this name, with its module or without, if it may be in a bulk."""
    module, _, operation = name.rpartition(".")
    for folder in (module,) if module else MODULES:
        path = functions / folder / f"{operation}.py"
        if folder in MODULES and path.is_file():
            found = getattr(_loaded(folder, path), operation)
            return found if isinstance(found, Operation) and may_be_item(found) else None
    return None


def _loaded(folder: str, path: Path) -> Any:
    """A function's file as a module; in Lambda it lies beside this one's, under no package."""
    name = f"functions.{folder}.{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} cannot be loaded")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def _check_keys(new: NewBulk, context: Context) -> None:
    times = Counter(one.idempotency_key for one in new.items if one.idempotency_key is not None)
    errors = [
        FieldError(f"/items/{place}/idempotency_key", "stands_twice", "give each item a key of its own")
        for place, one in enumerate(new.items)
        if one.idempotency_key is not None and times[one.idempotency_key] > 1
    ]
    if errors:
        raise InvalidRequest("Some items have the same idempotency_key.", errors=errors)
    if len(context.request.idempotency_key or "") > KEY:
        raise MalformedRequest(f"The Idempotency-Key of a bulk has at most {KEY - len('request ')} characters.")


def _item(one: BulkItem, place: int, functions: Path, context: Context) -> Item | Problem:
    operation = find(functions, one.operation)
    try:
        if operation is None:
            raise InvalidRequest(
                f"{one.operation} is no operation that may be in a bulk: one that writes, shows no secret, and is no"
                " bulk itself.",
                errors=[FieldError("/operation", "not_in_bulk", "name another, or send it by itself")],
            )
        own = (context.request.idempotency_key or "").removeprefix("request ")
        key = one.idempotency_key or (f"{own}/{place}" if own else None)
        return item(operation, context, key=key, version=one.if_match, path=one.path, body=one.body)
    except Problem as problem:
        return problem


def _foretold(outcome: bulk.Result) -> list[Any]:
    """The events that an item of a dry run would have had, taken out of its answer."""
    if isinstance(outcome, Problem):
        return []
    answer = orjson.loads(outcome.response.body)
    events: list[Any] = answer.pop("dry_run", {"events": []})["events"]
    outcome.response.body = json_text(answer)
    return events


def _result(asked: Item | Problem, outcome: bulk.Result, context: Context) -> BulkResult:
    if isinstance(outcome, Problem):
        return BulkResult(status=outcome.status, problem=outcome.body(context.request.id))
    response = outcome.response
    hit = "Idempotency-Hit" in response.headers or None
    status = response.status
    if context.request.dry_run and not hit and isinstance(asked, Item):
        status = asked.operation.status  # of the live call, which it foretells
    return BulkResult(status=status, idempotency_hit=hit, body=orjson.Fragment(response.body))


def _whole(text: str) -> str:
    return text


def _brief(text: str) -> str:
    answer = orjson.loads(text)
    return json_text({name: answer[name] for name in (*_BRIEF, "dry_run") if name in answer})
