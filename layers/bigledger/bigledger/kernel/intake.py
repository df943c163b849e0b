"""Reads a request into what an operation needs: the actor, the facts of the call, the validated command."""

import hashlib
import re
from typing import Any
from uuid import UUID, uuid5

from pydantic import ValidationError

from bigledger.kernel import runtime
from bigledger.kernel.context import Actor, Request
from bigledger.kernel.documents import is_id
from bigledger.kernel.flags import INSTALLATION
from bigledger.kernel.formats import format_accepted
from bigledger.kernel.http import HttpRequest, json_body, refuse_control_characters
from bigledger.kernel.operation import Operation
from bigledger.kernel.problems import FieldError, Forbidden, InvalidRequest, MalformedRequest, PreconditionMissing
from bigledger.kernel.wire import Command

_NO_TENANT = UUID(int=0)
_IN_PYTHON = re.compile(r"Decimal\('([^']*)'\)")
_NEW_TENANTS = UUID("8f5b1d0e-7c0a-5d8e-9a53-2f6f1f7d1c11")


def read_actor(request: HttpRequest) -> Actor:
    """Who the authorizer says is calling."""
    known = request.authorizer
    version = known.get("actor_version")
    return Actor(
        id=str(known.get("actor_id", "anonymous")),
        kind=str(known.get("actor_kind", "anonymous")),
        name=str(known.get("actor_name", "An anonymous caller")),
        permissions=tuple(str(known.get("permissions", "")).split()),
        roles=tuple(str(known.get("roles", "")).split()),
        version=int(version) if version else None,
    )


def correlation_id(request: HttpRequest) -> str:
    """What ties together everything one piece of work causes: the caller's header, or the request's own id."""
    return request.headers.get("x-correlation-id", request.id)[:100]


def read_request(operation: Operation[Any, Any], request: HttpRequest) -> Request:
    """The facts of the call from its headers and its query.

    Raises MalformedRequest or PreconditionMissing.
    """
    if request.doubled:
        raise MalformedRequest(f"Give each query parameter once; this stands twice: {', '.join(request.doubled)}.")
    headers = request.headers
    key = headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= 200:
        raise MalformedRequest("An Idempotency-Key has 1 to 200 characters.")
    if operation.key_required and key is None:
        raise PreconditionMissing(
            "Send an Idempotency-Key header with a fresh unique value, so that a repeated request cannot act twice.",
            header="Idempotency-Key",
        )
    if operation.version_required and "if-match" not in headers:
        raise PreconditionMissing(
            "Send If-Match with the ETag you read, so that nobody's change is overwritten.", header="If-Match"
        )
    dry_run = request.query.get("dry_run", "false")
    if dry_run not in {"true", "false"}:
        raise MalformedRequest("dry_run is true or false.")
    return Request(
        operation=f"{operation.module}.{operation.name}",
        id=request.id,
        correlation_id=correlation_id(request),
        # Keys of deliveries live beside those of requests and begin with another word.
        idempotency_key=f"request {key}" if key and operation.writes else None,
        expected_version=_version(headers.get("if-match")),
        dry_run=dry_run == "true" and operation.writes,
    )


def _version(etag: str | None) -> int | None:
    if etag is None or etag.strip() == "*":
        return None
    number = etag.strip().removeprefix("W/").strip('"')
    if not number.isdecimal() or len(number) > 9:
        raise MalformedRequest('If-Match takes the ETag of the resource, such as "3".')
    return int(number)


def read_command(operation: Operation[Any, Any], request: HttpRequest) -> tuple[Command | None, str]:
    """The validated command and a fingerprint of the request that made it.

    Raises MalformedRequest, PayloadTooLarge, NotAcceptable or InvalidRequest with a pointer to each faulty field.
    """
    fields: dict[str, Any] = {}
    if request.method in {"GET", "DELETE"}:
        fields |= {name: value for name, value in request.query.items() if name != "dry_run"}
        if (accepted := format_accepted(operation, request)) is not None:
            fields["format"] = accepted
    else:
        unknown = [name for name in request.query if name != "dry_run"]
        if unknown:
            raise InvalidRequest(
                "This operation takes its fields in the body.",
                errors=[FieldError(f"/{name}", "unknown_parameter", "move it into the body") for name in unknown],
            )
        fields |= json_body(request)
    doubled = [name for name in operation.path_parameters if name in fields]
    if doubled:
        raise InvalidRequest(
            "Some fields stand in the path already.",
            errors=[FieldError(f"/{name}", "in_path", "it is in the path; leave it out") for name in doubled],
        )
    if request.query or request.path_parameters:
        refuse_control_characters({**request.query, **request.path_parameters})
    digest = hashlib.sha256(f"{operation.name} {request.path}?{sorted(request.query.items())}\n".encode())
    digest.update(request.body)
    if operation.command is None:
        if fields:
            raise InvalidRequest(
                "This operation takes no fields.",
                errors=[FieldError(f"/{name}", "unknown_field", "leave it out") for name in fields],
            )
        return None, digest.hexdigest()
    try:
        return operation.command.model_validate(fields | dict(request.path_parameters)), digest.hexdigest()
    except ValidationError as error:
        raise InvalidRequest("Some fields are not right; each is pointed at.", errors=field_errors(error)) from error


def field_errors(error: ValidationError) -> list[FieldError]:
    """What pydantic found, as pointers and plain messages."""
    messages = {
        "extra_forbidden": "this field is not known here",
        "missing": "this field is required",
        **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "expected an object"),
    }
    codes = {"extra_forbidden": "unknown_field", "missing": "required"}
    found = []
    for item in error.errors(include_url=False, include_input=False):
        place = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in item["loc"])
        message = messages.get(item["type"]) or _IN_PYTHON.sub(r"\1", item["msg"])
        found.append(FieldError(place, codes.get(item["type"], item["type"]), message))
    return found


def read_tenant(operation: Operation[Any, Any], request: HttpRequest, call: Request) -> UUID:
    """The caller's tenant; for a new tenant an id that a repeated request finds again."""
    named = request.authorizer.get("tenant_id")
    if operation.tenant == "new":
        key = call.idempotency_key
        return uuid5(_NEW_TENANTS, key) if key else runtime.clock.new_id()
    if operation.tenant == "path" and not named and is_id(request.path_parameters["id"]):
        return UUID(request.path_parameters["id"])
    if (
        operation.tenant in ("caller", "items")
        and request.authorizer
        and not named
        and "problem" not in request.authorizer
    ):
        raise Forbidden("This key belongs to the operator, not to a tenant. Use a key of the tenant.")
    if operation.tenant == "installation" and not named:
        return INSTALLATION
    return UUID(named) if named else _NO_TENANT
