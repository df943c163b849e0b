"""What the contract publishes: the operations, those on master data once for each resource."""

import builtins
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Protocol, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Field, create_model

from bigledger.kernel import Answer, Event, Filter, Operation, Page, Ref, To
from devtools.generate.schemas import field_texts, plain_text, with_article

RESOURCE = "resource"
"""The path parameter of operations that serve many resources."""


class Resource(Protocol):
    """What the contract needs to know of one kind of master data."""

    @property
    def name(self) -> str:
        """Its path segment, such as ``tax-rules``."""

    @property
    def type(self) -> str:
        """Its singular, such as ``tax_rule``."""

    @property
    def model(self) -> builtins.type[BaseModel]:
        """Its fields."""

    @property
    def title(self) -> str:
        """Its name for people, such as ``Tax rule``."""

    @property
    def filters(self) -> Mapping[str, Filter]:
        """What its list may be filtered by besides what all lists may."""


@dataclass(frozen=True)
class Published:
    """One operation of the contract, and the function that answers it.

    ``permission`` is empty when any valid key will do, and None when none is needed. ``command`` and ``answer``
    are the models of the wire; ``fields`` is the resource's model where the command takes its fields too.
    """

    operation: Operation[Any, Any]
    name: str
    path: str
    permission: str | None
    summary: str
    description: str
    emits: tuple[type[Event], ...]
    answer: type[BaseModel]
    path_parameters: tuple[str, ...]
    fields: type[BaseModel] | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict)
    """What the list of a resource may be filtered by besides what its command says."""

    @property
    def changes_some(self) -> bool:
        """Whether it replaces the fields that are given and leaves the others as they are."""
        return self.operation.method == "PATCH" and self.fields is not None


def published(operations: Iterable[Operation[Any, Any]], resources: Mapping[str, Resource]) -> list[Published]:
    """The operations of the contract, ordered by module, path and method."""
    found: list[Published] = []
    for operation in operations:
        if RESOURCE in operation.path_parameters:
            found.extend(_for_resource(operation, resource) for resource in resources.values())
        else:
            found.append(_as_it_is(operation))
    return sorted(found, key=lambda one: (one.operation.module, one.path, one.operation.method))


def serves_resources(operations: Iterable[Operation[Any, Any]]) -> bool:
    """Whether some operation needs the registry of resources to be published."""
    return any(RESOURCE in operation.path_parameters for operation in operations)


def summary_and_description(docstring: str) -> tuple[str, str]:
    """The first sentence of a docstring without its full stop, and what follows it."""
    text = plain_text(docstring)
    first, _, rest = text.partition("\n\n")
    sentence, _, more = first.partition(". ")
    return sentence.removesuffix("."), "\n\n".join(part for part in (more, rest) if part)


def _as_it_is(operation: Operation[Any, Any]) -> Published:
    summary, description = summary_and_description(operation.function.__doc__ or "")
    return Published(
        operation=operation,
        name=operation.name,
        path=operation.path,
        permission=operation.permission,
        summary=summary,
        description=description,
        emits=operation.emits,
        answer=operation.answer,
        path_parameters=operation.path_parameters,
    )


def _for_resource(operation: Operation[Any, Any], resource: Resource) -> Published:
    """The operation on one resource: ``create_record`` on customers is ``create_customer``."""
    plural = resource.name.replace("-", "_")
    name = re.sub(r"records\Z", plural, re.sub(r"record\Z", resource.type, operation.name))
    summary, description = summary_and_description(_told_of(resource, operation.function.__doc__ or ""))
    verb = {"create": ".created", "update": ".updated", "archive": ".deactivated"}.get(operation.name.split("_")[0], "")
    generic = operation.answer.__pydantic_generic_metadata__
    if generic["origin"] is Page:
        answer: Any = Page[answered(resource.model, generic["args"][0])]  # type: ignore[misc]
    else:
        answer = answered(resource.model, operation.answer)
    return Published(
        operation=operation,
        name=name,
        path=operation.path.replace(f"{{{RESOURCE}}}", resource.name),
        permission=f"{operation.module}.{operation.name.split('_')[0]}_{resource.type}",
        summary=summary,
        description=description,
        emits=tuple(event for event in operation.emits if verb and event.type == resource.type + verb),
        answer=answer,
        path_parameters=tuple(name for name in operation.path_parameters if name != RESOURCE),
        filters=resource.filters if generic["origin"] is Page else {},
        fields=resource.model if operation.method in {"POST", "PATCH", "PUT"} else None,
    )


def _told_of(resource: Resource, docstring: str) -> str:
    """A docstring about records, told of one kind of them."""
    one, many = resource.title.lower(), resource.name.replace("-", " ")
    an = with_article(one).removesuffix(f" {one}")
    text = re.sub(r"records\.(\w+?)_\w+", rf"records.\1_{resource.type}", docstring)
    text = re.sub(r"\b([Aa])n? record\b(?!s)", lambda found: f"{found[1]}{an[1:]} {one}", text)
    text = re.sub(r"\brecords\b(?!\.)", many, text)
    return re.sub(r"\brecord\b(?!\.)", one, text)


@lru_cache(maxsize=256)
def answered(model: type[BaseModel], base: type[BaseModel] = Answer) -> type[BaseModel]:
    """The model of an answer that tells a record's fields: references carry id, code and name.

    The same model when nothing in it refers to a record and no ``base`` is given.
    """
    hints = get_type_hints(model, include_extras=True)
    told = {name: _answered(hints[name]) for name in model.model_fields if name not in base.model_fields}
    if base is Answer and all(told[name] is hints[name] for name in told):
        return model
    texts = field_texts(model)
    fields = {
        name: (annotation, Field(model.model_fields[name].default, description=texts.get(name)))
        for name, annotation in told.items()
    }
    return create_model(
        f"{model.__name__}Record",
        __base__=base,
        __module__=model.__module__,
        __doc__=model.__doc__,
        __cls_kwargs__={"extra": "ignore"},
        **cast("Any", fields),
    )


def _answered(annotation: Any) -> Any:
    """What an annotation of a request is in an answer."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if any(isinstance(mark, To) for mark in inner[1:]):
            return Ref
        told = _answered(inner[0])
        return annotation if told is inner[0] else Annotated[(told, *inner[1:])]
    if origin in (Union, UnionType, list):
        told = tuple(_answered(choice) for choice in inner)
        if all(new is old for new, old in zip(told, inner, strict=True)):
            return annotation
        return list[told[0]] if origin is list else Union[told]  # type: ignore[valid-type]  # noqa: UP007
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return answered(annotation)
    return annotation
