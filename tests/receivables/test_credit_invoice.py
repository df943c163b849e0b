"""Credit notes from an invoice's lines: never more than was invoiced, taxes as they were, the invoice settled."""

from decimal import Decimal

import pytest

from tests.receivables.notes import credit, posted, void
from tests.receivables.test_foreign_invoices import base_lines, euros, set_rate
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    invoice = shop.invoice()
    answer = example(
        path={"id": invoice["number"]}, body={"reason": "Two lamps came back", "lines": [{"line": 1, "quantity": 2}]}
    )
    assert answer.status == 201
    assert (answer["number"], answer["total"], answer["status"]) == ("CN-2026-000001", "257.40", "settled")


def test_a_whole_invoice_is_taken_back_as_it_was(shop: Shop) -> None:
    invoice = shop.invoice()
    note = credit(shop, invoice)
    assert (note["subtotal"], note["tax_total"], note["total"]) == ("1200.00", "87.00", "1287.00")
    assert posted(note) == [("4000", 1200), ("2200", 72), ("2200", 15), ("1200", -1287)]
    assert [tax["amount"] for tax in note["taxes"]] == ["72.00", "15.00"]
    assert note["allocations"] == [
        {
            "invoice": {"id": invoice["id"], "code": invoice["number"]},
            "amount": "1287.00",
            "amount_due": "0.00",
            "status": "paid",
        }
    ]
    assert (note["status"], note["amount_left"]) == ("settled", "0.00")
    assert note["events"] == ["credit_note.created", "invoice.paid", "stock.released"]
    after = shop.get(invoice)
    assert (after["status"], after["amount_due"]) == ("paid", "0.00")
    assert shop.api.call("get_credit_note", path={"id": note["number"]}).expect(200).json == note
    balances = shop.trial_balance()
    assert {balances.get(code, "0") for code in ("1200", "2200", "4000")} <= {"0", "0.00"}
    assert shop.invoice()["credit"]["exposure"] == "1287.00"


def test_parts_add_up_to_the_line_to_the_cent(shop: Shop) -> None:
    """Three thirds of a taxed line are the line, its net and every tax."""
    items = [{"product": "SERV001", "quantity": 3, "unit_price": "33.35"}]
    invoice = shop.invoice(items=items)
    notes = [credit(shop, invoice, lines=[{"line": 1, "quantity": 1}]) for _ in range(3)]
    assert [note["subtotal"] for note in notes] == ["33.35", "33.35", "33.35"]
    assert [[tax["amount"] for tax in note["taxes"]] for note in notes] == [
        ["2.00", "0.42"],
        ["2.00", "0.41"],
        ["2.00", "0.42"],
    ]
    assert sum(Decimal(note["total"]) for note in notes) == Decimal(invoice["total"]) == Decimal("107.30")
    assert shop.get(invoice)["status"] == "paid"


def test_no_more_than_is_left_of_each_line(shop: Shop) -> None:
    invoice = shop.invoice()
    credit(shop, invoice, lines=[{"line": 1, "quantity": 7}])
    before = shop.api.counts()
    lines = [{"line": 1, "quantity": 4}, {"line": 2}, {"line": 1, "quantity": 1}]
    problem = credit(shop, invoice, 422, lines=lines)
    assert problem["code"] == "over_credited"
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/lines/0/quantity", "over_credited"),
        ("/lines/1/line", "unknown_line"),
    ]
    assert problem["errors"][0]["message"] == "3 of line 1 can still be credited"
    assert shop.api.counts() == before
    assert credit(shop, invoice)["items"][0]["quantity"] == "3"
    assert credit(shop, invoice, 422)["code"] == "over_credited"


def test_a_line_is_named_once(shop: Shop) -> None:
    invoice = shop.invoice()
    problem = credit(shop, invoice, 422, lines=[{"line": 1, "quantity": 1}, {"line": 1, "quantity": 1}])
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/lines/1/line", "given_twice")]


def test_the_database_holds_the_quantities_too(shop: Shop) -> None:
    invoice = shop.invoice()
    credit(shop, invoice, lines=[{"line": 1, "quantity": 7}])
    (row,) = shop.api.rows("SELECT quantity, invoiced FROM receivables.credited")
    assert (row.quantity, row.invoiced) == (7, 10)
    with pytest.raises(Exception, match="credited_within_invoiced"):
        shop.api.rows(
            "INSERT INTO receivables.credited_line (document_id, entry, invoice_id, line, quantity, invoiced)"
            " SELECT document_id, 9, invoice_id, line, 4, 10 FROM receivables.credited_line RETURNING line"
        )


def test_what_a_paid_invoice_does_not_need_stays_in_the_customers_favour(shop: Shop) -> None:
    invoice = shop.invoice()
    shop.pay("1200.00", allocations=[{"invoice": invoice["number"]}])
    note = credit(shop, invoice, lines=[{"line": 1, "quantity": 2}])
    assert (note["total"], note["allocations"][0]["amount"], note["amount_left"]) == ("257.40", "87.00", "170.40")
    assert note["status"] == "partially_settled"
    assert posted(note) == [
        ("4000", Decimal("240.00")),
        ("2200", Decimal("14.40")),
        ("2200", Decimal("3.00")),
        ("1200", Decimal("-87.00")),
        ("1200", Decimal("-170.40")),
    ]
    assert shop.get(invoice)["status"] == "paid"
    listed = shop.api.call("list_credit_notes", query={"customer": "CUST001"}).expect(200)["data"]
    assert [(one["number"], one["amount_left"]) for one in listed] == [(note["number"], "170.40")]


def test_a_foreign_invoice_is_credited_at_its_own_rate(shop: Shop) -> None:
    set_rate(shop, "1.20", "2026-11-01")
    invoice = euros(shop, date="2026-11-20")
    set_rate(shop, "1.50", "2026-11-22")
    part = credit(shop, invoice, lines=[{"line": 1, "quantity": 2}])
    assert (part["total"], part["base"]["exchange_rate"], part["base"]["total"]) == ("160.00", "1.2", "192.00")
    assert base_lines(part) == [("4000", 192), ("1200", -192)]
    rest = credit(shop, invoice)
    assert base_lines(rest) == [("4000", 288), ("1200", -288)]
    assert shop.trial_balance().get("1200", "0") == "0"


def test_voiding_it_opens_the_invoice_and_its_lines_again(shop: Shop) -> None:
    invoice = shop.invoice()
    note = credit(shop, invoice, lines=[{"line": 1, "quantity": 2}])
    assert shop.get(invoice)["amount_due"] == "1029.60"
    voided = void(shop, note)
    assert (voided["status"], voided["amount_left"], voided["void_reason"]) == ("void", "0.00", "A mistake")
    assert voided["events"][-3:] == ["invoice.reopened", "credit_note.voided", "stock.reserved"]
    after = shop.get(invoice)
    assert (after["status"], after["amount_due"]) == ("issued", "1287.00")
    assert shop.api.call("get_credit_note", path={"id": note["id"]}).expect(200).json == voided
    assert credit(shop, invoice)["items"][0]["quantity"] == "10"
    assert shop.invoice()["credit"]["exposure"] == "1287.00"


def test_a_draft_takes_nothing_back_until_it_is_posted(shop: Shop) -> None:
    invoice = shop.invoice()
    draft = credit(shop, invoice, lines=[{"line": 1, "quantity": 8}], draft=True)
    assert (draft["status"], "number" in draft, draft["posting"]) == ("draft", False, {"lines": []})
    assert shop.get(invoice)["amount_due"] == "1287.00"
    other = credit(shop, invoice, lines=[{"line": 1, "quantity": 5}])
    before = shop.api.counts()
    refused = shop.api.call("issue_credit_note", path={"id": draft["id"]}).expect(422)
    assert refused["code"] == "over_credited"
    assert shop.api.counts() == before
    void(shop, other)
    issued = shop.api.call("issue_credit_note", path={"id": draft["id"]}).expect(200)
    assert (issued["number"], issued["total"]) == ("CN-2026-000002", "1029.60")


@pytest.mark.parametrize("date", ["2026-11-19", "2029-12-31"])
def test_its_day_is_not_before_the_invoice_and_in_an_open_period(shop: Shop, date: str) -> None:
    invoice = shop.invoice(date="2026-11-20")
    before = shop.api.counts()
    problem = credit(shop, invoice, 422, date=date)
    assert problem["code"] == ("dated_too_early" if date < "2026-11-20" else "period_closed")
    assert shop.api.counts() == before


def test_only_an_issued_invoice_is_credited(shop: Shop) -> None:
    draft = shop.invoice(draft=True)
    before = shop.api.counts()
    assert credit(shop, draft, 409)["code"] == "conflict"
    assert shop.api.counts() == before


def test_the_number_of_statements_does_not_depend_on_the_lines(shop: Shop) -> None:
    line = {"product": "SERV001", "quantity": 1}
    one, many = shop.invoice("CUST002", items=[line]), shop.invoice("CUST002", items=[line] * 300)
    credit(shop, shop.invoice("CUST002", items=[line]))
    _, for_one = counted(lambda: credit(shop, one))
    _, for_many = counted(lambda: credit(shop, many))
    assert len(for_one) == len(for_many)
    assert len(for_one) == 3  # open, read, flush
