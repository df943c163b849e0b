"""Goods that are credited before they are delivered: the invoice gives back what it had reserved of them."""

from threading import Barrier
from typing import Any

import pytest

from tests.receivables.notes import credit, void
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.races import PATIENCE, at_once, before_writing
from tests.support.shop import Shop
from tests.support.statements import counted

FOUR = [{"line": 1, "quantity": 4}]


def freed(note: Any) -> list[tuple[str, str, str]]:
    return [(one["product"]["code"], one["location"]["code"], one["quantity"]) for one in note["stock_released"]]


def backorders(shop: Shop) -> None:
    """What is not in stock follows later."""
    (company,) = shop.api.call("list_records", path={"resource": "companies"}).expect(200)["data"]
    body = {"policies": {"stock_shortage": "backorder"}}
    path = {"resource": "companies", "id": company["id"]}
    headers = {"If-Match": f'"{company["version"]}"'}
    shop.api.call("update_record", body, path=path, headers=headers).expect(200)


def test_what_is_credited_is_available_again(shop: Shop) -> None:
    invoice = shop.invoice()
    assert shop.available("PROD001") == "90"
    note = credit(shop, invoice, lines=FOUR)
    assert (freed(note), shop.available("PROD001")) == ([("PROD001", "MAIN", "4")], "94")
    assert note["events"][-1] == "stock.released"
    (told,) = shop.api.events("stock.released")
    assert (told["data"]["document_number"], told["data"]["items"][0]["quantity"]) == (invoice["number"], "4")
    rest = credit(shop, invoice)
    assert (freed(rest), shop.available("PROD001")) == ([("PROD001", "MAIN", "6")], "100")
    assert shop.api.rows("SELECT 1 FROM inventory.reservation_balance WHERE open") == []
    read = shop.api.call("get_credit_note", path={"id": note["id"]}).expect(200).json
    assert (read["stock_released"], read["release_reservation"]) == (note["stock_released"], True)
    sound(shop.api)


def test_a_credit_of_the_price_leaves_the_goods_with_the_customer(shop: Shop) -> None:
    invoice = shop.invoice()
    before = shop.api.counts()["inventory.reservation"]
    note = credit(shop, invoice, lines=FOUR, release_reservation=False)
    assert (freed(note), note["release_reservation"], shop.available("PROD001")) == ([], False, "90")
    assert shop.api.counts()["inventory.reservation"] == before
    assert "stock.released" not in note["events"]
    void(shop, note)
    assert shop.available("PROD001") == "90"
    sound(shop.api)


def test_each_line_frees_its_own_goods(shop: Shop) -> None:
    """Two lines of lamps, one of desks, one of work: what the lines hold of a product is given back together."""
    items = [
        {"product": "PROD001", "quantity": 2},
        {"product": "PROD002", "quantity": 3},
        {"product": "SERV001", "quantity": 1},
        {"product": "PROD001", "quantity": 5},
    ]
    invoice = shop.invoice(items=items)
    lines = [{"line": 2, "quantity": 1}, {"line": 3}, {"line": 4}, {"line": 1, "quantity": 1}]
    note = credit(shop, invoice, lines=lines)
    assert sorted(freed(note)) == [("PROD001", "MAIN", "6"), ("PROD002", "MAIN", "1")]
    assert (shop.available("PROD001"), shop.available("PROD002")) == ("99", "18")
    sound(shop.api)


def test_what_follows_later_is_credited_before_what_is_held(shop: Shop) -> None:
    """Of 120 lamps 100 are held and 20 are to follow: the customer who takes 30 less still wants 90 of the 100."""
    backorders(shop)
    invoice = shop.invoice(items=[{"product": "PROD001", "quantity": 120}])
    assert shop.available("PROD001") == "0"
    first = credit(shop, invoice, lines=[{"line": 1, "quantity": 15}])
    assert (freed(first), shop.available("PROD001")) == ([], "0")
    assert freed(credit(shop, invoice, lines=[{"line": 1, "quantity": 15}])) == [("PROD001", "MAIN", "10")]
    assert freed(credit(shop, invoice)) == [("PROD001", "MAIN", "90")]
    assert shop.available("PROD001") == "100"
    sound(shop.api)


def test_a_draft_frees_nothing_until_it_is_posted(shop: Shop) -> None:
    invoice = shop.invoice()
    kept = credit(shop, invoice, lines=[{"line": 1, "quantity": 1}], draft=True, release_reservation=False)
    draft = credit(shop, invoice, lines=FOUR, draft=True)
    assert (freed(draft), shop.available("PROD001")) == ([], "90")
    posted = [shop.api.call("issue_credit_note", path={"id": one["id"]}).expect(200).json for one in (kept, draft)]
    assert [freed(one) for one in posted] == [[], [("PROD001", "MAIN", "4")]]
    assert shop.available("PROD001") == "94"


def test_a_void_holds_the_goods_again(shop: Shop) -> None:
    invoice = shop.invoice()
    note = credit(shop, invoice, lines=FOUR)
    voided = void(shop, note)
    assert (voided["events"][-1], shop.available("PROD001")) == ("stock.reserved", "90")
    sound(shop.api)
    again = credit(shop, invoice)
    assert (freed(again), shop.available("PROD001")) == ([("PROD001", "MAIN", "10")], "100")
    void(shop, again)
    shop.api.call("void_invoice", {"reason": "x"}, path={"id": invoice["id"]}).expect(200)
    assert shop.available("PROD001") == "100"
    sound(shop.api)


def test_a_void_is_refused_while_others_have_the_goods(shop: Shop) -> None:
    note = credit(shop, shop.invoice(), lines=FOUR)
    shop.invoice("CUST002", items=[{"product": "PROD001", "quantity": 92}])
    before = shop.api.counts()
    refused = void(shop, note, 422)
    assert (refused["code"], refused["shortages"][0]["short"]) == ("insufficient_stock", "2")
    assert (shop.api.counts(), shop.available("PROD001")) == (before, "2")
    shop.receive(PROD001="2")
    void(shop, note)
    assert shop.available("PROD001") == "0"
    sound(shop.api)


def test_a_void_holds_what_there_is_where_the_rest_may_follow(shop: Shop) -> None:
    backorders(shop)
    note = credit(shop, shop.invoice(), lines=FOUR)
    shop.invoice("CUST002", items=[{"product": "PROD001", "quantity": 92}])
    void(shop, note)
    assert shop.available("PROD001") == "0"
    sound(shop.api)


def test_an_invoice_that_is_paid_gives_back_too(shop: Shop) -> None:
    invoice = shop.invoice()
    shop.pay("1287.00", allocations=[{"document": invoice["number"]}])
    note = credit(shop, invoice)
    assert (freed(note), note["amount_left"]) == ([("PROD001", "MAIN", "10")], "1287.00")
    voided = void(shop, note)
    assert (shop.get(invoice)["status"], shop.available("PROD001")) == ("paid", "90")
    assert "invoice.reopened" not in voided["events"]
    sound(shop.api)


def test_a_void_invoice_holds_nothing_again(shop: Shop) -> None:
    """Its payment was taken back and the invoice is void; what its credit note had freed stays free."""
    invoice = shop.invoice()
    payment = shop.pay("1287.00", allocations=[{"document": invoice["number"]}])
    note = credit(shop, invoice, lines=FOUR)
    key = {"Idempotency-Key": "back"}
    shop.api.call("void_payment", {"reason": "x"}, path={"id": payment["id"]}, headers=key).expect(200)
    shop.api.call("void_invoice", {"reason": "x"}, path={"id": invoice["id"]}).expect(200)
    assert shop.available("PROD001") == "100"
    void(shop, note)
    assert shop.available("PROD001") == "100"
    sound(shop.api)


@pytest.mark.parametrize("quantities", [("4", "5"), ("6", "6")])
def test_two_credits_at_once_free_nothing_twice(shop: Shop, quantities: tuple[str, str]) -> None:
    """Both have read ten reserved lamps before either writes; the second is worked out from what the first left."""
    invoice = shop.invoice()
    gate = Barrier(2)

    def one(quantity: str) -> Any:
        body = {"reason": "Returned", "lines": [{"line": 1, "quantity": quantity}]}
        return Api(shop.api.tenant_id).call("credit_invoice", body, path={"id": invoice["id"]})

    with before_writing(lambda: gate.wait(PATIENCE)):
        answers = at_once([lambda: one(quantities[0]), lambda: one(quantities[1])])
    made = [answer for answer in answers if answer.status == 201]
    refused = [answer.json["code"] for answer in answers if answer.status != 201]
    expected = {("4", "5"): (2, [], "99"), ("6", "6"): (1, ["over_credited"], "96")}
    assert (len(made), refused, shop.available("PROD001")) == expected[quantities]
    sound(shop.api)


def test_statements_do_not_grow_with_the_lines(shop: Shop) -> None:
    def credited(count: int) -> tuple[int, int]:
        invoice = shop.invoice(items=[{"product": "PROD001", "quantity": 1}] * count)
        note, crediting = counted(lambda: credit(shop, invoice))
        _, voiding = counted(lambda: void(shop, note))
        return len(crediting), len(voiding)

    shop.get(shop.invoice())
    few, many = credited(1), credited(30)
    assert few == many
    assert max(many) <= 5
