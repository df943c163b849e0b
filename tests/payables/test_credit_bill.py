"""A supplier's credit for a bill takes back lines of it, never more than was billed."""

from typing import Any

import pytest

from tests.support.purchases import Purchases, in_base, posted


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    bill = buyer.bill(supplier_number="2026-4711", items=[{"quantity": 10, "unit_price": "12.50", "taxes": ["VAT20"]}])
    body = {
        "supplier_number": "CN-17",
        "reason": "Two were damaged",
        "lines": [{"line": 1, "quantity": 2}],
    }
    answer = example(path={"id": bill["number"]}, body=body)
    assert (answer.status, answer["total"]) == (201, "30.00")


def credit(buyer: Purchases, bill: Any, /, status: int = 201, **body: Any) -> Any:
    body = {"supplier_number": f"C-{buyer.api.requests}", "reason": "Damaged"} | body
    return buyer.act("credit_bill", bill, status, **body)


def test_it_takes_costs_and_taxes_back_and_settles_the_bill(buyer: Purchases) -> None:
    bill = buyer.bill(items=[{"account": "6150", "quantity": 10, "unit_price": "100.00", "taxes": ["VAT20"]}])
    made = credit(buyer, bill, lines=[{"line": 1, "quantity": 3}])
    assert (made["number"], made["status"], made["total"]) == ("SC-2026-000001", "settled", "360.00")
    assert posted(made) == [("2100", "360.00", "0.00"), ("6150", "0.00", "300.00"), ("1250", "0.00", "60.00")]
    assert made["events"] == ["supplier_credit.created", "bill.partially_paid"]
    assert buyer.get(bill)["amount_due"] == "840.00"


def test_parts_of_a_line_add_up_to_it(buyer: Purchases) -> None:
    """What is not claimed back goes back with the line that bore it; the last part takes what the others left."""
    items = [
        {"account": "6150", "quantity": 3, "unit_price": "33.33", "taxes": ["CAR", "VAT20"]},
        {"account": "6170", "quantity": 3, "unit_price": "10.01", "taxes": ["RC19"]},
    ]
    bill = buyer.bill(items=items)
    for _ in range(3):
        credit(buyer, bill, lines=[{"line": 1, "quantity": 1}, {"line": 2, "quantity": 1}])
    assert (buyer.get(bill)["status"], buyer.get(bill)["amount_due"]) == ("paid", "0.00")
    assert buyer.trial_balance() == {}
    before = buyer.api.counts()
    assert credit(buyer, bill, 422)["code"] == "over_credited_bill"
    assert buyer.api.counts() == before


def test_of_a_paid_bill_it_is_left_in_the_companys_favour(buyer: Purchases) -> None:
    bill = buyer.bill(items=[{"quantity": 10, "unit_price": "100.00"}])
    buyer.make("record_supplier_payment", supplier="SUPP001", amount="900.00")
    made = credit(buyer, bill, lines=[{"line": 1, "quantity": 2}])
    assert (made["status"], made["amount_left"]) == ("partially_settled", "100.00")
    assert buyer.trial_balance()["2100"] == "100.00"


def test_a_foreign_one_is_at_the_rate_of_its_bill(buyer: Purchases) -> None:
    bill = buyer.bill("SUPP002", exchange_rate="1.1111", items=[{"quantity": 3, "unit_price": "33.33"}])
    made = credit(buyer, bill, lines=[{"line": 1, "quantity": 1}])
    assert in_base(made) == [("2100", "37.03", "0.00"), ("6300", "0.00", "37.03")]
    credit(buyer, bill)
    assert buyer.trial_balance() == {}


def test_a_number_of_a_supplier_is_taken_once_among_credits(buyer: Purchases) -> None:
    bill = buyer.bill(supplier_number="7", items=[{"quantity": 10, "unit_price": "1.00"}])
    first = credit(buyer, bill, supplier_number="7", lines=[{"line": 1, "quantity": 1}])
    before = buyer.api.counts()
    problem = credit(buyer, bill, 409, supplier_number="7", lines=[{"line": 1, "quantity": 1}])
    assert (problem["code"], problem["bill"]["id"]) == ("duplicate_bill", first["id"])
    assert buyer.api.counts() == before


@pytest.mark.parametrize(
    ("lines", "pointer", "code"),
    [
        ([{"line": 2}], "/lines/0/line", "unknown_line"),
        ([{"line": 1}, {"line": 1}], "/lines/1/line", "given_twice"),
        ([{"line": 1, "quantity": "1.01"}], "/lines/0/quantity", "over_credited"),
    ],
)
def test_what_was_not_billed_is_not_credited(
    buyer: Purchases, lines: list[dict[str, Any]], pointer: str, code: str
) -> None:
    bill = buyer.bill()
    before = buyer.api.counts()
    problem = credit(buyer, bill, 422, lines=lines)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert buyer.api.counts() == before


def test_neither_a_draft_nor_an_earlier_day(buyer: Purchases) -> None:
    draft, bill = buyer.bill(draft=True), buyer.bill(date="2026-11-20")
    before = buyer.api.counts()
    assert credit(buyer, draft, 409)["document_status"] == "draft"
    assert credit(buyer, bill, 422, date="2026-11-19")["code"] == "dated_too_early"
    assert buyer.api.counts() == before


def test_a_version_that_is_no_more_is_not_credited(buyer: Purchases) -> None:
    """If-Match (RFC 9110, 13.1.1): nothing is done when the bill is not as it was read."""
    bill, body = buyer.bill(), {"supplier_number": "C-1", "reason": "Damaged"}
    path, before = {"id": bill["id"]}, buyer.api.counts()
    refused = buyer.api.call("credit_bill", body, path=path, headers={"If-Match": '"99"'}).expect(412)
    assert (refused["code"], buyer.api.counts()) == ("stale_version", before)
    assert buyer.api.call("credit_bill", body, path=path, headers={"If-Match": '"1"'}).status == 201
