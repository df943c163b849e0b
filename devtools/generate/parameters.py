"""The parameters and headers of the contract: those common to all operations, and those made from commands."""

from collections.abc import Iterable, Mapping

from bigledger.kernel import Filter, ListQuery
from bigledger.kernel.idempotency import RETENTION
from devtools.generate.schemas import Schema

_ORDERED = {"date": {"type": "string", "format": "date"}, "timestamptz": {"type": "string", "format": "date-time"}}
_OPERATORS = {
    "gte": "this or later",
    "gt": "later than this",
    "lte": "this or earlier",
    "lt": "earlier than this",
}

PARAMETERS: dict[str, Schema] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A unique value for this request. Sent again with the same value, the request does not act"
        f" twice: the first answer comes back with `Idempotency-Hit: true`, for {RETENTION.days} days.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of the version you read. Another version is refused with 412; `*` takes any.",
        "schema": {"type": "string", "pattern": r'^(\*|(W/)?"?[0-9]{1,9}"?)$', "examples": ['"1"']},
    },
    "DryRun": {
        "name": "dry_run",
        "in": "query",
        "description": "Do everything, answer what would come of it, and change nothing.",
        "schema": {"type": "boolean", "default": False},
    },
    "CorrelationId": {
        "name": "X-Correlation-Id",
        "in": "header",
        "description": "Carried into logs and events, to follow a piece of work through systems.",
        "schema": {"type": "string"},
    },
}
"""The parameters of all operations of some shape."""

REQUIRED_PARAMETERS = {
    "RequiredIdempotencyKey": PARAMETERS["IdempotencyKey"] | {"required": True},
    "RequiredIfMatch": PARAMETERS["IfMatch"] | {"required": True},
}

HEADERS: dict[str, Schema] = {
    "ETag": {"description": "The version of what is answered, for If-Match.", "schema": {"type": "string"}},
    "Idempotency-Hit": {
        "description": "`true` when this answer was given before, to the same Idempotency-Key.",
        "schema": {"type": "string", "const": "true"},
    },
    "X-Request-Id": {
        "description": "The id of the request; name it when you report a fault.",
        "schema": {"type": "string"},
    },
    "Retry-After": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "How to authenticate.", "schema": {"type": "string"}},
}
"""The headers of answers."""


def parameter(name: str, required: bool) -> Schema:
    """A common parameter, referred to."""
    return {"$ref": f"#/components/parameters/{'Required' if required else ''}{name}"}


def headers(names: Iterable[str]) -> Schema:
    """The headers of an answer, referred to."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def described(schema: Schema) -> Schema:
    """A field as a parameter: its description beside its schema. A parameter is left out rather than null."""
    text = {"description": schema["description"]} if "description" in schema else {}
    inner = {key: value for key, value in schema.items() if key != "description"}
    match inner:
        case {"type": [*kinds, "null"]}:
            inner["type"] = kinds[0] if len(kinds) == 1 else kinds
            if "enum" in inner:
                inner["enum"] = [choice for choice in inner["enum"] if choice is not None]
        case {"anyOf": [choice, {"type": "null"}]}:
            inner = choice
    return {**text, "schema": inner}


def list_fields(query: type[ListQuery], more: Mapping[str, Filter]) -> dict[str, Schema]:
    """The sorting and the filters that a list allows; ``more`` are those that the query does not name."""
    fields: dict[str, Schema] = {}
    if query.allowed_sorts:
        ways = [way + name for name in query.allowed_sorts for way in ("", "-")]
        fields["sort"] = {"type": "string", "enum": ways, "description": "With `-` the largest or latest first."}
    for name, allowed in {**query.allowed_filters, **more}.items():
        schema = _ORDERED.get(allowed.type, {"type": "string"})
        fields[name] = {**schema, "description": f"Only those whose {name} is this."}
        if allowed.ordered:
            for operator, words in _OPERATORS.items():
                fields[f"{name}[{operator}]"] = {**schema, "description": f"Only those whose {name} is {words}."}
    return fields
