"""JSON Schemas of the models on the wire, told as they really are.

Differences from pydantic's own: an answer leaves absent what is null, so in it a nullable field is optional and
never null, and every other field is always there; a secret that is shown once is optional, since a repeated
request does not get it again; bounds of decimal strings are told; the texts below fields are their descriptions;
and names are short.
"""

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from bigledger.kernel import Page, To
from bigledger.kernel.wire import secret_fields

Mode = Literal["validation", "serialization"]
"""As a caller writes it, or as it is answered."""

Wanted = tuple[type[BaseModel], Mode]
Schema = dict[str, Any]

_BOUNDS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
_DECIMAL = "^-?[0-9]"
_WRAPPING = {"default", "function-before", "function-after", "function-wrap"}


class WireSchema(GenerateJsonSchema):
    """The schema of what stands on the wire."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Titles would only repeat the names."""
        return False

    def model_field_schema(self, schema: core_schema.ModelField) -> JsonSchemaValue:
        """A field of an answer is left out instead of being null."""
        if self.mode == "serialization":
            return super().model_field_schema({**schema, "schema": _without_null(schema["schema"])})
        return super().model_field_schema(schema)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default tells what an absent field of a request means; an answer has none."""
        if self.mode == "serialization":
            return self.generate_inner(schema["schema"])
        described = super().default_schema(schema)
        if described.get("default", ...) is None:
            del described["default"]
        return described

    def field_is_required(self, field: Any, total: bool) -> bool:
        """An answer holds every field that cannot be null."""
        if self.mode == "serialization":
            return not _nullable(field["schema"])
        return super().field_is_required(field, total)

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        """A decimal is a string, in a request a whole number too; its bounds are told in words and by the pattern."""
        described = super().generate_inner(schema)
        pattern = str(described.get("pattern", ""))
        if not pattern.startswith(_DECIMAL) or described.get("type") != "string":
            return described
        bounds = _bounds(schema)
        if Decimal(bounds.get("gt", bounds.get("ge", -1))) >= 0:
            pattern = pattern.replace("^-?", "^")
        told = ", ".join(f"{_BOUNDS[name]} {limit}" for name, limit in bounds.items())
        return {
            **described,
            "pattern": pattern,
            **({"description": f"{told[0].upper()}{told[1:]}."} if told else {}),
            **({"type": ["string", "integer"]} if self.mode == "validation" else {}),
        }

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """The text below a field describes it; a reference says what it names."""
        described = super().model_schema(schema)
        texts = field_texts(schema["cls"])
        for name, field in described.get("properties", {}).items():
            info = schema["cls"].model_fields.get(name)
            target = _target(info.annotation, info.metadata) if info and self.mode == "validation" else None
            names = f"The code or id of {with_article(target)}." if target else ""
            told = " ".join(text for text in (texts.get(name), field.get("description"), names) if text)
            if told:
                field["description"] = told
        if self.mode == "serialization" and issubclass(schema["cls"], Page):
            # The one null that is told: a page without another after it says so.
            described["properties"]["next_cursor"] = {
                "type": ["string", "null"],
                "description": "Null on the last page.",
            }
            described["required"] = [*described["required"], "next_cursor"]
        return described


def schemas(wanted: Iterable[Wanted], place: str) -> tuple[Mapping[Wanted, str], dict[str, Schema]]:
    """The schemas of models by name, and the name of each model wanted.

    ``place`` is where references point to, such as ``#/components/schemas/{model}``. A model whose request and
    answer differ gives two: ``InvoiceInput`` and ``InvoiceOutput``.
    """
    models = sorted(set(wanted), key=lambda pair: (pair[0].__module__, pair[0].__qualname__, pair[1]))
    by_model, document = models_json_schema(models, ref_template=place, schema_generator=WireSchema)
    definitions: dict[str, Schema] = document.get("$defs", {})
    raw = {pair: by_model[pair]["$ref"].rsplit("/", 1)[1] for pair in models}
    for (model, mode), name in raw.items():
        if mode == "serialization":
            _make_optional(definitions[name], secret_fields(model))
    short = _short_names(definitions)
    prefix = place.removesuffix("{model}")
    renamed = {prefix + name: prefix + new for name, new in short.items()}
    found = {short[name]: tidy(_renamed(schema, renamed)) for name, schema in definitions.items()}
    return {pair: short[name] for pair, name in raw.items()}, found


def field_texts(model: type[BaseModel]) -> dict[str, str]:
    """The texts that stand below the fields of a model and of what it inherits from."""
    texts: dict[str, str] = {}
    for owner in reversed(model.__mro__):
        source = getattr(sys.modules.get(owner.__module__), "__file__", None)
        if source is not None and issubclass(owner, BaseModel) and owner is not BaseModel:
            texts.update(_texts(source).get(owner.__name__, {}))
    return texts


@lru_cache(maxsize=256)
def _texts(source: str) -> Mapping[str, Mapping[str, str]]:
    """The texts below the fields of each class in a file."""
    tree = ast.parse(Path(source).read_text())
    return {
        node.name: {
            field.target.id: inspect.cleandoc(text.value.value)
            for field, text in pairwise(node.body)
            if isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        }
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def tidy(schema: Any) -> Any:
    """The schema without titles, its descriptions in plain text."""
    if isinstance(schema, list):
        return [tidy(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    tidied: Schema = {}
    for key, inner in schema.items():
        if key == "properties" and isinstance(inner, dict):
            tidied[key] = {name: tidy(value) for name, value in inner.items()}
        elif key == "description" and isinstance(inner, str):
            tidied[key] = plain_text(inner)
        elif key != "title":
            tidied[key] = tidy(inner)
    return _shorter(tidied)


def _shorter(schema: Schema) -> Schema:
    """A plain value or null, written with two types instead of two schemas."""
    choices: Any = schema.get("anyOf", [])
    if len(choices) != 2 or choices[1] != {"type": "null"} or "const" in choices[0]:
        return schema
    plain: Schema = choices[0]
    if "type" not in plain:
        return schema
    types = plain["type"] if isinstance(plain["type"], list) else [plain["type"]]
    others = {key: value for key, value in schema.items() if key != "anyOf"}
    enum = {"enum": [*plain["enum"], None]} if "enum" in plain else {}
    return {**plain, "type": [*types, "null"], **enum, **others}


def plain_text(docstring: str) -> str:
    """A docstring for readers of Markdown: paragraphs unwrapped, code in single backticks."""
    paragraphs = re.split(r"\n\s*\n", docstring.strip())
    return "\n\n".join(" ".join(part.split()) for part in paragraphs).replace("``", "`")


def references(value: Any, prefix: str) -> set[str]:
    """The names of everything below ``prefix`` that a piece of a document refers to."""
    found: set[str] = set()
    if isinstance(value, list):
        found.update(*(references(inner, prefix) for inner in value))
    elif isinstance(value, dict):
        found.update(*(references(inner, prefix) for inner in value.values()))
        target = value.get("$ref")
        if isinstance(target, str) and target.startswith(prefix):
            found.add(target.removeprefix(prefix))
    return found


def _target(annotation: Any, marks: Iterable[Any] = ()) -> str | None:
    """The type of record that a field, or each entry of a list, names."""
    for mark in marks:
        if isinstance(mark, To):
            return mark.type
    for inner in get_args(annotation):
        marked = get_origin(inner) is Annotated
        target = _target(get_args(inner)[0], inner.__metadata__) if marked else _target(inner)
        if target is not None:
            return target
    return None


def with_article(noun: str) -> str:
    """A noun for people, such as ``an approval rule`` for approval_rule."""
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun.replace('_', ' ')}"


def _nullable(schema: Any) -> bool:
    """Whether a field's value may be null, seen through its defaults and validators."""
    return any(layer["type"] in {"nullable", "any", "none"} for layer in _layers(schema))


def _without_null(schema: Any) -> Any:
    """A core schema whose value cannot be null; what is inside of it may."""
    if schema["type"] == "nullable":
        return _without_null(schema["schema"])
    if schema["type"] in _WRAPPING:
        return {**schema, "schema": _without_null(schema["schema"])}
    return schema


def _bounds(schema: Any) -> dict[str, Any]:
    """The bounds that a decimal field is validated with."""
    found: dict[str, Any] = {}
    for layer in _layers(schema):
        updates = layer.get("metadata", {}).get("pydantic_js_updates", {})
        found.update({name: limit for name, limit in updates.items() if name in _BOUNDS})
    return {name: found[name] for name in _BOUNDS if name in found}


def _layers(schema: Any) -> Iterable[Any]:
    """A core schema and what its defaults and validators wrap."""
    yield schema
    while schema["type"] in {*_WRAPPING, "nullable"}:
        schema = schema["schema"]
        yield schema


def _make_optional(schema: Schema, fields: Iterable[str]) -> None:
    required = [name for name in schema.get("required", []) if name not in set(fields)]
    schema.pop("required", None)
    if required:
        schema["required"] = required


def _renamed(value: Any, renamed: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(inner, renamed) for inner in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _renamed(inner, renamed) for key, inner in value.items()}
    if isinstance(value.get("$ref"), str):
        changed["$ref"] = renamed.get(value["$ref"], value["$ref"])
    return changed


def _short_names(names: Iterable[str]) -> dict[str, str]:
    """Names for people: ``PageOfInvoice``, ``InvoiceInput``; of two models of one name each keeps its module."""
    short = {name: _short_name(name) for name in names}
    counts = list(short.values())
    return {name: new if counts.count(new) == 1 else re.sub(r"\W", "_", name) for name, new in short.items()}


def _short_name(name: str) -> str:
    name, _, mode = name.partition("-")
    generic = re.fullmatch(r"(\w+?)_(\w+)_", name)
    if generic and "__" not in generic[1]:
        return f"{_short_name(generic[1])}Of{_short_name(generic[2])}{mode}"
    *modules, last = name.split("__")
    owner = modules[1] if len(modules) > 1 and modules[0] == "bigledger" else "".join(modules[:1])
    return owner.title().replace("_", "") + last + mode
