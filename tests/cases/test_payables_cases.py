"""Bills, terms, discounts and payments with numbers published elsewhere, replayed through the API.

Each case is set up as a user would: suppliers, taxes, terms and policies are records. A case that its source writes for
sales is entered as the supplier's bill: the same numbers on the other side.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.cases import CASES, case, then
from tests.support.purchases import Purchases

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases is not here")

TODAY = date(2026, 11, 23)
"""D0 of the cases: the day on which every test begins."""


class Buyer(Purchases):
    """A company with one supplier, and whatever taxes a case is about."""

    def __init__(self, api: Api) -> None:
        self.api = api
        api.record("suppliers", code="SUPP001", name="Supplier", jurisdiction="US")

    def tax(self, given: dict[str, Any], code: str = "TAX") -> str:
        """A tax of a case, which writes 20 for 20 %; fixed ones are an amount per unit."""
        percent = "rate" in given
        rate = str(Decimal(given["rate"]) / 100) if percent else given["amount"]
        more: dict[str, Any] = {} if percent else {"kind": "fixed_per_unit", "currency": "USD"}
        made = self.api.record(
            "taxes",
            code=given.get("code", code),
            name="Tax",
            jurisdiction="US",
            rates=[{"rate": rate, "valid_from": "2000-01-01"}],
            adds_to_base=given.get("adds_to_base_of_later_taxes", False),
            sequence=given.get("sequence", 10),
            account="1250",
            **more,
        )
        return str(made["code"])

    def year(self, year: int) -> None:
        """Open a fiscal year."""
        days = {"starts_on": f"{year}-01-01", "ends_on": f"{year}-12-31"}
        self.api.record("fiscal-years", code=f"FY{year}", company="MAIN", **days)

    def rounding(self, mode: str) -> None:
        """Let taxes be rounded like this."""
        path = {"resource": "companies", "id": "MAIN"}
        company = self.api.call("get_record", path=path).expect(200).json
        headers = {"If-Match": f'"{company["version"]}"'}
        policies = company["policies"] | {"tax": company["policies"]["tax"] | {"rounding": mode}}
        self.api.call("update_record", {"policies": policies}, path=path, headers=headers).expect(200)


@pytest.fixture
def buyer(api: Api) -> Buyer:
    """A company that buys from one supplier."""
    return Buyer(api)


@pytest.mark.parametrize("rounding", ["per_line", "per_document", "en_16931"])
@pytest.mark.parametrize("name", ["tax-001", "tax-003"])
def test_tax_001_and_003_fixed_and_compound_taxes(buyer: Buyer, name: str, rounding: str) -> None:
    found = case(name)
    buyer.rounding(rounding)
    line, expected = found["given"]["line"], then(found, 1)
    taxes = [buyer.tax(tax) for tax in found["given"]["taxes"]]
    bill = buyer.bill(items=[{"quantity": line["qty"], "unit_price": line["unit_price"], "taxes": taxes}])
    assert bill["total"] == expected["total"]
    assert {tax["code"]: (tax["base"], tax["amount"]) for tax in bill["taxes"]} == {
        tax["tax"]: (tax["base"], tax["amount"]) for tax in expected["taxes"]
    }
    buyer.holds()


@pytest.mark.parametrize("step", [1, 2])
def test_tax_005_rounding_per_line_and_per_document(buyer: Buyer, step: int) -> None:
    """Complaint: totals differ by a cent between list and form. They are computed once, and stored."""
    found = case("tax-005")
    taxes = [buyer.tax(tax) for tax in found["given"]["taxes"]]
    buyer.rounding(found["when"][step - 1]["tax_rounding"])
    bill = buyer.bill(items=[{"unit_price": "1.001", "taxes": taxes}] * 100)
    (tax,), expected = bill["taxes"], then(found, step)
    assert (tax["base"], tax["amount"]) == (expected["tax_base"], expected["tax"])
    assert sum(Decimal(item["taxes"][0]["amount"]) for item in bill["items"]) == Decimal(expected["tax"])
    listed = buyer.api.call("list_bills").expect(200)["data"][0]
    assert (listed["total"], listed["tax_total"]) == (bill["total"], bill["tax_total"])


@pytest.mark.parametrize("name", ["einv-003", "einv-011"])
def test_einv_003_and_011_totals_by_en_16931(operator: Api, name: str) -> None:
    """The examples of EN 16931 as their buyer enters them; einv-003 as the bill its credit note takes back."""
    found = case(name)
    given, expected = found["given"], then(found, 1)
    company = {"currency": given["currency"], "jurisdiction": given["buyer_country"]}
    tenant = operator.call("create_tenant", {"name": "Buyer", "company": company}).expect(201)
    buyer = Buyer(Api(tenant["id"]))
    buyer.rounding("en_16931")
    buyer.year(int(given["issue_date"][:4]))
    items = [
        {
            "quantity": line["quantity"],
            "unit_price": line["price"],
            "taxes": [] if line["tax_category"] == "E" else [buyer.tax({"rate": line["tax_rate"]}, code="S")],
        }
        for line in given["lines"]
    ]
    stated = {"stated_total": expected["totals"]["payable"], "supplier_date": given["issue_date"]}
    bill = buyer.bill(supplier_number=given["number"], items=items, **stated)
    assert [item["net"] for item in bill["items"]] == [line["net_amount"] for line in given["lines"]]
    assert {
        "line_total": bill["subtotal"],
        "tax_exclusive": bill["subtotal"],
        "tax_inclusive": bill["total"],
        "payable": bill["amount_due"],
    } == expected["totals"]
    assert bill["tax_total"] == expected["tax_totals"][0]["tax_amount"]


INSTALMENTS: dict[str, dict[str, Any]] = {
    "immediate": {},
    "eom45": {"after": "end_of_month", "days": 45},
    "d31_15": {"days": 31, "day_of_month": 15},
    "last_of_month": {"after": "end_of_month"},
    "first_next": {"after": "end_of_month", "days": 1},
}
"""The terms of term-001 as records."""


def test_term_001_due_dates_of_five_terms(buyer: Buyer) -> None:
    """They run from the supplier's date, whatever day the bill is posted on."""
    found = case("term-001")
    due: dict[str, list[str]] = {}
    for term, says in found["given"]["terms"].items():
        buyer.api.record("payment-terms", code=term, name=says, instalments=[INSTALMENTS[term]])
        due[term] = [
            buyer.bill(payment_terms=term, supplier_date=day, date=str(TODAY))["due_date"]
            for day in found["given"]["invoice_dates"]
        ]
    assert due == then(found, 1)["due"]


def test_epd_001_a_discount_for_paying_early_is_received(buyer: Buyer) -> None:
    """The customer's side of the case: what the seller loses the buyer gains."""
    found = case("epd-001")
    early = found["given"]["early_discount"]
    discount = {"percent": early["percent"], "days": early["days"]}
    instalments = [{"days": 30, "early_discount": discount}]
    buyer.api.record("payment-terms", code="EARLY", name="Early", instalments=instalments)
    buyer.year(2019)
    invoice = found["given"]["invoice"]
    bill = buyer.bill(payment_terms="EARLY", date=invoice["date"], items=[{"unit_price": invoice["untaxed"]}])
    assert bill["instalments"][0]["discount"]["until"] == then(found, 0)["last_discount_date"]
    expected = then(found, 1)
    sums = {line["account"]: Decimal(line["debit"]) - Decimal(line["credit"]) for line in expected["journal"]}
    fields = {"supplier": "SUPP001", "amount": str(sums["bank"]), "date": found["when"][0]["date"]}
    payment = buyer.make("record_supplier_payment", **fields)
    posted = {
        line["account"]["code"]: Decimal(line["credit"]) - Decimal(line["debit"])
        for line in payment["posting"]["lines"]
    }
    assert posted == {"1020": sums["bank"], "5035": sums["cash_discount_loss"], "2100": sums["receivable"]}
    assert buyer.get(bill)["amount_due"] == expected["residual"]
    buyer.holds()


def test_fx_001_a_difference_realised_by_a_payment_at_another_rate(buyer: Buyer) -> None:
    """The buyer's side of the case: the seller's gain is the buyer's loss."""
    found = case("fx-001")
    first = TODAY - timedelta(days=1)
    for day, rate in found["given"]["rates_EUR_per_USD"].items():
        on = first + timedelta(days=int(day.removeprefix("D0") or 0))
        rates = {"rates": [{"currency": "USD", "base_currency": "EUR", "date": str(on), "rate": rate}]}
        buyer.api.call("set_exchange_rates", rates, headers={"Idempotency-Key": day}).expect(201)
    (line,) = found["given"]["lines"]
    items = [{"quantity": line["qty"], "unit_price": line["unit_price"]}]
    buyer.bill(currency=line["currency"], date=str(first), items=items)
    amount, currency = found["when"][1]["amount"].split()
    buyer.make("record_supplier_payment", supplier="SUPP001", amount=amount, currency=currency)
    expected = {entry["account"]: entry["balance"] for entry in then(found, 2)["balances"]}
    balances = buyer.trial_balance()
    assert Decimal(balances["6320"]) == -Decimal(expected["fx_gain"])
    assert Decimal(balances["1020"]) == -Decimal(expected["bank_or_cash"])
    assert Decimal(balances.get("2100", "0")) == Decimal(expected["receivable"])
    buyer.holds()


def test_fx_003_a_payable_settled_for_less_makes_a_gain(buyer: Buyer) -> None:
    """90 EUR booked at 50.00 and paid with 45.00; the case's journals are the bill and its payment."""
    found = case("fx-003")
    booked, paid = ({line["account"]: line for line in step["lines"]} for step in found["when"][:2])
    amount, currency = booked["payable"]["foreign"].removeprefix("-").split()
    buyer.api.record("accounts", code="1021", name="Dollars", kind="asset", control="bank", currency="USD", parent="10")
    rate = Decimal(booked["payable"]["credit"]) / Decimal(amount)
    fields = {"currency": currency, "exchange_rate": f"{rate:.12f}", "items": [{"unit_price": amount}]}
    bill = buyer.bill(**fields)
    assert (bill["base"]["total"], bill["base"]["items"]) == ("50.00", [booked["expense"]["debit"]])
    payment = {"supplier": "SUPP001", "amount": amount, "currency": currency, "account": "1021"}
    buyer.make("record_supplier_payment", **payment, account_amount=paid["bank_or_cash"]["credit"])
    expected = {entry["account"]: entry["balance"] for entry in then(found, 3)["balances"]}
    balances = buyer.trial_balance()
    assert Decimal(balances.get("2100", "0")) == Decimal(expected["payable"])
    assert balances["4220"] == expected["fx_gain"]
    buyer.holds()


def test_gl_001_a_year_with_bills_closes_to_the_result(buyer: Buyer) -> None:
    """The case's year for one who buys: what was bought goes to the result, what is owed is carried forward."""
    found = case("gl-001")
    amount = next(line["credit"] for line in found["given"]["entries"][0]["journal"] if line["account"] == "revenue")
    buyer.year(2025)
    buyer.bill(date="2025-06-30", items=[{"unit_price": amount}])
    buyer.act("close_fiscal_year", {"id": "FY2025"})
    expected = {entry["account"]: Decimal(entry["balance"]) for entry in then(found, 1)["balances"]}
    balances = buyer.trial_balance()
    assert Decimal(balances.get("6300", "0")) == expected["revenue"]
    assert Decimal(balances["3100"]) == -expected["result"]
    assert Decimal(balances["2100"]) == -expected["receivable incl. sub-accounts"]
