"""Due dates and instalments: exact days, and never a cent lost."""

from datetime import date
from decimal import Decimal

import pytest

from bigledger.ledger import due_on, instalments
from bigledger.records import Instalment, PaymentTerm

INVOICE_DATES = [date(2019, 1, 1), date(2019, 1, 15), date(2019, 1, 31)]


@pytest.mark.parametrize(
    ("instalment", "due"),
    [
        ({}, ["2019-01-01", "2019-01-15", "2019-01-31"]),
        ({"after": "end_of_month", "days": 45}, ["2019-03-17", "2019-03-17", "2019-03-17"]),
        ({"days": 31, "day_of_month": 15}, ["2019-02-15", "2019-02-15", "2019-03-15"]),
        ({"after": "end_of_month"}, ["2019-01-31", "2019-01-31", "2019-01-31"]),
        ({"after": "end_of_month", "days": 1}, ["2019-02-01", "2019-02-01", "2019-02-01"]),
        ({"months": 1}, ["2019-02-01", "2019-02-15", "2019-02-28"]),
        ({"after": "end_of_month", "months": 1}, ["2019-02-28", "2019-02-28", "2019-02-28"]),
        ({"day_of_month": 31}, ["2019-01-31", "2019-01-31", "2019-01-31"]),
    ],
)
def test_due_dates(instalment: dict[str, object], due: list[str]) -> None:
    rule = Instalment.model_validate(instalment)
    assert [str(due_on(rule, day)) for day in INVOICE_DATES] == due


def test_the_last_instalment_takes_what_rounding_leaves() -> None:
    term = PaymentTerm.model_validate(
        {
            "code": "T",
            "name": "Thirds",
            "instalments": [{"percent": "33.33"}, {"percent": "33.33", "days": 30}, {"days": 60}],
        }
    )
    due = instalments(term, date(2026, 1, 1), Decimal("100.01"), "USD")
    assert [str(part.amount) for part in due] == ["33.33", "33.33", "33.35"]
    assert [str(part.due_date) for part in due] == ["2026-01-01", "2026-01-31", "2026-03-02"]


def test_without_terms_all_is_due_at_once() -> None:
    (due,) = instalments(None, date(2026, 1, 1), Decimal("10.00"), "USD")
    assert (due.due_date, due.amount) == (date(2026, 1, 1), Decimal("10.00"))


@pytest.mark.parametrize(
    "shares",
    [[{"percent": "50"}, {"percent": "40"}], [{}, {"percent": "50"}], [{"percent": "100"}, {}], []],
)
def test_terms_that_do_not_add_up_are_refused(shares: list[dict[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"100|remainder|percentage|at least 1"):
        PaymentTerm.model_validate({"code": "T", "name": "T", "instalments": shares})
