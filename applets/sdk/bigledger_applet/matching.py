"""The conditions of a hook: what of an event has to be true before the applet is handed it.

They are written as EventBridge writes them, a list of alternatives per field, and all fields have to match:

    {"data.currency": ["USD", "CAD"], "data.total": [{"numeric": [">", 10000]}]}

The bus checks what it can; the kit checks all of them again, since a redelivered event does not pass the bus.
**Amounts are strings on the wire and the bus compares only JSON numbers**, so a field with a ``numeric`` condition is
left to the kit, which compares exactly.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

Conditions = Mapping[str, Sequence[Any]]

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
"""The signs of comparisons, in conditions and in ranges of versions."""

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?\Z")


def check(conditions: Conditions) -> None:
    """Raise ValueError, saying what to write instead, unless every condition is one that can be evaluated."""
    for path, alternatives in conditions.items():
        if not re.fullmatch(r"data(\.[A-Za-z0-9_]+)+", path):
            raise ValueError(f'{path}: name a field of the data, such as "data.total"')
        if not alternatives:
            raise ValueError(f"{path}: give at least one value or condition")
        for alternative in alternatives:
            if not _valid(alternative):
                raise ValueError(
                    f"{path}: {alternative!r} is no condition. Write a text, a whole number, true, false or null, or"
                    ' one of {prefix: text}, {anything-but: [values]}, {exists: true} and {numeric: [">", 10000]}.'
                    ' Decimals are written as strings, such as "10000.50", so that they stay exact.'
                )


def _valid(alternative: Any) -> bool:
    if not isinstance(alternative, dict):
        return _is_value(alternative)
    if len(alternative) != 1:
        return False
    name, argument = next(iter(alternative.items()))
    match name:
        case "exists":
            return isinstance(argument, bool)
        case "prefix":
            return isinstance(argument, str) and bool(argument)
        case "anything-but":
            return isinstance(argument, list) and bool(argument) and all(map(_is_value, argument))
        case "numeric":
            return (
                isinstance(argument, list)
                and len(argument) in {2, 4}
                and all(sign in COMPARISONS for sign in argument[::2])
                and all(_number(bound) is not None for bound in argument[1::2])
            )
    return False


def _is_value(value: Any) -> bool:
    return value is None or isinstance(value, str | int)


def _number(value: Any) -> Decimal | None:
    """The exact number a JSON value stands for, if it does."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return Decimal(value) if isinstance(value, str) and _NUMBER.match(value) else None


def matches(conditions: Conditions, data: Mapping[str, Any]) -> bool:
    """Whether the data of an event (as JSON) meets the conditions. Of a list, one element has to."""
    return all(
        any(_meets(alternative, list(_values(data, path.split(".")[1:]))) for alternative in alternatives)
        for path, alternatives in conditions.items()
    )


def _values(node: Any, path: Sequence[str]) -> Iterator[Any]:
    """The values at a path; a list on the way stands for each of its elements."""
    if isinstance(node, list):
        for element in node:
            yield from _values(element, path)
    elif not path:
        yield node
    elif isinstance(node, dict) and path[0] in node:
        yield from _values(node[path[0]], path[1:])


def _meets(alternative: Any, values: Sequence[Any]) -> bool:
    if not isinstance(alternative, dict):
        return any(_same(value, alternative) for value in values)
    name, argument = next(iter(alternative.items()))
    match name:
        case "exists":
            return bool(values) is argument
        case "prefix":
            return any(isinstance(value, str) and value.startswith(argument) for value in values)
        case "anything-but":
            return any(not any(_same(value, excluded) for excluded in argument) for value in values)
        case _:
            bounds = [
                (COMPARISONS[sign], _number(bound)) for sign, bound in zip(argument[::2], argument[1::2], strict=True)
            ]
            numbers = [number for number in map(_number, values) if number is not None]
            return any(all(compare(number, bound) for compare, bound in bounds) for number in numbers)


def _same(value: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return type(value) is type(other) and bool(value == other)


def bus_pattern(conditions: Conditions) -> dict[str, Any]:
    """The conditions as the nested part of a rule's pattern, without those that the bus cannot check."""
    pattern: dict[str, Any] = {}
    for path, alternatives in conditions.items():
        if any(isinstance(alternative, dict) and "numeric" in alternative for alternative in alternatives):
            continue
        *parents, last = path.split(".")
        node = pattern
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = list(alternatives)
    return pattern
