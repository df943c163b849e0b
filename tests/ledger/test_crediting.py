"""What a credit takes of a document: parts that add up to the whole, and of no line more than is left of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pytest

from bigledger.kernel import Problem
from bigledger.ledger import credited_quantities, credited_share


class Refused(Problem):
    """The refusal of these tests."""

    title = "Refused"


@dataclass(frozen=True)
class Line:
    """A line, or what is asked of it."""

    line: int
    quantity: Decimal | None


@dataclass(frozen=True)
class Credited:
    """A line of a document or of an earlier credit."""

    line: int
    quantity: Decimal


LINES = [Credited(1, Decimal(3)), Credited(2, Decimal(5))]


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("100.00", ["33.33", "33.34", "33.33"]),
        ("-100.00", ["-33.33", "-33.34", "-33.33"]),
        ("0.02", ["0.01", "0.00", "0.01"]),
    ],
)
def test_parts_add_up_to_the_whole(whole: str, parts: Sequence[str]) -> None:
    earlier: list[Credited] = []
    found: list[Decimal] = []
    for _ in parts:
        share = credited_share(LINES[0], Decimal(1), earlier, "USD")
        found.append(share.of(Decimal(whole), sum(found, Decimal(0))))
        earlier.append(Credited(1, Decimal(1)))
    assert [str(part) for part in found] == parts
    assert sum(found) == Decimal(whole)


def test_no_more_is_taken_than_others_have_left() -> None:
    share = credited_share(LINES[1], Decimal(1), [Credited(1, Decimal(3))], "USD")
    assert share.of(Decimal("10.00"), Decimal("9.50")) == Decimal("0.00")  # 8.00 would be less than was taken


def test_what_is_left_of_every_line_is_credited_unless_lines_are_named() -> None:
    earlier = {1: [Credited(1, Decimal(3))], 2: [Credited(1, Decimal(2))]}
    assert credited_quantities(None, LINES, earlier, "bill", Refused) == {2: Decimal(3)}
    assert credited_quantities([Line(2, Decimal(1))], LINES, earlier, "bill", Refused) == {2: Decimal(1)}
    assert credited_quantities([Line(2, None)], LINES, earlier, "bill", Refused) == {2: Decimal(3)}


def test_every_line_that_cannot_be_credited_is_told() -> None:
    asked = [Line(1, None), Line(2, Decimal(6)), Line(3, None), Line(2, Decimal(1)), Line(2, Decimal(1))]
    with pytest.raises(Refused) as refused:
        credited_quantities(asked, LINES, {1: [Credited(1, Decimal(3))]}, "bill", Refused)
    assert [(error["pointer"], error["code"], error["message"]) for error in refused.value.errors] == [
        ("/lines/0/quantity", "over_credited", "0 of line 1 can still be credited"),
        ("/lines/1/quantity", "over_credited", "5 of line 2 can still be credited"),
        ("/lines/2/line", "unknown_line", "the bill has no line 3"),
        ("/lines/4/line", "given_twice", "line 2 is named twice"),
    ]


def test_a_document_that_is_credited_whole_is_refused() -> None:
    earlier = {one.line: [one] for one in LINES}
    with pytest.raises(Refused, match="All of this bill is credited already"):
        credited_quantities(None, LINES, earlier, "bill", Refused)
