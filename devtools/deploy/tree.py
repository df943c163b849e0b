"""The templates of the project, and what they say of code that is built."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools.environment import ROOT
from devtools.local.cloudformation import load

Document = dict[str, Any]
"""A template, as its YAML says."""

MAIN = "template.yaml"

FUNCTION = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"
APPLICATION = "AWS::Serverless::Application"
STACK = "AWS::CloudFormation::Stack"

CODE: Mapping[str, str] = {FUNCTION: "CodeUri", LAYER: "ContentUri"}
"""The property of a resource that says where its code is."""
CHILD: Mapping[str, str] = {APPLICATION: "Location", STACK: "TemplateURL"}
"""The property of a resource that says where its template is."""


def templates(root: Path = ROOT) -> list[str]:
    """Every template of the project, below its folder: the root, what it holds, and the applets."""
    patterns = ("functions/*/template.yaml", "infrastructure/*.yaml", "applets/*/template.yaml")
    found = sorted(path.relative_to(root).as_posix() for pattern in patterns for path in root.glob(pattern))
    return [MAIN, *found]


def applets(root: Path = ROOT) -> list[str]:
    """The templates of the applets; each is deployed by itself."""
    return [path for path in templates(root) if path.startswith("applets/")]


@dataclass(frozen=True)
class Stack:
    """A template and where it stands, its own children included. The root's name is empty."""

    name: str
    path: Path
    document: Document


def stacks(path: Path, name: str = "") -> Iterator[Stack]:
    """A template and, below it, those of its children, each named by the way to it: `Receivables`, `Tax/Base`."""
    document = load(path)
    yield Stack(name, path, document)
    for logical, resource in document["Resources"].items():
        place = CHILD.get(resource["Type"])
        if place is not None:
            child = path.parent / str(resource["Properties"][place])
            yield from stacks(child, f"{name}/{logical}" if name else logical)


def code(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Every function and layer of a template: its logical id, the folder of its code, and its properties."""
    shared = document.get("Globals", {}).get("Function", {})
    for logical, resource in document["Resources"].items():
        key = CODE.get(resource["Type"])
        if key is not None:
            properties = resource["Properties"]
            yield logical, str(properties.get(key, shared.get(key, ""))), properties


def elsewhere(document: Document, place: Mapping[str, Any] | None = None) -> Document:
    """A copy of a template whose code lies in S3, as SAM's transform wants it; `place` is where, by logical id."""
    copied = copy.deepcopy(document)
    for logical, _, properties in code(copied):
        key = CODE[copied["Resources"][logical]["Type"]]
        properties[key] = "s3://bucket/key" if place is None else place[logical]
    for resource in copied["Resources"].values():
        key = CHILD.get(resource["Type"], "")
        if key and place is None:
            resource["Properties"][key] = "https://s3.amazonaws.com/bucket/key"
    return copied
