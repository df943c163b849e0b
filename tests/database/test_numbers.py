"""Invoice numbers without a gap: many at once, half of them refused, and nothing told to any caller of the throng."""

import random
import threading
from typing import Any

import pytest
from psycopg import errors

from tests.support.api import Api, Response, find, send
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.sql import by_hand, constraint, refused

pytestmark = pytest.mark.one_driver  # of Postgres alone

CLIENTS = 8


def throng(calls: list[tuple[Api, dict[str, Any], dict[str, str]]]) -> list[Response]:
    """The answers to creating these invoices, by several clients at once."""
    operation = find("create_invoice")
    waiting = [api.event(operation, body, query=query) for api, body, query in calls]
    gate, lock = threading.Barrier(CLIENTS), threading.Lock()
    answers: list[Response] = []

    def work() -> None:
        gate.wait()
        while True:
            with lock:
                if not waiting:
                    return
                event = waiting.pop()
            answer = send(operation, event)
            with lock:
                answers.append(answer)

    clients = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return answers


def numbers(api: Api) -> list[str | None]:
    """The numbers of all invoices, in order."""
    return [row.number for row in api.rows("SELECT number FROM kernel.document WHERE type = 'invoice' ORDER BY number")]


def expected(count: int) -> list[str]:
    """The first numbers of the year's series."""
    return [f"INV-2026-{number:06}" for number in range(1, count + 1)]


ONE = {"items": [{"product": "PROD001", "quantity": 1}]}
SERVICE = {"items": [{"product": "SERV001", "quantity": 1}]}


def test_64_invoices_at_once_get_64_numbers(shop: Shop) -> None:
    bodies = [{"customer": customer, **ONE} for customer in ("CUST001", "CUST002") for _ in range(32)]
    answers = throng([(shop.api, body, {}) for body in bodies])
    assert [answer.status for answer in answers] == [201] * 64
    assert sorted(answer["number"] for answer in answers) == numbers(shop.api) == expected(64)
    assert shop.available("PROD001") == "36"
    balance = shop.trial_balance()
    assert balance["4000"] == "-7680.00"
    assert len(shop.api.events("invoice.created")) == 64
    sound(shop.api)


@pytest.mark.parametrize("seed", range(2))
def test_of_64_at_once_those_that_are_given_up_leave_no_gap(shop: Shop, seed: int) -> None:
    """Given up: unknown codes, more than is in stock, over the credit limit, a dry run rolled back at its end."""
    good = [({"customer": "CUST002", **SERVICE}, {})] * 32
    bad: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"customer": "NOBODY", **SERVICE}, {}),
        ({"customer": "CUST002", "items": [{"product": "PROD001", "quantity": 101}]}, {}),
        ({"customer": "CUST001", "items": [{"product": "SERV001", "quantity": 1000}]}, {}),
        ({"customer": "CUST002", **SERVICE}, {"dry_run": "true"}),
    ] * 8
    calls = good + bad
    random.Random(seed).shuffle(calls)
    answers = throng([(shop.api, body, query) for body, query in calls])
    assert sorted(answer.status for answer in answers) == [200] * 8 + [201] * 32 + [422] * 24
    codes = sorted(answer["code"] for answer in answers if answer.status == 422)
    assert codes == ["credit_limit_exceeded"] * 8 + ["insufficient_stock"] * 8 + ["unknown_reference"] * 8
    assert sorted(answer["number"] for answer in answers if answer.status == 201) == expected(32)
    assert numbers(shop.api) == expected(32)
    assert shop.invoice("CUST002", **SERVICE)["number"] == "INV-2026-000033"
    sound(shop.api)


def test_stock_that_many_want_at_once_is_sold_once(shop: Shop) -> None:
    """Twenty desks, and thirty-two who want one: nobody is told of the throng, twelve are told of the shortage."""
    body = {"customer": "CUST002", "items": [{"product": "PROD002", "quantity": 1}]}
    answers = throng([(shop.api, body, {})] * 32)
    assert sorted(answer.status for answer in answers) == [201] * 20 + [422] * 12
    assert {answer["code"] for answer in answers if answer.status == 422} == {"insufficient_stock"}
    assert numbers(shop.api) == expected(20)
    assert shop.available("PROD002") == "0"
    sound(shop.api)


def test_drafts_have_no_number_and_take_theirs_when_they_are_posted(shop: Shop) -> None:
    first, second = shop.invoice(draft=True), shop.invoice(draft=True)
    assert numbers(shop.api) == [None, None]
    assert shop.api.counts()["kernel.number_counter"] == 1  # the receipt of the shop's stock
    assert shop.invoice()["number"] == "INV-2026-000001"
    path = {"id": second["id"]}
    posted = shop.api.call("issue_invoice", path=path, headers={"If-Match": f'"{second["version"]}"'}).expect(200)
    assert posted["number"] == "INV-2026-000002"
    assert numbers(shop.api) == ["INV-2026-000001", "INV-2026-000002", None]
    assert "number" not in shop.get(first)


def test_a_void_invoice_keeps_its_number(shop: Shop) -> None:
    invoice = shop.invoice()
    shop.api.call("void_invoice", {"reason": "Ordered twice"}, path={"id": invoice["id"]}).expect(200)
    assert shop.invoice()["number"] == "INV-2026-000002"
    assert numbers(shop.api) == expected(2)


def test_the_year_of_the_accounting_date_decides(shop: Shop) -> None:
    taken = [
        shop.invoice(date=day, items=SERVICE["items"])["number"] for day in ("2026-12-31", "2027-01-01", "2026-12-31")
    ]
    assert taken == ["INV-2026-000001", "INV-2027-000001", "INV-2026-000002"]


@pytest.mark.parametrize(
    "change", ["last = last - 1", "last = last", "last = 0", "series_id = gen_random_uuid()", "period = '2020'"]
)
def test_the_counter_only_counts_up(shop: Shop, owner_url: str, change: str) -> None:
    shop.invoice()
    update = f"UPDATE kernel.number_counter SET {change}"
    for url in (None, owner_url):
        told = refused(shop.api, errors.CheckViolation, update, url=url)
        assert constraint(told) == "number_counter_rises"


def test_the_counter_does_not_go_away(shop: Shop) -> None:
    shop.invoice()
    refused(shop.api, errors.InsufficientPrivilege, "DELETE FROM kernel.number_counter")


def test_a_counter_begins_above_zero(shop: Shop) -> None:
    insert = (
        "INSERT INTO kernel.number_counter (series_id, period, last)"
        " SELECT id, '1999', %s FROM kernel.document WHERE type = 'number_series' AND number = 'INVOICE'"
    )
    for last in (0, -1):
        refused(shop.api, errors.CheckViolation, insert, [last])


COUNT = (
    "UPDATE kernel.number_counter SET last = last + %s WHERE series_id ="
    " (SELECT id FROM kernel.document WHERE type = 'number_series' AND number = 'INVOICE')"
)
DOCUMENT = (
    "INSERT INTO kernel.document"
    " (id, type, company_id, number, status, data, version, sequence, created_by, updated_by)"
    " SELECT gen_random_uuid(), %s, id, %s, 'draft', '{}', 1, 0, 'x', 'x' FROM kernel.document WHERE type = 'company'"
)


@pytest.mark.parametrize("more", [1, 2, 1000])
def test_the_counter_does_not_count_by_itself(shop: Shop, owner_url: str, more: int) -> None:
    """Every number it has counted stands on a document, or it has not counted it: nobody makes a gap by hand."""
    shop.invoice()
    for url in (None, owner_url):
        told = refused(shop.api, errors.CheckViolation, COUNT, [more], url=url)
        assert constraint(told) == "number_on_document"
    assert shop.invoice()["number"] == "INV-2026-000002"


@pytest.mark.parametrize(
    ("type", "number"),
    [
        ("invoice", "INV-2026-000003"),
        ("invoice", "INV-2026-2"),
        ("invoice", "INV-2026-00002"),
        ("invoice", "XXX-2026-000002"),
        ("invoice", "INV-202-000002"),
        ("note", "INV-2026-000002"),
    ],
)
def test_the_counter_counts_for_no_other_number_and_no_other_document(shop: Shop, type: str, number: str) -> None:
    shop.invoice()
    before = shop.api.counts()
    for prefixes in ("prefixes", "ARRAY['XXX-2026-', 'INV-202-', 'INV-2026-']"):
        with by_hand(shop.api) as connection:
            connection.execute(DOCUMENT, [type, number])
            with pytest.raises(errors.CheckViolation) as caught:
                connection.execute(COUNT.replace("SET", f"SET prefixes = {prefixes},"), [1])
            connection.rollback()
        assert constraint(caught.value) == "number_on_document"
    assert shop.api.counts() == before


def test_the_counter_does_not_begin_by_itself(shop: Shop) -> None:
    begin = (
        "INSERT INTO kernel.number_counter (series_id, period, last, prefixes) SELECT id, '1999', 1, ARRAY['INV-1999-']"
        " FROM kernel.document WHERE type = 'number_series' AND number = 'INVOICE'"
    )
    assert constraint(refused(shop.api, errors.CheckViolation, begin)) == "number_on_document"
    with by_hand(shop.api) as connection:
        connection.execute(DOCUMENT, ["invoice", "INV-1999-000001"])
        assert connection.execute(begin).rowcount == 1
        connection.rollback()


def test_a_number_is_locked_only_until_its_transaction_ends(shop: Shop) -> None:
    """A transaction that took a number and is rolled back lets the next one have it."""
    shop.invoice()
    with by_hand(shop.api) as connection:
        connection.execute(DOCUMENT, ["invoice", "INV-2026-000002"])
        assert connection.execute(COUNT, [1]).rowcount == 1
        connection.rollback()
    assert shop.invoice()["number"] == "INV-2026-000002"
    sound(shop.api)


def test_a_series_by_month_and_one_that_never_restarts_are_held_alike(shop: Shop) -> None:
    """Documents of several months are numbered by one series whose prefix names the month."""
    change = {"prefix": "R.{YY}{MM}/", "width": 3, "restart": "never"}
    path = {"resource": "number-series", "id": "INVOICE"}
    shop.api.call("update_record", change, path=path, headers={"If-Match": "*"}).expect(200)
    days = ("2026-12-31", "2027-01-01", "2026-11-30")
    taken = [shop.invoice(date=day, items=SERVICE["items"])["number"] for day in days]
    assert taken == ["R.2612/001", "R.2701/002", "R.2611/003"]
    assert constraint(refused(shop.api, errors.CheckViolation, COUNT, [1])) == "number_on_document"
    assert sound(shop.api)["numbers_without_gaps"] == 4
