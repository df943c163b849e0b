"""samconfig.toml is held against SAM CLI's options and the template's parameters."""

import copy
import tomllib
from typing import Any

import pytest

from devtools.deploy.configuration import STAGES, faults
from devtools.environment import ROOT

KNOWN = {"deploy": ["capabilities", "parameter_overrides", "stack_name"], "build": ["cached"]}
PARAMETERS: dict[str, Any] = {
    "Stack": {"Type": "String", "AllowedPattern": "[a-z][a-z0-9-]*", "MaxLength": 20},
    "Most": {"Type": "Number", "Default": 8},
    "Keep": {"Type": "String", "AllowedValues": [True, False], "Default": False},
}


@pytest.fixture
def stages() -> dict[str, Any]:
    """A file as it has to be, as TOML gives it."""
    capabilities = "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"
    deploy = {"capabilities": capabilities, "parameter_overrides": 'Stack=bigledger-dev Most="4"'}
    stage = {"deploy": {"parameters": deploy}, "global": {"parameters": {"stack_name": "x"}}}
    return {"version": 0.1, **{name: copy.deepcopy(stage) for name in STAGES}}


def test_a_good_file_has_no_fault(stages: Any) -> None:
    assert list(faults(stages, KNOWN, PARAMETERS)) == []


def test_a_stage_that_is_missing_is_found(stages: Any) -> None:
    del stages["prod"]
    assert list(faults(stages, KNOWN, PARAMETERS)) == ["there is no [prod.deploy.parameters]"]


def test_what_cloudformation_needs_is_granted(stages: Any) -> None:
    stages["prod"]["deploy"]["parameters"]["capabilities"] = "CAPABILITY_IAM"
    assert list(faults(stages, KNOWN, PARAMETERS)) == ["[prod.deploy.parameters] does not grant CAPABILITY_AUTO_EXPAND"]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("Stack=dev Other=1", "the template takes no Other"),
        ("Stack=Dev", "Stack may not be Dev"),
        ("Stack=a-name-of-21-letters-", "Stack may not be a-name-of-21-letters-"),
        ("Stack=dev Most=many", "Most may not be many"),
        ("Stack=dev Keep=perhaps", "Keep may not be perhaps"),
        ("Most=1", "Stack is not given, and the template has no default for it"),
    ],
)
def test_a_parameter_is_one_that_the_template_takes(stages: Any, given: str, fault: str) -> None:
    stages["staging"]["deploy"]["parameters"]["parameter_overrides"] = given
    assert list(faults(stages, KNOWN, PARAMETERS)) == [f"[staging.deploy.parameters] parameter_overrides: {fault}"]


def test_options_and_commands_are_those_of_sam(stages: Any) -> None:
    stages["default"]["build"] = {"parameters": {"cached": True, "cashed": True}}
    stages["default"]["global"]["parameters"]["nonsense"] = 1
    stages["default"]["deplay"] = {"parameters": {"stack_name": "x"}}
    assert list(faults(stages, {**KNOWN, "deplay": None}, PARAMETERS)) == [
        "[default.global.parameters] has nonsense, which SAM CLI does not know",
        "[default.build.parameters] has cashed, which SAM CLI does not know",
        "[default.deplay.parameters] is for a command that SAM CLI has not",
    ]


def test_the_project_has_a_stack_per_stage() -> None:
    found = tomllib.loads((ROOT / "samconfig.toml").read_text())
    names = [found[stage]["global"]["parameters"]["stack_name"] for stage in STAGES]
    assert names == ["bigledger-dev", "bigledger-staging", "bigledger-prod"]
