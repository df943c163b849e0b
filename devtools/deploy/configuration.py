"""samconfig.toml: each stage's options are ones that SAM CLI knows, and its parameters ones that the template takes."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from devtools.deploy import sam
from devtools.deploy.tree import MAIN, Document
from devtools.environment import ROOT
from devtools.local.cloudformation import load

FILE = "samconfig.toml"
STAGES = ("default", "staging", "prod")
"""What `sam deploy --config-env` may name; the default is the one for development."""

GLOBAL = "global"
"""The section whose options count for every command."""

_CAPABILITIES = {"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"}
"""Without these CloudFormation refuses a stack that makes roles and holds applications."""


def check(root: Path = ROOT) -> Iterator[str]:
    """What is wrong with the project's samconfig.toml. Raises SamError when SAM CLI does not answer."""
    stages = tomllib.loads((root / FILE).read_text())
    commands = sorted({command for stage in stages.values() if isinstance(stage, dict) for command in stage} - {GLOBAL})
    known = {str(one["command"]): one["options"] for one in sam.ask("options", commands=commands)}
    yield from faults(stages, known, load(root / MAIN)["Parameters"])


def faults(stages: Mapping[str, Any], known: Mapping[str, Any], parameters: Document) -> Iterator[str]:
    """What is wrong with the stages of a file, given each command's options and the template's parameters."""
    for name in STAGES:
        deploy = stages.get(name, {}).get("deploy", {}).get("parameters")
        if deploy is None:
            yield f"there is no [{name}.deploy.parameters]"
            continue
        missing = _CAPABILITIES - set(str(deploy.get("capabilities", "")).split())
        if missing:
            yield f"[{name}.deploy.parameters] does not grant {' and '.join(sorted(missing))}"
        given = dict(_pairs(deploy.get("parameter_overrides", "")))
        for fault in _parameter_faults(given, parameters):
            yield f"[{name}.deploy.parameters] parameter_overrides: {fault}"
    everywhere = {option for options in known.values() for option in options or ()}
    for name, stage in stages.items():
        for command, section in stage.items() if isinstance(stage, dict) else ():
            allowed = everywhere if command == GLOBAL else known.get(command)
            if allowed is None:
                yield f"[{name}.{command}.parameters] is for a command that SAM CLI has not"
                continue
            for option in sorted(section.get("parameters", {}).keys() - set(allowed)):
                yield f"[{name}.{command}.parameters] has {option}, which SAM CLI does not know"


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for word in shlex.split(text):
        name, _, value = word.partition("=")
        yield name, value


def _parameter_faults(given: Mapping[str, str], parameters: Document) -> Iterator[str]:
    for name, value in given.items():
        declared = parameters.get(name)
        if declared is None:
            yield f"the template takes no {name}"
            continue
        pattern, allowed = declared.get("AllowedPattern"), declared.get("AllowedValues")
        fits = [
            pattern is None or re.fullmatch(str(pattern), value) is not None,
            allowed is None or value in [str(one) for one in allowed],
            len(value) <= int(declared.get("MaxLength", 4096)),
            declared["Type"] != "Number" or re.fullmatch(r"-?\d+(\.\d+)?", value) is not None,
        ]
        if not all(fits):
            yield f"{name} may not be {value}"
    for name, declared in parameters.items():
        if "Default" not in declared and name not in given:
            yield f"{name} is not given, and the template has no default for it"
