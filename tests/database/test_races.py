"""Requests that are after the same thing: one has it, the others are told of what is left, and the books stay sound."""

import threading
from typing import Any

from tests.support.api import Api, Response
from tests.support.integrity import sound
from tests.support.races import PATIENCE, at_once, before_writing, racing
from tests.support.shop import Shop


def invoice(api: Api, customer: str, product: str, quantity: int, **fields: Any) -> Response:
    """Ask for an invoice of one line."""
    body = {"customer": customer, "items": [{"product": product, "quantity": quantity}], **fields}
    return api.call("create_invoice", body)


def reserve(api: Api, product: str, quantity: int) -> Response:
    """Ask for a reservation."""
    return api.call("create_reservation", {"product": product, "quantity": quantity})


def by_status(answers: list[Response]) -> dict[int, list[Response]]:
    """The answers by their status."""
    return {status: [a for a in answers if a.status == status] for status in {answer.status for answer in answers}}


def test_two_callers_want_the_last_ten_units_and_one_is_told_the_shortage(shop: Shop) -> None:
    """Both have seen ten desks when they decide."""
    invoice(shop.api, "CUST002", "PROD002", 10).expect(201)
    answers = by_status(racing([lambda: invoice(shop.api, "CUST002", "PROD002", 10)] * 2))
    assert {status: len(found) for status, found in answers.items()} == {201: 1, 422: 1}
    refused = answers[422][0]
    assert refused["code"] == "insufficient_stock"
    assert refused["shortages"] == [
        {"product": "PROD002", "location": "MAIN", "requested": "10", "available": "0", "short": "10"}
    ]
    assert shop.available("PROD002") == "0"
    assert answers[201][0]["number"] == "INV-2026-000002"
    assert shop.invoice("CUST002", items=[{"product": "SERV001", "quantity": 1}])["number"] == "INV-2026-000003"
    sound(shop.api)


def test_two_callers_share_what_is_enough_for_both(shop: Shop) -> None:
    answers = racing([lambda: invoice(shop.api, "CUST002", "PROD002", 10)] * 2)
    assert [answer.status for answer in answers] == [201, 201]
    assert shop.available("PROD002") == "0"
    sound(shop.api)


def test_an_invoice_and_a_reservation_want_the_same_units(shop: Shop) -> None:
    answers = racing([lambda: invoice(shop.api, "CUST002", "PROD002", 11), lambda: reserve(shop.api, "PROD002", 11)])
    assert sorted(answer.status for answer in answers) == [201, 422]
    (refused,) = by_status(answers)[422]
    assert refused["shortages"] == [
        {"product": "PROD002", "location": "MAIN", "requested": "11", "available": "9", "short": "2"}
    ]
    sound(shop.api)


def test_two_invoices_race_for_the_same_credit(shop: Shop) -> None:
    """The limit is 50,000.00; each invoice alone keeps below it, both together do not."""
    answers = by_status(racing([lambda: invoice(shop.api, "CUST001", "SERV001", 400)] * 2))
    assert {status: len(found) for status, found in answers.items()} == {201: 1, 422: 1}
    assert answers[201][0]["total"] == "32175.00"
    refused = answers[422][0]
    assert refused["code"] == "credit_limit_exceeded"
    assert {name: refused[name] for name in ("limit", "exposure", "requested", "over", "currency")} == {
        "limit": "50000.00",
        "exposure": "32175.00",
        "requested": "32175.00",
        "over": "14350.00",
        "currency": "USD",
    }
    assert len(shop.api.events("invoice.created")) == 1
    assert sound(shop.api)["exposure_equals_what_is_owed"] == 1


def test_two_payments_race_for_the_same_invoice(shop: Shop) -> None:
    issued = shop.invoice()
    body = {"customer": "CUST001", "amount": "1287.00", "allocations": [{"invoice": issued["number"]}]}

    def pay(key: str) -> Response:
        return shop.api.call("record_payment", body, headers={"Idempotency-Key": key})

    answers = by_status(racing([lambda: pay("one"), lambda: pay("two")]))
    assert {status: len(found) for status, found in answers.items()} == {201: 1, 422: 1}
    assert answers[422][0]["code"] == "over_allocated"
    assert shop.get(issued)["status"] == "paid"
    assert shop.trial_balance()["1020"] == "1287.00"
    sound(shop.api)


def test_a_payment_and_a_void_of_the_same_invoice(shop: Shop) -> None:
    """Whichever comes first: the invoice is paid and not void, or void and not paid."""
    issued = shop.invoice()
    body = {"customer": "CUST001", "amount": "1287.00", "allocations": [{"invoice": issued["number"]}]}
    answers = racing(
        [
            lambda: shop.api.call("record_payment", body, headers={"Idempotency-Key": "payment"}),
            lambda: shop.api.call("void_invoice", {"reason": "Ordered twice"}, path={"id": issued["id"]}),
        ]
    )
    outcome = tuple(answer.status for answer in answers)
    assert outcome in {(201, 409), (422, 200)}
    assert shop.get(issued)["status"] == ("paid" if outcome == (201, 409) else "void")
    sound(shop.api)


def test_fifty_threads_reserve_twenty_desks(shop: Shop) -> None:
    answers = by_status(at_once([lambda: reserve(shop.api, "PROD002", 1)] * 50))
    assert {status: len(found) for status, found in answers.items()} == {201: 20, 422: 30}
    assert {answer["code"] for answer in answers[422]} == {"insufficient_stock"}
    assert shop.available("PROD002") == "0"
    (stock,) = shop.api.rows(
        "SELECT on_hand::text, reserved::text FROM inventory.stock s JOIN kernel.document p ON p.id = s.product_id"
        " WHERE p.number = 'PROD002'"
    )
    assert tuple(stock) == ("20", "20")
    assert sound(shop.api)["remaining_equals_reservations"] == 20


def test_fifty_threads_reserve_and_release_and_nothing_stays_reserved(shop: Shop) -> None:
    def hold_and_let_go() -> list[int]:
        held = reserve(shop.api, "PROD001", 2)
        return [held.status, shop.api.call("release_reservation", path={"id": held["id"]}).status]

    assert at_once([hold_and_let_go] * 50) == [[201, 200]] * 50
    assert shop.available("PROD001") == "100"
    sound(shop.api)


def close_november(api: Api) -> Response:
    """Close the period that invoices are posted into."""
    path = {"resource": "fiscal-years", "id": "FY2026"}
    body = {"periods": [{"number": 11, "status": "closed"}]}
    return api.call("update_record", body, path=path, headers={"If-Match": "*"})


def test_a_posting_that_found_the_period_open_does_not_slip_in_after_the_close(shop: Shop) -> None:
    """It has read and decided before the close commits, and writes after it: it is refused and told the next day."""
    decided, closed = threading.Event(), threading.Event()

    def pause() -> None:
        decided.set()
        assert closed.wait(PATIENCE)

    def post() -> Response:
        with before_writing(pause, only=threading.get_ident()):
            return invoice(shop.api, "CUST002", "SERV001", 1)

    def close() -> Response:
        assert decided.wait(PATIENCE)
        answer = close_november(shop.api)
        closed.set()
        return answer

    before = shop.api.counts()["ledger.journal_line"]
    posted, closing = at_once([post, close])
    assert closing.status == 200
    assert (posted.status, posted["code"]) == (422, "period_closed")
    assert posted["suggested_date"] == "2026-12-01"
    assert shop.api.counts()["ledger.journal_line"] == before
    assert invoice(shop.api, "CUST002", "SERV001", 1, date="2026-12-01").expect(201)["number"] == "INV-2026-000001"
    sound(shop.api)


def test_a_close_in_the_middle_of_many_postings(shop: Shop) -> None:
    """What was accepted stands in the books, what was refused does not, and nothing is in between."""
    answers = at_once(
        [lambda: invoice(shop.api, "CUST002", "SERV001", 1)] * 12
        + [lambda: close_november(shop.api)]
        + [lambda: invoice(shop.api, "CUST002", "SERV001", 1)] * 12
    )
    assert answers.pop(12).status == 200
    found = by_status(answers)
    accepted, refused = found.get(201, []), found.get(422, [])
    assert len(accepted) + len(refused) == 24
    assert {answer["code"] for answer in refused} <= {"period_closed"}
    assert sorted(answer["number"] for answer in accepted) == [f"INV-2026-{n:06}" for n in range(1, len(accepted) + 1)]
    assert shop.trial_balance().get("4000", "0.00") == (f"-{75 * len(accepted)}.00" if accepted else "0.00")
    assert invoice(shop.api, "CUST002", "SERV001", 1).expect(422)["code"] == "period_closed"
    sound(shop.api)
