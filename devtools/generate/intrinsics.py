"""The small words of CloudFormation that printed templates are made of, and how a template is written as YAML."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from devtools.generate.discover import Function

Resource = dict[str, Any]
Resources = dict[str, Resource]

ALIAS = "live"
"""The alias that callers of a function use; a deployment moves it from one version to the next."""


def logical(name: str) -> str:
    """The logical id of a function: CreateInvoice for create_invoice."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def ref(name: str) -> Resource:
    """A reference to a parameter or a resource."""
    return {"Ref": name}


def sub(pattern: str) -> Resource:
    """A text with ``${names}`` in it."""
    return {"Fn::Sub": pattern}


def attribute(name: str, of: str) -> Resource:
    """An attribute of a resource."""
    return {"Fn::GetAtt": [name, of]}


def arn(service: str, resource: str) -> Resource:
    """The ARN of something of this account and region, by its name: for what another template makes."""
    return sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")


def named(function: Function) -> str:
    """A function's name in AWS, with ``${Stack}`` in it."""
    return f"${{Stack}}-{function.module}-{function.name}"


def alias(name: str) -> Resource:
    """The function's published version, which a deployment moves step by step."""
    return ref(f"{name}.Alias")


class _Dumper(yaml.SafeDumper):
    """Writes equal parts out each time, since CloudFormation reads no YAML aliases, and references in short form."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _mapping(dumper: yaml.SafeDumper, data: Mapping[str, Any]) -> yaml.Node:
    match data:
        case {"Ref": str(name), **others} if not others:
            return dumper.represent_scalar("!Ref", name)
        case {"Fn::Sub": str(pattern), **others} if not others:
            return dumper.represent_scalar("!Sub", pattern)
        case {"Fn::GetAtt": [str(name), str(of)], **others} if not others:
            return dumper.represent_scalar("!GetAtt", f"{name}.{of}")
    return dumper.represent_dict(data)


_Dumper.add_representer(dict, _mapping)


def as_yaml(document: Mapping[str, Any]) -> str:
    """A template as YAML, in the order it was put together."""
    body = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
    return re.sub(r"(!\w+) '([\w.]+)'", r"\1 \2", str(body))
