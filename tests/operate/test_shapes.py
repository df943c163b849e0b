"""Which changes of a schema break those who send it, and which those who are told it."""

from typing import Any

import pytest

from devtools.operate.shapes import Comparison

TEXT = {"type": "string"}
MAYBE = {"type": ["string", "null"]}


def breaks(old: Any, new: Any, *, taken: bool, definitions: tuple[Any, Any] = ({}, {})) -> list[str]:
    return list(Comparison(*definitions, taken=taken).breaks(old, new))


def thing(required: str = "", *, closed: bool = True, **properties: Any) -> dict[str, Any]:
    made = {"type": "object", "properties": properties, "required": required.split()}
    return made | ({"additionalProperties": False} if closed else {})


@pytest.mark.parametrize(
    ("old", "new", "taken", "told"),
    [
        (thing(a=TEXT), thing(a=TEXT, b=TEXT), [], []),
        (thing(a=TEXT), thing("b", a=TEXT, b=TEXT), ["/b is required now"], []),
        (thing(a=TEXT, b=TEXT), thing(a=TEXT), ["/b is gone"], ["/b is gone"]),
        (thing(a=TEXT, b=TEXT), thing(a=TEXT, closed=False), [], ["/b is gone"]),
        (thing(a=TEXT), thing("a", a=TEXT), ["/a is required now"], []),
        (thing("a", a=TEXT), thing(a=TEXT), [], ["/a may be missing now"]),
        (thing(a=TEXT), thing(a=MAYBE), [], ["/a: null may be told now"]),
        (thing(a=MAYBE), thing(a=TEXT), ["/a: null is no longer taken"], []),
        (
            thing(a=TEXT),
            thing(a={"type": "integer"}),
            ["/a: string is no longer taken"],
            ["/a: integer may be told now"],
        ),
        (thing(a={"type": "integer"}), thing(a={"type": "number"}), [], ["/a: number may be told now"]),
        (thing(a=TEXT, closed=False), thing(a=TEXT), ["the whole: further fields are no longer taken"], []),
    ],
)
def test_fields_that_come_go_and_change(old: Any, new: Any, taken: list[str], told: list[str]) -> None:
    assert breaks(old, new, taken=True) == taken
    assert breaks(old, new, taken=False) == told


@pytest.mark.parametrize(
    ("old", "new", "taken", "told"),
    [
        ({"enum": ["a", "b"]}, {"enum": ["a", "b", "c"]}, [], ["the whole: 'c' may be told now"]),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, ["the whole: 'b' is no longer taken"], []),
        ({"const": "a"}, {"enum": ["a", "b"]}, [], ["the whole: 'b' may be told now"]),
        (TEXT, {"type": "string", "enum": ["a"]}, ["the whole: any value is no longer taken"], []),
        (TEXT, {"type": "string", "maxLength": 9}, ["the whole: maxLength was not set and is 9"], []),
        ({"type": "string", "maxLength": 9}, {"type": "string", "maxLength": 10}, [], []),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 0}, [], []),
        (
            {"type": "integer", "minimum": 0},
            {"type": "integer", "minimum": 1},
            ["the whole: minimum was 0 and is 1"],
            [],
        ),
        (
            {"type": "string", "pattern": "a"},
            {"type": "string", "pattern": "b"},
            ["the whole: pattern was a and is b"],
            [],
        ),
        (
            TEXT,
            {"type": "string", "format": "date"},
            ["the whole: its format was None and is date"],
            [],
        ),
        (
            {"type": "string", "format": "date"},
            TEXT,
            [],
            ["the whole: its format was date and is None"],
        ),
    ],
)
def test_values_that_come_and_go(old: Any, new: Any, taken: list[str], told: list[str]) -> None:
    assert breaks(old, new, taken=True) == taken
    assert breaks(old, new, taken=False) == told


def test_lists_and_maps_are_looked_into() -> None:
    old, new = ({"type": "array", "items": thing(a=TEXT, **more)} for more in ({"b": TEXT}, {}))
    assert breaks(old, new, taken=False) == ["/*/b is gone"]
    old, new = ({"type": "object", "additionalProperties": one} for one in (TEXT, {"type": "integer"}))
    assert breaks(old, new, taken=True) == ["/*: string is no longer taken"]


def test_references_are_followed_and_may_go_round() -> None:
    def document(name: Any) -> Any:
        node = thing(name=name, children={"type": "array", "items": {"$ref": "#/$defs/Node"}})
        return {"$defs": {"Node": node}}

    node = {"$ref": "#/$defs/Node"}
    same = breaks(node, node, taken=True, definitions=(document(TEXT), document(TEXT)))
    other = breaks(node, node, taken=True, definitions=(document(MAYBE), document(TEXT)))
    assert (same, other) == ([], ["/name: null is no longer taken"])


def test_one_of_several_shapes_is_enough() -> None:
    old = {"anyOf": [thing(a=TEXT), {"type": "null"}]}
    assert breaks(old, {"anyOf": [{"type": "null"}, thing(b=TEXT), thing(a=TEXT, c=TEXT)]}, taken=True) == []
    assert breaks(old, {"anyOf": [{"type": "null"}, thing(b=TEXT)]}, taken=True) == ["/a is gone"]


def test_shapes_that_hold_together_are_joined() -> None:
    old = {"allOf": [thing("a", a=TEXT, closed=False), thing(b=TEXT, closed=False)]}
    assert breaks(old, thing("a", a=TEXT, b=TEXT), taken=False) == []
    assert breaks(old, thing("a", a=TEXT), taken=False) == ["/b is gone"]


def test_further_fields_are_taken_where_the_shape_is_open() -> None:
    new = {"type": "object", "properties": {}, "additionalProperties": {"type": "integer"}}
    assert breaks(thing(a=TEXT), new, taken=True) == ["/a: string is no longer taken"]
