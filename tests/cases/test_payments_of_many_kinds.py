"""Payments at other rates, for less and for more, early, and of bills less credits, with numbers of other test suites.

Sources: ERPNext, accounts/doctype/payment_entry/test_payment_entry.py (discounts of payment terms, multi-currency
discount, exchange gain and loss, internal transfer) and report/accounts_receivable/test_accounts_receivable.py
(test_accounts_receivable_with_partial_payment); Odoo, addons/account/tests/test_account_payment_register.py
(grouped payments, kept open or written off, with a credit note; a foreign currency of which two are one dollar) and
test_account_move_reconcile.py (exchange differences on partial reconciliations); Tryton, modules/account_deposit/tests/
scenario_deposit.rst and scenario_deposit_second_currency.rst.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.cases.test_rounded_totals import Till, posted
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.ledger import Books, credit, debit
from tests.support.purchases import Purchases


class Seller(Till):
    """A seller of a service with 18 % and of one without tax, to one customer."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.taxed("TAXED", "0.18")
        self.taxed("FREE")
        api.record("accounts", code="1021", name="Dollars", kind="asset", control="bank", currency="USD", parent="10")

    def owed(self, code: str, price: str, **fields: Any) -> Any:
        body = {"customer": "BUYER", "items": [{"product": code, "quantity": 1, "unit_price": price}], **fields}
        return self.api.call("create_invoice", body).expect(201).json

    def pay(self, amount: str, **fields: Any) -> Any:
        key = {"Idempotency-Key": f"pay-{self.api.requests}"}
        body = {"customer": "BUYER", "amount": amount, **fields}
        return self.api.call("record_payment", body, headers=key).expect(201).json

    def due(self, invoice: Any) -> str:
        return str(self.api.call("get_invoice", path={"id": invoice["id"]}).expect(200)["amount_due"])


def base(document: Any) -> dict[str, Decimal]:
    """What was posted in base currency by account, debit positive."""
    sums: dict[str, Decimal] = {}
    for line in document["posting"]["lines"]:
        amount = Decimal(line["base_debit"]) - Decimal(line["base_credit"])
        sums[line["account"]["code"]] = sums.get(line["account"]["code"], Decimal(0)) + amount
    return {code: amount for code, amount in sums.items() if amount}


@pytest.mark.parametrize(
    ("discount", "paid", "net", "tax"),
    [
        ({"percent": 10, "days": 10}, "212.40", "20.00", "3.60"),
        ({"amount": "50.00", "days": 10}, "186.00", "42.37", "7.63"),
    ],
)
def test_a_discount_lowers_income_and_tax(api: Api, discount: Any, paid: str, net: str, tax: str) -> None:
    """ERPNext: of 236.00, 10 % are 20.00 of income and 3.60 of tax; 50.00 are 42.37 and 7.63."""
    seller = Seller(api)
    api.record("payment-terms", code="EARLY", name="Early", instalments=[{"days": 30, "early_discount": discount}])
    invoice = seller.owed("TAXED", "200.00", payment_terms="EARLY")
    assert invoice["total"] == "236.00"
    assert posted(seller.pay(paid)) == {
        "1020": Decimal(paid),
        "4085": Decimal(net),
        "2200": Decimal(tax),
        "1200": Decimal("-236.00"),
    }
    assert seller.due(invoice) == "0.00"
    sound(api)


def test_a_discount_of_an_amount_is_at_most_the_instalment_and_lapses(api: Api) -> None:
    seller = Seller(api)
    early = [{"days": 30, "early_discount": {"amount": "50.00", "days": 2}}]
    api.record("payment-terms", code="EARLY", name="Early", instalments=early)
    small = seller.owed("FREE", "20.00", payment_terms="EARLY")
    assert small["instalments"][0]["discount"]["amount"] == "20.00"
    late = seller.owed("FREE", "100.00", payment_terms="EARLY", date="2026-11-20")
    seller.pay("100.00", allocations=[{"invoice": late["id"]}])
    assert seller.due(late) == "0.00"
    both = [{"early_discount": {"amount": "1.00", "percent": 1}}]
    body = {"code": "BOTH", "name": "Both", "instalments": both}
    refused = api.call("create_record", body, path={"resource": "payment-terms"}).expect(422)
    assert refused["errors"][0]["pointer"].startswith("/instalments/0/early_discount")


def test_a_foreign_discount_and_what_the_rate_lost(api: Api) -> None:
    """ERPNext: 100.00 at 50, of which 10 % are taken off, paid with 4,200.00: 500.00 discount, 300.00 lost."""
    seller = Seller(api)
    early = [{"days": 30, "early_discount": {"percent": 10, "days": 10}}]
    api.record("payment-terms", code="EARLY", name="Early", instalments=early)
    invoice = seller.owed("FREE", "100.00", payment_terms="EARLY", currency="EUR", exchange_rate="50")
    payment = seller.pay("90.00", currency="EUR", account="1021", account_amount="4200.00")
    assert base(payment) == {
        "1021": Decimal("4200.00"),
        "4085": Decimal("500.00"),
        "6320": Decimal("300.00"),
        "1200": Decimal("-5000.00"),
    }
    assert seller.due(invoice) == "0.00"
    sound(api)


@pytest.mark.parametrize(
    ("amount", "money", "due", "difference"),
    [("20.00", "900.00", "80.00", "100.00"), ("100.00", "5500.00", "0.00", "-500.00")],
)
def test_a_part_at_a_worse_rate_and_all_at_a_better(
    api: Api, amount: str, money: str, due: str, difference: str
) -> None:
    """ERPNext: 20.00 of 100.00 at 50 with 900.00 lose 100.00; all of it with 5,500.00 gains 500.00."""
    seller = Seller(api)
    invoice = seller.owed("FREE", "100.00", currency="EUR", exchange_rate="50")
    found = base(seller.pay(amount, currency="EUR", account="1021", account_amount=money))
    account = "6320" if Decimal(difference) > 0 else "4220"
    assert (found["1021"], found[account]) == (Decimal(money), Decimal(difference))
    assert found["1200"] == -Decimal(amount) * 50
    assert seller.due(invoice) == due
    sound(api)


def test_money_moves_between_accounts_of_two_currencies(api: Api) -> None:
    """ERPNext's internal transfer: 100.00 at 50 arrive as 4,500.00, 500.00 are lost."""
    books = Books(api)
    rate = {"currency": "EUR", "rate": "50"}
    entry = books.enter(debit("1020", "4500.00"), debit("6320", "500.00"), credit("1030", "100.00", **rate))
    assert [(line["base_debit"], line["base_credit"]) for line in entry["lines"]] == [
        ("4500.00", "0.00"),
        ("500.00", "0.00"),
        ("0.00", "5000.00"),
    ]
    sound(api)


def test_a_payment_and_a_credit_settle_instalments_in_turn(api: Api) -> None:
    """ERPNext: 200.00 in 60, 100 and 40; 40.00 are paid and 100.00 credited: 20.00 and 40.00 are left of the last."""
    seller = Seller(api)
    shares = [{"percent": 30, "days": 30}, {"percent": 50, "days": 60}, {"percent": 20, "days": 90}]
    api.record("payment-terms", code="THREE", name="Three", instalments=shares)
    items = [{"product": "FREE", "quantity": 2, "unit_price": "100.00"}]
    body = {"customer": "BUYER", "items": items, "payment_terms": "THREE"}
    invoice = api.call("create_invoice", body).expect(201).json

    def left() -> list[str]:
        rows = api.rows(
            "SELECT (i.amount - b.settled)::numeric(9, 2)::text AS due FROM ledger.open_item i JOIN"
            " ledger.open_item_balance b ON b.open_item_id = i.id ORDER BY i.instalment"
        )
        return [row.due for row in rows]

    assert left() == ["60.00", "100.00", "40.00"]
    seller.pay("40.00")
    assert left() == ["20.00", "100.00", "40.00"]
    back = {"reason": "back", "lines": [{"line": 1, "quantity": 1}]}
    key = {"Idempotency-Key": "back"}
    api.call("credit_invoice", back, path={"id": invoice["id"]}, headers=key).expect(201)
    assert sorted(amount for amount in left() if Decimal(amount) > 0) == ["20.00", "40.00"]
    assert seller.due(invoice) == "60.00"
    sound(api)


REGISTERED = [
    ("800.00", None, {"1020": "400.00", "1200": "-400.00"}, ["200.00", "2000.00"]),
    ("3100.00", None, {"1020": "1550.00", "1200": "-1500.00", "2300": "-50.00"}, ["0.00", "0.00"]),
    ("800.00", "2200.00", {"1020": "400.00", "4290": "1100.00", "1200": "-1500.00"}, ["0.00", "0.00"]),
    ("3100.00", "-100.00", {"1020": "1550.00", "4290": "-50.00", "1200": "-1500.00"}, ["0.00", "0.00"]),
]


@pytest.mark.parametrize(("amount", "written_off", "expected", "due"), REGISTERED)
def test_two_foreign_invoices_paid_for_less_and_for_more(
    api: Api, amount: str, written_off: str | None, expected: dict[str, str], due: list[str]
) -> None:
    """Odoo: 1,000.00 and 2,000.00 at two for a dollar, paid with 800.00 or 3,100.00, kept open or written off."""
    seller = Seller(api)
    api.record("accounts", code="4290", name="Write-offs", kind="revenue")
    rate = {"currency": "EUR", "exchange_rate": "0.5"}
    invoices = [seller.owed("FREE", price, **rate) for price in ("1000.00", "2000.00")]
    kept = {"amount": written_off, "account": "4290", "reason": "agreed"}
    payment = seller.pay(amount, **rate, **({"write_off": kept} if written_off else {}))
    assert base(payment) == {code: Decimal(worth) for code, worth in expected.items()}
    assert [seller.due(invoice) for invoice in invoices] == due
    sound(api)


PARTIAL = [
    ("120.00", "0.5", "240.00", "0.333333333333", "20.00", "-40.00"),
    ("120.00", "0.333333333333", "240.00", "0.5", "-20.00", "-60.00"),
]


@pytest.mark.parametrize(("owed", "rate", "paid", "paid_rate", "difference", "left"), PARTIAL)
def test_more_is_paid_than_is_owed_at_another_rate(
    api: Api, owed: str, rate: str, paid: str, paid_rate: str, difference: str, left: str
) -> None:
    """Odoo: 120.00 at two (60.00) by half of 240.00 at three (80.00) lose 20.00; the other way round gain as much."""
    seller = Seller(api)
    invoice = seller.owed("FREE", owed, currency="EUR", exchange_rate=rate)
    found = base(seller.pay(paid, currency="EUR", exchange_rate=paid_rate))
    account = "6320" if Decimal(difference) > 0 else "4220"
    assert (found[account], found["2300"]) == (Decimal(difference), Decimal(left))
    assert seller.due(invoice) == "0.00"
    sound(api)


def test_a_deposit_is_recalled_at_another_rate(api: Api) -> None:
    """Tryton: a deposit of 100.00 at 1.20 is 83.33, and 90.91 when the final invoice at 1.10 takes it off: 7.58."""
    seller = Seller(api)
    api.record("accounts", code="2390", name="Deposits", kind="liability")
    api.record("products", code="DEPOSIT", name="Deposit", kind="service", unit="EA", tax_category="FREE",
               revenue_account="2390")  # fmt: skip
    first = seller.owed("DEPOSIT", "100.00", currency="EUR", exchange_rate="0.833333333333")
    assert base(first) == {"1200": Decimal("83.33"), "2390": Decimal("-83.33")}
    lines = [("FREE", "500.00"), ("DEPOSIT", "-100.00")]
    items = [{"product": code, "quantity": 1, "unit_price": price} for code, price in lines]
    body = {"customer": "BUYER", "items": items, "currency": "EUR", "exchange_rate": "0.909090909091"}
    final = api.call("create_invoice", body).expect(201).json
    assert final["subtotal"] == "400.00"
    assert base(final)["2390"] - Decimal("83.33") == Decimal("7.58")
    sound(api)


PAID = [
    ("800.00", "2200.00", {"1020": "-800.00", "4290": "-2200.00", "2100": "3000.00"}),
    ("3100.00", "-100.00", {"1020": "-3100.00", "4290": "100.00", "2100": "3000.00"}),
]


@pytest.mark.parametrize(("amount", "written_off", "expected"), PAID)
def test_two_bills_paid_for_less_and_for_more(
    api: Api, amount: str, written_off: str, expected: dict[str, str]
) -> None:
    """Odoo: 1,000.00 and 2,000.00 paid with 800.00 or 3,100.00; the difference is income or a cost."""
    buyer = Purchases(api)
    api.record("accounts", code="4290", name="Write-offs", kind="revenue")
    bills = [buyer.bill(items=[{"account": "6150", "unit_price": price}]) for price in ("1000.00", "2000.00")]
    kept = {"amount": written_off, "account": "4290", "reason": "agreed"}
    payment = buyer.make("record_supplier_payment", supplier="SUPP001", amount=amount, write_off=kept)
    assert posted(payment) == {code: Decimal(worth) for code, worth in expected.items()}
    assert {buyer.get(bill)["status"] for bill in bills} == {"paid"}
    buyer.holds()


@pytest.mark.parametrize(
    ("amount", "detail"),
    [
        ("0.00", "Some fields are not right; each is pointed at."),
        ("-1000.00", "1000.00 USD cannot be written off of a payment of 1000.00 USD."),
        ("-2000.00", "2000.00 USD cannot be written off of a payment of 1000.00 USD."),
        ("-50.00", "50.00 USD would still be left over. Write off 100.00, or nothing to keep an advance."),
    ],
)
def test_no_more_is_given_up_than_was_paid_too_much(api: Api, amount: str, detail: str) -> None:
    """Nothing, all of the payment, more than that, or so little that some of it is left over."""
    buyer = Purchases(api)
    bill = buyer.bill(items=[{"account": "6150", "unit_price": "900.00"}])
    before = api.counts()
    kept = {"amount": amount, "account": "6150", "reason": "no"}
    refused = buyer.make("record_supplier_payment", 422, supplier="SUPP001", amount="1000.00", write_off=kept)
    assert (refused["errors"][0]["pointer"], refused["detail"]) == ("/write_off/amount", detail)
    assert (buyer.get(bill)["amount_due"], api.counts()) == ("900.00", before)


def test_bills_are_paid_less_a_credit(api: Api) -> None:
    """Odoo: 1,000.00 and 2,000.00 less a credit of 1,600.00 are 1,400.00 in one payment."""
    buyer = Purchases(api)
    bills = [buyer.bill(items=[{"account": "6150", "unit_price": price}]) for price in ("1000.00", "2000.00")]
    items = [{"account": "6150", "unit_price": "1600.00"}]
    back = buyer.make("create_supplier_credit", supplier="SUPP001", supplier_number="C", reason="back", items=items)
    named = [{"document": one["id"]} for one in (*bills, back)]
    payment = buyer.make("record_supplier_payment", supplier="SUPP001", amount="1400.00", allocations=named)
    assert posted(payment) == {"1020": Decimal("-1400.00"), "2100": Decimal("1400.00")}
    assert {buyer.get(bill)["status"] for bill in bills} == {"paid"}
    buyer.holds()
