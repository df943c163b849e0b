"""Quoting tax: what an invoice would bear, told step by step, with nothing made."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.shop import Shop
from tests.support.statements import counted

LAMPS = [{"product": "PROD001", "quantity": 10}]


@pytest.mark.example
def test_example(example: Any) -> None:
    answer = example(body={"customer": "CUST001", "items": LAMPS})
    assert (answer.status, answer["tax_total"], answer["total"]) == (200, "87.00", "1287.00")


def quote(shop: Shop, status: int = 200, **body: Any) -> Any:
    return shop.api.call("quote_tax", body).expect(status).json


def amounts(answer: Any) -> dict[str, str]:
    return {tax["code"]: tax["amount"] for tax in answer["taxes"]}


def steps(answer: Any) -> list[str]:
    return [step["step"] for step in answer["trace"]]


def text(answer: Any, step: str) -> str:
    return next(str(found["text"]) for found in answer["trace"] if found["step"] == step)


def test_the_quote_field_by_field(shop: Shop) -> None:
    answer = quote(shop, customer="CUST001", items=LAMPS)
    assert answer["company"]["code"] == "MAIN"
    assert answer["customer"]["code"] == "CUST001"
    assert answer["customer"]["name"] == "Lighthouse Books"
    assert (answer["place"], answer["date"], answer["currency"]) == ("US-CA-SF", "2026-11-23", "USD")
    assert answer["policy"] == {
        "rounding": "per_document",
        "mode": "half_up",
        "net_price_decimals": 4,
        "no_rule": "no_tax",
    }
    taxes = [
        {"code": "STATE", "jurisdiction": "US-CA", "rate": "0.06", "base": "1200.00", "amount": "72.00"},
        {"code": "CITY", "jurisdiction": "US-CA-SF", "rate": "0.0125", "base": "1200.00", "amount": "15.00"},
    ]
    (item,) = answer["items"]
    assert item.pop("product")["code"] == "PROD001"
    assert item == {
        "line": 1,
        "quantity": "10",
        "unit_price": "120.00",
        "net_unit_price": "120.00",
        "discount": "0.00",
        "net": "1200.00",
        "taxes": taxes,
        "total": "1287.00",
    }
    assert answer["taxes"] == taxes
    assert (answer["subtotal"], answer["tax_total"], answer["total"]) == ("1200.00", "87.00", "1287.00")
    assert [step["text"] for step in answer["trace"]] == [
        "Line 1 is of no product category.",
        "The place of supply is US-CA-SF, where the customer is; no other ship-to place was given.",
        "In US-CA-SF rule SF decides: CITY.",
        "In US-CA rule CA decides: STATE.",
        "In US no rule applies.",
        "STATE in US-CA is 6 % on 2026-11-23 (since 2020-01-01).",
        "CITY in US-CA-SF is 1.25 % on 2026-11-23 (since 2020-01-01).",
        "Line 1: 10 × 120.00 = 1200.00, its net.",
        "STATE in US-CA at 6 % of 1200.00 is 72 for the document, rounded once, half up, to 72.00.",
        "Line 1 bears 72.00 of STATE; before rounding 72.",
        "CITY in US-CA-SF at 1.25 % of 1200.00 is 15 for the document, rounded once, half up, to 15.00.",
        "Line 1 bears 15.00 of CITY; before rounding 15.",
        "Net 1200.00 + tax 87.00 = 1287.00 USD.",
    ]


def test_nothing_is_written_or_told(shop: Shop) -> None:
    before = shop.api.counts()
    quote(shop, customer="CUST001", items=LAMPS)
    trial = shop.api.call("quote_tax", {"customer": "CUST001", "items": LAMPS}, query={"dry_run": "true"})
    assert trial.expect(200)["dry_run"] == {"events": []}
    assert shop.api.counts() == before


def test_it_is_read_in_two_statements_however_many_lines(shop: Shop) -> None:
    quote(shop, customer="CUST001", items=LAMPS)
    _, few = counted(lambda: quote(shop, customer="CUST001", items=LAMPS))
    answer, many = counted(lambda: quote(shop, customer="CUST002", items=LAMPS * 1000))
    assert len(answer["items"]) == 1000
    assert len(few) == len(many) == 2


@pytest.mark.parametrize("customer", ["CUST001", "CUST002", "BERLIN", "EMBASSY", "BREWER"])
def test_the_invoice_says_the_same(europe: Shop, customer: str) -> None:
    body = {
        "customer": customer,
        "items": [
            {"product": "PROD001", "quantity": 3, "discount_percent": "7.5"},
            {"product": "NOVEL", "quantity": 7},
            {"product": "STOUT", "quantity": 11},
            {"product": "SERV001", "quantity": 1, "unit_price": "33.335"},
        ],
    }
    quoted = quote(europe, **body)
    invoice = europe.invoice(customer, items=body["items"])
    for name in ("currency", "taxes", "subtotal", "tax_total", "total"):
        assert quoted[name] == invoice[name]
    shared = ("line", "quantity", "unit_price", "discount", "net", "taxes", "price_includes_tax", "tax_notes")
    for mine, theirs in zip(quoted["items"], invoice["items"], strict=True):
        assert {name: mine.get(name) for name in shared} == {name: theirs.get(name) for name in shared}
        assert theirs.get("gross", mine["total"]) == mine["total"]


def test_the_place_is_where_the_goods_go(europe: Shop) -> None:
    answer = quote(europe, customer="CUST001", ship_to="DE", items=LAMPS)
    assert (answer["place"], answer["tax_total"], answer["subtotal"]) == ("DE", "191.60", "1008.40")
    assert text(answer, "place_of_supply") == "The place of supply is DE, where the goods are shipped."


def test_somebody_who_is_not_on_record(shop: Shop) -> None:
    items = [{"tax_category": "FOOD", "quantity": 2, "unit_price": "5.00"}, {"quantity": 1, "unit_price": "1.00"}]
    answer = quote(shop, jurisdiction="US-CA", items=items)
    assert "customer" not in answer
    assert (answer["place"], amounts(answer)) == ("US-CA", {"STATE": "0.66"})
    assert [item.get("tax_category") for item in answer["items"]] == ["FOOD", None]
    assert [step["text"] for step in answer["trace"] if step["step"] == "product_category"] == [
        "Line 1 is of category FOOD.",
        "Line 2 is of no product category.",
    ]


def test_nowhere_bears_no_tax_unless_the_policy_refuses(shop: Shop) -> None:
    assert steps(quote(shop, items=LAMPS))[:3] == ["product_category", "place_of_supply", "no_tax"]
    problem = quote(shop, 422, items=LAMPS, policy={"no_rule": "refuse"})
    assert problem["code"] == "tax_undetermined"


def test_each_category_has_its_own_rules(europe: Shop) -> None:
    items = [{"product": "PROD001", "quantity": 1}, {"product": "NOVEL", "quantity": 1}]
    answer = quote(europe, customer="BERLIN", items=items)
    assert amounts(answer) == {"VAT": "19.16", "BOOKS": "0.70"}
    assert (answer["subtotal"], answer["total"]) == ("110.84", "130.70")


@pytest.mark.parametrize(
    ("day", "vat"), [("2020-07-01", "16.55"), ("2020-12-31", "16.55"), ("2021-01-01", "19.16"), ("2026-11-23", "19.16")]
)
def test_the_rate_is_that_of_the_day(europe: Shop, day: str, vat: str) -> None:
    answer = quote(europe, customer="BERLIN", date=day, items=[{"product": "PROD001", "quantity": 1}])
    assert amounts(answer) == {"VAT": vat}
    assert answer["total"] == "120.00"


def test_a_tax_without_a_rate_on_the_day_is_left_out_or_refused(europe: Shop) -> None:
    answer = quote(europe, customer="BERLIN", date="2019-01-01", items=LAMPS)
    assert (answer["tax_total"], "not_in_force" in steps(answer)) == ("0.00", True)
    problem = quote(europe, 422, customer="BERLIN", date="2019-01-01", items=LAMPS, policy={"no_rule": "refuse"})
    assert problem["code"] == "tax_rate_missing"


def test_an_excise_is_part_of_what_the_vat_falls_on(europe: Shop) -> None:
    """6.55 = 5.0042 + 0.50 of duty + 19 % of both, which is 1.0458."""
    answer = quote(europe, customer="BERLIN", items=[{"product": "STOUT", "quantity": 1}])
    assert answer["items"][0]["net_unit_price"] == "5.0042"
    assert amounts(answer) == {"BEER": "0.50", "VAT": "1.05"}
    assert answer["items"][0]["taxes"][1]["base"] == "5.50"
    assert answer["total"] == "6.55"


def test_who_is_exempt_does_not_pay_the_tax_that_is_in_the_price(europe: Shop) -> None:
    answer = quote(europe, customer="EMBASSY", items=LAMPS)
    assert (answer["subtotal"], answer["tax_total"], answer["total"]) == ("1008.40", "0.00", "1008.40")
    assert answer["items"][0]["unit_price"] == "100.8403"
    assert text(answer, "exemption") == "VAT is not charged: exemption certificate AA-17 (diplomatic mission)."
    assert text(answer, "price_without_tax") == (
        "Line 1: the price of 120.00 includes VAT; without that it is 100.8403."
    )


def test_who_is_exempt_from_one_of_two_taxes_in_the_price_pays_the_other(europe: Shop) -> None:
    """The net behind 6.55 is 5.0042 as for everybody; with 19 % on it, and none on the duty, it is 5.955.

    That is charged as 5.96, which contains 0.95.
    """
    answer = quote(europe, customer="BREWER", items=[{"product": "STOUT", "quantity": 1}])
    assert answer["items"][0]["unit_price"] == "5.955"
    assert (answer["subtotal"], amounts(answer), answer["total"]) == ("5.01", {"VAT": "0.95"}, "5.96")


def test_a_price_that_was_agreed_is_what_the_exempt_buyer_pays(europe: Shop) -> None:
    items = [{"product": "PROD001", "quantity": 1, "unit_price": "99.00"}]
    answer = quote(europe, customer="EMBASSY", items=items)
    assert (answer["total"], "price_without_tax" in steps(answer)) == ("99.00", False)


def test_an_exempt_buyers_draft_is_issued_at_the_price_it_was_drafted_at(europe: Shop) -> None:
    draft = europe.invoice("EMBASSY", items=LAMPS, draft=True)
    issued = europe.api.call("issue_invoice", path={"id": draft["id"]}).expect(200)
    assert (draft["total"], issued["total"]) == ("1008.40", "1008.40")
    assert issued["items"][0]["unit_price"] == "100.8403"


def test_an_exemption_counts_while_it_is_valid(europe: Shop) -> None:
    answer = quote(europe, customer="EMBASSY", date="2025-12-31", items=LAMPS)
    assert amounts(answer) == {"VAT": "191.60"}
    assert "exemption_not_valid" in steps(answer)


def test_the_policy_can_be_tried_out(shop: Shop) -> None:
    items = [{"quantity": 1, "unit_price": "0.08"}] * 3
    whole = quote(shop, jurisdiction="US-CA", items=items)
    lines = quote(shop, jurisdiction="US-CA", items=items, policy={"rounding": "per_line"})
    down = quote(shop, jurisdiction="US-CA", items=items, policy={"rounding": "per_line", "mode": "down"})
    assert [amounts(answer)["STATE"] for answer in (whole, lines, down)] == ["0.01", "0.00", "0.00"]
    assert lines["policy"] == whole["policy"] | {"rounding": "per_line"}
    items = [{"quantity": 1, "unit_price": "0.09"}] * 3
    whole = quote(shop, jurisdiction="US-CA", items=items)
    lines = quote(shop, jurisdiction="US-CA", items=items, policy={"rounding": "per_line"})
    down = quote(shop, jurisdiction="US-CA", items=items, policy={"rounding": "per_line", "mode": "down"})
    assert [amounts(answer)["STATE"] for answer in (whole, lines, down)] == ["0.02", "0.03", "0.00"]


def test_the_price_list_counts_as_on_an_invoice(shop: Shop) -> None:
    record = shop.api.record
    record("price-lists", code="TRADE", name="Trade", currency="USD", items=[
        {"product": "PROD001", "unit_price": "110.00"},
        {"product": "PROD001", "unit_price": "100.00", "minimum_quantity": 10},
        {"product": "PROD001", "unit_price": "90.00", "minimum_quantity": 10, "valid_from": "2027-01-01"},
    ])  # fmt: skip
    record("customers", code="TRADER", name="Trader", jurisdiction="US-NV", price_list="TRADE")
    items = [{"product": "PROD001", "quantity": 9}, *LAMPS, {"product": "PROD002", "quantity": 1}]
    answer = quote(shop, customer="TRADER", items=items)
    assert [item["unit_price"] for item in answer["items"]] == ["110.00", "100.00", "450.00"]
    later = quote(shop, customer="TRADER", date="2027-01-01", items=items)
    assert [item["unit_price"] for item in later["items"]] == ["110.00", "90.00", "450.00"]


def test_another_currency_asks_for_prices_in_it(shop: Shop) -> None:
    problem = quote(shop, 422, customer="CUST001", currency="EUR", items=[*LAMPS, {"quantity": 1}])
    assert problem["code"] == "price_missing"
    assert [error["pointer"] for error in problem["errors"]] == ["/items/0/unit_price", "/items/1/unit_price"]
    items = [{"product": "PROD001", "quantity": 1, "unit_price": "100"}]
    answer = quote(shop, customer="CUST001", currency="JPY", items=items)
    assert (answer["currency"], answer["tax_total"], answer["total"]) == ("JPY", "7", "107")


def test_a_tax_in_another_currency_is_refused(europe: Shop) -> None:
    items = [{"tax_category": "BEER", "quantity": 1, "unit_price": "5.00"}]
    problem = quote(europe, 422, jurisdiction="DE", currency="EUR", items=items)
    assert (problem["code"], problem["tax"], problem["tax_currency"]) == ("tax_currency_differs", "BEER", "USD")


def test_unknown_names_are_all_told_at_once(shop: Shop) -> None:
    items = [
        *LAMPS,
        {"product": "NOPE", "quantity": 1},
        {"product": "00000000-0000-7000-8000-000000000000", "quantity": 1},
    ]
    problem = quote(shop, 422, customer="NOBODY", company="NONE", items=items)
    assert problem["code"] == "unknown_reference"
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [
        ("/company", "unknown_company"),
        ("/customer", "unknown_customer"),
        ("/items/1/product", "unknown_product"),
        ("/items/2/product", "unknown_product"),
    ]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"customer": "CUST001", "jurisdiction": "US-CA"}, "/jurisdiction"),
        ({"jurisdiction": "California"}, "/jurisdiction"),
        ({"ship_to": "us-ca"}, "/ship_to"),
        ({"items": []}, "/items"),
        ({"items": [{"product": "PROD001", "tax_category": "FOOD", "quantity": 1}]}, "/items/0/tax_category"),
        ({"items": [{"product": "PROD001", "quantity": 0}]}, "/items/0/quantity"),
        ({"items": [{"product": "PROD001", "quantity": -1}]}, "/items/0/quantity"),
        ({"items": [{"product": "PROD001", "quantity": 1.5}]}, "/items/0/quantity"),
        ({"items": [{"product": "PROD001", "quantity": 1, "discount_percent": "100.01"}]}, "/items/0/discount_percent"),
        ({"items": [{"product": "PROD001", "quantity": 1, "taxes": []}]}, "/items/0/taxes"),
        ({"policy": {"rounding": "sometimes"}}, "/policy/rounding"),
        ({"currency": "XXX"}, "/currency"),
        ({"date": "2026-02-30"}, "/date"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(shop: Shop, fields: dict[str, Any], pointer: str) -> None:
    problem = quote(shop, 422, **{"items": LAMPS, **fields})
    assert problem["code"] == "invalid_request"
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_another_tenants_customer_is_unknown(shop: Shop, operator: Api) -> None:
    other = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    theirs = Api(other.expect(201)["id"]).record("customers", code="THEIRS", name="Theirs", jurisdiction="US")
    problem = quote(shop, 422, customer=theirs["id"], items=LAMPS)
    assert [error["pointer"] for error in problem["errors"]] == ["/customer"]


def test_the_permission_is_asked_for(shop: Shop) -> None:
    clerk = shop.api.as_("clerk", "receivables.*")
    assert clerk.call("quote_tax", {"items": LAMPS}).expect(403)["code"] == "forbidden"
    assert shop.api.as_("clerk", "tax.quote_tax").call("quote_tax", {"items": LAMPS}).status == 200


def test_figures_of_any_size_stay_exact(shop: Shop) -> None:
    items = [{"quantity": "999999999999.999999", "unit_price": "999999999.999999"}]
    answer = quote(shop, jurisdiction="US-CA", items=items)
    assert answer["subtotal"] == "999999999999998999000.00"
    assert answer["total"] == "1059999999999998938940.00"


def test_terms_whose_discount_always_lowers_the_tax(shop: Shop) -> None:
    """The quote says what the invoice will: 7.25 % of 98 % of 1,200.00, for the customer's terms or those named."""
    shop.api.record(
        "payment-terms", code="EARLY", name="2/10 net 30",
        instalments=[{"days": 30, "early_discount": {"percent": "2", "days": 10}}],
    )  # fmt: skip
    sale = {"customer": "CUST001", "items": [{"product": "PROD001", "quantity": 10}]}
    assert quote(shop, **sale, payment_terms="EARLY")["tax_total"] == "87.00"
    policies = {"policies": {"early_payment_tax": "always"}}
    path = {"resource": "companies", "id": "MAIN"}
    shop.api.call("update_record", policies, path=path, headers={"If-Match": '"1"'}).expect(200)
    assert quote(shop, **sale)["tax_total"] == "87.00"
    answer = quote(shop, **sale, payment_terms="EARLY")
    assert (answer["subtotal"], answer["tax_total"], answer["total"]) == ("1200.00", "85.26", "1285.26")
    assert answer["early_payment_discount"] == "2"
    assert text(answer, "early_payment") == (
        "Taxes are counted on what is left after 2 % for early payment, whether or not it is taken."
    )
    invoice = shop.invoice(payment_terms="EARLY")
    assert (invoice["taxes"], invoice["total"]) == (answer["taxes"], "1285.26")
    told = shop.api.call("get_tax_trace", path={"id": invoice["id"]}).expect(200)
    assert told["reproduced"] is True
    assert "early_payment" in [step["step"] for step in told["trace"]]
    problem = quote(shop, 422, **sale, payment_terms="NET99")
    assert [error["pointer"] for error in problem["errors"]] == ["/payment_terms"]
