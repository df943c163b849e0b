"""How many resources, routes and integrations the templates have once SAM has expanded them, against AWS's limits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from devtools.deploy import sam
from devtools.deploy.tree import Document, elsewhere
from devtools.generate.check import API_ROUTES, STACK_RESOURCES, TEMPLATE_BYTES
from devtools.generate.templates import resource_count
from devtools.local.cloudformation import load

ROUTE = "AWS::ApiGatewayV2::Route"
INTEGRATION = "AWS::ApiGatewayV2::Integration"


@dataclass(frozen=True)
class Count:
    """What one template becomes: its resources and its size in bytes, and those that HTTP API limits."""

    template: str
    resources: int
    size: int
    routes: int
    integrations: int


def transformed(documents: Mapping[str, Document]) -> dict[str, Document]:
    """Templates as CloudFormation gets them, by name. Raises SamError when SAM's transform refuses one."""
    found = {}
    for answer in sam.ask("transform", templates=documents):
        if "fault" in answer:
            raise sam.SamError(f"SAM's transform refuses {answer['name']}: {answer['fault']}")
        found[str(answer["name"])] = dict(answer["template"])
    return found


def count(root: Path, templates: Iterable[str]) -> list[Count]:
    """Count templates below the project's folder. Raises SamError."""
    documents = {template: elsewhere(load(root / template)) for template in templates}
    return [counted(template, document) for template, document in transformed(documents).items()]


def counted(template: str, document: Document) -> Count:
    """Count a transformed template."""
    kinds = Counter(resource["Type"] for resource in document["Resources"].values())
    size = len(json.dumps(document).encode())
    return Count(template, kinds.total(), size, kinds[ROUTE], kinds[INTEGRATION])


def faults(counts: Iterable[Count]) -> Iterator[str]:
    """Which limits are broken. All modules' routes stand in one HTTP API."""
    routes = integrations = 0
    for one in counts:
        routes, integrations = routes + one.routes, integrations + one.integrations
        if one.resources > STACK_RESOURCES:
            yield f"{one.template} needs {one.resources} resources; a stack holds {STACK_RESOURCES}"
        if one.size > TEMPLATE_BYTES:
            yield f"{one.template} has {one.size:,} bytes when expanded; CloudFormation takes {TEMPLATE_BYTES:,}"
    for kind, number in (("routes", routes), ("integrations", integrations)):
        if number > API_ROUTES:
            yield f"there are {number} {kind}; an HTTP API holds {API_ROUTES}. Give some modules an API of their own"


def miscounted(root: Path, counts: Iterable[Count]) -> Iterator[str]:
    """Where `make generate`, which must refuse what cannot be deployed, counts otherwise than SAM does."""
    for one in counts:
        if one.template.startswith("functions/"):
            told = resource_count(load(root / one.template))
            if told != one.resources:
                yield f"{one.template} has {one.resources} resources, and `make generate` counts {told}"
