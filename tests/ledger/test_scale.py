"""No money is finer than its currency."""

from decimal import Decimal

import pytest

from bigledger.kernel import InvalidRequest
from bigledger.ledger import check_scale, too_fine

AMOUNTS = [
    ("/amount", Decimal("1.005"), "USD"),
    ("/lines/0", Decimal("1.00"), "USD"),
    ("/lines/1", Decimal("0.5"), "JPY"),
    ("/lines/2", Decimal("0.125"), "KWD"),
    ("/lines/3", Decimal("-0.001"), "EUR"),
    ("/lines/4", None, "USD"),
]


def test_every_amount_that_is_too_fine_is_told_with_the_unit_of_its_currency() -> None:
    told = [
        ("/amount", "USD has no smaller unit than 0.01"),
        ("/lines/1", "JPY has no smaller unit than 1"),
        ("/lines/3", "EUR has no smaller unit than 0.01"),
    ]
    assert [(error["pointer"], error["message"]) for error in too_fine(AMOUNTS)] == told
    with pytest.raises(InvalidRequest) as refused:
        check_scale(AMOUNTS)
    assert [(error["pointer"], error["message"]) for error in refused.value.errors] == told


def test_whole_units_pass() -> None:
    check_scale([("/amount", Decimal("100"), "USD"), ("/amount", Decimal("7.000"), "JPY"), ("/amount", None, "USD")])
