"""Due dates, instalments and discounts for early payment with numbers of other systems' test suites.

Sources: Tryton, modules/account_invoice/tests/test_module.py; Odoo, addons/account/tests/test_account_payment_term.py
and test_early_payment_discount.py.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bigledger.ledger import due_on, instalments
from bigledger.records import Instalment, PaymentTerm
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.purchases import Purchases

ON_THE_10TH = {"days": 30, "then": [{"months": 1, "on_day": 10}]}
"""30 days, end of month, on the 10th."""


def due(shares: list[dict[str, Any]], on: date, total: str, currency: str = "USD") -> list[tuple[str, str]]:
    """The instalments of a total by date and amount."""
    term = PaymentTerm.model_validate({"code": "T", "name": "T", "instalments": shares})
    return [(str(one.due_date), str(one.amount)) for one in instalments(term, on, Decimal(total), currency)]


FOUR_WAYS: list[dict[str, Any]] = [
    {"percent": "25", "of": "remainder", "days": 30},
    {"percent": "25", "months": 1},
    {"amount": "396.84", "months": 1, "days": 30},
    {"months": 2, "on_day": 15, "days": 30},
]
"""A quarter of what is left, a quarter of all, a fixed amount and the rest (Tryton's test_payment_term)."""


def test_shares_of_what_is_left_of_all_and_fixed() -> None:
    assert due(FOUR_WAYS, date(2011, 10, 1), "1587.35") == [
        ("2011-10-31", "396.84"),
        ("2011-11-01", "396.84"),
        ("2011-12-01", "396.84"),
        ("2012-01-14", "396.83"),
    ]


def test_a_credit_falls_due_alike(api: Api) -> None:
    """Tryton's test_negative_amount: the fixed share has the sign of the total."""
    shares = [*FOUR_WAYS[:2], FOUR_WAYS[2] | {"amount": "4.00"}, FOUR_WAYS[3]]
    assert due(shares, date(2011, 10, 1), "-10.00") == [
        ("2011-10-31", "-2.50"),
        ("2011-11-01", "-2.50"),
        ("2011-12-01", "-4.00"),
        ("2012-01-14", "-1.00"),
    ]


def test_a_total_of_nothing_is_one_instalment() -> None:
    """Tryton's test_payment_term_with_empty_value."""
    shares = [{"percent": "25", "days": 1}, {"months": 1}]
    assert due(shares, date(2016, 5, 17), "0.00") == [("2016-05-17", "0.00")]


def test_a_fixed_amount_takes_no_more_than_is_left() -> None:
    """Tryton ends there; Odoo would let the last instalment go below zero."""
    shares = [{"percent": "70"}, {"amount": "500.00", "days": 10}, {"days": 20}]
    assert due(shares, date(2016, 1, 1), "1000.00") == [("2016-01-01", "700.00"), ("2016-01-11", "300.00")]


@pytest.mark.parametrize(
    ("shares", "total", "currency", "expected"),
    [
        ([{"percent": "50"}, {"percent": "50"}], "0.03", "USD", ["0.02", "0.01"]),
        ([{"percent": "70"}, {"amount": "200"}, {}], "1000.00", "USD", ["700.00", "200.00", "100.00"]),
        ([{"percent": "50"}, {"percent": "50"}], "1150.00", "USD", ["575.00", "575.00"]),
        ([{"percent": "30"}, {"percent": "30"}, {"percent": "40"}], "0.08", "USD", ["0.02", "0.02", "0.04"]),
        ([{"percent": "50"}, {"percent": "50"}], "0.090", "KWD", ["0.045", "0.045"]),
    ],
)
def test_each_share_is_rounded_and_the_last_takes_the_rest(
    shares: list[dict[str, Any]], total: str, currency: str, expected: list[str]
) -> None:
    """Odoo's residual amount on the last line; the split 30/30/40 of eight cents shows the rule at work."""
    assert [amount for _, amount in due(shares, date(2016, 1, 1), total, currency)] == expected


@pytest.mark.parametrize(
    ("instalment", "on", "expected"),
    [
        ({"days": 30}, "2022-01-31", "2022-03-02"),
        ({"days": 45}, "2022-01-31", "2022-03-17"),
        (ON_THE_10TH, "2023-12-12", "2024-02-10"),
        ({"days": 30, "then": [{"months": 1, "on_day": 31}]}, "2023-12-12", "2024-02-29"),
        ({"then": [{"months": 1, "on_day": 30}]}, "2022-01-12", "2022-02-28"),
        ({"days": 30, "then": [{"on_day": 31}]}, "2023-12-12", "2024-01-31"),
        ({"after": "end_of_month", "months": 1, "days": 5}, "2023-01-31", "2023-03-05"),
        ({"days": 10, "weekday": "monday"}, "2026-11-23", "2026-12-07"),
        ({"days": 7, "weekday": "monday"}, "2026-11-23", "2026-11-30"),
        ({"months": 1, "on_day": 31, "weekday": "friday"}, "2026-11-23", "2027-01-01"),
    ],
)
def test_due_dates(instalment: dict[str, Any], on: str, expected: str) -> None:
    """Odoo's days end of month on the 10th, 30th and 31st, and Tryton's weekdays."""
    assert str(due_on(Instalment.model_validate(instalment), date.fromisoformat(on))) == expected


@pytest.mark.parametrize(
    "shares",
    [
        [{"percent": "50", "amount": "1.00"}, {}],
        [{"of": "remainder"}, {}],
        [{"percent": "50"}, {"amount": "1.00"}],
        [{"percent": "50", "of": "remainder"}, {"percent": "50", "of": "remainder"}],
        [{"amount": "1.00"}, {"early_discount": {"percent": 2, "days": 10}}],
    ],
)
def test_terms_that_contradict_themselves_are_refused(api: Api, shares: list[dict[str, Any]]) -> None:
    body = {"code": "T", "name": "T", "instalments": shares}
    answer = api.call("create_record", body, path={"resource": "payment-terms"}).expect(422)
    assert answer["code"] == "invalid_request"
    assert api.rows("SELECT 1 FROM kernel.document WHERE type = 'payment_term' AND number = 'T'") == []


class Buyer(Purchases):
    """A company that may take 10 % off what it pays within ten days."""

    def __init__(self, api: Api) -> None:
        self.api = api
        api.record("suppliers", code="SUPP001", name="Supplier", jurisdiction="US")
        discount = {"percent": 10, "days": 10}
        api.record("payment-terms", code="EARLY", name="Early", instalments=[{"early_discount": discount}])

    def tax(self, code: str, rate: str, **fields: Any) -> str:
        """A tax that is claimed back."""
        rates = [{"rate": rate, "valid_from": "2000-01-01"}]
        self.api.record("taxes", code=code, name=code, jurisdiction="US", rates=rates, account="1250", **fields)
        return code

    def discounted(self, amount: str, *items: dict[str, Any]) -> list[tuple[str, Decimal]]:
        """Bill the items, pay so much and tell what was posted."""
        bill = self.bill(payment_terms="EARLY", items=list(items))
        payment = self.make("record_supplier_payment", supplier="SUPP001", amount=amount)
        assert self.get(bill)["amount_due"] == "0.00"
        self.holds()
        return [
            (line["account"]["code"], Decimal(line["debit"]) - Decimal(line["credit"]))
            for line in payment["posting"]["lines"]
        ]


@pytest.fixture
def buyer(api: Api) -> Buyer:
    return Buyer(api)


@pytest.mark.parametrize(
    ("price", "total", "paid", "net", "tax"),
    [("1500.00", "1725.05", "1552.55", "150.00", "22.50"), ("50.00", "57.55", "51.80", "5.00", "0.75")],
)
def test_a_fixed_tax_is_not_lowered(buyer: Buyer, price: str, total: str, paid: str, net: str, tax: str) -> None:
    """Odoo's discounts with a fixed tax: what is paid is rounded, and the discount is the difference."""
    fixed = buyer.tax("FIXED", "0.05", kind="fixed_per_unit", currency="USD", sequence=20)
    posted = buyer.discounted(paid, {"unit_price": price, "taxes": [buyer.tax("P15", "0.15"), fixed]})
    assert sorted(posted) == [
        ("1020", -Decimal(paid)),
        ("1250", -Decimal(tax)),
        ("2100", Decimal(total)),
        ("5035", -Decimal(net)),
    ]


def test_lines_with_and_without_tax_are_discounted_together(buyer: Buyer) -> None:
    """Odoo's multi line discount: 10 % of 3,000 net and of the 150 of tax on a third of it."""
    p15 = buyer.tax("P15", "0.15")
    posted = buyer.discounted("2835.00", {"unit_price": "1000.00", "taxes": [p15]}, {"unit_price": "2000.00"})
    assert sorted(posted) == [
        ("1020", Decimal("-2835.00")),
        ("1250", Decimal("-15.00")),
        ("2100", Decimal("3150.00")),
        ("5035", Decimal("-300.00")),
    ]


class Seller:
    """A company whose discounts for early payment lower the tax at once, with one customer."""

    def __init__(self, api: Api) -> None:
        self.api = api
        api.record("customers", code="BUYER", name="Buyer", jurisdiction="US")
        path = {"resource": "companies", "id": "MAIN"}
        read = api.call("get_record", path=path).expect(200)
        body = {"policies": {"early_payment_tax": "always"}}
        api.call("update_record", body, path=path, headers={"If-Match": read.headers["ETag"]}).expect(200)

    def sold(self, price: str, percent: str, *taxes: dict[str, Any]) -> Any:
        """Invoice a service at a price on terms of a discount."""
        codes = []
        for place, fields in enumerate(taxes):
            rates = [{"rate": fields["rate"], "valid_from": "2000-01-01"}]
            more = {name: value for name, value in fields.items() if name != "rate"}
            codes.append(f"T{place}")
            self.api.record("taxes", code=codes[-1], name="Tax", jurisdiction="US", rates=rates, account="2200", **more)
        self.api.record("tax-rules", code="US", name="US", jurisdiction="US", taxes=codes)
        self.api.record("products", code="P", name="P", kind="service", unit="EA")
        discount = {"percent": percent, "days": 10}
        self.api.record("payment-terms", code="EARLY", name="Early", instalments=[{"early_discount": discount}])
        items = [{"product": "P", "quantity": 1, "unit_price": price}]
        body = {"customer": "BUYER", "payment_terms": "EARLY", "items": items}
        return self.api.call("create_invoice", body).expect(201).json


@pytest.mark.parametrize(
    ("price", "percent", "taxes", "expected"),
    [
        (
            "1000.00",
            "10",
            [{"rate": "0.15"}, {"rate": "0.05", "kind": "fixed_per_unit", "currency": "USD"}],
            ("1000.00", "135.05", "1135.05"),
        ),
        ("1000.00", "10", [{"rate": "0.10"}], ("1000.00", "90.00", "1090.00")),
        ("121.00", "2", [{"rate": "0.21", "included_in_price": True}], ("100.00", "20.58", "120.58")),
    ],
)
def test_tax_as_if_the_discount_were_taken(
    api: Api, price: str, percent: str, taxes: list[dict[str, Any]], expected: tuple[str, str, str]
) -> None:
    """Odoo's mixed computation: beside a fixed tax, alone, and within the price."""
    invoice = Seller(api).sold(price, percent, *taxes)
    assert (invoice["subtotal"], invoice["tax_total"], invoice["total"]) == expected


def test_an_invoice_on_terms_of_every_kind(api: Api) -> None:
    """Tryton's four instalments through the API, with a credit limit and a ledger behind them."""
    api.record("fiscal-years", code="FY2011", company="MAIN", starts_on="2011-01-01", ends_on="2011-12-31")
    api.record("customers", code="BUYER", name="Buyer", jurisdiction="US")
    api.record("products", code="P", name="P", kind="service", unit="EA")
    api.record("payment-terms", code="FOUR", name="Four", instalments=FOUR_WAYS)
    items = [{"product": "P", "quantity": 1, "unit_price": "1587.35"}]
    body = {"customer": "BUYER", "payment_terms": "FOUR", "date": "2011-10-01", "items": items}
    invoice = api.call("create_invoice", body).expect(201)
    assert [(share["due_date"], share["amount"]) for share in invoice["instalments"]] == due(
        FOUR_WAYS, date(2011, 10, 1), "1587.35"
    )
    assert invoice["due_date"] == "2012-01-14"
    stored = api.call("get_record", path={"resource": "payment-terms", "id": "FOUR"}).expect(200)
    assert stored["instalments"][2]["amount"] == "396.84"
    sound(api)
