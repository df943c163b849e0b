"""Payments to suppliers: from the bank, to the open items, and the rest an advance; never more than is open."""

from typing import Any

import pytest

from tests.support.purchases import Purchases, in_base, posted


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    bill = buyer.bill(supplier_number="2026-4711")
    answer = example(
        body={
            "supplier": "SUPP001",
            "amount": "400.00",
            "allocations": [{"document": bill["number"], "amount": "400.00"}],
        },
        headers={"Idempotency-Key": "supplier-payment-1"},
    )
    assert answer.status == 201
    assert answer["allocations"][0]["amount_due"] == "600.00"


def pay(buyer: Purchases, amount: str, supplier: str = "SUPP001", /, status: int = 201, **fields: Any) -> Any:
    return buyer.make("record_supplier_payment", status, supplier=supplier, amount=amount, **fields)


def test_partial_payments_then_the_rest(buyer: Purchases) -> None:
    bill = buyer.bill()
    first = pay(buyer, "400.00", allocations=[{"document": bill["number"]}])
    assert (first["number"], first["status"], first["unallocated"]) == ("SPAY-2026-000001", "made", "0.00")
    assert first["events"] == ["payment.made", "bill.partially_paid"]
    assert posted(first) == [("2100", "400.00", "0.00"), ("1020", "0.00", "400.00")]
    assert (buyer.get(bill)["status"], buyer.get(bill)["amount_due"]) == ("partially_paid", "600.00")
    last = pay(buyer, "600.00", allocations=[{"document": bill["id"], "amount": "600.00"}])
    assert last["events"] == ["payment.made", "bill.paid"]
    assert (buyer.get(bill)["status"], buyer.get(bill)["amount_due"]) == ("paid", "0.00")
    assert buyer.trial_balance() == {"6150": "1000.00", "1020": "-1000.00"}


def test_without_allocations_the_earliest_due_is_paid_first_and_the_rest_is_an_advance(buyer: Purchases) -> None:
    later, sooner = buyer.bill(date="2026-11-20"), buyer.bill(date="2026-11-10")
    payment = pay(buyer, "2300.00")
    assert [each["document"]["code"] for each in payment["allocations"]] == [sooner["number"], later["number"]]
    assert payment["unallocated"] == "300.00"
    assert buyer.trial_balance()["1230"] == "300.00"


def test_an_empty_list_keeps_all_as_an_advance(buyer: Purchases) -> None:
    bill = buyer.bill()
    assert pay(buyer, "50.00", allocations=[])["unallocated"] == "50.00"
    assert buyer.get(bill)["amount_due"] == "1000.00"


def test_a_gain_is_realised_per_allocation_also_when_partial(buyer: Purchases) -> None:
    """Complaint: exchange differences come only on full reconciliation, or leave a residue in base currency."""
    bill = buyer.bill("SUPP002", exchange_rate="1.1111", items=[{"unit_price": "100.00"}])
    first = pay(buyer, "33.33", "SUPP002", currency="EUR", exchange_rate="1.05", allocations=[{"document": bill["id"]}])
    assert first["base"]["exchange_difference"] == "2.03"
    assert in_base(first) == [("2100", "37.03", "0.00"), ("1020", "0.00", "35.00"), ("4220", "0.00", "2.03")]
    last = pay(buyer, "66.67", "SUPP002", currency="EUR", exchange_rate="1.20")
    assert in_base(last) == [("2100", "74.08", "0.00"), ("1020", "0.00", "80.00"), ("6320", "5.92", "0.00")]
    assert buyer.trial_balance() == {"6300": "111.11", "1020": "-115.00", "4220": "-2.03", "6320": "5.92"}
    left = buyer.api.rows("SELECT sum(base_amount - base_settled) AS left FROM ledger.open_item_balance")
    assert str(left[0].left) == "0.00"


def test_what_left_an_account_in_base_currency_says_what_the_payment_is_worth(buyer: Purchases) -> None:
    bill = buyer.bill("SUPP002", exchange_rate="1.10", items=[{"unit_price": "100.00"}])
    buyer.api.record("accounts", code="1021", name="Dollars", kind="asset", control="bank", currency="USD", parent="10")
    fields = {"currency": "EUR", "account": "1021", "account_amount": "112.00"}
    payment = pay(buyer, "100.00", "SUPP002", allocations=[{"document": bill["id"]}], **fields)
    assert payment["base"]["exchange_rate"] == "1.12"
    assert buyer.trial_balance() == {"6300": "110.00", "1021": "-112.00", "6320": "2.00"}


@pytest.fixture
def terms(buyer: Purchases) -> Purchases:
    """Suppliers' terms of 2 % within ten days, 30 days net."""
    instalment = {"days": 30, "early_discount": {"percent": 2, "days": 10}}
    buyer.api.record("payment-terms", code="SKONTO", name="2/10 net 30", instalments=[instalment])
    return buyer


def test_a_discount_in_time_lowers_the_cost_and_the_tax(terms: Purchases) -> None:
    """IAS 2, 11: the cost of purchase; Directive 2006/112/EC art. 90, 185: the tax."""
    items = [{"account": "6150", "unit_price": "1000.00", "taxes": ["VAT20"]}]
    bill = terms.bill(payment_terms="SKONTO", items=items)
    assert bill["instalments"][0]["discount"] == {"until": "2026-12-03", "amount": "24.00"}
    payment = pay(terms, "1176.00", date="2026-12-03")
    assert (payment["discount"], payment["allocations"][0]["discount"]) == ("24.00", "24.00")
    assert posted(payment) == [
        ("2100", "1200.00", "0.00"),
        ("1020", "0.00", "1176.00"),
        ("5035", "0.00", "20.00"),
        ("1250", "0.00", "4.00"),
    ]
    assert terms.get(bill)["status"] == "paid"


def test_a_discount_is_lost_when_it_is_late_or_not_wanted(terms: Purchases) -> None:
    late = terms.bill(payment_terms="SKONTO")
    assert pay(terms, "980.00", date="2026-12-04")["allocations"][0]["amount_due"] == "20.00"
    declined = terms.bill(payment_terms="SKONTO")
    fields = {"early_discounts": False, "allocations": [{"document": declined["id"]}]}
    assert pay(terms, "980.00", **fields)["allocations"][0]["amount_due"] == "20.00"
    assert [terms.get(bill)["status"] for bill in (late, declined)] == ["partially_paid"] * 2


def test_credits_that_are_named_pay_along(buyer: Purchases) -> None:
    bill = buyer.bill()
    credit = buyer.make(
        "create_supplier_credit",
        supplier="SUPP001",
        supplier_number="C1",
        reason="Bonus",
        items=[{"account": "6150", "unit_price": "150.00"}],
    )
    payment = pay(buyer, "850.00", allocations=[{"document": credit["number"]}, {"document": bill["number"]}])
    assert [(each["type"], each["amount"], each["status"]) for each in payment["allocations"]] == [
        ("supplier_credit", "150.00", "settled"),
        ("bill", "1000.00", "paid"),
    ]
    assert posted(payment) == [("2100", "850.00", "0.00"), ("1020", "0.00", "850.00")]
    assert payment["events"] == ["payment.made", "supplier_credit.settled", "bill.paid"]


@pytest.mark.parametrize(
    ("amount", "allocations", "pointer", "code"),
    [
        ("2000.00", [{"document": "BILL-2026-000001", "amount": "1000.01"}], "/allocations/0/amount", "over_allocated"),
        ("10.00", [{"document": "BILL-2026-000001", "amount": "10.01"}], "/allocations/0/amount", "over_allocated"),
        ("10.00", [{"document": "BILL-2026-000009"}], "/allocations/0/document", "nothing_open"),
        ("10.00", [{"document": "BILL-2026-000001"}] * 2, "/allocations/1/document", "allocated_twice"),
        ("10.001", [], "/amount", "too_precise"),
    ],
)
def test_faulty_payments_are_refused_and_nothing_is_kept(
    buyer: Purchases, amount: str, allocations: list[dict[str, str]], pointer: str, code: str
) -> None:
    buyer.bill()
    before = buyer.api.counts()
    body = {"supplier": "SUPP001", "amount": amount, "allocations": allocations}
    answer = buyer.api.call("record_supplier_payment", body, headers={"Idempotency-Key": "x"})
    assert answer.status in (400, 422)
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [(pointer, code)]
    assert buyer.api.counts() == before


def test_another_suppliers_bill_is_not_paid_nor_one_before_its_date(buyer: Purchases) -> None:
    other = buyer.bill("SUPP002", currency="USD")
    later = buyer.bill(date="2026-11-30")
    before = buyer.api.counts()
    assert pay(buyer, "1.00", status=422, allocations=[{"document": other["id"]}])["code"] == "over_allocated"
    assert pay(buyer, "1.00", status=422, allocations=[{"document": later["id"]}])["code"] == "dated_too_early"
    assert buyer.api.counts() == before


def test_money_that_moves_needs_a_key_and_moves_once(buyer: Purchases) -> None:
    body = {"supplier": "SUPP001", "amount": "1.00"}
    before = buyer.api.counts()
    assert buyer.api.call("record_supplier_payment", body).expect(428)["code"] == "precondition_missing"
    assert buyer.api.counts() == before
    first, again = (
        buyer.api.call("record_supplier_payment", body, headers={"Idempotency-Key": "k"}).expect(201) for _ in range(2)
    )
    assert (again.text, again.headers["Idempotency-Hit"]) == (first.text, "true")
    assert buyer.trial_balance() == {"1230": "1.00", "1020": "-1.00"}


def test_an_opening_balance_is_paid_as_a_bill_is(buyer: Purchases) -> None:
    """What a company brings along is owed like its bills; what is due first is paid first."""
    item = {"supplier": "SUPP001", "reference": "OLD-3", "amount": "300.00", "due_date": "2026-11-01"}
    cleared = [{"account": "3000", "debit": "300.00"}]
    opening = buyer.make("post_opening_balances", date="2026-10-31", accounts=cleared, suppliers=[item])
    bill = buyer.bill(date="2026-11-02")
    paid = buyer.make("record_supplier_payment", supplier="SUPP001", amount="400.00", date="2026-11-20")
    assert [(one["document"]["code"], one["type"], one["amount"]) for one in paid["allocations"]] == [
        (opening["number"], "journal_entry", "300.00"),
        (bill["number"], "bill", "100.00"),
    ]
    assert (paid["unallocated"], buyer.get(bill)["amount_due"]) == ("0.00", "900.00")
    assert buyer.trial_balance()["2100"] == "-900.00"
    buyer.act("void_supplier_payment", paid, reason="Sent back")
    assert buyer.trial_balance()["2100"] == "-1300.00"
    buyer.holds()


def test_no_more_is_given_up_than_was_paid_too_much(buyer: Purchases) -> None:
    """105.00 for a bill of 100.00: five may be given up; with more the bill would stay open beside a loss."""
    bill, before = buyer.bill(items=[{"account": "6150", "unit_price": "100.00"}]), buyer.api.counts()
    body = {"supplier": "SUPP001", "amount": "105.00"}
    for asked in ({}, {"allocations": [{"document": bill["id"]}]}):
        given_up = {"amount": "-10.00", "account": "6150", "reason": "not asked back"}
        refused = buyer.make("record_supplier_payment", 422, **body, **asked, write_off=given_up)
        assert [error["pointer"] for error in refused["errors"]] == ["/write_off/amount"]
    assert buyer.api.counts() == before
    part = {"allocations": [{"document": bill["id"], "amount": "95.00"}], "write_off": given_up}
    assert buyer.make("record_supplier_payment", **body, **part)["written_off"] == "-10.00"
    given_up = {**given_up, "amount": "-1.00"}
    buyer.make("record_supplier_payment", **{**body, "amount": "6.00"}, write_off=given_up)
    assert buyer.get(bill)["status"] == "paid"
