"""An account's ledger: every line with the balance after it, page by page, as of a day and as known at an instant."""

import base64
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop
from tests.support.statements import counted

NOBODY = "00000000-0000-0000-0000-000000000000"
SERVICE = [{"product": "SERV001", "quantity": 1}]


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice()
    shop.pay("500.00")
    answer = example(path={"id": "1200"})
    assert [line["balance"] for line in answer["data"]] == ["1287.00", "787.00"]


def ledger(shop: Shop, account: str = "1200", **query: str) -> Any:
    return shop.api.call("get_account_ledger", path={"id": account}, query=query).expect(200).json


def test_each_line_says_where_it_comes_from_and_what_the_balance_is_then(shop: Shop) -> None:
    invoice = shop.invoice()
    payment = shop.pay("500")
    answer = ledger(shop)
    assert (answer["account"]["code"], answer["account"]["name"]) == ("1200", "Accounts receivable")
    assert (answer["company"]["code"], answer["currency"]) == ("MAIN", "USD")
    assert (answer["opening_balance"], answer["closing_balance"], answer["next_cursor"]) == ("0.00", "787.00", None)
    first, second = answer["data"]
    assert first["document"] == {"id": invoice["id"], "code": "INV-2026-000001"}
    assert second["document"]["id"] == payment["id"]
    assert first["party"] == {"id": invoice["customer"]["id"], "code": "CUST001", "name": "Lighthouse Books"}
    names = ("document_type", "date", "currency", "amount", "debit", "credit", "balance")
    assert [[line[name] for name in names] for line in answer["data"]] == [
        ["invoice", "2026-11-23", "USD", "1287.00", "1287.00", "0.00", "1287.00"],
        ["payment", "2026-11-23", "USD", "-500.00", "0.00", "500.00", "787.00"],
    ]


def test_an_account_is_named_by_code_or_id(shop: Shop) -> None:
    shop.invoice()
    by_code = ledger(shop)
    assert ledger(shop, by_code["account"]["id"]) == by_code


def test_an_account_without_lines_is_empty(shop: Shop) -> None:
    answer = ledger(shop, "6300")
    assert (answer["data"], answer["opening_balance"], answer["closing_balance"]) == ([], "0.00", "0.00")


def make_lines(shop: Shop) -> list[str]:
    """Twelve lines on receivables, some recorded after later ones; their balances in the order of their dates."""
    days = ["2026-11-20", "2026-10-05", "2026-11-20", "2026-09-30", "2026-11-01", "2026-10-05", "2026-12-01"]
    for day in days:
        shop.invoice("CUST002", date=day, items=SERVICE)
    for day in ("2026-10-05", "2026-11-20", "2026-12-01", "2026-12-02", "2026-12-31"):
        shop.pay("10.00", "CUST002", date=day)
    return ["75.00", "150.00", "225.00", "215.00", "290.00", "365.00", "440.00", "430.00", "505.00", "495.00",
            "485.00", "475.00"]  # fmt: skip


@pytest.mark.parametrize("limit", [1, 3, 5, 11, 12, 50])
def test_pages_go_on_where_the_last_one_ended(shop: Shop, limit: int) -> None:
    expected = make_lines(shop)
    seen: list[Any] = []
    query: dict[str, str] = {"limit": str(limit), "as_of": "2026-12-31"}
    before = "0.00"
    while True:
        page = ledger(shop, **query)
        assert len(page["data"]) <= limit
        assert page["opening_balance"] == before
        before = page["closing_balance"]
        seen += page["data"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert [line["balance"] for line in seen] == expected
    assert len({(line["document"]["id"], line["line"]) for line in seen}) == 12
    assert [line["date"] for line in seen] == sorted(line["date"] for line in seen)
    assert sum(Decimal(line["debit"]) - Decimal(line["credit"]) for line in seen) == Decimal(before)


def test_a_line_that_comes_between_pages_is_neither_lost_nor_doubled(shop: Shop) -> None:
    make_lines(shop)
    first = ledger(shop, limit="5", as_of="2026-12-31")
    shop.invoice("CUST002", date="2026-11-30", items=SERVICE)
    rest = ledger(shop, cursor=first["next_cursor"], as_of="2026-12-31")
    assert rest["opening_balance"] == first["closing_balance"] == "290.00"
    assert len(rest["data"]) == 8
    assert rest["closing_balance"] == "550.00"


@pytest.mark.parametrize(
    ("query", "opening", "lines", "closing"),
    [
        ({}, "0.00", 8, "430.00"),
        ({"date_from": "2026-10-05"}, "75.00", 7, "430.00"),
        ({"date_from": "2026-10-06", "as_of": "2026-12-31"}, "215.00", 8, "475.00"),
        ({"as_of": "2026-10-05"}, "0.00", 4, "215.00"),
        ({"date_from": "2026-10-05", "as_of": "2026-11-01"}, "75.00", 4, "290.00"),
        ({"date_from": "2026-11-20", "as_of": "2026-11-20"}, "290.00", 3, "430.00"),
        ({"date_from": "2027-01-01"}, "475.00", 0, "475.00"),
        ({"as_of": "2026-09-29"}, "0.00", 0, "0.00"),
    ],
)
def test_from_a_day_to_a_day(shop: Shop, query: dict[str, str], opening: str, lines: int, closing: str) -> None:
    make_lines(shop)
    answer = ledger(shop, **query)
    assert (answer["opening_balance"], len(answer["data"]), answer["closing_balance"]) == (opening, lines, closing)
    assert answer["as_of"] == query.get("as_of", max(query.get("date_from", ""), "2026-11-23"))
    if lines:
        assert answer["data"][-1]["balance"] == closing


def test_it_ties_to_the_trial_balance_of_any_day_and_instant(shop: Shop) -> None:
    make_lines(shop)
    known = shop.api.events("payment.received")[1]["time"]
    for day in ("2026-09-30", "2026-10-31", "2026-11-20", "2026-12-31"):
        assert ledger(shop, as_of=day)["closing_balance"] == shop.trial_balance(as_of=day)["1200"]
        told = ledger(shop, as_of=day, known_at=known)
        assert told["closing_balance"] == shop.trial_balance(as_of=day, known_at=known)["1200"]


def test_what_was_recorded_later_was_not_known_yet(shop: Shop) -> None:
    shop.invoice("CUST002", date="2026-11-01", items=SERVICE)
    known = shop.api.events("invoice.created")[-1]["time"]
    shop.invoice("CUST002", date="2026-10-01", items=SERVICE)
    assert [line["balance"] for line in ledger(shop)["data"]] == ["75.00", "150.00"]
    before = ledger(shop, known_at=known)
    assert [(line["date"], line["balance"]) for line in before["data"]] == [("2026-11-01", "75.00")]
    assert ledger(shop, known_at=known, date_from="2026-11-01")["opening_balance"] == "0.00"
    assert ledger(shop, date_from="2026-11-01")["opening_balance"] == "75.00"
    assert ledger(shop, known_at="2026-11-23T08:00:00Z")["data"] == []


def test_a_voided_invoice_leaves_both_its_entries(shop: Shop) -> None:
    invoice = shop.invoice(date="2026-11-02")
    shop.api.call("void_invoice", {"reason": "x", "date": "2026-11-20"}, path={"id": invoice["id"]}).expect(200)
    names = ("date", "entry", "kind", "amount", "balance")
    assert [tuple(line[name] for name in names) for line in ledger(shop)["data"]] == [
        ("2026-11-02", 1, "original", "1287.00", "1287.00"),
        ("2026-11-20", 2, "reversal", "-1287.00", "0.00"),
    ]
    sold, taken_back = ledger(shop, "4000")["data"]
    product = {"id": invoice["items"][0]["product"]["id"], "code": "PROD001", "name": "Reading lamp"}
    names = ("entry", "kind", "product", "quantity", "text", "amount")
    assert [sold[name] for name in names] == [1, "original", product, "-10", "Reading lamp", "-1200.00"]
    assert [taken_back[name] for name in names] == [2, "reversal", product, "10", "Reading lamp", "1200.00"]
    assert [(line["tax"], line["kind"]) for line in ledger(shop, "2200")["data"]] == [
        ("STATE", "original"),
        ("CITY", "original"),
        ("STATE", "reversal"),
        ("CITY", "reversal"),
    ]


def test_lines_of_payments_and_receipts_say_from_whom_and_what(shop: Shop) -> None:
    invoice = shop.invoice()
    shop.pay("1500.00", reference="Cheque 17")
    for account in ("1020", "1200", "2300"):
        line = ledger(shop, account)["data"][-1]
        assert (line["party"], line["text"]) == (invoice["customer"], "Lighthouse Books, Cheque 17")
    shop.api.record("suppliers", code="SUPP001", name="Lantern Works", jurisdiction="US-CA")
    item = {"product": "PROD001", "quantity": 1, "unit_cost": "60.00"}
    shop.api.call("receive_stock", {"items": [item], "supplier": "SUPP001"}).expect(201)
    goods, owed = ledger(shop, "1400")["data"][-1], ledger(shop, "2150")["data"][-1]
    assert (goods["product"]["code"], goods["quantity"], goods["text"]) == ("PROD001", "1", "Reading lamp")
    assert (goods["party"]["code"], owed["party"]["code"], owed["text"]) == ("SUPP001", "SUPP001", "Lantern Works")


def test_it_tells_the_day_and_the_instant_it_is_of(shop: Shop) -> None:
    """The same day as the trial balance when none is given."""
    answer = ledger(shop)
    assert (answer["as_of"], "known_at" in answer) == ("2026-11-23", False)
    assert answer["as_of"] == shop.api.call("get_trial_balance").expect(200)["as_of"]
    told = ledger(shop, as_of="2026-10-31", known_at="2026-11-23T08:00:00Z")
    assert (told["as_of"], told["known_at"]) == ("2026-10-31", "2026-11-23T08:00:00Z")


def encoded(*position: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "é",
        "%%%",
        [],
        ["2026-11-23"],
        [None, None, None, None, None],
        [{"a": 1}, [1], 2, 3, 4],
        ["yesterday", "2026-11-23T09:00:00+00:00", NOBODY, "1", "1"],
        ["2026-11-23", "9 o'clock", NOBODY, "1", "1"],
        ["2026-11-23", "2026-11-23T09:00:00+00:00", "me", "1", "1"],
        ["2026-11-23", "2026-11-23T09:00:00+00:00", NOBODY, "1.5", "1"],
        ["2026-11-23", "2026-11-23T09:00:00+00:00", NOBODY, "1", "one"],
        ["2026-11-23\0", "2026-11-23T09:00:00+00:00", NOBODY, "1", "1"],
        ["2026-11-23'; DROP TABLE ledger.balance; --", "2026-11-23T09:00:00+00:00", NOBODY, "1", "1"],
    ],
)
def test_a_cursor_that_was_tampered_with_is_refused(shop: Shop, cursor: str | list[object]) -> None:
    shop.invoice()
    if not isinstance(cursor, str):
        cursor = encoded(ledger(shop)["account"]["id"], *cursor)
    answer = shop.api.call("get_account_ledger", path={"id": "1200"}, query={"cursor": cursor}).expect(422)
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/cursor", "invalid_cursor")]


def test_a_cursor_with_a_huge_line_number_is_only_after_everything(shop: Shop) -> None:
    shop.invoice()
    account = ledger(shop)["account"]["id"]
    cursor = encoded(account, "2026-11-23", "2027-01-01T00:00:00+00:00", NOBODY, "9" * 30, "9" * 30)
    answer = ledger(shop, cursor=cursor)
    assert (answer["data"], answer["opening_balance"]) == ([], "1287.00")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"as_of": "2026-13-01"}, "/as_of"),
        ({"date_from": "x"}, "/date_from"),
        ({"known_at": "2026-11-23T09:00:00"}, "/known_at"),
        ({"limit": "0"}, "/limit"),
        ({"limit": "201"}, "/limit"),
        ({"date_to": "2026-11-23"}, "/date_to"),
        ({"company": "NONE"}, "/company"),
        ({"date_from": "2026-11-24", "as_of": "2026-11-23"}, ""),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(shop: Shop, query: dict[str, str], pointer: str) -> None:
    answer = shop.api.call("get_account_ledger", path={"id": "1200"}, query=query).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == [pointer]


def test_an_unknown_account_and_another_tenants_are_not_found_alike(shop: Shop, operator: Api) -> None:
    theirs = ledger(shop)["account"]["id"]
    other = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    stranger = Api(other.expect(201)["id"])
    for account in ("9999", theirs):
        problem = stranger.call("get_account_ledger", path={"id": account}).expect(404)
        assert problem["code"] == "not_found"


def test_an_archived_account_keeps_its_ledger(shop: Shop) -> None:
    shop.api.record("products", code="WORK", name="Work", kind="service", unit="EA", sales_price="9.00",
                    revenue_account="4010")  # fmt: skip
    invoice = shop.invoice("CUST002", items=[{"product": "WORK", "quantity": 1}])
    shop.api.call("void_invoice", {"reason": "x"}, path={"id": invoice["id"]}).expect(200)
    before = ledger(shop, "4010")
    shop.api.call("archive_record", path={"resource": "accounts", "id": "4010"}).expect(200)
    assert ledger(shop, "4010") == before
    assert [line["balance"] for line in before["data"]] == ["-9.00", "0.00"]


def test_it_is_read_in_two_statements_however_many_lines(shop: Shop) -> None:
    make_lines(shop)
    first = ledger(shop, limit="5")
    queries = [{}, {"limit": "1"}, {"limit": "200"}, {"cursor": first["next_cursor"]}, {"as_of": "2026-10-31"},
               {"known_at": "2026-11-23T09:00:00Z"}]  # fmt: skip
    for query in queries:
        _, sent = counted(lambda query=query: ledger(shop, **query))
        assert len(sent) == 2


def test_a_cursor_serves_only_the_account_it_was_given_for(shop: Shop) -> None:
    shop.invoice()
    shop.invoice()
    cursor = ledger(shop, limit="1")["next_cursor"]
    answer = shop.api.call("get_account_ledger", path={"id": "4000"}, query={"cursor": cursor}).expect(422)
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/cursor", "invalid_cursor")]
    assert len(ledger(shop, cursor=cursor)["data"]) == 1
