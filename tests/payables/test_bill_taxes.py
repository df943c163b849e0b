"""What bills post of each kind of tax, what they say of it for the tax return, and how it becomes due as they are paid.

Every test ends with all checks of the books, so that what is said of taxes is what was posted.
"""

from typing import Any

import pytest

from tests.payables.claims import claim
from tests.support.purchases import RATES, Purchases, in_base, posted
from tests.support.statements import counted
from tests.tax.returns import boxes, lines, prepare

VAT20 = {"account": "6150", "unit_price": "1000.00", "taxes": ["VAT20"]}
PART = [{"line": 1, "quantity": "0.4"}]


def returned(buyer: Purchases, **body: Any) -> Any:
    """The tax return of November, tied to the tax accounts."""
    answer = prepare(buyer, **{"starts_on": "2026-11-01", "ends_on": "2026-11-30"} | body)
    assert [one["difference"] for one in answer["accounts"] if one["difference"] != "0.00"] == []
    return answer


def figures(answer: Any) -> list[tuple[str, ...]]:
    """Of each tax: its kind of documents, base, output, input and cost."""
    return [(one["tax"], one["kind"], one["base"], one["output"], one["input"], one["cost"]) for one in answer["taxes"]]


def tax(buyer: Purchases, code: str, rate: str, **fields: Any) -> None:
    """A tax on purchases."""
    rates = [{"rate": rate, **RATES}]
    fields = {"jurisdiction": "US", "account": "2200", "purchase_account": "1250"} | fields
    buyer.api.record("taxes", code=code, name=code, rates=rates, **fields)


def test_what_is_claimed_stands_in_the_return(buyer: Purchases) -> None:
    buyer.bill(items=[VAT20])
    answer = returned(buyer)
    assert boxes(answer) == {
        "INPUT_BASE": "1000.00",
        "INPUT_TAX": "200.00",
        "OUTPUT_BASE": "0.00",
        "OUTPUT_TAX": "0.00",
    }
    assert answer["payable"] == "-200.00"
    (line,) = lines(buyer, answer, "INPUT_TAX")["data"]
    assert (line["document"]["code"], line["type"], line["item"], line["amount"]) == (
        "BILL-2026-000001",
        "bill",
        1,
        "200.00",
    )


def test_what_is_not_deducted_is_told_as_cost(buyer: Purchases) -> None:
    buyer.bill(items=[{"account": "6180", "unit_price": "100.01", "taxes": ["CAR"]}])
    assert figures(returned(buyer)) == [("CAR", "purchase", "100.01", "0.00", "10.00", "10.00")]


def test_a_cost_account_keeps_what_is_not_deducted_off_the_lines(buyer: Purchases) -> None:
    """Directive 2006/112/EC art. 173, where the books show what is not deducted by itself."""
    tax(buyer, "FUEL", "0.10", recoverable="0.3", cost_account="6300")
    bill = buyer.bill(items=[{"account": "6180", "unit_price": "1000.00", "taxes": ["FUEL"]}])
    (item,), (levied,) = bill["items"], bill["taxes"]
    assert (item["cost"], item["non_deductible"], item["taxes"][0]["non_deductible"]) == ("1000.00", "0.00", "70.00")
    assert (levied["recoverable"], levied["non_deductible"], levied["owed"]) == ("30.00", "70.00", "0.00")
    assert posted(bill) == [
        ("6180", "1000.00", "0.00"),
        ("1250", "30.00", "0.00"),
        ("6300", "70.00", "0.00"),
        ("2100", "0.00", "1100.00"),
    ]
    assert figures(returned(buyer)) == [("FUEL", "purchase", "1000.00", "0.00", "30.00", "70.00")]
    credit = buyer.act("credit_bill", bill, 201, supplier_number="C", reason="Returned")
    assert posted(credit) == [
        ("2100", "1100.00", "0.00"),
        ("6180", "0.00", "1000.00"),
        ("1250", "0.00", "30.00"),
        ("6300", "0.00", "70.00"),
    ]
    assert buyer.trial_balance() == {}


def test_in_foreign_currency_the_cost_account_has_its_part_of_the_whole(buyer: Purchases) -> None:
    tax(buyer, "FUEL", "0.10", recoverable="0.5", cost_account="6300")
    items = [{"account": "6180", "unit_price": "33.33", "taxes": ["FUEL"]}]
    bill = buyer.bill("SUPP002", exchange_rate="1.10", items=items)
    assert in_base(bill) == [
        ("6180", "36.66", "0.00"),
        ("1250", "1.84", "0.00"),
        ("6300", "1.83", "0.00"),
        ("2100", "0.00", "40.33"),
    ]
    assert bill["base"]["costs"] == {"FUEL": "1.83"}
    assert returned(buyer)["input"] == "1.84"


def test_a_reverse_charge_is_output_and_input(buyer: Purchases) -> None:
    buyer.bill("SUPP002", currency="USD", items=[{"account": "6170", "unit_price": "100.00", "taxes": ["RC19"]}])
    answer = returned(buyer)
    assert figures(answer) == [("RC19", "purchase", "100.00", "19.00", "19.00", "0.00")]
    assert answer["payable"] == "0.00"


def test_what_a_bill_withholds_is_owed_to_the_authority(buyer: Purchases) -> None:
    """A fee of 1000 with 20 % of tax, 20 % of it kept back: the supplier gets 1000 (the Italian ritenuta)."""
    tax(buyer, "RIT", "0.20", withheld=True, account="2210", sequence=20)
    bill = buyer.bill(items=[VAT20 | {"taxes": ["VAT20", "RIT"]}])
    assert (bill["subtotal"], bill["tax_total"], bill["total"]) == ("1000.00", "0.00", "1000.00")
    kept = bill["taxes"][1]
    assert (kept["code"], kept["amount"], kept["owed"], kept["recoverable"]) == ("RIT", "-200.00", "200.00", "0.00")
    assert (kept["withheld"], kept["non_deductible"], bill["items"][0]["cost"]) == (True, "0.00", "1000.00")
    assert posted(bill) == [
        ("6150", "1000.00", "0.00"),
        ("1250", "200.00", "0.00"),
        ("2210", "0.00", "200.00"),
        ("2100", "0.00", "1000.00"),
    ]
    assert figures(returned(buyer)) == [
        ("RIT", "purchase", "1000.00", "200.00", "0.00", "0.00"),
        ("VAT20", "purchase", "1000.00", "0.00", "200.00", "0.00"),
    ]
    credit = buyer.act(
        "credit_bill", bill, 201, supplier_number="C", reason="x", lines=[{"line": 1, "quantity": "0.4"}]
    )
    assert posted(credit) == [
        ("2100", "400.00", "0.00"),
        ("6150", "0.00", "400.00"),
        ("1250", "0.00", "80.00"),
        ("2210", "80.00", "0.00"),
    ]
    assert figures(returned(buyer))[:2] == [
        ("RIT", "purchase", "1000.00", "200.00", "0.00", "0.00"),
        ("RIT", "purchase_credit", "-400.00", "-80.00", "0.00", "0.00"),
    ]


def test_foreign_bills_are_told_in_base_currency_as_they_are_posted(buyer: Purchases) -> None:
    items = [{"account": "6150", "unit_price": "33.33", "taxes": ["VAT20"]}] * 3
    bill = buyer.bill("SUPP002", exchange_rate="1.23", items=items)
    assert bill["base"]["taxes"] == {"VAT20": "24.60"}
    answer = returned(buyer)
    assert boxes(answer)["INPUT_TAX"] == "24.60"
    assert [line["amount"] for line in lines(buyer, answer, "INPUT_TAX")["data"]] == ["8.21", "8.20", "8.19"]


def test_credits_and_voids_count_below_zero(buyer: Purchases) -> None:
    bill = buyer.bill(items=[VAT20 | {"quantity": "10", "unit_price": "100.00"}])
    credit = buyer.act("credit_bill", bill, 201, supplier_number="C", reason="x", lines=[{"line": 1, "quantity": "4"}])
    void = buyer.bill(items=[VAT20])
    buyer.act("void_bill", void, reason="x")
    answer = returned(buyer)
    assert figures(answer) == [
        ("VAT20", "purchase", "1000.00", "0.00", "200.00", "0.00"),
        ("VAT20", "purchase_credit", "-400.00", "0.00", "-80.00", "0.00"),
    ]
    assert boxes(answer)["INPUT_TAX"] == "120.00"
    buyer.act("void_supplier_credit", credit, reason="x")
    assert boxes(returned(buyer))["INPUT_TAX"] == "200.00"


def test_a_draft_says_nothing_until_it_is_posted(buyer: Purchases) -> None:
    draft = buyer.bill(items=[VAT20], draft=True)
    assert boxes(returned(buyer))["INPUT_TAX"] == "0.00"
    buyer.act("void_bill", draft, reason="x")
    assert boxes(returned(buyer))["INPUT_TAX"] == "0.00"


@pytest.fixture
def cash(buyer: Purchases) -> Purchases:
    """A tax of 10 % that is claimed as bills are paid."""
    tax(buyer, "CASH", "0.10", due="payment", transition_account="1255")
    return buyer


LATER = {"account": "6150", "quantity": "10", "unit_price": "100.00", "taxes": ["CASH"]}


def pay(buyer: Purchases, amount: str, supplier: str = "SUPP001", /, **fields: Any) -> Any:
    return buyer.make("record_supplier_payment", supplier=supplier, amount=amount, **fields)


def pending(buyer: Purchases) -> tuple[str, str]:
    """What stands on the transition account and on the account of the tax."""
    balances = buyer.trial_balance()
    return balances.get("1255", "0"), balances.get("1250", "0")


def test_a_tax_due_at_payment_is_claimed_as_the_bill_is_paid(cash: Purchases) -> None:
    """Directive 2006/112/EC art. 167a; the last part takes what is left."""
    bill = cash.bill(items=[LATER])
    assert bill["taxes"][0]["due"] == "payment"
    assert (pending(cash), boxes(returned(cash))["INPUT_TAX"]) == (("100.00", "0"), "0.00")
    first = pay(cash, "366.67")
    assert posted(first) == [
        ("2100", "366.67", "0.00"),
        ("1020", "0.00", "366.67"),
        ("1255", "0.00", "33.33"),
        ("1250", "33.33", "0.00"),
    ]
    assert figures(returned(cash)) == [("CASH", "purchase", "333.34", "0.00", "33.33", "0.00")]
    pay(cash, "733.33")
    assert pending(cash) == ("0", "100.00")
    assert figures(returned(cash)) == [("CASH", "purchase", "1000.00", "0.00", "100.00", "0.00")]


def test_a_payment_that_is_void_takes_it_back(cash: Purchases) -> None:
    cash.bill(items=[LATER])
    payment = pay(cash, "550.00")
    assert pending(cash) == ("50.00", "50.00")
    cash.act("void_supplier_payment", payment, reason="Bounced")
    assert (pending(cash), boxes(returned(cash))["INPUT_TAX"]) == (("100.00", "0"), "0.00")
    pay(cash, "1100.00")
    assert (pending(cash), boxes(returned(cash))["INPUT_TAX"]) == (("0", "100.00"), "100.00")


def test_an_advance_is_no_payment_until_it_is_allocated_and_after_that_is_taken_back(cash: Purchases) -> None:
    advance = pay(cash, "440.00", allocations=[])
    bill = cash.bill(items=[LATER])
    assert pending(cash) == ("100.00", "0")
    parts = {"sources": [{"document": advance["id"]}], "bills": [{"document": bill["id"]}]}
    made = cash.make("create_supplier_allocation", supplier="SUPP001", **parts)
    assert pending(cash) == ("60.00", "40.00")
    cash.api.call("delete_supplier_allocation", path={"id": made["id"]}).expect(200)
    assert (pending(cash), boxes(returned(cash))["INPUT_TAX"]) == (("100.00", "0"), "0.00")


def test_a_credit_takes_off_what_is_not_claimed_and_the_rest_when_it_is_used(cash: Purchases) -> None:
    bill = cash.bill(items=[LATER])
    pay(cash, "660.00")
    lines = [{"line": 1, "quantity": "6"}]
    credit = cash.act("credit_bill", bill, 201, supplier_number="C", reason="Returned", lines=lines)
    assert (credit["amount_left"], pending(cash)) == ("220.00", ("-20.00", "60.00"))
    other = cash.bill(items=[LATER | {"quantity": "2"}])
    assert pending(cash) == ("0", "60.00")
    parts = {"sources": [{"document": credit["id"]}], "bills": [{"document": other["id"]}]}
    cash.make("create_supplier_allocation", supplier="SUPP001", **parts)
    assert (pending(cash), boxes(returned(cash))["INPUT_TAX"]) == (("0", "60.00"), "60.00")


def test_voids_make_it_pending_again_or_leave_nothing(cash: Purchases) -> None:
    bill = cash.bill(items=[LATER])
    credit = cash.act("credit_bill", bill, 201, supplier_number="C", reason="Returned")
    assert pending(cash) == ("0", "0")
    cash.act("void_supplier_credit", credit, reason="x")
    assert pending(cash) == ("100.00", "0")
    cash.act("void_bill", cash.get(bill), reason="x")
    assert pending(cash) == ("0", "0")
    (row,) = cash.api.rows("SELECT sum(amount)::text AS amount FROM tax.pending_tax")
    assert row.amount == "0.00"


def test_in_foreign_currency_it_stands_at_the_rate_of_the_bill(cash: Purchases) -> None:
    """Exchange differences stay out of tax."""
    cash.bill("SUPP002", exchange_rate="1.20", items=[LATER])
    assert pending(cash) == ("120.00", "0")
    pay(cash, "333.33", "SUPP002", currency="EUR", exchange_rate="1.50")
    assert pending(cash) == ("83.64", "36.36")
    pay(cash, "766.67", "SUPP002", currency="EUR", exchange_rate="1.10")
    assert pending(cash) == ("0", "120.00")
    assert boxes(returned(cash))["INPUT_BASE"] == "1200.00"


def test_what_is_not_deducted_of_it_is_a_cost_at_once(cash: Purchases) -> None:
    tax(cash, "HALF", "0.10", recoverable="0.5", due="payment", transition_account="1255")
    cash.bill(items=[LATER | {"taxes": ["HALF"]}])
    assert figures(returned(cash)) == [("HALF", "purchase", "0.00", "0.00", "0.00", "50.00")]
    pay(cash, "1100.00")
    assert figures(returned(cash)) == [("HALF", "purchase", "1000.00", "0.00", "50.00", "50.00")]


@pytest.fixture
def terms(cash: Purchases) -> Purchases:
    """Suppliers' terms of 2 % within ten days."""
    instalment = {"days": 30, "early_discount": {"percent": 2, "days": 10}}
    cash.api.record("payment-terms", code="SKONTO", name="2/10 net 30", instalments=[instalment])
    return cash


def test_a_discount_for_early_payment_lowers_what_was_claimed(terms: Purchases) -> None:
    """Directive 2006/112/EC art. 90 and 185; the return ties to the account that the discount was posted to."""
    terms.bill(payment_terms="SKONTO", items=[VAT20])
    payment = pay(terms, "1176.00")
    assert posted(payment)[-1] == ("1250", "0.00", "4.00")
    assert figures(returned(terms)) == [
        ("VAT20", "purchase", "1000.00", "0.00", "200.00", "0.00"),
        ("VAT20", "purchase_credit", "-20.00", "0.00", "-4.00", "0.00"),
    ]
    terms.act("void_supplier_payment", payment, reason="x")
    assert boxes(returned(terms))["INPUT_TAX"] == "200.00"


def test_a_discount_lowers_what_becomes_due_at_payment(terms: Purchases) -> None:
    terms.bill(payment_terms="SKONTO", items=[LATER])
    payment = pay(terms, "1078.00")
    assert posted(payment) == [
        ("2100", "1100.00", "0.00"),
        ("1020", "0.00", "1078.00"),
        ("5035", "0.00", "20.00"),
        ("1255", "0.00", "2.00"),
        ("1255", "0.00", "98.00"),
        ("1250", "98.00", "0.00"),
    ]
    assert figures(returned(terms)) == [("CASH", "purchase", "980.00", "0.00", "98.00", "0.00")]
    terms.act("void_supplier_payment", payment, reason="x")
    assert (pending(terms), boxes(returned(terms))["INPUT_TAX"]) == (("100.00", "0"), "0.00")


def test_what_is_kept_back_of_a_payment_stands_in_its_return(buyer: Purchases) -> None:
    tax(buyer, "WHT", "0.10", account="2210", purchase_account="2210", reported_in="WHT")
    buyer.api.record("suppliers", code="BUILD", name="Builder", jurisdiction="US", withholding_tax="WHT")
    buyer.bill("BUILD", items=[VAT20])
    payment = pay(buyer, "600.00", "BUILD")
    answer = returned(buyer, scope="WHT")
    assert figures(answer) == [("WHT", "purchase", "500.00", "50.00", "0.00", "0.00")]
    assert answer["payable"] == "50.00"
    buyer.act("void_supplier_payment", payment, reason="x")
    assert returned(buyer, scope="WHT")["payable"] == "0.00"


def test_the_statements_of_a_payment_stay_few(terms: Purchases) -> None:
    for _ in range(3):
        terms.bill(payment_terms="SKONTO", items=[LATER, VAT20])
    payment, statements = counted(lambda: pay(terms, "2000.00"))
    assert len(statements) <= 5
    _, statements = counted(lambda: terms.act("void_supplier_payment", payment, reason="x"))
    assert len(statements) <= 5


def test_an_expense_claim_stands_in_the_return(buyer: Purchases) -> None:
    claim(buyer, "submit_expense_claim", "approve_expense_claim")
    assert figures(returned(buyer)) == [("VAT20", "purchase", "50.00", "0.00", "10.00", "0.00")]
