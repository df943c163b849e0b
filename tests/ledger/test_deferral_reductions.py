"""What is deferred of a line goes with the line: a void cancels the rest of its schedule, a credit reduces it."""

from typing import Any

import pytest

from tests.ledger.deferring import defer, planned, recognise
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.purchases import Purchases
from tests.support.shop import Shop
from tests.support.statements import counted

MONTHS = {"starts_on": "2026-01-01", "months": 12}


@pytest.fixture
def year(books: Books) -> tuple[Shop, Any, Any]:
    """A year of service for 1,200.00, billed on 10 January; January, February and March are earned."""
    shop = Shop(books.api)
    item = {"product": "SERV001", "quantity": 12, "unit_price": "100.00"}
    invoice = shop.invoice("CUST002", date="2026-01-10", items=[item])
    schedule = defer(books, source={"document": invoice["number"], "line": 2}, **MONTHS)
    assert len(recognise(books, until="2026-03-31")["recognised"]) == 3
    return shop, invoice, schedule


def read(books: Books, schedule: Any) -> Any:
    return books.api.call("get_deferral_schedule", path={"id": schedule["id"]}).expect(200).json


def of(books: Books, *accounts: str) -> dict[str, str]:
    found = books.balances()
    return {account: found.get(account, "0.00") for account in accounts}


def test_a_void_takes_the_rest_off_the_deferral_account(books: Books, year: tuple[Shop, Any, Any]) -> None:
    """A void takes 1,200.00 of revenue back, 300.00 of which was earned: the other 900.00 are deferred no more."""
    shop, invoice, schedule = year
    assert of(books, "4000", "2310") == {"4000": "-300.00", "2310": "-900.00"}
    body = {"reason": "Never agreed", "date": "2026-04-02"}
    told = shop.api.call("void_invoice", body, path={"id": invoice["id"]}).expect(200).json
    assert of(books, "4000", "2310", "1200") == {"4000": "0.00", "2310": "0.00", "1200": "0.00"}
    assert "deferral_schedule.reduced" not in told["events"]
    found = read(books, schedule)
    assert (found["status"], found["amount"], found["recognised"], found["remaining"]) == (
        "cancelled", "300.00", "300.00", "0.00"
    )  # fmt: skip
    assert (found["source_amount"], len(found["instalments"]), found["events"][-1]) == (
        "1200.00", 3, "deferral_schedule.reduced"
    )  # fmt: skip
    (reduction,) = found["reductions"]
    assert (reduction["document"]["code"], reduction["date"], reduction["amount"], reduction["posted"]) == (
        invoice["number"], "2026-04-02", "900.00", "900.00"
    )  # fmt: skip
    assert recognise(books, until="2026-12-31")["recognised"] == []
    sound(books.api)


def test_a_credit_of_a_time_that_begins_within_a_month(shop: Shop, books: Books) -> None:
    """60.00 of 15, 30 and 15 thirtieths; a half of it is credited when 15.00 are earned: 30.00 are left of 45.00."""
    item = {"product": "SERV001", "quantity": 2, "unit_price": "30.00"}
    invoice = shop.invoice("CUST002", items=[item], date="2026-08-16")
    schedule = defer(
        books, source={"document": invoice["number"], "line": 2}, starts_on="2026-08-16", ends_on="2026-10-15"
    )
    assert [amount for _, amount in planned(schedule)] == ["15.00", "30.00", "15.00"]
    recognise(books, until="2026-08-31")
    body = {"reason": "Half of it", "date": "2026-09-05", "lines": [{"line": 1, "quantity": 1}]}
    shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201)
    assert planned(read(books, schedule)) == [("2026-08-31", "15.00"), ("2026-09-30", "10.00"), ("2026-10-15", "5.00")]
    recognise(books, until="2026-10-31")
    assert of(books, "4000", "2310") == {"4000": "-30.00", "2310": "0.00"}
    sound(books.api)


def test_a_credit_reduces_what_is_left_in_proportion(books: Books, year: tuple[Shop, Any, Any]) -> None:
    """Three of twelve months are credited: 300.00 of the 900.00 that are left, each month a ninth of it."""
    shop, invoice, schedule = year
    body = {"reason": "Three months less", "date": "2026-04-05", "lines": [{"line": 1, "quantity": 3}]}
    shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201)
    assert of(books, "4000", "2310") == {"4000": "-300.00", "2310": "-600.00"}
    found = read(books, schedule)
    assert (found["status"], found["amount"], found["remaining"]) == ("active", "900.00", "600.00")
    assert [amount for _, amount in planned(found)] == ["100.00"] * 3 + ["66.67"] * 6 + ["66.66"] * 3
    # The rest is earned as it is planned by then; crediting all that is left cancels the rest of the schedule.
    assert len(recognise(books, until="2026-04-30")["recognised"]) == 1
    rest = {"reason": "The contract has ended", "date": "2026-05-05"}
    shop.api.call("credit_invoice", rest, path={"id": invoice["id"]}).expect(201)
    assert of(books, "4000", "2310") == {"4000": "0.00", "2310": "0.00"}
    assert (read(books, schedule)["status"], read(books, schedule)["remaining"]) == ("cancelled", "0.00")
    sound(books.api)


@pytest.fixture
def credited(books: Books) -> tuple[Shop, Any]:
    """A year of service for 1,200.00 after an hour for 75.00; three months of it are credited before it is deferred."""
    shop = Shop(books.api)
    items = [{"product": "SERV001", "quantity": 1}, {"product": "SERV001", "quantity": 12, "unit_price": "100.00"}]
    invoice = shop.invoice("CUST002", date="2026-01-10", items=items)
    body = {"reason": "Three months less", "date": "2026-01-12", "lines": [{"line": 2, "quantity": 3}]}
    shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201)
    return shop, invoice


def test_a_line_that_is_credited_in_part_is_deferred_by_what_is_left(books: Books, credited: tuple[Shop, Any]) -> None:
    """Nine months of 100.00 are left of the twelve; crediting three more takes exactly these three off the rest."""
    shop, invoice = credited
    schedule = defer(books, source={"document": invoice["number"], "line": 3}, starts_on="2026-01-01", months=9)
    assert (schedule["amount"], schedule["source_line_amount"]) == ("900.00", "900.00")
    assert of(books, "4000", "2310") == {"4000": "-75.00", "2310": "-900.00"}
    more = {"reason": "x", "date": "2026-02-01", "lines": [{"line": 2, "quantity": 3}]}
    shop.api.call("credit_invoice", more, path={"id": invoice["id"]}).expect(201)
    assert read(books, schedule)["remaining"] == "600.00"
    assert of(books, "4000", "2310") == {"4000": "-75.00", "2310": "-600.00"}
    rest = {"reason": "x", "date": "2026-02-02"}
    shop.api.call("credit_invoice", rest, path={"id": invoice["id"]}).expect(201)
    assert (read(books, schedule)["status"], of(books, "4000", "2310")) == (
        "cancelled", {"4000": "0.00", "2310": "0.00"}
    )  # fmt: skip
    sound(books.api)


def test_more_than_is_left_of_a_line_is_not_deferred(books: Books, credited: tuple[Shop, Any]) -> None:
    shop, invoice = credited
    before = shop.api.counts()
    source = {"document": invoice["number"], "line": 3}
    refused = defer(books, 422, source=source, amount="900.01", **MONTHS)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == ("/amount", "too_much")
    assert "900.00 after 300.00 were credited" in refused["detail"]
    assert shop.api.counts() == before
    shop.api.call("credit_invoice", {"reason": "x"}, path={"id": invoice["id"]}).expect(201)
    before = shop.api.counts()
    assert defer(books, 409, source=source, **MONTHS)["code"] == "conflict"
    assert shop.api.counts() == before


def test_a_credit_that_is_void_leaves_the_line_whole(books: Books) -> None:
    shop = Shop(books.api)
    invoice = shop.invoice("CUST002", date="2026-01-10", items=[{"product": "SERV001", "quantity": 12}])
    body = {"reason": "x", "date": "2026-01-12", "lines": [{"line": 1, "quantity": 3}]}
    made = shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201)
    shop.api.call("void_credit_note", {"reason": "x"}, path={"id": made["id"]}).expect(200)
    assert defer(books, source={"document": invoice["number"], "line": 2}, **MONTHS)["amount"] == "900.00"
    sound(books.api)


def test_a_foreign_line_is_deferred_by_what_is_left_in_base_currency(books: Books) -> None:
    """Of 1,200.00 EUR at 1.1 a quarter is credited: 990.00 of the 1,320.00 dollars are left."""
    shop = Shop(books.api)
    items = [{"product": "SERV001", "quantity": 12, "unit_price": "100.00"}]
    foreign = {"currency": "EUR", "exchange_rate": "1.1"}
    invoice = shop.invoice("CUST002", date="2026-01-10", items=items, **foreign)
    body = {"reason": "x", "date": "2026-01-12", "lines": [{"line": 1, "quantity": 3}]}
    shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201)
    schedule = defer(books, source={"document": invoice["number"], "line": 2}, **MONTHS)
    assert schedule["amount"] == "990.00"
    assert of(books, "4000", "2310") == {"4000": "0.00", "2310": "-990.00"}
    sound(books.api)


def test_a_bill_that_is_credited_in_part_is_prepaid_by_what_is_left(books: Books) -> None:
    """The cost counts, with the tax that is not deducted: 2,640.00 of which a half is credited."""
    buyer = Purchases(books.api)
    items = [{"account": "6140", "quantity": 2, "unit_price": "1200.00", "taxes": ["CAR"]}]
    bill = buyer.bill(date="2026-01-05", items=items)
    body = {"supplier_number": "C-1", "reason": "One car less", "date": "2026-01-06"}
    buyer.act("credit_bill", bill, 201, **body, lines=[{"line": 1, "quantity": 1}])
    schedule = defer(books, source={"document": bill["number"], "line": 1}, **MONTHS)
    assert schedule["amount"] == "1320.00"
    assert of(books, "6140", "1300") == {"6140": "0.00", "1300": "1320.00"}
    sound(books.api)


def test_a_credit_that_took_a_deferral_back_is_not_voided(books: Books, year: tuple[Shop, Any, Any]) -> None:
    shop, invoice, _ = year
    body = {"reason": "x", "date": "2026-04-05"}
    made = shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201)
    before = shop.api.counts()
    refused = shop.api.call("void_credit_note", {"reason": "x"}, path={"id": made["id"]}).expect(409)
    assert (refused["code"], refused["schedule"]) == ("deferral_was_reduced", "DEF-2026-000001")
    assert shop.api.counts() == before


def test_the_reduction_needs_an_open_day(books: Books, year: tuple[Shop, Any, Any]) -> None:
    shop, invoice, schedule = year
    books.period("close_period", 4, areas=["gl"])
    before = shop.api.counts()
    body = {"reason": "x", "date": "2026-04-05"}
    shop.api.call("void_invoice", body, path={"id": invoice["id"]}).expect(422)
    shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(422)
    assert shop.api.counts() == before
    assert read(books, schedule)["remaining"] == "900.00"


def test_a_bill_that_is_prepaid(books: Books) -> None:
    """Half of the insurance is credited after three months: 1,200.00 of 1,800.00 that are left; the rest is voided."""
    buyer = Purchases(books.api)
    items = [{"account": "6140", "quantity": 2, "unit_price": "1200.00"}]
    bill = buyer.bill(date="2026-01-05", items=items)
    schedule = defer(books, source={"document": bill["number"], "line": 1}, **MONTHS)
    recognise(books, until="2026-03-31")
    assert of(books, "6140", "1300") == {"6140": "600.00", "1300": "1800.00"}
    body = {"supplier_number": "C-1", "reason": "One car less", "date": "2026-04-01"}
    made = buyer.act("credit_bill", bill, 201, **body, lines=[{"line": 1, "quantity": 1}])
    assert of(books, "6140", "1300", "2100") == {"6140": "600.00", "1300": "600.00", "2100": "-1200.00"}
    assert read(books, schedule)["remaining"] == "600.00"
    refused = buyer.act("void_supplier_credit", made, 409, reason="x")
    assert refused["code"] == "deferral_was_reduced"
    other = buyer.bill(date="2026-02-01", items=[{"account": "6140", "unit_price": "240.00"}])
    second = defer(books, source={"document": other["number"], "line": 1}, starts_on="2026-02-01", months=12)
    buyer.act("void_bill", other, reason="Entered twice", date="2026-04-01")
    assert read(books, second)["status"] == "cancelled"
    assert of(books, "6140", "1300", "2100") == {"6140": "600.00", "1300": "600.00", "2100": "-1200.00"}
    sound(books.api)


def test_a_line_that_stood_on_the_deferral_account(books: Books) -> None:
    """The reversal takes 300.00 off the deferral account, of which 100.00 were earned: those are taken back."""
    entry = books.enter(debit("1020", "300.00"), credit("2310", "300.00"), date="2026-10-01")
    source = {"document": entry["number"], "line": 2}
    schedule = defer(books, source=source, account="4010", starts_on="2026-10-01", months=3)
    recognise(books, until="2026-10-31")
    assert of(books, "2310", "4010") == {"2310": "-200.00", "4010": "-100.00"}
    books.act("reverse_journal_entry", entry, 200, reason="The customer withdrew", date="2026-11-20")
    assert of(books, "1020", "2310", "4010") == {"1020": "0.00", "2310": "0.00", "4010": "0.00"}
    (reduction,) = read(books, schedule)["reductions"]
    assert (reduction["amount"], reduction["posted"]) == ("200.00", "-100.00")
    sound(books.api)


def test_a_void_reads_and_writes_as_often_with_deferrals(books: Books, year: tuple[Shop, Any, Any]) -> None:
    shop, invoice, _ = year
    plain = shop.invoice("CUST002", date="2026-01-10", items=[{"product": "SERV001", "quantity": 1}])

    def void(document: Any) -> Any:
        body = {"reason": "x", "date": "2026-04-02"}
        return lambda: shop.api.call("void_invoice", body, path={"id": document["id"]}).expect(200)

    assert len(counted(void(invoice))[1]) == len(counted(void(plain))[1])
