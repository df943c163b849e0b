"""The main job: an invoice from nothing but codes and quantities, with all that follows from it."""

import pytest

from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(example) -> None:
    answer = example(body={"customer": "CUST001", "items": [{"product": "PROD001", "quantity": 10}]})
    assert answer.status == 201
    assert answer["number"] == "INV-2026-000001"


def test_the_main_job_field_by_field(shop: Shop) -> None:
    answer = shop.invoice()
    assert answer["number"] == "INV-2026-000001"
    assert answer["status"] == "issued"
    assert answer["version"] == 1
    assert answer["company"]["code"] == "MAIN"
    assert answer["customer"]["code"] == "CUST001"
    assert answer["customer"]["name"] == "Lighthouse Books"
    assert answer["date"] == "2026-11-23"
    assert answer["due_date"] == "2026-12-23"
    assert answer["currency"] == "USD"
    (item,) = answer["items"]
    assert {name: item[name] for name in ("line", "quantity", "unit_price", "discount", "net", "taxes")} == {
        "line": 1,
        "quantity": "10",
        "unit_price": "120.00",
        "discount": "0.00",
        "net": "1200.00",
        "taxes": [
            {"code": "STATE", "jurisdiction": "US-CA", "rate": "0.06", "base": "1200.00", "amount": "72.00"},
            {"code": "CITY", "jurisdiction": "US-CA-SF", "rate": "0.0125", "base": "1200.00", "amount": "15.00"},
        ],
    }
    assert item["product"]["code"] == "PROD001"
    assert (answer["subtotal"], answer["tax_total"], answer["total"]) == ("1200.00", "87.00", "1287.00")
    assert answer["amount_due"] == "1287.00"
    assert [tax["amount"] for tax in answer["taxes"]] == ["72.00", "15.00"]
    assert answer["reservations"] == [
        {"product": "PROD001", "location": "MAIN", "quantity": "10", "available_after": "90"}
    ]
    assert answer["credit"] == {"limit": "50000.00", "exposure": "1287.00", "available": "48713.00"}
    assert answer["approval"] == {"required": False}
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in answer["posting"]["lines"]] == [
        ("1200", "1287.00", "0.00"),
        ("4000", "0.00", "1200.00"),
        ("2200", "0.00", "72.00"),
        ("2200", "0.00", "15.00"),
    ]
    assert answer["events"] == ["invoice.created", "stock.reserved"]
    assert answer["links"] == {
        "self": f"/api/v1/invoices/{answer['id']}",
        "history": f"/api/v1/documents/{answer['id']}/history",
    }


def test_it_is_read_back_as_it_was_answered(shop: Shop) -> None:
    created = shop.invoice()
    assert shop.get(created) == created


def test_the_books_stock_and_events_agree(shop: Shop) -> None:
    before = shop.trial_balance()
    shop.invoice()
    after = shop.trial_balance()
    assert {code: after[code] for code in after if before.get(code) != after[code]} == {
        "1200": "1287.00",
        "2200": "-87.00",
        "4000": "-1200.00",
    }
    assert shop.available("PROD001") == "90"
    (event,) = shop.api.events("invoice.created")
    assert event["data"]["number"] == "INV-2026-000001"
    assert event["data"]["total"] == "1287.00"


def test_unknown_codes_are_all_told_at_once(shop: Shop) -> None:
    before = shop.api.counts()
    items = [
        {"product": "PROD001", "quantity": 1},
        {"product": "NOPE", "quantity": 1},
        {"product": "NADA", "quantity": 2},
    ]
    problem = shop.invoice("NOBODY", status=422, items=items, payment_terms="NEVER")
    assert problem["code"] == "unknown_reference"
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/customer", "unknown_customer"),
        ("/items/1/product", "unknown_product"),
        ("/items/2/product", "unknown_product"),
        ("/payment_terms", "unknown_payment_term"),
    ]
    assert shop.api.counts() == before


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ({"product": "PROD001", "quantity": -1}, "/items/0/quantity"),
        ({"product": "PROD001", "quantity": 0}, "/items/0/quantity"),
        ({"product": "PROD001", "quantity": 1.5}, "/items/0/quantity"),
        ({"product": "PROD001", "quantity": 1, "unit_price": 9.99}, "/items/0/unit_price"),
        ({"product": "PROD001", "quantity": 1, "unit_price": "-1.00"}, "/items"),
        ({"product": "PROD001", "quantity": 1, "price": "9.99"}, "/items/0/price"),
        ({"product": "PROD001", "quantity": 1, "discount_percent": "101"}, "/items/0/discount_percent"),
    ],
)
def test_a_faulty_line_is_pointed_at_and_nothing_is_kept(shop: Shop, item: dict[str, object], pointer: str) -> None:
    before = shop.api.counts()
    problem = shop.invoice(status=422, items=[item])
    assert problem["code"] == "invalid_request"
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert shop.api.counts() == before


def test_a_credit_limit_refuses_with_the_figures(shop: Shop) -> None:
    shop.receive(PROD002="200")
    shop.invoice(items=[{"product": "PROD002", "quantity": 100}])
    before = shop.api.counts()
    problem = shop.invoice(status=422, items=[{"product": "PROD002", "quantity": 10}])
    assert problem["code"] == "credit_limit_exceeded"
    assert (problem["limit"], problem["exposure"], problem["requested"]) == ("50000.00", "48262.50", "4826.25")
    assert shop.api.counts() == before


def test_a_shortage_is_told_per_product(shop: Shop) -> None:
    before = shop.api.counts()
    problem = shop.invoice(
        status=422, items=[{"product": "PROD002", "quantity": 21}, {"product": "PROD001", "quantity": 1}]
    )
    assert problem["code"] == "insufficient_stock"
    (shortage,) = problem["shortages"]
    assert (shortage["product"], shortage["requested"], shortage["available"]) == ("PROD002", "21", "20")
    assert shop.api.counts() == before


def test_a_closed_period_is_refused_with_the_next_open_day(shop: Shop) -> None:
    year = shop.api.call("list_records", path={"resource": "fiscal-years"}).expect(200)["data"]
    current = next(row for row in year if row["starts_on"] == "2026-01-01")
    periods = [{**period, "status": "closed"} if period["number"] <= 11 else period for period in current["periods"]]
    shop.api.call(
        "update_record",
        {"periods": periods},
        path={"resource": "fiscal-years", "id": current["id"]},
        headers={"If-Match": f'"{current["version"]}"'},
    ).expect(200)
    before = shop.api.counts()
    problem = shop.invoice(status=422)
    assert problem["code"] == "period_closed"
    assert problem["suggested_date"] == "2026-12-01"
    assert shop.api.counts() == before
    assert shop.invoice(date="2026-12-01")["status"] == "issued"


def test_an_invoice_above_the_rule_waits_for_approval(shop: Shop) -> None:
    shop.api.record("approval-rules", code="BIG", name="Above 10,000", condition="document.total > 10000")
    small = shop.invoice()
    before = shop.trial_balance()
    answer = shop.invoice(items=[{"product": "PROD001", "quantity": 90}])
    assert small["approval"] == {"required": False}
    assert answer["status"] == "pending_approval"
    assert answer["approval"]["required"] is True
    assert "number" not in answer
    assert answer["posting"] == {"lines": []}
    assert answer["amount_due"] == "0.00"
    assert answer["events"] == ["invoice.created", "stock.reserved"]
    assert shop.trial_balance() == before
    assert shop.available("PROD001") == "0"


def test_a_dry_run_predicts_the_call_and_changes_nothing(shop: Shop) -> None:
    before = shop.api.counts()
    body = {"customer": "CUST001", "items": [{"product": "PROD001", "quantity": 10}]}
    trial = shop.api.call("create_invoice", body, query={"dry_run": "true"}).expect(200).json
    assert shop.api.counts() == before
    told = trial.pop("dry_run")
    real = shop.invoice()
    for answer in (trial, real):
        for unforeseeable in ("id", "links"):
            answer.pop(unforeseeable)
    assert trial == real
    assert [event["type"] for event in told["events"]] == ["invoice.created", "stock.reserved"]
    assert told["events"][0]["data"]["number"] == "INV-2026-000001"


def test_the_number_of_statements_does_not_depend_on_the_lines(shop: Shop) -> None:
    one = [{"product": "SERV001", "quantity": 1}]
    shop.invoice(items=one)
    _, for_one = counted(lambda: shop.invoice(items=one))
    _, for_many = counted(lambda: shop.invoice("CUST002", items=one * 500))
    assert len(for_many) == len(for_one)
    assert len(for_one) == 3  # open, read, flush


def test_an_invoice_of_nothing_is_paid_at_once_and_posts_nothing(shop: Shop) -> None:
    before = shop.trial_balance()
    answer = shop.invoice(items=[{"product": "SERV001", "quantity": 1, "discount_percent": 100}])
    assert (answer["number"], answer["status"], answer["total"]) == ("INV-2026-000001", "paid", "0.00")
    assert (answer["amount_due"], answer["posting"]) == ("0.00", {"lines": []})
    assert shop.get(answer) == answer
    assert shop.trial_balance() == before
    assert shop.api.counts()["ledger.open_item"] == 0


def test_a_line_of_nothing_is_not_posted_beside_others(shop: Shop) -> None:
    items = [{"product": "SERV001", "quantity": 1, "unit_price": "0.00"}, {"product": "SERV001", "quantity": 1}]
    answer = shop.invoice("CUST002", items=items)
    lines = [(line["account"]["code"], line["debit"], line["credit"]) for line in answer["posting"]["lines"]]
    assert (answer["status"], lines) == ("issued", [("1200", "75.00", "0.00"), ("4000", "0.00", "75.00")])


@pytest.mark.parametrize(
    ("resource", "fields", "pointer"),
    [
        ("customers", {"receivable_account": "2100"}, "/customer"),
        ("customers", {"receivable_account": "2300"}, "/customer"),
        ("customers", {"receivable_account": "1020"}, "/customer"),
        ("products", {"revenue_account": "1200"}, "/items/0/product"),
        ("products", {"revenue_account": "2200"}, "/items/0/product"),
        ("products", {"revenue_account": "6340"}, "/items/0/product"),
    ],
)
@pytest.mark.parametrize("draft", [True, False])
def test_receivables_and_revenue_have_their_own_accounts(
    shop: Shop, resource: str, fields: dict[str, str], pointer: str, draft: bool
) -> None:
    """The account receivable equals the open items only if every invoice, and nothing else, is posted to it."""
    base = {"customers": {"jurisdiction": "US-NV"}, "products": {"unit": "EA", "sales_price": "9.00"}}[resource]
    if resource == "products":
        base |= {"kind": "service"}
    shop.api.record(resource, code="ODD", name="Odd", **base, **fields)
    customer, product = ("ODD", "SERV001") if resource == "customers" else ("CUST002", "ODD")
    before = shop.api.counts()
    problem = shop.invoice(customer, status=422, items=[{"product": product, "quantity": 1}], draft=draft)
    assert problem["code"] == "account_not_suitable"
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, "account_not_suitable")]
    assert shop.api.counts() == before


@pytest.mark.parametrize("draft", [True, False])
def test_an_id_that_is_taken_is_a_conflict(shop: Shop, draft: bool) -> None:
    invoice = shop.invoice()
    before = shop.api.counts()
    assert shop.invoice(status=409, id=invoice["id"], draft=draft)["code"] == "id_taken"
    assert shop.invoice(status=409, id=invoice["customer"]["id"], draft=draft)["code"] == "id_taken"
    assert shop.api.counts() == before


@pytest.mark.parametrize(
    ("item", "pointer", "code"),
    [
        ({"quantity": 1, "unit_price": "1000000000000000"}, "/items/0/unit_price", "less_than"),
        ({"quantity": 1, "unit_price": 10**15}, "/items/0/unit_price", "less_than"),
        ({"quantity": "1000000000000", "unit_price": "0"}, "/items/0/quantity", "less_than"),
        ({"quantity": "999999999999999999", "unit_price": "0"}, "/items/0/quantity", "less_than"),
        ({"quantity": "1000000", "unit_price": "1000000000"}, "/items", "too_large"),
        ({"quantity": "999999999999", "unit_price": "999999999999999.999999999999"}, "/items", "too_large"),
        ({"quantity": 1, "unit_price": "999999999999999.99"}, "/items", "too_large"),
    ],
)
def test_an_invoice_stays_below_what_is_added_exactly(
    shop: Shop, item: dict[str, object], pointer: str, code: str
) -> None:
    """Each factor may be allowed and the product not: the last comes past the limit by its tax alone."""
    before = shop.api.counts()
    for draft in (True, False):
        problem = shop.invoice(status=422, draft=draft, items=[{"product": "SERV001", **item}])
        assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert shop.api.counts() == before


def test_the_largest_invoice_is_exact(shop: Shop) -> None:
    shop.api.record("customers", code="BIG", name="Big", jurisdiction="US-NV")
    items = [{"product": "SERV001", "quantity": "999999999999", "unit_price": "999.99"}]
    assert shop.invoice("BIG", items=items)["total"] == "999989999999000.01"
    assert shop.invoice("BIG", items=items)["credit"] == {"exposure": "1999979999998000.02"}
    assert shop.trial_balance()["4000"] == "-1999979999998000.02"


def test_an_invoice_of_many_lines_is_told_whole_everywhere(shop: Shop) -> None:
    """Its lines are sent to the database once; the document, the event and the answer kept for a replay have them."""
    body = {"customer": "CUST001", "items": [{"product": "PROD001", "quantity": 1}] * 40}
    key = {"Idempotency-Key": "forty"}
    first = shop.api.call("create_invoice", body, headers=key).expect(201)
    assert [item["line"] for item in first["items"]] == list(range(1, 41))
    assert len(first["reservations"]) == 40
    assert shop.api.call("create_invoice", body, headers=key).expect(201).text == first.text
    assert shop.get(first) == first.json
    (told,) = shop.api.rows("SELECT data FROM kernel.event WHERE type = 'invoice.created'")
    assert (told.data["number"], told.data["items"]) == (first["number"], first["items"])


def test_services_need_no_place_where_stock_is_kept(shop: Shop) -> None:
    """A second company without locations invoices services; for goods it is told to say where they are."""
    record = shop.api.record
    record("companies", code="EAST", name="East", currency="USD", jurisdiction="US-NY")
    record("fiscal-years", code="EAST26", company="EAST", starts_on="2026-01-01", ends_on="2026-12-31")
    record("number-series", code="INV-E", document_type="invoice", company="EAST", prefix="E-{YYYY}-")
    service, goods = ({"product": code, "quantity": 1} for code in ("SERV001", "PROD001"))
    made = shop.invoice("CUST002", company="EAST", items=[service])
    assert (made["number"], made["total"], made["status"]) == ("E-2026-000001", "75.00", "issued")
    shop.invoice("CUST002", company="EAST", items=[goods], draft=True)
    before = shop.api.counts()
    refused = shop.invoice("CUST002", status=422, company="EAST", items=[service, goods])
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/location", "required")]
    assert shop.api.counts() == before
