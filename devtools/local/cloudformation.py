"""CloudFormation templates: reading their YAML, and saying what their references stand for on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ACCOUNT = "123456789012"
REGION = "eu-central-1"
PSEUDO_PARAMETERS: Mapping[str, str] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}

UNKNOWN = "local-"
"""How the value of a reference begins that stands for nothing on this machine."""

_PLACEHOLDER = re.compile(r"\$\{([^!][^}]*)\}")


class TemplateError(Exception):
    """A template uses something that the local cloud does not know; the message names the file and the place."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with CloudFormation's short tags; dates stay texts, as `Version: 2012-10-17` means one."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _short_tag(loader: Any, name: str, node: yaml.Node) -> dict[str, Any]:
    """`!Ref x` as `{"Ref": "x"}`, `!GetAtt a.b` as `{"Fn::GetAtt": ["a", "b"]}` and so on."""
    if isinstance(node, yaml.SequenceNode):
        value: Any = loader.construct_sequence(node, deep=True)
    elif isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    else:
        value = loader.construct_scalar(node)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _short_tag)


def load(path: Path) -> dict[str, Any]:
    """The template in a file, short tags written out. Raises TemplateError when it is not a template."""
    try:
        template = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506 - derives from the safe loader
    except yaml.YAMLError as error:
        raise TemplateError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise TemplateError(f"{path} has no Resources.")
    return template


def references(node: Any) -> Iterator[str]:
    """The logical ids that an expression refers to, in any way."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "Ref":
                yield str(value).split(".", 1)[0]
            elif name == "Fn::GetAtt":
                yield str(value[0])
            elif name == "Fn::Sub":
                text, named = (value, {}) if isinstance(value, str) else (value[0], value[1])
                yield from (found.split(".", 1)[0] for found in _PLACEHOLDER.findall(text) if found not in named)
                yield from references(named)
            else:
                yield from references(value)


class Values:
    """What `Ref` and `Fn::GetAtt` of one template stand for; creating a resource may add to it."""

    def __init__(self, template: Mapping[str, Any], stack_name: str, parameters: Mapping[str, str]) -> None:
        self.names: dict[str, Any] = dict(PSEUDO_PARAMETERS)
        self.names["AWS::StackName"] = self.names["AWS::StackId"] = stack_name
        for name, declared in template.get("Parameters", {}).items():
            default = declared.get("Default")
            self.names[name] = parameters.get(name, f"{UNKNOWN}{name}" if default is None else default)
        self.attributes: dict[tuple[str, str], str] = {}
        self._conditions: Mapping[str, Any] = template.get("Conditions", {})

    def resolve(self, node: Any) -> Any:
        """An expression with every intrinsic function worked out. Raises TemplateError for one not known here."""
        if isinstance(node, list):
            items = (self.resolve(item) for item in node)
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, value),) = node.items()
            if name == "Ref":
                return self._name(value)
            if name.startswith("Fn::"):
                return self._function(name.removeprefix("Fn::"), value)
        resolved = {name: self.resolve(value) for name, value in node.items()}
        return {name: value for name, value in resolved.items() if value is not NO_VALUE}

    def holds(self, condition: str | None) -> bool:
        """Whether a named condition of the template holds; a resource without a condition always exists."""
        return condition is None or bool(self.resolve(self._conditions[condition]))

    def _name(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        return self.names.get(name, f"{UNKNOWN}{name}")

    def _function(self, name: str, value: Any) -> Any:
        match name:
            case "GetAtt":
                return self._attribute(str(value[0]), str(value[1]))
            case "Sub":
                return self._substitute(value)
            case "Join":
                return str(value[0]).join(str(item) for item in self.resolve(value[1]))
            case "Select":
                return self.resolve(value[1])[int(self.resolve(value[0]))]
            case "Split":
                return str(self.resolve(value[1])).split(str(value[0]))
            case "If":
                return self.resolve(value[1] if self.holds(value[0]) else value[2])
            case "Equals":
                return self.resolve(value[0]) == self.resolve(value[1])
            case "Not":
                return not self._condition(value[0])
            case "And":
                return all(self._condition(item) for item in value)
            case "Or":
                return any(self._condition(item) for item in value)
        raise TemplateError(f"The local cloud does not know Fn::{name}.")

    def _condition(self, node: Any) -> bool:
        if isinstance(node, dict) and set(node) == {"Condition"}:
            return self.holds(node["Condition"])
        return bool(self.resolve(node))

    def _attribute(self, name: str, attribute: str) -> str:
        return self.attributes.get((name, attribute), f"{UNKNOWN}{name}-{attribute}")

    def _substitute(self, value: Any) -> str:
        text, named = (value, {}) if isinstance(value, str) else (value[0], self.resolve(value[1]))

        def replaced(found: re.Match[str]) -> str:
            name, _, attribute = found[1].partition(".")
            if found[1] in named:
                return str(named[found[1]])
            return self._attribute(name, attribute) if attribute else str(self._name(name))

        return _PLACEHOLDER.sub(replaced, text).replace("${!", "${")


NO_VALUE = object()
"""What `AWS::NoValue` stands for: the property is left out."""
