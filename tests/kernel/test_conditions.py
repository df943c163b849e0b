"""Conditions compare exactly, whatever the engine computes with, and are refused when they could not."""

import operator
import subprocess
import sys
from datetime import date
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bigledger.kernel import conditions
from bigledger.kernel.conditions import ConditionError, check, evaluate

EXAMPLES: list[dict[str, Any]] = [
    {"total": Decimal("0.00"), "currency": "USD", "late": False},
    {"total": Decimal("1000000.00"), "currency": "EUR", "late": True},
]
COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


@pytest.mark.parametrize(
    ("total", "above"),
    [
        ("9999.99", False),
        ("10000", False),
        ("10000.00", False),
        ("10000.000000000001", True),
        ("10000.01", True),
        ("999999999999999999.99", True),
        ("-10000.01", False),
    ],
)
def test_an_amount_is_above_the_limit_only_when_it_is(total: str, above: bool) -> None:
    assert evaluate("document.total > 10000", {"total": Decimal(total)}) is above


@pytest.mark.parametrize(
    ("total", "limit"),
    [
        # As doubles all three pairs would be equal.
        ("123456789012345000.01", "123456789012345000"),
        ("999999999999999999.99", "1000000000000000000"),
        ("9007199254740993", "9007199254740990"),
    ],
)
def test_amounts_beyond_the_precision_of_doubles_compare_exactly(total: str, limit: str) -> None:
    for sign, compare in COMPARISONS.items():
        held = evaluate(f"document.total {sign} {limit}", {"total": Decimal(total)})
        assert held is compare(Decimal(total), Decimal(limit)), sign


def _written(digits: int, shift: int) -> Decimal:
    return Decimal(digits).scaleb(shift)


NUMBERS = st.builds(_written, st.integers(0, 10**15 - 1), st.integers(-12, 3))
"""What may be written in a condition."""

FACTS = st.builds(_written, st.integers(-(10**30), 10**30), st.integers(-12, 0)) | NUMBERS


@given(fact=FACTS, written=NUMBERS, near=st.integers(-3, 3), way=st.sampled_from(sorted(COMPARISONS)))
def test_any_fact_compares_with_any_written_number_as_decimals_do(
    fact: Decimal, written: Decimal, near: int, way: str
) -> None:
    close = written + Decimal(near).scaleb(-12)
    for value in (fact, close):
        held = evaluate(f"document.total {way} {written:f}", {"total": value})
        assert held is COMPARISONS[way](value, written)


def test_two_facts_that_no_double_tells_apart_have_no_answer() -> None:
    facts = {"total": Decimal("123456789012345678.02"), "limit": Decimal("123456789012345678.01")}
    with pytest.raises(ConditionError, match="too close to be compared"):
        evaluate("document.total > document.limit", facts)
    assert evaluate("document.total > document.limit", {**facts, "limit": facts["total"]}) is False


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ('document.currency == "USD" && document.total >= 100.5', True),
        ('document.currency in ["EUR", "GBP"] || !document.late', False),
        ('document.customer.startsWith("ACME") ? document.total > 1 : document.total > 1000', True),
        ('document.customer.matches("^A.*7$") && size(document.customer) == 6', True),
        ('document.date < "2026-12-01"', True),
        ("document.total in [100.50, 7]", True),
        ("-document.total < -100", True),
        ('document.note == "a + b - c * 10000000000000000000"', False),
        ("document.late // 1 + 1", True),
        ("document.items[1].quantity == 3", True),
    ],
)
def test_a_condition_may_ask_about_every_kind_of_fact(condition: str, held: bool) -> None:
    facts = {
        "total": Decimal("100.50"),
        "currency": "USD",
        "customer": "ACME-7",
        "late": True,
        "date": date(2026, 11, 23),
        "note": None,
        "items": [{"quantity": Decimal(2)}, {"quantity": 3}],
    }
    check(condition, [facts])
    assert evaluate(condition, facts) is held


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("document.total >", "Syntax error"),
        ("document.total > 10000 #", "cannot be read from '#'"),
        ("document.total", "it answers 0.0 where true or false is asked for"),
        ('document.late ? "yes" : false', "it answers 'yes' where"),
        ("document.totl > 1", "document has no totl; it has currency, late, total"),
        ('document["totl"] > 1', "document has no totl"),
        ("true || document.totl > 1", "document has no totl; it has currency, late, total"),
        ("total > 1", "total is unknown; what a document says is read as document.<name>"),
        ('document.total > "1"', "No such overload"),
        ("document.total + 1 > 3", r"it calculates \(\+\)"),
        ("document.total - 1 > 3", r"it calculates \(-\)"),
        ("document.total * 2 > 3", r"it calculates \(\*\)"),
        ("int(document.total) > 3", "it calls int; it may call contains, endsWith, has"),
        ("[1].exists(x, x > 0)", "it calls exists"),
        ("document.total > 10000.000000000001", "is too long a number; write at most 15 digits"),
        ("document.total > 1e31", "1e31 is too long a number"),
        ('document.currency.matches("[")', "not a valid regex"),
    ],
)
def test_what_is_no_question_about_documents_is_refused(condition: str, reason: str) -> None:
    with pytest.raises(ConditionError, match=reason):
        check(condition, EXAMPLES)


def test_a_fact_that_is_missing_or_a_float_is_not_guessed() -> None:
    with pytest.raises(ConditionError, match="document has no total"):
        evaluate("document.total > 1", {})
    with pytest.raises(TypeError, match="cannot read a float"):
        evaluate("document.total > 1", {"total": 1.5})


def test_threads_share_one_engine() -> None:
    held: list[bool] = []
    facts = {"total": Decimal(2)}
    threads = [
        Thread(target=lambda n=n: held.append(evaluate(f"document.total > {n % 2}.5", facts))) for n in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held == [True] * 16


@pytest.mark.parametrize("first", ["import cel", "evaluate('document.total > 1', {'total': 2})"])
def test_the_engine_comes_without_its_command_line_and_beside_its_package(first: str) -> None:
    """It can be initialized once per process, and importing its whole package would slow every cold start."""
    code = f"""
import sys
from bigledger.kernel.conditions import evaluate
{first}
light = "cel.cli" not in sys.modules
assert evaluate("document.total > 1", {{"total": 2}})
import cel
assert cel.evaluate("1 < 2")
print(light)
"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=conditions.__file__.partition("/bigledger/kernel/")[0],
    )
    assert result.stdout.strip() == str(first != "import cel")
