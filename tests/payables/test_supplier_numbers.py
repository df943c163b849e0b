"""A supplier's number is the same however it is spelled, so that no bill is entered and paid twice."""

from functools import partial

import pytest

from tests.support.purchases import Purchases
from tests.support.races import racing


@pytest.mark.parametrize(
    "spelled",
    ["inv-2026-0042", "INV 2026 42", "INV/2026/042", "Inv.2026.0042", "INV2026-42", "  INV_2026_42 ", "INV–2026–42"],
)
def test_another_spelling_is_the_same_number(buyer: Purchases, spelled: str) -> None:
    first = buyer.bill(supplier_number="INV-2026-0042")
    before = buyer.api.counts()
    problem = buyer.bill(status=409, supplier_number=spelled)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("duplicate_bill", "/supplier_number")
    assert problem["bill"]["number"] == first["number"]
    assert buyer.api.counts() == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1-23", "12-3"),
        ("INV-42", "INV-4-2"),
        ("INV-42", "INV-42-A"),
        ("2026-1-23", "2026-12-3"),
        ("100", "1"),
        ("Übung 1", "Öbung 1"),
        ("---", "--"),
        ("0", "00-1"),
    ],
)
def test_other_numbers_are_others(buyer: Purchases, one: str, other: str) -> None:
    for number in (one, other):
        assert buyer.bill(supplier_number=number)["supplier_number"] == number


def test_it_is_free_again_in_any_spelling_once_the_bill_is_void(buyer: Purchases) -> None:
    first = buyer.bill(supplier_number="A-007")
    buyer.act("void_bill", first, reason="Not ours")
    assert buyer.bill(supplier_number="a 7")["supplier_number"] == "a 7"
    assert buyer.bill("SUPP002", supplier_number="A7", currency="USD")["supplier_number"] == "A7"


def test_two_spellings_at_the_same_moment(buyer: Purchases) -> None:
    def enter(number: str) -> int:
        items = [{"account": "6150", "unit_price": "10.00"}]
        body = {"supplier": "SUPP001", "supplier_number": number, "items": items}
        return int(buyer.api.call("create_bill", body, headers={"Idempotency-Key": number}).status)

    assert sorted(racing([partial(enter, number) for number in ("R-1", "R 01")])) == [201, 409]


def test_credits_of_a_bill_too(buyer: Purchases) -> None:
    bill = buyer.bill(supplier_number="B-1")
    lines = [{"line": 1, "quantity": "0.5"}]
    buyer.act("credit_bill", bill, 201, supplier_number="CN-01", reason="less", lines=lines)
    assert buyer.act("credit_bill", bill, 409, supplier_number="cn 1", reason="less", lines=lines)["code"] == (
        "duplicate_bill"
    )
