"""Payments: to the bank, to the open items, and the rest an advance; never more than is open."""

from typing import Any

import pytest

from bigledger.receivables import payments, queries
from bigledger.receivables.allocation import Target, targets_of
from bigledger.receivables.payment_model import NewPayment
from tests.support.shop import Shop

WRITE_OFF = {"amount": "1.00", "account": "6340", "reason": "Bank charge"}


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    invoice = shop.invoice()
    answer = example(
        body={
            "customer": "CUST001",
            "amount": "500.00",
            "allocations": [{"invoice": invoice["number"], "amount": "500.00"}],
        },
        headers={"Idempotency-Key": "payment-4711"},
    )
    assert answer.status == 201
    assert answer["allocations"][0]["amount_due"] == "787.00"


@pytest.mark.example
def test_partial_payments_then_the_rest(shop: Shop, example: object) -> None:
    invoice = shop.invoice()
    first = shop.pay("500.00", allocations=[{"invoice": invoice["number"]}])
    assert first["number"] == "PAY-2026-000001"
    assert first["allocations"][0]["status"] == "partially_paid"
    assert first["unallocated"] == "0.00"
    assert first["events"] == ["payment.received", "invoice.partially_paid"]
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in first["posting"]["lines"]] == [
        ("1020", "500.00", "0.00"),
        ("1200", "0.00", "500.00"),
    ]
    after = shop.get(invoice)
    assert (after["status"], after["amount_due"], after["version"]) == ("partially_paid", "787.00", 2)
    last = shop.pay("787.00", allocations=[{"invoice": invoice["id"], "amount": "787.00"}])
    assert last["events"] == ["payment.received", "invoice.paid"]
    paid = shop.get(invoice)
    assert (paid["status"], paid["amount_due"]) == ("paid", "0.00")
    balances = shop.trial_balance()
    assert (balances["1020"], balances.get("1200", "0")) == ("1287.00", "0")


def test_without_allocations_the_earliest_due_is_settled_first_and_the_rest_is_an_advance(shop: Shop) -> None:
    later = shop.invoice(date="2026-11-20")
    sooner = shop.invoice(date="2026-11-10")
    answer = shop.pay("3000.00")
    assert [settled["invoice"]["code"] for settled in answer["allocations"]] == [sooner["number"], later["number"]]
    assert answer["unallocated"] == "426.00"
    assert shop.trial_balance()["2300"] == "-426.00"


def test_an_empty_list_of_allocations_leaves_all_as_an_advance(shop: Shop) -> None:
    invoice = shop.invoice()
    assert shop.pay("100.00", allocations=[])["unallocated"] == "100.00"
    assert shop.get(invoice)["amount_due"] == "1287.00"


@pytest.mark.parametrize(
    ("allocations", "read"),
    [
        (None, {1, 2, 3}),
        ([], set()),
        ([{"invoice": "INV-2026-000002"}], {2}),
        ([{"document": "INV-2026-000002"}], {1, 2, 3}),
    ],
    ids=["whatever is open", "nothing", "one of them", "a number that may be of any document"],
)
def test_of_what_is_open_only_what_is_needed_is_read(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, allocations: list[dict[str, str]] | None, read: set[int]
) -> None:
    """A customer may have thousands of open invoices; a payment for one of them reads that one."""
    made = {shop.invoice()["id"]: number for number in (1, 2, 3)}
    found: list[queries.PaymentInputs] = []

    def noting(new: NewPayment, inputs: queries.PaymentInputs, currency: str, company: Any) -> list[Target]:
        found.append(inputs)
        return targets_of(new, inputs, currency, company)

    monkeypatch.setattr(payments, "targets_of", noting)
    shop.pay("10.00", **({} if allocations is None else {"allocations": allocations}))
    assert {made[str(document.id)] for document in found[0].documents} == read
    assert {made[str(item.document_id)] for item in found[0].items} == read


def test_the_credit_is_given_back(shop: Shop) -> None:
    shop.invoice()
    shop.pay("1287.00")
    assert shop.invoice()["credit"] == {"limit": "50000.00", "exposure": "1287.00", "available": "48713.00"}


@pytest.mark.parametrize(
    ("allocations", "pointer", "code"),
    [
        ([{"invoice": "INV-2026-000001", "amount": "1287.01"}], "/allocations/0/amount", "over_allocated"),
        ([{"invoice": "INV-2026-000009"}], "/allocations/0/invoice", "unknown_invoice"),
    ],
)
def test_faulty_allocations_are_refused_and_nothing_is_kept(
    shop: Shop, allocations: list[dict[str, str]], pointer: str, code: str
) -> None:
    shop.invoice()
    before = shop.api.counts()
    problem = shop.pay("2000.00", status=422, allocations=allocations)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert shop.api.counts() == before


def test_another_customers_invoice_cannot_be_settled(shop: Shop) -> None:
    other = shop.invoice("CUST002")
    problem = shop.pay("10.00", status=422, allocations=[{"invoice": other["number"]}])
    assert problem["code"] == "unknown_reference"


def test_money_that_moves_needs_a_key(shop: Shop) -> None:
    before = shop.api.counts()
    answer = shop.api.call("record_payment", {"customer": "CUST001", "amount": "1.00"}).expect(428)
    assert answer["code"] == "precondition_missing"
    assert shop.api.counts() == before


def test_a_repeated_payment_is_recorded_once(shop: Shop) -> None:
    shop.invoice()
    body = {"customer": "CUST001", "amount": "500.00"}
    first = shop.api.call("record_payment", body, headers={"Idempotency-Key": "k"}).expect(201)
    before = shop.api.counts()
    again = shop.api.call("record_payment", body, headers={"Idempotency-Key": "k"}).expect(201)
    assert again.text == first.text
    assert again.headers["Idempotency-Hit"] == "true"
    assert shop.api.counts() == before


def test_a_difference_can_be_written_off(shop: Shop) -> None:
    invoice = shop.invoice()
    answer = shop.pay("1286.00", write_off=WRITE_OFF)
    assert answer["allocations"][0]["status"] == "paid"
    assert answer["written_off"] == "1.00"
    assert shop.get(invoice)["amount_due"] == "0.00"
    assert shop.trial_balance()["6340"] == "1.00"


def test_the_event_tells_all_that_settled_the_invoice(shop: Shop) -> None:
    """Money and write-off together are what was allocated and what is left."""
    shop.invoice()
    shop.pay("1286.00", account="1010", write_off=WRITE_OFF)
    (event,) = shop.api.events("payment.received")
    told = event["data"]
    assert (told["amount"], told["written_off"], told["unallocated"]) == ("1286.00", "1.00", "0.00")
    assert told["allocations"][0]["amount"] == "1287.00"
    assert (told["account"]["code"], told["write_off_account"]["code"]) == ("1010", "6340")
    assert told["write_off_reason"] == "Bank charge"


def test_a_write_off_needs_its_own_permission_and_a_reason(shop: Shop) -> None:
    shop.invoice()
    cashier = shop.api.as_("cashier", "receivables.record_payment")
    body = {"customer": "CUST001", "amount": "1286.00", "write_off": WRITE_OFF}
    before = shop.api.counts()
    problem = cashier.call("record_payment", body, headers={"Idempotency-Key": "1"}).expect(403)
    assert (problem["code"], problem["permission"]) == ("forbidden", "receivables.write_off")
    unexplained = {"amount": "1.00", "account": "6340"}
    assert shop.pay("1286.00", status=422, write_off=unexplained)["errors"][0]["pointer"] == "/write_off/reason"
    assert shop.api.counts() == before
    both = shop.api.as_("accountant", "receivables.record_payment receivables.write_off")
    both.call("record_payment", body, headers={"Idempotency-Key": "2"}).expect(201)


@pytest.mark.parametrize("allocations", [None, [{"invoice": "INV-2026-000001"}]])
def test_an_invoice_is_not_settled_before_its_date(shop: Shop, allocations: list[dict[str, str]] | None) -> None:
    """Otherwise the receivables of the ledger and the open items would differ on the days between."""
    shop.invoice(date="2026-11-20")
    before = shop.api.counts()
    fields = {"date": "2026-11-19"} | ({} if allocations is None else {"allocations": allocations})
    problem = shop.pay("100.00", status=422, **fields)
    assert problem["code"] == "dated_too_early"
    pointer = "/date" if allocations is None else "/allocations/0/invoice"
    message = "INV-2026-000001 is dated 2026-11-20"
    assert problem["errors"] == [{"pointer": pointer, "code": "dated_too_early", "message": message}]
    assert message in problem["detail"]
    assert shop.api.counts() == before
    assert shop.pay("100.00", date="2026-11-19", allocations=[])["unallocated"] == "100.00"
    assert shop.pay("100.00", **fields | {"date": "2026-11-20"})["allocations"][0]["amount_due"] == "1187.00"


def test_an_earlier_payment_may_settle_the_invoices_there_are(shop: Shop) -> None:
    shop.invoice(date="2026-11-20")
    earlier = shop.invoice(date="2026-11-10")
    answer = shop.pay("1287.00", date="2026-11-10")
    assert [settled["invoice"]["code"] for settled in answer["allocations"]] == [earlier["number"]]


@pytest.mark.parametrize("account", ["1200", "1400", "2100", "2200", "2300", "4000", "6340", "1240", "2500"])
def test_money_goes_to_accounts_of_money_only(shop: Shop, account: str) -> None:
    """Control accounts equal their subledgers only if nothing else is posted to them."""
    shop.invoice()
    before = shop.api.counts()
    problem = shop.pay("100.00", status=422, account=account)
    assert (problem["code"], problem["account"]) == ("account_not_suitable", account)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/account", "account_not_suitable")]
    assert shop.api.counts() == before


@pytest.mark.parametrize("account", ["1010", "1020", "1030", "1040"])
def test_money_may_go_to_bank_cash_or_what_is_as_good(shop: Shop, account: str) -> None:
    shop.invoice()
    shop.pay("100.00", account=account)
    assert shop.trial_balance()[account] == "100.00"


@pytest.mark.parametrize("account", ["1200", "1020", "1010", "2100", "2200", "2300", "3000"])
def test_a_write_off_is_borne_by_expenses_or_revenue(shop: Shop, account: str) -> None:
    shop.invoice()
    before = shop.api.counts()
    problem = shop.pay("1286.00", status=422, write_off=WRITE_OFF | {"account": account})
    assert problem["code"] == "account_not_suitable"
    assert [error["pointer"] for error in problem["errors"]] == ["/write_off/account"]
    assert shop.api.counts() == before


def test_a_group_account_takes_no_money(shop: Shop) -> None:
    shop.invoice()
    problem = shop.pay("100.00", status=422, account="10")
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("account_not_postable", "/account")


def close_areas(shop: Shop, *areas: str) -> None:
    path = {"resource": "fiscal-years", "id": "FY2026"}
    year = shop.api.call("get_record", path=path).expect(200)
    periods = [period | {"closed_areas": list(areas)} for period in year["periods"]]
    headers = {"If-Match": year.headers["ETag"]}
    shop.api.call("update_record", {"periods": periods}, path=path, headers=headers).expect(200)


def test_closing_sales_does_not_stop_the_cash(shop: Shop) -> None:
    shop.invoice()
    close_areas(shop, "sales")
    assert shop.invoice(status=422)["code"] == "period_closed"
    assert shop.pay("1287.00")["allocations"][0]["status"] == "paid"


def test_closing_cash_stops_payments_alone(shop: Shop) -> None:
    shop.invoice()
    close_areas(shop, "cash")
    before = shop.api.counts()
    assert shop.pay("1287.00", status=422)["code"] == "period_closed"
    assert shop.api.counts() == before
    assert shop.invoice()["status"] == "issued"


def test_amounts_finer_than_the_currency_are_refused(shop: Shop) -> None:
    shop.invoice()
    problem = shop.pay("10.005", status=422)
    assert [error["pointer"] for error in problem["errors"]] == ["/amount"]


@pytest.mark.parametrize("spellings", [("number", "number"), ("number", "id"), ("id", "ID"), ("ID", "number")])
def test_an_invoice_is_named_once_however_it_is_spelled(shop: Shop, spellings: tuple[str, str]) -> None:
    invoice, other = shop.invoice(), shop.invoice()
    names = {"number": invoice["number"], "id": invoice["id"], "ID": invoice["id"].upper()}
    first, second = ({"invoice": names[spelling], "amount": "1.00"} for spelling in spellings)
    before = shop.api.counts()
    problem = shop.pay("100.00", status=422, allocations=[first, {"invoice": other["id"]}, second])
    assert problem["code"] == "invalid_request"
    message = f"{invoice['number']} is named twice"
    assert problem["errors"] == [
        {"pointer": f"/allocations/{place}/invoice", "code": "allocated_twice", "message": message} for place in (0, 2)
    ]
    assert shop.api.counts() == before
    assert (shop.get(invoice)["amount_due"], shop.get(other)["amount_due"]) == ("1287.00", "1287.00")


@pytest.mark.parametrize("amount", ["1000000000000000", "999999999999999999.99", 10**15])
def test_a_payment_stays_below_what_is_added_exactly(shop: Shop, amount: str | int) -> None:
    number = shop.invoice()["number"]
    before = shop.api.counts()
    faulty = [
        ({"amount": amount}, "/amount"),
        ({"amount": "1", "allocations": [{"invoice": number, "amount": amount}]}, "/allocations/0/amount"),
        ({"amount": "1", "write_off": {**WRITE_OFF, "amount": amount}}, "/write_off/amount"),
    ]
    for fields, pointer in faulty:
        body = {"customer": "CUST001", **fields}
        problem = shop.api.call("record_payment", body, headers={"Idempotency-Key": "large"}).expect(422)
        assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, "less_than")]
    assert shop.api.counts() == before


def test_the_largest_payments_are_exact(shop: Shop) -> None:
    for _ in range(3):
        assert shop.pay("999999999999999.99", allocations=[])["unallocated"] == "999999999999999.99"
    assert shop.trial_balance()["2300"] == "-2999999999999999.97"


@pytest.mark.parametrize("date", ["2150-06-01", "1950-06-01", "2199-12-31", "1900-01-01"])
def test_a_payment_is_dated_in_an_open_period_only(shop: Shop, date: str) -> None:
    """The far future and the far past have no fiscal year, so nothing is posted there by a slip of the keyboard."""
    before = shop.api.counts()
    problem = shop.pay("100.00", status=422, date=date, allocations=[])
    assert (problem["code"], problem["date"]) == ("period_closed", date)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/date", "period_closed")]
    assert shop.api.counts() == before


@pytest.mark.parametrize("date", ["9999-12-31", "0001-01-01", "2200-01-01", "1899-12-31", "10000-01-01"])
def test_a_day_beyond_the_calendar_is_refused(shop: Shop, date: str) -> None:
    before = shop.api.counts()
    problem = shop.pay("100.00", status=422, date=date, allocations=[])
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [("/date", "not_a_date")]
    assert shop.api.counts() == before


def test_a_payment_may_be_dated_ahead_into_an_open_period(shop: Shop) -> None:
    assert shop.pay("100.00", date="2026-12-31", allocations=[])["date"] == "2026-12-31"
    assert "2300" not in shop.trial_balance(as_of="2026-12-30")
    assert shop.trial_balance(as_of="2026-12-31")["2300"] == "-100.00"


def test_an_invoice_of_another_company_is_told_to_be_one(shop: Shop) -> None:
    """Money of a company settles what is owed to it alone."""
    record = shop.api.record
    invoice = shop.invoice()
    record("companies", code="EAST", name="East", currency="USD", jurisdiction="US-NY")
    record("fiscal-years", code="EAST26", company="EAST", starts_on="2026-01-01", ends_on="2026-12-31")
    record("number-series", code="PAY-E", document_type="payment", company="EAST", prefix="E-{YYYY}-")
    before = shop.api.counts()
    for allocation in ({"invoice": invoice["id"]}, {"invoice": invoice["number"], "amount": "5.00"}):
        refused = shop.pay("10.00", status=422, company="EAST", allocations=[allocation])
        (error,) = refused["errors"]
        assert (error["pointer"], error["code"]) == ("/allocations/0/invoice", "company_differs")
    assert shop.api.counts() == before


def test_who_is_archived_is_told_how_to_be_taken_into_use(shop: Shop) -> None:
    invoice = shop.invoice()
    shop.api.call("archive_record", path={"resource": "customers", "id": "CUST001"}).expect(200)
    before = shop.api.counts()
    path, headers = {"id": invoice["id"]}, {"Idempotency-Key": "archived"}
    refused = shop.api.call("pay_invoice", {}, path=path, headers=headers).expect(422)
    assert refused["detail"].startswith("There is no active customer CUST001. One that is archived is taken into use")
    assert shop.api.counts() == before
