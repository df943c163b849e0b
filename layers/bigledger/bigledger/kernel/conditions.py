"""Conditions that people write: expressions of the Common Expression Language (CEL) over the facts of a document.

Numbers are compared exactly, although the engine has nothing but doubles for fractions. Doubles keep any two
decimals of up to 15 significant digits apart and in order (the DBL_DIG of C). So a number written in a condition
has at most 15 digits; and a fact with more of them, which lies strictly between two neighbours of 15 digits, is
handed over as the middle of the two: it compares with every written number as it would itself. Facts too close to
be told apart are refused, and so is arithmetic, which would round: a condition compares what the document says.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Context, Decimal
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from threading import Lock
from typing import Any
from uuid import UUID

DIGITS = 15
"""The most significant digits of a number written in a condition."""

FUNCTIONS = frozenset({"contains", "endsWith", "has", "matches", "size", "startsWith"})
"""What a condition may call."""

_LARGEST = 30  # the power of ten that written numbers stay below
_WORDS = frozenset({"document", "false", "in", "null", "true"})
_CALCULATING = frozenset("+*/%")
_EXACT = Context(prec=400)
_TOKEN = re.compile(
    r"""
    (?P<skipped> \s+ | //[^\n]* )
  | (?P<text> [bB]?[rR][bB]? (?: \"""[\s\S]*?\""" | '''[\s\S]*?''' | "[^"\n]*" | '[^'\n]*' )
        | [bB]? (?: \"""(?:\\.|[^\\])*?\""" | '''(?:\\.|[^\\])*?''' | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' ) )
  | (?P<number> 0[xX][0-9a-fA-F]+ | (?: [0-9]+(?:\.[0-9]+)? | \.[0-9]+ ) (?:[eE][+-]?[0-9]+)? ) [uU]?
  | (?P<name> [A-Za-z_][A-Za-z0-9_]* )
  | (?P<mark> && | \|\| | [<>=!]= | [-+*/%<>!?:.,()\[\]{}] )
    """,
    re.VERBOSE,
)
_loading = Lock()


class ConditionError(ValueError):
    """A condition cannot be used or evaluated; the text tells a person why."""


def check(condition: str, examples: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a condition that is no true-or-false question about documents with facts like the examples.

    Raises ConditionError.
    """
    _check_words(condition, {name for facts in examples for name in facts})
    for facts in examples:
        evaluate(condition, facts)


def evaluate(condition: str, facts: Mapping[str, Any]) -> bool:
    """Whether a condition holds for a document: its facts are what the condition reads as ``document.<name>``.

    Facts are texts, booleans, whole numbers, decimals, dates (read as text, "2026-11-23") and lists and mappings of
    them. Raises ConditionError when it does not compile, reads what is not there or answers neither true nor false.
    """
    program = _program(condition)
    document = _readable(facts, {})
    try:
        answer = program.execute({"document": document})
    except KeyError as error:
        raise ConditionError(f"document has no {error.args[0]}") from error
    except Exception as error:  # whatever the engine refuses, the condition has no answer
        raise ConditionError(_first_line(error)) from error
    if not isinstance(answer, bool):
        raise ConditionError(f"it answers {answer!r} where true or false is asked for")
    return answer


def _check_words(condition: str, names: set[str]) -> None:
    """Refuse unknown names and functions, arithmetic, and numbers that are too long to be exact."""
    tokens = list(_tokens(condition))
    padded = [("", ""), *tokens, ("", "")]
    for (_, before), (kind, text), (_, after) in zip(padded, tokens, padded[2:], strict=False):
        if kind == "number":
            _check_number(text)
        elif kind == "mark" and (text in _CALCULATING or (text == "-" and _is_value(before))):
            raise ConditionError(f"it calculates ({text}); compare what the document says instead")
        elif kind == "name" and after == "(":
            if text not in FUNCTIONS:
                raise ConditionError(f"it calls {text}; it may call {', '.join(sorted(FUNCTIONS))}")
        elif kind == "name" and before != "." and text not in _WORDS:
            raise ConditionError(f"{text} is unknown; what a document says is read as document.<name>")
    for (_, first), (_, dot), (kind, name) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if (first, dot, kind) == ("document", ".", "name") and name not in names | FUNCTIONS:
            raise ConditionError(f"document has no {name}; it has {', '.join(sorted(names))}")


def _check_number(text: str) -> None:
    value = Decimal(int(text, 16)) if text[:2] in {"0x", "0X"} else Decimal(text)
    if len(_digits(value)[1]) > DIGITS or abs(value.adjusted()) > _LARGEST:
        raise ConditionError(f"{text} is too long a number; write at most {DIGITS} digits, zeros aside")


def _is_value(text: str) -> bool:
    """Whether a minus after this token would subtract."""
    return text[-1:].isalnum() or text[-1:] in {")", "]", "}", '"', "'", "_"}


def _tokens(condition: str) -> list[tuple[str, str]]:
    found = []
    place = 0
    while place < len(condition):
        match = _TOKEN.match(condition, place)
        if match is None:
            raise ConditionError(f"it cannot be read from {condition[place : place + 20]!r} on")
        if match.lastgroup != "skipped":
            found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        place = match.end()
    return found


def _readable(value: Any, doubles: dict[float, Decimal]) -> Any:
    """A fact as the engine takes it; ``doubles`` remembers which number stands behind each double."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | Decimal):
        return _double(Decimal(value), doubles)
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _readable(inner, doubles) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(inner, doubles) for inner in value]
    raise TypeError(f"a condition cannot read a {type(value).__name__}")


def _double(value: Decimal, doubles: dict[float, Decimal]) -> float:
    """The double that compares with all numbers of up to DIGITS digits as the value does."""
    sign, digits, exponent = _digits(value)
    if len(digits) > DIGITS:
        middle = (*digits[:DIGITS], 5)
        double = float(Decimal((sign, middle, exponent + len(digits) - len(middle))))
    else:
        double = float(value)
    if doubles.setdefault(double, value) != value:
        raise ConditionError(f"{value} and {doubles[double]} are too close to be compared")
    return double


def _digits(value: Decimal) -> tuple[int, tuple[int, ...], int]:
    """Sign, significant digits and exponent of a finite decimal."""
    sign, digits, exponent = value.normalize(_EXACT).as_tuple()
    if not isinstance(exponent, int):
        raise TypeError(f"{value} is no number")
    return sign, digits, exponent


@lru_cache(maxsize=1024)
def _program(condition: str) -> Any:
    """The compiled condition."""
    engine = _engine()
    try:
        return engine.compile(condition)
    except ValueError as error:
        raise ConditionError(_first_line(error)) from error


def _engine() -> Any:
    """The engine without its package, whose import brings a command line along and takes six times as long."""
    with _loading:
        if "cel.cel" not in sys.modules:
            package = find_spec("cel")
            found = PathFinder.find_spec("cel.cel", package.submodule_search_locations) if package else None
            if found is None or found.loader is None:
                raise ImportError("the package common-expression-language is not installed")
            module = module_from_spec(found)
            found.loader.exec_module(module)
            # It can be initialized once per process: whoever imports the package later finds it here.
            sys.modules["cel.cel"] = module
        return sys.modules["cel.cel"]


def _first_line(error: Exception) -> str:
    """What the engine says, without its drawing of the place."""
    return str(error).partition("\n")[0].rstrip(".")
