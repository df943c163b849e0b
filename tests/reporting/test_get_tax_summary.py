"""Taxes of a period by tax and rate, with the amounts they were computed on."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.ledger import Books, credit, debit
from tests.support.purchases import Purchases
from tests.support.reports import explained
from tests.support.shop import Shop
from tests.support.statements import counted
from tests.tax.returns import file, prepare


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice()
    answer = example(query={"from": "2026-11-01", "to": "2026-11-30"})
    assert answer["rows"][-1]["cells"][1]["amount"] == "87.00"


def summary(shop: Shop, **query: str) -> Any:
    return shop.api.call("get_tax_summary", query=query).expect(200).json


def told(answer: Any) -> list[tuple[Any, ...]]:
    return [(row["label"], row.get("rate"), *(cell.get("amount") for cell in row["cells"])) for row in answer["rows"]]


def test_each_tax_at_each_rate(shop: Shop) -> None:
    """A credit note takes its taxes back, with their bases."""
    shop.invoice()
    invoice = shop.invoice(items=[{"product": "PROD001", "quantity": 5}])
    body = {"reason": "Broken", "lines": [{"line": 1, "quantity": 2}]}
    shop.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201)
    answer = summary(shop)
    assert told(answer) == [
        ("Sales", None),
        ("CITY City sales tax", "0.0125", "1560.00", "19.50"),
        ("STATE State sales tax", "0.06", "1560.00", "93.60"),
        ("Total tax", None, None, "113.10"),
    ]
    assert answer["rows"][-1]["cells"][1]["amount"] == str(-sum_of(shop, "2200"))
    assert ties(answer) == [("113.10", "113.10", "0.00")]
    assert explained(shop.api, answer) == 5


def sum_of(shop: Shop, account: str) -> Any:
    return Decimal(shop.trial_balance()[account])


def test_a_foreign_invoice_counts_in_base_currency(shop: Shop) -> None:
    rates = {"rates": [{"currency": "EUR", "date": "2026-11-01", "rate": "1.20"}]}
    shop.api.call("set_exchange_rates", rates).expect(201)
    items = [{"product": "PROD001", "quantity": 1, "unit_price": "100.00"}]
    shop.invoice(date="2026-11-01", currency="EUR", items=items)
    assert told(summary(shop))[2] == ("STATE State sales tax", "0.06", "120.00", "7.20")


def test_of_a_period(shop: Shop) -> None:
    shop.invoice(date="2026-10-31")
    assert told(summary(shop, **{"from": "2026-11-01"})) == [("Total tax", None, None, "0.00")]


@pytest.fixture
def cash(shop: Shop) -> Shop:
    """A shop in a place with a tax of 10 % that is due at payment."""
    rates = [{"rate": "0.1", "valid_from": "2020-01-01"}]
    due = {"due": "payment", "account": "2200", "transition_account": "2205"}
    shop.api.record("taxes", code="CASH", name="VAT on payment", jurisdiction="GB", rates=rates, **due)
    shop.api.record("tax-rules", code="GB", name="Britain", jurisdiction="GB", taxes=["CASH"])
    shop.api.record("customers", code="LEEDS", name="Aire Lighting", jurisdiction="GB")
    return shop


def ties(answer: Any) -> list[tuple[str, str, str]]:
    return [(tie["amount"], tie["balance"], tie["difference"]) for tie in answer["ties_to"]]


def test_purchases_stand_beside_sales_and_all_ties_to_the_returns(api: Api) -> None:
    """Tax that is claimed back is below zero; what the buyer owes under reverse charge is owed and claimed."""
    buyer = Purchases(api)
    buyer.bill(items=[{"account": "6150", "unit_price": "1000.00", "taxes": ["VAT20"]}])
    buyer.bill(items=[{"account": "6190", "unit_price": "100.00", "taxes": ["CAR"]}])
    buyer.bill(items=[{"account": "6170", "unit_price": "500.00", "taxes": ["RC19"]}])
    answer = buyer.api.call("get_tax_summary").expect(200).json
    assert told(answer) == [
        ("Purchases", None),
        ("CAR CAR", "0.2", "-100.00", "-10.00"),
        ("RC19 RC19", "0.19", "-500.00", "0.00"),
        ("VAT20 VAT20", "0.2", "-1000.00", "-200.00"),
        ("Total tax", None, None, "-210.00"),
    ]
    assert [tie["label"] for tie in answer["ties_to"]] == ["Tax on 1250", "Tax on 2200"]
    assert ties(answer) == [("-305.00", "-305.00", "0.00"), ("95.00", "95.00", "0.00")]
    assert explained(buyer.api, answer) == 7


def test_tax_due_at_payment_counts_on_the_day_it_is_paid(cash: Shop) -> None:
    """Cash accounting: nothing is due in October, when 990.00 are invoiced; 396.00 of it are paid in November."""
    invoice = cash.invoice("LEEDS", date="2026-10-10", items=[{"product": "PROD002", "quantity": 2}])
    rate, october = "0.1", {"from": "2026-10-01", "to": "2026-10-31"}
    assert (invoice["subtotal"], invoice["tax_total"]) == ("900.00", "90.00")
    assert told(summary(cash, **october)) == [("Total tax", None, None, "0.00")]
    cash.pay("396.00", "LEEDS", date="2026-11-05")
    november = summary(cash, **{"from": "2026-11-01", "to": "2026-11-30"})
    assert told(november) == [
        ("Sales", None),
        ("CASH VAT on payment", rate, "360.00", "36.00"),
        ("Total tax", None, None, "36.00"),
    ]
    assert ties(november) == [("36.00", "36.00", "0.00")]
    assert explained(cash.api, november) == 3
    assert told(summary(cash, **october)) == [("Total tax", None, None, "0.00")]


def test_an_entry_by_hand_is_told_as_such_and_makes_the_difference_to_the_ledger(shop: Shop) -> None:
    """Nobody sold anything: what was posted by hand is no tax of a document, though the line names a tax."""
    shop.invoice()
    Books(shop.api).enter(debit("1020", "5.00"), credit("2200", "5.00", tax="STATE"))
    answer = summary(shop)
    assert told(answer)[3:] == [
        ("Total tax", None, None, "87.00"),
        ("Tax accounts besides", None),
        ("Posted by hand: 2200 Sales tax payable", None, None, "5.00"),
    ]
    (tie,) = answer["ties_to"]
    assert (tie["label"], tie["ties_to"]) == ("Tax on 2200", "Movement of 2200 but for settled returns")
    assert ties(answer) == [("87.00", "92.00", "-5.00")]
    assert explained(shop.api, answer) == 6
    assert ties(summary(shop, known_at=shop.api.events("invoice.created")[-1]["time"])) == [("87.00", "87.00", "0.00")]


def test_the_settlement_of_a_return_is_expected_on_tax_accounts(shop: Shop) -> None:
    shop.invoice(date="2026-10-10")
    file(shop, prepare(shop))
    answer = summary(shop, **{"from": "2026-10-01", "to": "2026-10-31"})
    assert told(answer)[3:] == [
        ("Total tax", None, None, "87.00"),
        ("Tax accounts besides", None),
        ("Settled by tax returns: 2200 Sales tax payable", None, None, "-87.00"),
    ]
    assert ties(answer) == [("87.00", "87.00", "0.00")]
    assert explained(shop.api, answer) == 6


@pytest.fixture
def exempt(shop: Shop) -> Shop:
    """A shop with a zero rate for books, a customer that is exempt from it all, and a rule that frees services."""
    zero = [{"rate": "0", "valid_from": "2020-01-01"}]
    shop.api.record("taxes", code="BOOK", name="Books", jurisdiction="GB", account="2200", rates=zero)
    shop.api.record("tax-rules", code="GBBOOK", name="Books", jurisdiction="GB", taxes=["BOOK"])
    free = {"product_category": "CARE", "replaces_wider": True}
    shop.api.record(
        "tax-rules", code="GBCARE", name="Health care", jurisdiction="GB", taxes=[], reason="VATA 1994", **free
    )
    shop.api.record(
        "products", code="CHECK", name="Check-up", kind="service", unit="EA", sales_price="80.00", tax_category="CARE"
    )
    shop.api.record("customers", code="LEEDS", name="Aire Reading", jurisdiction="GB")
    certificate = {"certificate": "CA-1", "valid_from": "2020-01-01"}
    shop.api.record("customers", code="SCHOOL", name="Bay School", jurisdiction="US-CA", exemptions=[certificate])
    return shop


def test_a_zero_rate_and_exempt_turnover_are_told_with_their_bases(exempt: Shop) -> None:
    """Zero-rated, exempt by certificate, exempt by rule, and outside of any rule: each is turnover of its own."""
    exempt.invoice("LEEDS", items=[{"product": "PROD001", "quantity": 1}])
    exempt.invoice("LEEDS", items=[{"product": "CHECK", "quantity": 2}])
    school = exempt.invoice("SCHOOL", items=[{"product": "PROD001", "quantity": 3}])
    exempt.invoice("CUST002", items=[{"product": "PROD002", "quantity": 1}])
    answer = summary(exempt)
    expected = [
        ("Sales", None),
        ("BOOK Books", "0", "120.00", "0.00"),
        ("STATE State sales tax: exempt", None, "360.00", "0.00"),
        ("No tax, for want of a rule", None, "450.00", "0.00"),
        ("No tax by GBCARE Health care", None, "160.00", "0.00"),
        ("Total tax", None, None, "0.00"),
    ]
    assert told(answer) == expected
    assert [row.get("untaxed") for row in answer["rows"]] == [None, None, "exemption", "no_rule", "rule", None]
    assert (ties(answer), explained(exempt.api, answer)) == ([], 9)
    cell = answer["rows"][2]["cells"][0]["cell"]
    behind = exempt.api.call("get_explanation", path={"kind": "tax-summary"}, query={"cell": cell}).expect(200).json
    (line,) = behind["data"]
    assert (line["document"]["code"], line["item"], line["tax"], line["amount"]) == (
        school["number"],
        1,
        "STATE",
        "360.00",
    )
    assert [event["type"] for event in line["events"]] == ["invoice.created", "stock.reserved"]


def test_a_credit_and_a_void_take_exempt_turnover_back(exempt: Shop) -> None:
    """A credit note for one of three lamps leaves two; a voided invoice leaves nothing."""
    invoice = exempt.invoice("SCHOOL", items=[{"product": "PROD001", "quantity": 3}])
    body = {"reason": "Broken", "lines": [{"line": 1, "quantity": 1}]}
    exempt.api.call("credit_invoice", body, path={"id": invoice["id"]}).expect(201)
    voided = exempt.invoice("SCHOOL", items=[{"product": "PROD001", "quantity": 5}])
    exempt.api.call("void_invoice", {"reason": "Twice"}, path={"id": voided["id"]}).expect(200)
    answer = summary(exempt)
    assert told(answer)[1] == ("STATE State sales tax: exempt", None, "240.00", "0.00")
    assert explained(exempt.api, answer) == 3


def test_a_draft_is_no_turnover(exempt: Shop) -> None:
    exempt.invoice("SCHOOL", draft=True, items=[{"product": "PROD001", "quantity": 3}])
    assert told(summary(exempt)) == [("Total tax", None, None, "0.00")]


def test_a_purchase_without_tax_is_told(api: Api) -> None:
    buyer = Purchases(api)
    buyer.bill(items=[{"account": "6150", "unit_price": "70.00", "taxes": []}])
    answer = buyer.api.call("get_tax_summary").expect(200).json
    assert told(answer) == [
        ("Purchases", None),
        ("No tax", None, "-70.00", "0.00"),
        ("Total tax", None, None, "0.00"),
    ]
    assert explained(buyer.api, answer) == 3


def test_narrowed_to_a_dimension_of_the_lines(exempt: Shop) -> None:
    """A line's taxes and its exempt turnover go with the dimensions of the line."""
    exempt.api.record("dimensions", code="SHOP", name="Shop")
    exempt.api.record("dimension-values", code="SF", name="San Francisco", dimension="SHOP")
    items = [
        {"product": "PROD001", "quantity": 1, "dimensions": {"SHOP": "SF"}},
        {"product": "PROD001", "quantity": 2},
    ]
    exempt.invoice(items=items)
    exempt.invoice("SCHOOL", items=items)
    answer = summary(exempt, **{"dimension[SHOP]": "SF"})
    assert told(answer) == [
        ("Sales", None),
        ("CITY City sales tax", "0.0125", "120.00", "1.50"),
        ("STATE State sales tax", "0.06", "120.00", "7.20"),
        ("STATE State sales tax: exempt", None, "120.00", "0.00"),
        ("Total tax", None, None, "8.70"),
    ]
    assert (ties(answer), explained(exempt.api, answer)) == ([], 7)
    assert told(summary(exempt, **{"dimension[SHOP]": ""}))[1][2] == "240.00"


def test_read_in_one_statement(shop: Shop) -> None:
    shop.invoice()
    summary(shop)
    _, sent = counted(lambda: summary(shop))
    assert len(sent) == 2
