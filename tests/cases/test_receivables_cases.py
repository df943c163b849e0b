"""Invoices, taxes, rounding, payments and terms with numbers published elsewhere, replayed through the API.

Each case is set up as a user would: taxes and the rules that apply them, products, terms and policies are records.
"""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.cases import CASES, case, then

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases is not here")

TODAY = date(2026, 11, 23)
"""D0 of the cases: the day on which every test begins."""

ACCOUNTS = {
    "receivable": "1200",
    "revenue": "4000",
    "revenue_2": "4010",
    "tax_payable": "2200",
    "bank": "1020",
    "bank_or_cash": "1020",
    "expense": "6300",
    "cash_discount_loss": "4085",
    "fx_gain": "4220",
}
"""The account roles of the cases by the codes of the general chart."""


class Seller:
    """A company with one customer, and whatever taxes and products a case is about."""

    def __init__(self, api: Api, jurisdiction: str = "US") -> None:
        self.api = api
        self.jurisdiction = jurisdiction
        api.record("customers", code="BUYER", name="Buyer", jurisdiction=jurisdiction)

    def tax(self, given: dict[str, Any], code: str = "TAX", currency: str = "USD", **fields: Any) -> str:
        """A tax of a case, which writes 20 for 20 %; fixed ones are an amount per unit."""
        percent = "rate" in given
        rate = str(Decimal(given["rate"]) / 100) if percent else given["amount"]
        return str(
            self.api.record(
                "taxes",
                **{
                    "code": given.get("code", code),
                    "name": given.get("code", code),
                    "jurisdiction": self.jurisdiction,
                    "kind": "percent" if percent else "fixed_per_unit",
                    **({} if percent else {"currency": currency}),
                    "rates": [{"rate": rate, "valid_from": "2000-01-01"}],
                    "included_in_price": given.get("included_in_price", False),
                    "adds_to_base": given.get("adds_to_base_of_later_taxes", False),
                    "sequence": given.get("sequence", 10),
                    "account": ACCOUNTS["tax_payable"],
                    **fields,
                },
            )["code"]
        )

    def product(self, code: str, taxes: list[str], **fields: Any) -> str:
        """A service that bears these taxes, by a rule for a tax category of its own."""
        self.api.record("products", code=code, name=code, kind="service", unit="EA", tax_category=code, **fields)
        reason = {} if taxes else {"reason": "the case has no tax on it"}
        self.api.record("tax-rules", code=code, name=code, jurisdiction=self.jurisdiction, product_category=code,
                        taxes=taxes, **reason)  # fmt: skip
        return code

    def year(self, year: int) -> None:
        """Open a fiscal year, for the cases of other days."""
        self.api.record(
            "fiscal-years", code=f"FY{year}", company="MAIN", starts_on=f"{year}-01-01", ends_on=f"{year}-12-31"
        )

    def policy(self, **tax: Any) -> None:
        """Change the company's tax policy."""
        path = {"resource": "companies", "id": "MAIN"}
        read = self.api.call("get_record", path=path).expect(200)
        policies = read["policies"] | {"tax": read["policies"]["tax"] | tax}
        self.api.call(
            "update_record", {"policies": policies}, path=path, headers={"If-Match": read.headers["ETag"]}
        ).expect(200)

    def invoice(self, items: list[dict[str, Any]], **fields: Any) -> Any:
        """Invoice the customer."""
        body = {"customer": "BUYER", "items": items, **fields}
        return self.api.call("create_invoice", body).expect(201).json

    def quote(self, items: list[dict[str, Any]], **fields: Any) -> Any:
        """Ask what an invoice would bear."""
        body = {"customer": "BUYER", "items": items, **fields}
        return self.api.call("quote_tax", body).expect(200).json

    def pay(self, amount: str, invoice: Any, **fields: Any) -> Any:
        """Record a payment of an invoice."""
        body = {"customer": "BUYER", "amount": amount, "allocations": [{"invoice": invoice["number"]}], **fields}
        key = {"Idempotency-Key": f"pay {self.api.requests}"}
        return self.api.call("record_payment", body, headers=key).expect(201).json

    def read(self, invoice: Any) -> Any:
        """The invoice as it stands now."""
        return self.api.call("get_invoice", path={"id": invoice["id"]}).expect(200).json

    def balances(self) -> dict[str, str]:
        """The trial balance by account code, debit positive."""
        rows = self.api.call("get_trial_balance", query={"zero": "show"}).expect(200)["rows"]
        return {row["account"]["code"]: row["balance"] for row in rows}


@pytest.fixture
def seller(api: Api) -> Seller:
    """A company in US dollars."""
    return Seller(api)


def journal(posting: Any) -> Counter[tuple[str, str | None]]:
    """What was posted, by account and tax, debit positive; lines of one account are merged."""
    sums: Counter[tuple[str, str | None]] = Counter()
    for line in posting["lines"]:
        sums[line["account"]["code"], line.get("tax")] += Decimal(line["debit"]) - Decimal(line["credit"])
    return sums


def expected_journal(entries: list[dict[str, str]], tax: str | None = None) -> Counter[tuple[str, str | None]]:
    """What a case expects to be posted, in the same form; ``tax`` is the one tax of cases that do not name it."""
    sums: Counter[tuple[str, str | None]] = Counter()
    for entry in entries:
        named = entry.get("tax", tax) if entry["account"] == "tax_payable" else None
        sums[ACCOUNTS[entry["account"]], named] += Decimal(entry["debit"]) - Decimal(entry["credit"])
    return sums


def totals(answer: Any) -> dict[str, str]:
    return {"untaxed": answer["subtotal"], "tax": answer["tax_total"], "total": answer["total"]}


def half_taxed(seller: Seller) -> tuple[dict[str, Any], Any]:
    """The invoice of inv-001, which inv-003 pays."""
    found = case("inv-001")
    given = found["given"]
    for tax in given["taxes"]:
        seller.tax(tax)
    instalments = [
        {"days": share["days"], **({"percent": share["percent"]} if share["type"] == "percent" else {})}
        for share in given["payment_term"]
    ]
    seller.api.record("payment-terms", code="HALVES", name="Two halves", instalments=instalments)
    items = [
        {
            "product": seller.product(f"P{number}", line["taxes"], revenue_account=ACCOUNTS[line["account"]]),
            "quantity": line["qty"],
            "unit_price": line["unit_price"],
        }
        for number, line in enumerate(given["lines"], 1)
    ]
    return found, seller.invoice(items, payment_terms="HALVES")


def test_inv_001_a_taxed_and_an_untaxed_line_in_two_halves(seller: Seller) -> None:
    found, invoice = half_taxed(seller)
    expected = then(found, 1)
    assert totals(invoice) | {"residual": invoice["amount_due"], "state": "open"} == expected["invoice"]
    assert invoice["status"] == "issued"
    assert journal(invoice["posting"]) == expected_journal(expected["journal"], tax="T10")
    assert [{"tax": tax["amount"], "base": tax["base"]} for tax in invoice["taxes"]] == expected["tax_report"]
    assert [(share["due_date"], share["amount"]) for share in invoice["instalments"]] == [
        (str(TODAY + timedelta(days=int(share["due"].removeprefix("D0+")))), share["amount"])
        for share in expected["installments"]
    ]


def test_inv_003_three_payments_and_a_write_off(seller: Seller) -> None:
    _, invoice = half_taxed(seller)
    found = case("inv-003")
    states = {"open": "partially_paid", "paid": "paid"}
    matched: list[Decimal] = []
    for step in found["when"]:
        fields: dict[str, Any] = {}
        if "write_off_difference" in step:
            account = ACCOUNTS[step["write_off_account"]]
            write_off = {"amount": step["write_off_difference"], "account": account, "reason": "a difference"}
            fields["write_off"] = write_off
        payment = seller.pay(step["amount"], invoice, **fields)
        matched.append(-journal(payment["posting"])[ACCOUNTS["receivable"], None])
        expected = then(found, step["step"])
        stands = seller.read(invoice)
        assert (stands["amount_due"], stands["status"]) == (expected["residual"], states[expected["state"]])
    expected = then(found, 3)
    credits = sorted(Decimal(amount) for amount in expected["receivable_credits_matched"])
    assert sum(matched) == sum(credits) == Decimal("240.00")
    assert sorted(matched) == [credits[1], credits[0] + credits[2], credits[3]]  # paid and written off in one line
    balances = seller.balances()
    assert {entry["account"]: balances[ACCOUNTS[entry["account"]]] for entry in expected["balances"]} == {
        entry["account"]: entry["balance"] for entry in expected["balances"]
    }


def test_inv_101_two_products_and_two_taxes(seller: Seller) -> None:
    found = case("inv-101")
    for tax in found["given"]["taxes"]:
        seller.tax(tax)
    seller.year(2019)
    items = [
        {
            "product": seller.product(line["product"], line["taxes"], revenue_account=ACCOUNTS[account]),
            "quantity": line["qty"],
            "unit_price": line["unit_price"],
        }
        for line, account in zip(found["given"]["lines"], ("revenue", "revenue_2"), strict=True)
    ]
    day = found["when"][0]["date"]
    expected = then(found, 1)
    invoice = seller.invoice(items, date=day)
    assert totals(invoice) == expected["invoice"]
    assert journal(invoice["posting"]) == expected_journal(expected["journal"])
    quote = seller.quote(items, date=day)
    assert totals(quote) == expected["invoice"]
    assert [item["total"] for item in quote["items"]] == expected["line_totals"]


INSTALMENTS: dict[str, dict[str, Any]] = {
    "immediate": {},
    "eom45": {"after": "end_of_month", "days": 45},
    "d31_15": {"days": 31, "day_of_month": 15},
    "last_of_month": {"after": "end_of_month"},
    "first_next": {"after": "end_of_month", "days": 1},
}
"""The terms of term-001 as records."""


def test_term_001_due_dates_of_five_terms(seller: Seller) -> None:
    found = case("term-001")
    seller.year(2019)
    seller.product("P1", [])
    items = [{"product": "P1", "quantity": 1, "unit_price": "10.00"}]
    due: dict[str, list[str]] = {}
    for term, says in found["given"]["terms"].items():
        seller.api.record("payment-terms", code=term, name=says, instalments=[INSTALMENTS[term]])
        due[term] = [
            seller.invoice(items, payment_terms=term, date=day)["due_date"] for day in found["given"]["invoice_dates"]
        ]
    assert due == then(found, 1)["due"]


@pytest.mark.parametrize("rounding", ["per_line", "per_document", "en_16931"])
@pytest.mark.parametrize("name", ["tax-001", "tax-003"])
def test_tax_001_and_003_fixed_and_compound_taxes_and_the_way_back(seller: Seller, name: str, rounding: str) -> None:
    found = case(name)
    line = found["given"]["line"]
    seller.policy(rounding=rounding)
    seller.product("P1", [seller.tax(tax) for tax in found["given"]["taxes"]])
    items = [{"product": "P1", "quantity": line["qty"], "unit_price": line["unit_price"]}]
    expected = then(found, 1)
    for answer in (seller.quote(items), seller.invoice(items)):
        assert answer["total"] == expected["total"]
        assert {tax["code"]: (tax["base"], tax["amount"]) for tax in answer["taxes"]} == {
            tax["tax"]: (tax["base"], tax["amount"]) for tax in expected["taxes"]
        }
    included = [
        seller.tax(tax | {"code": f"{tax['code']}-IN", "included_in_price": True}) for tax in found["given"]["taxes"]
    ]
    seller.product("P2", included)
    gross = found["when"][1]["gross_unit_price"]
    quote = seller.quote([{"product": "P2", "quantity": 1, "unit_price": gross}])
    assert quote["items"][0]["net_unit_price"] == then(found, 2)["net_unit_price"]
    assert quote["total"] == gross


@pytest.mark.parametrize("step", [1, 2])
def test_tax_005_rounding_per_line_and_per_document(seller: Seller, step: int) -> None:
    found = case("tax-005")
    seller.product("P1", [seller.tax(tax) for tax in found["given"]["taxes"]])
    items = [{"product": "P1", "quantity": 1, "unit_price": "1.001"}] * 100
    rounding = found["when"][step - 1]["tax_rounding"]
    tried = seller.quote(items, policy={"rounding": rounding})
    seller.policy(rounding=rounding)
    expected = then(found, step)
    for answer in (tried, seller.quote(items), seller.invoice(items)):
        (tax,) = answer["taxes"]
        assert (tax["base"], tax["amount"]) == (expected["tax_base"], expected["tax"])
        assert sum(Decimal(item["taxes"][0]["amount"]) for item in answer["items"]) == Decimal(expected["tax"])


@pytest.mark.parametrize("rounding", ["per_line", "per_document", "en_16931"])
def test_pos_001_tax_in_the_prices_of_a_till(seller: Seller, rounding: str) -> None:
    """The tax and the revenue of the case; a till and its ways of paying are another thing."""
    found = case("pos-001")
    seller.policy(rounding=rounding)
    tax = seller.tax(found["given"]["tax"])
    items = [
        {
            "product": seller.product(line["product"], [tax], sales_price=line["gross_unit_price"]),
            "quantity": line["qty"],
        }
        for line in found["given"]["lines"]
    ]
    expected = then(found, 1)
    quote = seller.quote(items)
    assert quote["items"][0]["net_unit_price"] == expected["net_unit_price"]
    invoice = seller.invoice(items)
    for answer in (quote, invoice):
        assert (answer["total"], answer["tax_total"]) == (expected["total"], expected["tax"])
    posted = journal(invoice["posting"])
    sold = [entry for entry in then(found, 4)["journal"] if entry["account"] in ("revenue", "tax_payable")]
    owed = posted.pop((ACCOUNTS["receivable"], None))
    assert (posted, owed) == (expected_journal(sold, tax), Decimal(expected["total"]))


def test_epd_001_a_discount_for_paying_early(seller: Seller) -> None:
    found = case("epd-001")
    given = found["given"]["invoice"]
    discount = found["given"]["early_discount"]
    seller.year(2019)
    seller.product("P1", [])
    instalment = {"days": 30, "early_discount": {"percent": discount["percent"], "days": discount["days"]}}
    seller.api.record("payment-terms", code="EARLY", name="10 days 10 %", instalments=[instalment])
    items = [{"product": "P1", "quantity": 1, "unit_price": given["untaxed"]}]
    invoice = seller.invoice(items, date=given["date"], payment_terms="EARLY")
    assert totals(invoice) == {name: given[name] for name in ("untaxed", "tax", "total")}
    (due,) = invoice["instalments"]
    assert due["discount"] == {"until": then(found, 0)["last_discount_date"], "amount": "100.00"}
    payment = seller.pay("900.00", invoice, date=found["when"][0]["date"])
    expected = then(found, 1)
    assert journal(payment["posting"]) == expected_journal(expected["journal"])
    assert seller.read(invoice)["amount_due"] == expected["residual"]


@pytest.mark.parametrize("name", ["einv-003", "einv-011"])
def test_einv_003_and_011_totals_by_en_16931(operator: Api, name: str) -> None:
    """The totals of the examples of EN 16931, under its rounding; einv-003 as the sale its credit note takes back."""
    found = case(name)
    given = found["given"]
    company = {"currency": given["currency"], "jurisdiction": given["seller_country"]}
    tenant = operator.call("create_tenant", {"name": "Seller", "company": company}).expect(201)
    seller = Seller(Api(tenant["id"]), given["buyer_country"])
    seller.policy(rounding="en_16931")
    items = []
    for line in given["lines"]:
        taxes = [] if line["tax_category"] == "E" else [seller.tax({"rate": line["tax_rate"]}, code="S")]
        code = seller.product(f"P{line['id']}", taxes)
        items.append({"product": code, "quantity": line["quantity"], "unit_price": line["price"]})
    seller.year(int(given["issue_date"][:4]))
    invoice = seller.invoice(items, date=given["issue_date"])
    expected = then(found, 1)
    assert invoice["currency"] == given["currency"]
    assert [item["net"] for item in invoice["items"]] == [line["net_amount"] for line in given["lines"]]
    assert {
        "line_total": invoice["subtotal"],
        "tax_exclusive": invoice["subtotal"],
        "tax_inclusive": invoice["total"],
        "payable": invoice["amount_due"],
    } == expected["totals"]
    (tax_total,) = expected["tax_totals"]
    assert invoice["tax_total"] == tax_total["tax_amount"]
    taxed = [part for part in tax_total["subtotals"] if part["category"] != "E"]
    assert [(tax["base"], tax["amount"]) for tax in invoice["taxes"]] == [
        (part["taxable"], part["tax"]) for part in taxed
    ]


def in_base(posting: Any) -> Counter[tuple[str, str | None]]:
    """What was posted in base currency, by account and tax, debit positive."""
    sums: Counter[tuple[str, str | None]] = Counter()
    for line in posting["lines"]:
        sums[line["account"]["code"], line.get("tax")] += Decimal(line["base_debit"]) - Decimal(line["base_credit"])
    return sums


def test_fx_001_a_gain_realised_by_a_payment_at_another_rate(seller: Seller) -> None:
    found = case("fx-001")
    first = TODAY - timedelta(days=1)
    for day, rate in found["given"]["rates_EUR_per_USD"].items():
        on = first + timedelta(days=int(day.removeprefix("D0") or 0))
        rates = {"rates": [{"currency": "USD", "base_currency": "EUR", "date": str(on), "rate": rate}]}
        seller.api.call("set_exchange_rates", rates, headers={"Idempotency-Key": day}).expect(201)
    (line,) = found["given"]["lines"]
    items = [{"product": seller.product("P1", []), "quantity": line["qty"], "unit_price": line["unit_price"]}]
    invoice = seller.invoice(items, currency=line["currency"], date=str(first))
    assert in_base(invoice["posting"]) == expected_journal(then(found, 1)["journal"])
    amount, currency = found["when"][1]["amount"].split()
    payment = seller.pay(amount, invoice, currency=currency)
    expected = then(found, 2)
    assert in_base(payment["posting"]) == expected_journal(expected["journal"])
    balances = seller.balances()
    for entry in expected["balances"]:
        assert Decimal(balances[ACCOUNTS[entry["account"]]]) == Decimal(entry["balance"])


def test_inv_004_a_credit_note_refunded_in_two_payments(seller: Seller) -> None:
    """The case writes a credit note below zero; here its amounts are above zero."""
    found = case("inv-004")
    given = found["given"]
    for tax in given["taxes"]:
        seller.tax(tax)
    items = [
        {
            "product": seller.product("P1", line["taxes"]),
            "quantity": str(-int(line["qty"])),
            "unit_price": line["unit_price"],
        }
        for line in given["lines"]
    ]
    body = {"customer": "BUYER", "reason": "a credit", "items": items}
    note = seller.api.call("create_credit_note", body).expect(201).json
    expected = then(found, 1)
    assert {name: f"-{amount}" for name, amount in totals(note).items()} == expected["invoice"]
    assert journal(note["posting"]) == expected_journal(expected["journal"], tax="T10")
    matched = []
    for step in found["when"][1:]:
        key = {"Idempotency-Key": str(step["step"])}
        path = {"id": note["id"]}
        refund = seller.api.call("refund_credit_note", {"amount": step["amount"]}, path=path, headers=key).expect(201)
        matched.append(str(journal(refund["posting"])[ACCOUNTS["receivable"], None]))
        expected = then(found, step["step"])
        read = seller.api.call("get_credit_note", path=path).expect(200)
        assert Decimal(read["amount_left"]) == -Decimal(expected["residual"])
    assert (expected["state"], read["status"]) == ("paid", "settled")
    assert sorted(matched) == expected["receivable_debits_matched"]
