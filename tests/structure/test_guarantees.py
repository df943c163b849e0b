"""What the guide to guarantees names as proof is there."""

import ast
import re

import pytest

from tests.structure.sources import ROOT, parsed

NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / "guarantees.md").read_text())


def test_the_guide_names_tests() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize(("file", "test"), NAMED, ids=lambda name: name)
def test_a_test_that_is_named_exists(file: str, test: str) -> None:
    path = ROOT / file
    assert path.is_file()
    if test:
        assert test in {node.name for node in ast.walk(parsed(path)) if isinstance(node, ast.FunctionDef)}
