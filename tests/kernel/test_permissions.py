"""Permissions: names and patterns of them, and nobody can give away more than they have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigledger.kernel import Actor
from bigledger.kernel.permissions import allowed, beyond, require
from bigledger.kernel.problems import Forbidden

checked = settings(deadline=None, max_examples=500)


@pytest.mark.parametrize(
    ("pattern", "permission", "covered"),
    [
        ("*", "receivables.create_invoice", True),
        ("receivables.*", "receivables.create_invoice", True),
        ("receivables.*", "records.create_customer", False),
        ("receivables.*", "receivables", False),
        ("*.get_*", "ledger.get_trial_balance", True),
        ("*.get_*", "ledger.post_entry", False),
        ("*.get_*", "ledger.target_one", False),
        ("receivables.create_invoice", "receivables.create_invoice", True),
        ("receivables.create_invoice", "receivables.create_invoices", False),
        ("receivables.create_invoice", "xreceivables.create_invoice", False),
        ("receivables.create_invoice", "receivablesxcreate_invoice", False),
        ("receivables.create_invoic?", "receivables.create_invoice", False),
        ("receivables.create_invoic[e]", "receivables.create_invoice", False),
        ("", "receivables.create_invoice", False),
    ],
)
def test_only_the_star_stands_for_anything(pattern: str, permission: str, covered: bool) -> None:
    assert allowed((pattern,), permission) is covered


def test_a_missing_permission_is_named() -> None:
    actor = Actor("u1", "user", "Ada", ("ledger.*",))
    require(actor, "ledger.get_trial_balance")
    with pytest.raises(Forbidden, match=r"Ada lacks the permission receivables.create_invoice") as caught:
        require(actor, "receivables.create_invoice")
    assert caught.value.members == {"permission": "receivables.create_invoice"}


def test_nobody_has_permissions_by_default() -> None:
    with pytest.raises(Forbidden):
        require(Actor("u1"), "ledger.get_trial_balance")


@pytest.mark.parametrize(
    ("own", "asked", "refused"),
    [
        (["*"], ["*", "receivables.*", "x.y"], []),
        (["receivables.*"], ["receivables.create_invoice", "receivables.*", "receivables.get_*"], []),
        (["receivables.*"], ["records.create_customer", "*", "*.create_invoice"], None),
        (["*.get_*"], ["ledger.get_trial_balance", "*.get_*"], []),
        (["*.get_*"], ["ledger.get_*"], None),
        (["receivables.create_invoice"], ["receivables.*"], None),
        ([], ["receivables.create_invoice"], None),
        (["receivables.get_?"], ["receivables.get_[ab]"], None),
    ],
)
def test_what_reaches_further_is_told(own: list[str], asked: list[str], refused: list[str] | None) -> None:
    assert beyond(Actor("u1", permissions=tuple(own)), asked) == (asked if refused is None else refused)


letters = st.sampled_from([*"ab._", "*", "?", "[", "]", "!", "\n"])
patterns = st.text(letters, max_size=8)


@st.composite
def covered_permissions(draw: st.DrawFn, pattern: str) -> str:
    """A permission that the pattern matches."""
    parts = pattern.split("*")
    filling = st.text(st.sampled_from([*"abc._?[]\n"]), max_size=4)
    return "".join(part + draw(filling) for part in parts[:-1]) + parts[-1]


@checked
@given(st.lists(patterns, max_size=4), st.lists(patterns, min_size=1, max_size=4), st.data())
def test_what_may_be_granted_never_lets_anything_new_through(
    own: list[str], asked: list[str], data: st.DataObject
) -> None:
    actor = Actor("u1", permissions=tuple(own))
    granted = [pattern for pattern in asked if pattern not in beyond(actor, asked)]
    for pattern in granted:
        permission = data.draw(covered_permissions(pattern))
        assert allowed((pattern,), permission)
        assert allowed(actor.permissions, permission)


@checked
@given(st.lists(patterns, max_size=4))
def test_what_one_has_may_always_be_granted(own: list[str]) -> None:
    assert beyond(Actor("u1", permissions=tuple(own)), own) == []


def test_no_pattern_takes_long() -> None:
    """Stars are looked for one after the other; a pattern of many would otherwise hold up a whole worker."""
    assert not allowed(("*." + "*" * 80 + "q",), "receivables.create_invoice")
    assert allowed(("*." + "*" * 80 + "e",), "receivables.create_invoice")
    assert not allowed(("a*b*b",), "ab")
    assert allowed(("a*b*b",), "abb")
