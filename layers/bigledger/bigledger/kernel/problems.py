"""Refusals, and how they are told to a caller (RFC 9457 problem details).

A refusal is a class beside the rule that raises it. Its name in snake_case is the ``code`` a program
tests for, its ``detail`` tells a person what to do, and its members carry the facts.

    Problem
    ├── MalformedRequest 400      ├── StaleVersion 412
    ├── Unauthenticated 401       ├── PayloadTooLarge 413
    ├── Forbidden 403             ├── InvalidRequest 422
    ├── NotFound 404              ├── UnknownReference 422
    ├── NotAcceptable 406         ├── PreconditionMissing 428
    ├── Conflict 409              └── Unavailable 503
    │   └── InProgress 409
    └── … the rules of each module
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class FieldError(dict[str, str]):
    """One faulty place in a request: ``pointer`` (RFC 6901), ``code`` and ``message``."""

    def __init__(self, pointer: str, code: str, message: str) -> None:
        super().__init__(pointer=pointer, code=code, message=message)


class Problem(Exception):
    """A refusal with an HTTP status, a sentence for a person and members for a program.

    Members are JSON-ready values: money and quantities as strings.
    """

    status: ClassVar[int] = 422
    title: ClassVar[str] = "The request breaks a rule"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = (), **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.members = members

    @classmethod
    def code(cls) -> str:
        """The class name in snake_case, as it stands in the ``code`` member."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def headers(self) -> Mapping[str, str]:
        """Extra response headers this problem asks for."""
        return {}

    def body(self, instance: str) -> dict[str, Any]:
        """The problem document; ``instance`` is the request id."""
        code = self.code()
        document: dict[str, Any] = {
            "type": f"urn:bigledger:problem:{code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": code,
            "retryable": self.retryable,
        }
        if self.errors:
            document["errors"] = self.errors
        return document | self.members


class MalformedRequest(Problem):
    """The request is not well-formed JSON or HTTP, so its meaning cannot be known."""

    status = 400
    title = "The request cannot be read"


class Unauthenticated(Problem):
    """No valid key or token came with the request."""

    status = 401
    title = "Authentication is needed"

    def headers(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    """The caller is known but lacks the permission."""

    status = 403
    title = "Permission is missing"


class NotFound(Problem):
    """Nothing with that id exists for this tenant; another tenant's ids are answered alike."""

    status = 404
    title = "Not found"


class NotAcceptable(Problem):
    """The Accept header allows no format that there is; ``available`` names the media types."""

    status = 406
    title = "No such format"


class Conflict(Problem):
    """The request contradicts the present state of the resource."""

    status = 409
    title = "The request conflicts with the present state"


class InProgress(Conflict):
    """The same idempotency key is being worked on at this moment."""

    title = "The same request is still being worked on"
    retryable = True

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "1"}


class StaleVersion(Problem):
    """The resource changed since the caller read it (If-Match names an older version)."""

    status = 412
    title = "The resource has changed since it was read"


class PayloadTooLarge(Problem):
    """The body is over the stated limit."""

    status = 413
    title = "The body is too large"


class InvalidRequest(Problem):
    """Fields are missing, unknown or of the wrong shape; ``errors`` points at each."""

    title = "The request has invalid fields"


class UnknownReference(Problem):
    """Codes or ids name nothing that exists and is active; ``errors`` points at each."""

    title = "The request names things that do not exist"


class IdempotencyKeyReused(Problem):
    """The idempotency key was used before with another request."""

    title = "The idempotency key belongs to another request"


class PreconditionMissing(Problem):
    """A header that protects against lost or doubled writes is missing."""

    status = 428
    title = "A required header is missing"


class Unavailable(Problem):
    """A part of the system does not answer just now; nothing was changed, unless ``outcome`` is ``unknown``."""

    status = 503
    title = "Temporarily unavailable"
    retryable = True

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "2"}


class InternalError(Problem):
    """A defect on our side; nothing was changed and no internals are told."""

    status = 500
    title = "Something went wrong on our side"
