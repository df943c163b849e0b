"""Totals rounded to the smallest coin or to whole units, with numbers of other systems' test suites.

Sources: Odoo, addons/account/tests/test_account_move_out_invoice.py and test_account_move_in_refund.py (cash rounding
by a rounding line and by the biggest tax); ERPNext, purchase_invoice/test_purchase_invoice.py (rounded total); Tryton,
modules/account_cash_rounding/tests.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bigledger.ledger import instalments
from bigledger.records import PaymentTerm, RoundedTotal
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.purchases import Purchases


class Till:
    """A company that rounds its totals, with one customer."""

    def __init__(self, api: Api, *rounded: dict[str, Any]) -> None:
        self.api = api
        api.record("customers", code="BUYER", name="Buyer", jurisdiction="US")
        path = {"resource": "companies", "id": "MAIN"}
        read = api.call("get_record", path=path).expect(200)
        body = {"policies": read["policies"] | {"rounded_totals": list(rounded)}}
        api.call("update_record", body, path=path, headers={"If-Match": read.headers["ETag"]}).expect(200)

    def taxed(self, code: str, *rates: str) -> str:
        """A service that bears taxes of these rates."""
        taxes = []
        for place, rate in enumerate(rates):
            taxes.append(f"{code}-T{place}")
            rated = [{"rate": rate, "valid_from": "2000-01-01"}]
            self.api.record("taxes", code=taxes[-1], name=code, jurisdiction="US", rates=rated, account="2200")
        self.api.record("products", code=code, name=code, kind="service", unit="EA", tax_category=code)
        reason = {} if taxes else {"reason": "no tax"}
        self.api.record(
            "tax-rules", code=code, name=code, jurisdiction="US", product_category=code, taxes=taxes, **reason
        )
        return code

    def invoice(self, items: dict[str, str], **fields: Any) -> Any:
        """Invoice one of each product at a price."""
        lines = [{"product": code, "quantity": 1, "unit_price": price} for code, price in items.items()]
        body = {"customer": "BUYER", "items": lines, **fields}
        quote = self.api.call("quote_tax", body).expect(200).json
        invoice = self.api.call("create_invoice", body).expect(201).json
        assert (quote["total"], quote.get("rounding")) == (invoice["total"], invoice.get("rounding"))
        return invoice


def posted(document: Any) -> dict[str, Decimal]:
    """What was posted by account, debit positive."""
    sums: dict[str, Decimal] = {}
    for line in document["posting"]["lines"]:
        code = line["account"]["code"]
        sums[code] = sums.get(code, Decimal(0)) + Decimal(line["debit"]) - Decimal(line["credit"])
    return sums


def test_a_total_is_rounded_up_to_five_cents(api: Api) -> None:
    """Odoo: 999.99 with 15 % and 200.00 with twice 15 % make 1,409.99, rounded up to 1,410.00; the tax stays."""
    till = Till(api, {"currency": "USD", "to": "0.05", "mode": "up"})
    till.taxed("A", "0.15")
    till.taxed("B", "0.15", "0.15")
    invoice = till.invoice({"A": "999.99", "B": "200.00"})
    assert (invoice["subtotal"], invoice["tax_total"], invoice["rounding"], invoice["total"]) == (
        "1199.99",
        "210.00",
        "0.01",
        "1410.00",
    )
    assert posted(invoice) == {
        "1200": Decimal("1410.00"),
        "4000": Decimal("-1199.99"),
        "2200": Decimal("-210.00"),
        "6340": Decimal("-0.01"),
    }
    assert invoice["instalments"][0]["amount"] == "1410.00"
    sound(api)


def test_the_largest_tax_rounds_the_total(api: Api) -> None:
    """Odoo, "modify tax amount": of taxes of 180.00 and 30.00 the larger one makes the total 1,409.95, as 179.96."""
    till = Till(api, {"currency": "USD", "to": "0.05", "mode": "down", "by": "largest_tax"})
    for code in ("A-T0", "B-T0"):
        rated = [{"rate": "0.15", "valid_from": "2000-01-01"}]
        api.record("taxes", code=code, name=code, jurisdiction="US", rates=rated, account="2200")
    for code, taxes in (("A", ["A-T0"]), ("B", ["A-T0", "B-T0"])):
        api.record("products", code=code, name=code, kind="service", unit="EA", tax_category=code)
        api.record("tax-rules", code=code, name=code, jurisdiction="US", product_category=code, taxes=taxes)
    invoice = till.invoice({"A": "999.99", "B": "200.00"})
    assert {tax["code"]: tax["amount"] for tax in invoice["taxes"]} == {"A-T0": "179.96", "B-T0": "30.00"}
    assert (invoice["subtotal"], invoice["tax_total"], invoice["total"]) == ("1199.99", "209.96", "1409.95")
    assert (invoice["tax_rounding"], "rounding" in invoice) == ("-0.04", False)
    assert posted(invoice) == {"1200": Decimal("1409.95"), "4000": Decimal("-1199.99"), "2200": Decimal("-209.96")}
    trace = api.call("get_tax_trace", path={"id": invoice["id"]}).expect(200).json
    assert (trace["reproduced"], trace["trace"][-1]["step"]) == (True, "total_rounding")
    key = {"Idempotency-Key": "back"}
    note = api.call("credit_invoice", {"reason": "back"}, path={"id": invoice["id"]}, headers=key).expect(201).json
    assert (note["total"], note["tax_total"]) == ("1409.95", "209.96")
    sound(api)


def test_a_total_without_tax_is_not_rounded_by_one(api: Api) -> None:
    """Odoo leaves an invoice without taxes as it is when the largest tax should round it."""
    till = Till(api, {"currency": "USD", "to": "0.05", "mode": "up", "by": "largest_tax"})
    invoice = till.invoice({till.taxed("A"): "42.03"})
    assert (invoice["total"], "tax_rounding" in invoice, "rounding" in invoice) == ("42.03", False, False)


def test_a_total_that_is_round_stays(api: Api) -> None:
    till = Till(api, {"currency": "USD", "to": "0.05", "mode": "up"})
    till.taxed("A", "0.15")
    invoice = till.invoice({"A": "1000.00"})
    assert (invoice["total"], "rounding" in invoice) == ("1150.00", False)
    assert posted(invoice) == {"1200": Decimal("1150.00"), "4000": Decimal("-1000.00"), "2200": Decimal("-150.00")}


@pytest.mark.parametrize(
    ("price", "to", "mode", "total"),
    [
        ("1512.30", "1", "half_up", "1512.00"),
        ("42.02", "0.05", "half_up", "42.00"),
        ("42.03", "0.05", "half_up", "42.05"),
        ("42.025", "0.05", "half_up", "42.05"),
        ("1409.99", "0.05", "down", "1409.95"),
        ("100.40", "1", "half_up", "100.00"),
        ("2.50", "1", "half_even", "2.00"),
        ("7.00", "10", "half_up", "10.00"),
    ],
)
def test_how_totals_are_rounded(api: Api, price: str, to: str, mode: str, total: str) -> None:
    """ERPNext rounds 1,512.30 to 1,512; the others are the coins and modes of Odoo and Tryton."""
    till = Till(api, {"currency": "USD", "to": to, "mode": mode})
    invoice = till.invoice({till.taxed("A"): price})
    assert invoice["total"] == total
    given = Decimal(invoice["subtotal"])
    assert Decimal(invoice["rounding"]) == Decimal(total) - given
    assert posted(invoice)["6340"] == given - Decimal(total)


HALVES = [{"percent": "50", "days": 20}, {"days": 40}]


@pytest.mark.parametrize(
    ("each", "total", "shares"),
    [(True, "42.10", ["21.05", "21.05"]), (False, "42.05", ["21.05", "21.00"])],
)
def test_instalments_are_paid_in_coins_too(api: Api, each: bool, total: str, shares: list[str]) -> None:
    """Tryton rounds each half of 42.06 to 21.05; Odoo rounds 42.06 and all instalments but the last."""
    api.record("accounts", code="4290", name="Roundings", kind="revenue")
    api.record("payment-terms", code="HALVES", name="Halves", instalments=HALVES)
    till = Till(api, {"currency": "USD", "to": "0.05", "each_instalment": each})
    path = {"resource": "companies", "id": "MAIN"}
    read = api.call("get_record", path=path).expect(200)
    body = {"accounts": {"rounding_gain": "4290"}}
    api.call("update_record", body, path=path, headers={"If-Match": read.headers["ETag"]}).expect(200)
    invoice = till.invoice({till.taxed("A"): "42.06"}, payment_terms="HALVES")
    assert (invoice["subtotal"], invoice["tax_total"], invoice["total"]) == ("42.06", "0.00", total)
    assert [share["amount"] for share in invoice["instalments"]] == shares
    gained = Decimal(total) - Decimal("42.06")
    assert posted(invoice)["4290" if gained > 0 else "6340"] == -gained
    sound(api)


@pytest.mark.parametrize(
    ("total", "to", "mode", "expected"),
    [("868.35", "0.05", "up", ["434.20", "434.15"]), ("200.00", "0.05", "half_up", ["100.00", "100.00"])],
)
def test_what_each_instalment_is(total: str, to: str, mode: str, expected: list[str]) -> None:
    """Odoo's payment terms without a cash discount and with cash rounding."""
    term = PaymentTerm.model_validate({"code": "T", "name": "T", "instalments": HALVES})
    rounded = RoundedTotal.model_validate({"currency": "USD", "to": to, "mode": mode})
    shares = instalments(term, date(2016, 1, 1), Decimal(total), "USD", rounded=rounded)
    assert [str(share.amount) for share in shares] == expected


def test_the_last_credit_takes_the_rounding_back(api: Api) -> None:
    """Parts are credited exactly; together the credits come to the invoice."""
    till = Till(api, {"currency": "USD", "to": "0.05"})
    invoice = till.invoice({till.taxed("A"): "10.01", till.taxed("B"): "20.01"})
    assert (invoice["total"], invoice["rounding"]) == ("30.00", "-0.02")

    def credit(line: int) -> Any:
        body = {"reason": "returned", "lines": [{"line": line}]}
        key = {"Idempotency-Key": f"credit {line}"}
        return api.call("credit_invoice", body, path={"id": invoice["id"]}, headers=key).expect(201).json

    first, second = credit(1), credit(2)
    assert (first["total"], "rounding" in first) == ("10.01", False)
    assert (second["total"], second["rounding"]) == ("19.99", "-0.02")
    assert posted(second)["6340"] == Decimal("-0.02")
    assert api.call("get_invoice", path={"id": invoice["id"]}).expect(200)["amount_due"] == "0.00"
    balances = {
        row["account"]["code"]: row["balance"]
        for row in api.call("get_trial_balance", query={"zero": "show"}).expect(200)["rows"]
    }
    assert (balances["6340"], balances["1200"], balances["4000"]) == ("0.00", "0.00", "0.00")
    sound(api)


def test_a_foreign_total_is_rounded_in_its_currency(api: Api) -> None:
    """The rounding is converted with the rest, so that the entry balances in both."""
    till = Till(api, {"currency": "CHF", "to": "0.05"})
    rates = {"rates": [{"currency": "CHF", "base_currency": "USD", "date": "2026-11-23", "rate": "1.25"}]}
    api.call("set_exchange_rates", rates, headers={"Idempotency-Key": "rates"}).expect(201)
    invoice = till.invoice({till.taxed("A", "0.081"): "99.99"}, currency="CHF")
    assert (invoice["tax_total"], invoice["rounding"], invoice["total"]) == ("8.10", "0.01", "108.10")
    base = invoice["base"]
    assert base["total"] == "135.13"
    parts = [base["subtotal"], base["tax_total"], base["rounding"]]
    assert sum(Decimal(part) for part in parts) == Decimal("135.13")
    sound(api)
    whole = api.call(
        "credit_invoice", {"reason": "returned"}, path={"id": invoice["id"]}, headers={"Idempotency-Key": "credit"}
    ).expect(201)
    assert (whole["total"], whole["base"]["rounding"]) == ("108.10", base["rounding"])
    sound(api)


def test_a_supplier_rounds_its_total(api: Api) -> None:
    """Odoo: 799.99 and 160.00 with 15 % and 30 % make 1,127.99; a line of 0.01 without tax makes it 1,128.00."""
    buyer = Purchases(api)
    rated = [{"rate": "0.15", "valid_from": "2000-01-01"}]
    for code in ("A", "B"):
        api.record("taxes", code=code, name=code, jurisdiction="US", rates=rated, account="2200",
                   purchase_account="1250")  # fmt: skip
    lines = [("6150", "799.99", ["A"]), ("6150", "160.00", ["A", "B"]), ("6340", "0.01", [])]
    items = [{"account": account, "unit_price": price, "taxes": taxes} for account, price, taxes in lines]
    bill = buyer.bill(items=items, stated_total="1128.00")
    assert {tax["code"]: tax["amount"] for tax in bill["taxes"]} == {"A": "144.00", "B": "24.00"}
    assert posted(bill) == {
        "6150": Decimal("959.99"),
        "6340": Decimal("0.01"),
        "1250": Decimal("168.00"),
        "2100": Decimal("-1128.00"),
    }
    buyer.holds()


def test_a_step_finer_than_the_currency_is_refused(api: Api) -> None:
    path = {"resource": "companies", "id": "MAIN"}
    read = api.call("get_record", path=path).expect(200)
    body = {"policies": read["policies"] | {"rounded_totals": [{"currency": "JPY", "to": "0.5"}]}}
    refused = api.call("update_record", body, path=path, headers={"If-Match": read.headers["ETag"]}).expect(422)
    assert refused["errors"][0]["code"] == "finer_than_currency"
    assert api.call("get_record", path=path).expect(200)["policies"]["rounded_totals"] == []
