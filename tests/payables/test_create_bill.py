"""Bills: what is bought to its expense, tax to what is claimed back, the rest owed to the supplier."""

from typing import Any

import pytest

from tests.support.purchases import Purchases, in_base, posted
from tests.support.statements import counted


@pytest.mark.example
def test_example(buyer: Purchases, example: Any) -> None:
    answer = example(
        body={
            "supplier": "SUPP001",
            "supplier_number": "2026-4711",
            "supplier_date": "2026-11-20",
            "stated_total": "1200.00",
            "items": [
                {
                    "account": "6150",
                    "description": "Printing paper",
                    "quantity": 100,
                    "unit_price": "10.00",
                    "taxes": ["VAT20"],
                }
            ],
        }
    )
    assert answer.status == 201
    assert answer["total"] == "1200.00"


def test_a_bill_is_posted_at_once(buyer: Purchases) -> None:
    items = [{"account": "6150", "quantity": 10, "unit_price": "100.00", "taxes": ["VAT20"]}]
    bill = buyer.bill(supplier_number="A1", items=items)
    assert (bill["number"], bill["status"], bill["events"]) == ("BILL-2026-000001", "posted", ["bill.created"])
    assert (bill["subtotal"], bill["tax_total"], bill["total"]) == ("1000.00", "200.00", "1200.00")
    assert (bill["amount_due"], bill["due_date"]) == ("1200.00", "2026-12-23")
    assert posted(bill) == [("6150", "1000.00", "0.00"), ("1250", "200.00", "0.00"), ("2100", "0.00", "1200.00")]
    assert buyer.trial_balance() == {"6150": "1000.00", "1250": "200.00", "2100": "-1200.00"}
    rows = buyer.api.rows("SELECT subledger, amount, due_date::text AS due FROM ledger.open_item")
    assert [(row.subledger, str(row.amount), row.due) for row in rows] == [("payable", "-1200.00", "2026-12-23")]


def test_the_terms_run_from_the_suppliers_date(buyer: Purchases) -> None:
    bill = buyer.bill(supplier_date="2026-11-02", date="2026-11-20")
    assert (bill["date"], bill["supplier_date"], bill["due_date"]) == ("2026-11-20", "2026-11-02", "2026-12-02")


def test_instalments_are_open_items_of_their_own(buyer: Purchases) -> None:
    halves = [{"percent": 50}, {"days": 60}]
    buyer.api.record("payment-terms", code="HALVES", name="In two halves", instalments=halves)
    items = [{"unit_price": "100.01"}]
    bill = buyer.bill(payment_terms="HALVES", items=items)
    assert [(part["due_date"], part["amount"]) for part in bill["instalments"]] == [
        ("2026-11-23", "50.01"),
        ("2027-01-22", "50.00"),
    ]


def test_what_is_not_deductible_is_part_of_the_cost(buyer: Purchases) -> None:
    """Directive 2006/112/EC art. 173: only the deductible proportion is claimed back."""
    items = [
        {"account": "6180", "unit_price": "100.01", "taxes": ["CAR"]},
        {"account": "6190", "unit_price": "50.00", "taxes": ["CAR"]},
    ]
    bill = buyer.bill(items=items)
    (tax,) = bill["taxes"]
    assert (tax["amount"], tax["recoverable"], tax["non_deductible"]) == ("30.00", "15.00", "15.00")
    assert [(item["net"], item["non_deductible"], item["cost"]) for item in bill["items"]] == [
        ("100.01", "10.00", "110.01"),
        ("50.00", "5.00", "55.00"),
    ]
    assert posted(bill) == [
        ("6180", "110.01", "0.00"),
        ("6190", "55.00", "0.00"),
        ("1250", "15.00", "0.00"),
        ("2100", "0.00", "180.01"),
    ]


def test_a_tax_that_is_not_recoverable_at_all_has_no_line(buyer: Purchases) -> None:
    rates = [{"rate": "0.08", "valid_from": "2020-01-01"}]
    buyer.api.record("taxes", code="USE", name="Use", jurisdiction="US", account="2200", recoverable="0", rates=rates)
    bill = buyer.bill(items=[{"account": "6150", "unit_price": "100.00", "taxes": ["USE"]}])
    assert posted(bill) == [("6150", "108.00", "0.00"), ("2100", "0.00", "108.00")]


def test_reverse_charge_is_owed_and_claimed_but_not_paid_to_the_supplier(buyer: Purchases) -> None:
    """Directive 2006/112/EC art. 196: the tax is payable by the person to whom the services are supplied."""
    items = [{"account": "6170", "unit_price": "100.00", "taxes": ["RC19"]}]
    bill = buyer.bill("SUPP002", currency="USD", items=items)
    assert (bill["tax_total"], bill["total"]) == ("0.00", "100.00")
    assert posted(bill) == [
        ("6170", "100.00", "0.00"),
        ("1250", "19.00", "0.00"),
        ("2200", "0.00", "19.00"),
        ("2100", "0.00", "100.00"),
    ]


def test_the_rules_for_purchases_say_the_taxes_where_the_bill_does_not(buyer: Purchases) -> None:
    """By where the company takes it and where it comes from; a rule for sales says nothing of purchases."""
    record = buyer.api.record
    record("tax-rules", code="IN", name="From DE", jurisdiction="US", side="purchase", origin="DE", taxes=["RC19"])
    record("tax-rules", code="OUT", name="To DE", jurisdiction="DE", taxes=["VAT20"])
    items = [{"account": "6170", "unit_price": "100.00"}]
    bill = buyer.bill("SUPP002", currency="USD", items=items)
    assert [tax["code"] for tax in bill["taxes"]] == ["RC19"]
    explicit = buyer.bill("SUPP002", currency="USD", items=[items[0] | {"taxes": []}])
    assert (explicit["taxes"], explicit["total"]) == ([], "100.00")
    quote = {"ship_to": "DE", "items": [{"product": "CLEAN", "quantity": 1, "unit_price": "100.00"}]}
    sold = buyer.api.call("quote_tax", quote).expect(200)
    assert [tax["code"] for tax in sold["taxes"]] == ["VAT20"]


def test_goods_clear_what_was_received_and_services_go_to_their_expense(buyer: Purchases) -> None:
    """Perpetual inventory: the receipt credits what is received and not billed, the bill debits it."""
    received = [{"product": "PAPER", "quantity": 10, "unit_cost": "5.00"}]
    buyer.api.call("receive_stock", {"items": received}).expect(201)
    assert buyer.trial_balance() == {"1400": "50.00", "2150": "-50.00"}
    items = [{"product": "PAPER", "quantity": 10, "unit_price": "5.00"}, {"product": "CLEAN", "unit_price": "30.00"}]
    bill = buyer.bill(items=items)
    assert posted(bill) == [("2150", "50.00", "0.00"), ("6190", "30.00", "0.00"), ("2100", "0.00", "80.00")]
    assert buyer.trial_balance() == {"1400": "50.00", "6190": "30.00", "2100": "-80.00"}


def test_a_line_without_account_and_product_goes_to_the_suppliers_expense_then_the_companys(buyer: Purchases) -> None:
    assert buyer.bill(items=[{"unit_price": "5.00"}])["items"][0]["account"]["code"] == "6300"
    buyer.api.record("suppliers", code="LAW", name="Law", jurisdiction="US", expense_account="6170")
    assert buyer.bill("LAW", items=[{"unit_price": "5.00"}])["items"][0]["account"]["code"] == "6170"


def test_a_foreign_bill_stands_at_the_rate_of_its_day(buyer: Purchases) -> None:
    buyer.rate("EUR", "2026-11-01", "1.10")
    items = [
        {"account": "6150", "unit_price": "33.33", "taxes": ["VAT20"]},
        {"account": "6170", "unit_price": "33.33", "taxes": ["CAR"]},
    ]
    bill = buyer.bill("SUPP002", items=items)
    assert (bill["currency"], bill["total"]) == ("EUR", "80.00")
    assert bill["base"]["exchange_rate"] == "1.1"
    assert in_base(bill) == [
        ("6150", "36.66", "0.00"),
        ("6170", "40.33", "0.00"),
        ("1250", "3.67", "0.00"),
        ("1250", "7.34", "0.00"),
        ("2100", "0.00", "88.00"),
    ]


def test_an_agreed_rate_goes_before_that_of_the_day(buyer: Purchases) -> None:
    bill = buyer.bill("SUPP002", exchange_rate="1.25", items=[{"unit_price": "100.00", "taxes": ["RC19"]}])
    assert in_base(bill) == [
        ("6300", "125.00", "0.00"),
        ("1250", "23.75", "0.00"),
        ("2200", "0.00", "23.75"),
        ("2100", "0.00", "125.00"),
    ]


@pytest.mark.parametrize("number", ["INV 7/a", "inv 7/A", "  INV 7/a "])
def test_a_number_of_a_supplier_is_taken_once(buyer: Purchases, number: str) -> None:
    first = buyer.bill(supplier_number="INV 7/a")
    before = buyer.api.counts()
    problem = buyer.bill(supplier_number=number, status=409)
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("duplicate_bill", "/supplier_number")
    assert problem["bill"] == {"id": first["id"], "number": "BILL-2026-000001", "status": "posted"}
    assert "BILL-2026-000001, dated 2026-11-23" in problem["detail"]
    assert buyer.api.counts() == before
    buyer.bill("SUPP002", supplier_number="INV 7/a", currency="USD")


def test_a_draft_has_its_number_too(buyer: Purchases) -> None:
    draft = buyer.bill(supplier_number="7", draft=True)
    assert buyer.bill(supplier_number="7", status=409)["bill"] == {
        "id": draft["id"],
        "number": None,
        "status": "draft",
    }


def test_the_database_takes_a_number_of_a_supplier_once(buyer: Purchases) -> None:
    """Whoever writes: two at once, or a program that does not ask first."""
    buyer.bill(supplier_number="X")
    other = buyer.bill(supplier_number="Y", draft=True)
    changed = "data = jsonb_set(data, '{supplier_number}', '\"x\"'), version = version + 1"
    sql = f"UPDATE kernel.document SET {changed} WHERE id = cast(:id AS uuid)"
    with pytest.raises(Exception, match="supplier_number_once"):
        buyer.api.rows(sql, id=other["id"])


def test_a_stated_total_is_held_against_the_lines(buyer: Purchases) -> None:
    before = buyer.api.counts()
    problem = buyer.bill(stated_total="999.00", status=422)
    assert (problem["code"], problem["total"], problem["stated_total"]) == ("total_differs", "1000.00", "999.00")
    assert buyer.api.counts() == before
    assert buyer.bill(stated_total="1000.00")["stated_total"] == "1000.00"


def test_a_closed_period_is_told_and_no_date_moves_unasked(buyer: Purchases) -> None:
    """Complaint: lock dates move the accounting date silently. The caller asks for it, or is refused."""
    body = {"areas": ["purchase"], "reason": "October is filed"}
    buyer.api.call("close_period", body, path={"id": "FY2026-10"}).expect(200)
    before = buyer.api.counts()
    problem = buyer.bill(supplier_date="2026-10-30", status=422)
    assert (problem["code"], problem["suggested_date"]) == ("period_closed", "2026-11-01")
    assert buyer.api.counts() == before
    bill = buyer.bill(supplier_date="2026-10-30", on_closed_period="next_open")
    assert (bill["date"], bill["supplier_date"], bill["due_date"]) == ("2026-11-01", "2026-10-30", "2026-11-29")


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"supplier": "NOBODY"}, "/supplier", "unknown_supplier"),
        ({"items": [{"product": "NONE", "unit_price": "1.00"}]}, "/items/0/product", "unknown_product"),
        ({"items": [{"account": "9999", "unit_price": "1.00"}]}, "/items/0/account", "unknown_account"),
        ({"items": [{"account": "1020", "unit_price": "1.00"}]}, "/items/0/account", "account_not_suitable"),
        ({"items": [{"unit_price": "1.00", "taxes": ["NO"]}]}, "/items/0/taxes/0", "unknown_tax"),
        ({"payment_terms": "NEVER"}, "/payment_terms", "unknown_payment_term"),
        ({"currency": "EUR"}, "/currency", "exchange_rate_missing"),
        ({"items": [{"unit_price": 0.5}]}, "/items/0/unit_price", "inexact_number"),
        ({"supplier_number": "   "}, "/supplier_number", "string_too_short"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    buyer: Purchases, fields: dict[str, Any], pointer: str, code: str
) -> None:
    before = buyer.api.counts()
    body = {"supplier": "SUPP001", "supplier_number": "1", "items": [{"unit_price": "1.00"}]} | fields
    answer = buyer.api.call("create_bill", body)
    assert answer.status in (400, 422)
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [(pointer, code)]
    assert buyer.api.counts() == before


def test_a_rule_lets_a_bill_wait_for_approval(buyer: Purchases) -> None:
    rule = {"document_type": "bill", "condition": 'document.total > 500.00 && document.supplier == "SUPP001"'}
    buyer.api.record("approval-rules", code="LARGE", name="Large bills", **rule)
    bill = buyer.bill()
    assert (bill["status"], bill["approval"]["status"], bill["posting"]["lines"]) == ("pending_approval", "pending", [])
    assert buyer.trial_balance() == {}
    path = {"id": bill["approval"]["id"], "decision": "approve"}
    decided = buyer.api.call("decide_approval", {}, path=path).expect(200)
    assert (decided["outcome"]["number"], decided["outcome"]["status"]) == ("BILL-2026-000001", "posted")
    assert buyer.trial_balance() == {"6150": "1000.00", "2100": "-1000.00"}
    assert buyer.get(bill)["events"] == ["bill.created", "bill.posted"]


def test_a_rejected_bill_is_void_and_its_number_free(buyer: Purchases) -> None:
    rule = {"document_type": "bill", "condition": "true"}
    buyer.api.record("approval-rules", code="ALL", name="All bills", **rule)
    bill = buyer.bill(supplier_number="7")
    path = {"id": bill["approval"]["id"], "decision": "reject"}
    buyer.api.call("decide_approval", {"reason": "Not ours"}, path=path).expect(200)
    refused = buyer.get(bill)
    assert (refused["status"], refused["void_reason"], refused.get("number")) == (
        "void",
        "Not ours",
        None,
    )
    assert buyer.bill(supplier_number="7")["status"] == "pending_approval"


def test_who_entered_a_bill_does_not_approve_it_where_the_rule_wants_four_eyes(buyer: Purchases) -> None:
    rule = {"document_type": "bill", "condition": "true", "four_eyes": True}
    buyer.api.record("approval-rules", code="FOUR", name="Four eyes", **rule)
    path = {"id": buyer.bill()["approval"]["id"], "decision": "approve"}
    before = buyer.api.counts()
    assert buyer.api.call("decide_approval", {}, path=path).expect(403)["code"] == "four_eyes_required"
    assert buyer.api.counts() == before
    assert buyer.api.as_("boss", "*").call("decide_approval", {}, path=path).expect(200)["status"] == "approved"


def test_statements_do_not_grow_with_the_lines(buyer: Purchases) -> None:
    """Complaint: a bill of 2,750 lines took ten minutes. It takes the statements of a bill of one line."""
    for lines in (1, 500):
        items = [{"product": "CLEAN", "unit_price": "1.01", "taxes": ["CAR"]}] * lines
        bill, statements = counted(lambda items=items: buyer.bill(items=items))  # type: ignore[misc]
        assert len(statements) <= 5
        assert len(bill["items"]) == lines
