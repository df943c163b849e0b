"""The refusals of each operation: its own, and those the kernel's pipeline makes of itself."""

import inspect
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from bigledger.kernel import Conflict, InvalidRequest, NotFound, Operation, Problem, StaleVersion, UnknownReference
from bigledger.kernel.formats import negotiated
from bigledger.kernel.problems import (
    Forbidden,
    IdempotencyKeyReused,
    InProgress,
    InternalError,
    MalformedRequest,
    NotAcceptable,
    PayloadTooLarge,
    PreconditionMissing,
    Unauthenticated,
    Unavailable,
)
from devtools.generate.schemas import Schema, plain_text

MEDIA_TYPE = "application/problem+json"
_INSTANCE = "5f1c2a9e-0d7b-4c38-9a51-2e6f8b7d4c10"

SCHEMA: Schema = {
    "type": "object",
    "description": "A refusal (RFC 9457). A program tests `code`; `detail` tells a person what to do."
    " Further members carry the facts of the refusal.",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Names the kind of problem: its code as a URN."},
        "title": {"type": "string", "description": "The kind of problem in words."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened this time, and what to do."},
        "instance": {"type": "string", "description": "The id of the request."},
        "code": {"type": "string", "description": "The kind of problem for programs."},
        "retryable": {"type": "boolean", "description": "Whether the same request may succeed later."},
        "errors": {
            "type": "array",
            "description": "The places in the request that are at fault.",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "Where, as a JSON Pointer (RFC 6901)."},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
                "required": ["pointer", "code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "retryable"],
}
"""The schema of every refusal."""


STANDARD: frozenset[type[Problem]] = frozenset(
    {
        Conflict,
        Forbidden,
        IdempotencyKeyReused,
        InProgress,
        InternalError,
        InvalidRequest,
        MalformedRequest,
        NotAcceptable,
        NotFound,
        PayloadTooLarge,
        PreconditionMissing,
        StaleVersion,
        Unauthenticated,
        Unavailable,
        UnknownReference,
    }
)
"""What the kernel refuses, whatever the operation is about."""


def problems_of(operation: Operation[Any, Any], path_parameters: Collection[str] | None = None) -> list[type[Problem]]:
    """Every refusal an operation may answer, by status and code, each once.

    ``path_parameters`` are those of the published path, where it has fewer than the route.
    """
    parameters = operation.path_parameters if path_parameters is None else path_parameters
    found = {*operation.problems, *_standard(operation, bool(parameters))}
    return sorted(found, key=lambda problem: (problem.status, problem.code()))


def _standard(operation: Operation[Any, Any], names_one: bool) -> Iterator[type[Problem]]:
    """What the pipeline refuses for every operation of this shape."""
    yield from (MalformedRequest, InvalidRequest, InternalError, Unavailable)
    if operation.permission is not None:
        yield from (Unauthenticated, Forbidden)
    if names_one:
        yield NotFound
    if negotiated(operation):
        yield NotAcceptable
    if operation.method in {"POST", "PUT", "PATCH"}:
        yield PayloadTooLarge
    if operation.writes and operation.tenant != "none":
        yield from (InProgress, IdempotencyKeyReused)
        if names_one:
            yield from (Conflict, StaleVersion)
        if operation.command is not None:
            yield UnknownReference
    if operation.key_required or operation.version_required:
        yield PreconditionMissing


def all_problems(operations: Iterable[Operation[Any, Any]]) -> list[type[Problem]]:
    """Every refusal of every operation, by status and code."""
    found = {problem for operation in operations for problem in problems_of(operation)}
    return sorted(found, key=lambda problem: (problem.status, problem.code()))


def meaning(problem: type[Problem]) -> str:
    """What a refusal means: its class's docstring."""
    return plain_text(inspect.getdoc(problem) or problem.title)


def example(problem: type[Problem]) -> dict[str, Any]:
    """A refusal as it looks on the wire, where no test has recorded one."""
    document: dict[str, Any] = {
        "type": f"urn:bigledger:problem:{problem.code()}",
        "title": problem.title,
        "status": problem.status,
        "detail": meaning(problem).partition("\n\n")[0],
        "instance": _INSTANCE,
        "code": problem.code(),
        "retryable": problem.retryable,
    }
    if problem is InvalidRequest:
        document["errors"] = [{"pointer": "/quantity", "code": "required", "message": "this field is required"}]
    if problem is UnknownReference:
        document["errors"] = [
            {"pointer": "/customer", "code": "unknown_customer", "message": "there is no active customer CUST999"}
        ]
    return document


HEADERS: Mapping[type[Problem], tuple[str, ...]] = {
    Unauthenticated: ("WWW-Authenticate",),
    InProgress: ("Retry-After",),
    Unavailable: ("Retry-After",),
}
"""The headers that come with some refusals."""
