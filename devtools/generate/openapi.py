"""The published contract: an OpenAPI 3.1 document, printed from the operations and the examples of their tests."""

import ast
import importlib.util
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel

from bigledger.kernel import Answer, ListQuery, Problem
from devtools.generate import problems
from devtools.generate.discover import ROOT, FaultyFunctions
from devtools.generate.intrinsics import logical
from devtools.generate.parameters import (
    HEADERS,
    PARAMETERS,
    REQUIRED_PARAMETERS,
    described,
    headers,
    list_fields,
    parameter,
)
from devtools.generate.published import Published, summary_and_description
from devtools.generate.recorded import Recorded, event_name
from devtools.generate.schemas import Schema, Wanted, references, schemas

PATH = "layers/bigledger/bigledger/openapi.json"
"""Where the document stands: beside the modules, so that it is deployed with them."""

_PLACE = "#/components/schemas/"
_OUTCOMES = {201: "Created.", 202: "Taken on; the work goes on."}

_DRY_RUN: Schema = {
    "type": "object",
    "description": "What a dry run adds to the answer.",
    "properties": {
        "dry_run": {
            "type": "object",
            "description": "The effects the request would have had.",
            "properties": {"events": {"type": "array", "items": {"type": "object"}}},
            "required": ["events"],
        }
    },
}


def text(operations: Iterable[Published], recorded: Recorded) -> str:
    """The document as it is stored and served."""
    return json.dumps(document(operations, recorded), indent=1, ensure_ascii=False) + "\n"


def document(operations: Iterable[Published], recorded: Recorded) -> dict[str, Any]:
    """The whole contract. Raises FaultyFunctions when two operations would be published under one name."""
    return _Contract(list(operations), recorded).document()


class _Contract:
    """The document in the making: names of schemas, and the bodies made of commands and resources."""

    def __init__(self, operations: list[Published], recorded: Recorded) -> None:
        self._operations = operations
        self._recorded = recorded
        self._names, self._schemas = schemas(self._wanted(), _PLACE + "{model}")
        self._examples: dict[str, Any] = {}
        self._responses: dict[str, Any] = {}

    def document(self) -> dict[str, Any]:
        self._refuse_doubles()
        paths: dict[str, dict[str, Any]] = defaultdict(dict)
        for one in self._operations:
            paths[one.path][one.operation.method.lower()] = self._operation(one)
        modules = sorted({one.operation.module for one in self._operations})
        self._schemas |= {"Problem": problems.SCHEMA, "DryRun": _DRY_RUN}
        components = {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key (`blg_live_…`, `blg_test_…`) or a token of the user pool.",
                }
            },
            "parameters": PARAMETERS | REQUIRED_PARAMETERS,
            "headers": HEADERS,
            "examples": self._examples,
            "responses": self._responses,
        }
        used = self._used([paths, components])
        components["schemas"] = {name: self._schemas[name] for name in sorted(used)}
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "BigLedger",
                "version": tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
                "description": "An ERP in which every business operation is one call. Money, quantities and rates are"
                " decimal strings; references take a code or an id; refusals are RFC 9457 problems.",
            },
            "servers": [{"url": "/"}],
            "security": [{"bearer": []}],
            "tags": [_tag(module) for module in modules],
            "paths": dict(paths),
            "components": components,
        }

    def _refuse_doubles(self) -> None:
        names = [one.name for one in self._operations]
        faults = [f"the contract would hold two operations {name}" for name in set(names) if names.count(name) > 1]
        codes = [problem.code() for problem in problems.all_problems(one.operation for one in self._operations)]
        faults += [f"two problems have the code {code}; rename one" for code in set(codes) if codes.count(code) > 1]
        if faults:
            raise FaultyFunctions(sorted(faults))

    def _wanted(self) -> Iterator[Wanted]:
        for one in self._operations:
            yield one.answer, "serialization"
            for model in (one.operation.command, one.fields):
                if model is not None:
                    yield model, "validation"

    def _used(self, start: Any) -> set[str]:
        """The schemas that the document needs, through all references."""
        used: set[str] = set()
        waiting = references(start, _PLACE)
        while waiting:
            name = waiting.pop()
            used.add(name)
            waiting |= references(self._schemas[name], _PLACE) - used
        return used

    def _operation(self, one: Published) -> dict[str, Any]:
        operation = one.operation
        told: dict[str, Any] = {"operationId": one.name, "tags": [operation.module], "summary": one.summary}
        if one.description:
            told["description"] = one.description
        if one.permission:
            told["x-permission"] = one.permission
        told["x-emits"] = [event_name(event) for event in one.emits]
        told["parameters"] = list(self._parameters(one))
        body = self._body(one)
        if body is not None:
            told["requestBody"] = body
        told["responses"] = self._answers(one) | self._refusals(one)
        if one.permission is None:
            told["security"] = []
        return told

    # what is asked

    def _parameters(self, one: Published) -> Iterator[Schema]:
        operation = one.operation
        fields = self._fields(operation.command)
        required = self._schema(operation.command).get("required", ())
        example = self._example(one)
        for name in one.path_parameters:
            value = {"example": _path_values(one, example)[name]} if example else {}
            yield {"name": name, "in": "path", "required": True, **described(fields[name]), **value}
        if operation.method in {"GET", "DELETE"} and operation.command is not None:
            if issubclass(operation.command, ListQuery):
                fields |= list_fields(operation.command, one.filters)
                fields = {name: schema for name, schema in fields.items() if name != "filters"}
                if not operation.command.allowed_sorts:
                    fields.pop("sort")
            for name, schema in fields.items():
                if name not in operation.path_parameters:
                    inner = described(schema)
                    # name[key]=value, as filters are written
                    style = {"style": "deepObject", "explode": True} if inner["schema"].get("type") == "object" else {}
                    yield {"name": name, "in": "query", "required": name in required, **style, **inner}
        if operation.writes and operation.tenant != "none":
            yield parameter("IdempotencyKey", operation.key_required)
            if one.path_parameters:
                yield parameter("IfMatch", operation.version_required)
            yield parameter("DryRun", False)
        yield parameter("CorrelationId", False)

    def _body(self, one: Published) -> Schema | None:
        command = one.operation.command
        if command is None or one.operation.method in {"GET", "DELETE"}:
            return None
        name = self._body_name(one, command)
        schema = self._schemas[name]
        if not schema.get("properties") and schema.get("additionalProperties") is False:
            return None
        content: Schema = {"schema": {"$ref": _PLACE + name}}
        example = self._example(one)
        if example is not None and example["request"]["body"] is not None:
            content["example"] = example["request"]["body"]
        return {"required": bool(schema.get("required")), "content": {"application/json": content}}

    def _body_name(self, one: Published, command: type[BaseModel]) -> str:
        """The schema of a body: the command's fields but those in the path, and the resource's where it has one."""
        model = self._schema(command)
        in_path = one.operation.path_parameters
        inner = {name: field for name, field in model.get("properties", {}).items() if name not in in_path}
        required = [name for name in model.get("required", ()) if name in inner]
        if one.fields is None:
            name = self._names[command, "validation"]
            if len(inner) == len(model.get("properties", {})):
                return name
            return self._keep(one, model, inner, required)
        fields = self._schema(one.fields)
        inner |= fields["properties"]
        required += fields.get("required", [])
        if one.changes_some:
            inner = {name: _without_default(field) for name, field in inner.items()}
            required = []
        return self._keep(one, fields, inner, required)

    def _keep(self, one: Published, model: Schema, fields: Schema, required: list[str]) -> str:
        name = f"{logical(one.name)}Body"
        schema = {key: value for key, value in model.items() if key not in {"properties", "required"}}
        schema["properties"] = fields
        if required:
            schema["required"] = required
        if self._schemas.setdefault(name, schema) != schema:
            raise FaultyFunctions([f"a model is named {name}, as the body of {one.name} is; rename the model"])
        return name

    def _schema(self, model: type[BaseModel] | None) -> Schema:
        return {"properties": {}} if model is None else self._schemas[self._names[model, "validation"]]

    def _fields(self, model: type[BaseModel] | None) -> dict[str, Schema]:
        return dict(self._schema(model).get("properties", {}))

    # what is answered

    def _answers(self, one: Published) -> dict[str, Any]:
        operation = one.operation
        writes = operation.writes and operation.tenant != "none"
        answer = {"$ref": _PLACE + self._names[one.answer, "serialization"]}
        foreseen = {"allOf": [answer, {"$ref": _PLACE + "DryRun"}]}
        names = ["X-Request-Id"]
        version = one.answer.model_fields.get("version")
        if version is not None and version.annotation is int:
            names.append("ETag")
        if writes:
            names.append("Idempotency-Hit")
        content: Schema = {"schema": foreseen if writes and operation.status == 200 else answer}
        example = self._example(one)
        if example is not None:
            content["example"] = example["response"]["body"]
        answers = {
            str(operation.status): {
                "description": _OUTCOMES.get(operation.status, "Done.") if operation.writes else "Found.",
                "headers": headers(names),
                "content": {"application/json": content} | _files(one.answer),
            }
        }
        if writes and operation.status != 200:
            answers["200"] = {
                "description": "The dry run of it: what would have been answered. Nothing was changed.",
                "headers": headers(["X-Request-Id"]),
                "content": {"application/json": {"schema": foreseen}},
            }
        return answers

    def _refusals(self, one: Published) -> dict[str, Any]:
        by_status: dict[int, list[type[Problem]]] = defaultdict(list)
        for problem in problems.problems_of(one.operation, one.path_parameters):
            by_status[problem.status].append(problem)
        return {str(status): self._refusal(one, found) for status, found in sorted(by_status.items())}

    def _refusal(self, one: Published, found: list[type[Problem]]) -> Schema:
        """The answer of one status; what only the pipeline refuses stands once among the components."""
        key = f"{one.operation.module}.{one.operation.name}"
        own = {problem.code(): self._recorded.refusals.get((key, problem.code())) for problem in found}
        for problem in found:
            self._examples.setdefault(problem.code(), {"summary": problem.title, "value": problems.example(problem)})
        response = {
            "description": " ".join(problems.meaning(problem).partition("\n\n")[0] for problem in found),
            "headers": headers(
                ["X-Request-Id", *sorted({name for problem in found for name in problems.HEADERS.get(problem, ())})]
            ),
            "content": {
                problems.MEDIA_TYPE: {
                    "schema": {"$ref": _PLACE + "Problem"},
                    "examples": {
                        code: {"value": refusal["response"]["body"]}
                        if refusal is not None
                        else {"$ref": f"#/components/examples/{code}"}
                        for code, refusal in own.items()
                    },
                }
            },
        }
        if any(own.values()) or not problems.STANDARD.issuperset(found):
            return response
        name = "Or".join(problem.__name__ for problem in found)
        self._responses[name] = response
        return {"$ref": f"#/components/responses/{name}"}

    def _example(self, one: Published) -> Mapping[str, Any] | None:
        """The recorded example, if it is one of this path: of a generic operation only one resource has it."""
        found = self._recorded.answers.get(f"{one.operation.module}.{one.operation.name}")
        if found is None or _match(one, found) is None:
            return None
        return found


def _match(one: Published, example: Mapping[str, Any]) -> re.Match[str] | None:
    pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", one.path)
    return re.fullmatch(pattern, str(example["request"]["path"]).partition("?")[0])


def _path_values(one: Published, example: Mapping[str, Any]) -> dict[str, str]:
    found = _match(one, example)
    return {name: unquote(value) for name, value in found.groupdict().items()} if found else {}


def _without_default(field: Schema) -> Schema:
    return {key: value for key, value in field.items() if key != "default"}


def _files(answer: type[BaseModel]) -> Schema:
    """The files that an answer may be sent as instead of JSON."""
    types = answer.other_formats if issubclass(answer, Answer) else ()
    return {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in types}


def _tag(module: str) -> dict[str, str]:
    """A module as a group of operations, described by its package's docstring."""
    package = importlib.util.find_spec(f"bigledger.{module}")
    if package is None or package.origin is None:
        return {"name": module}
    summary, _ = summary_and_description(ast.get_docstring(ast.parse(Path(package.origin).read_text())) or "")
    return {"name": module, "description": f"{summary}."} if summary else {"name": module}
