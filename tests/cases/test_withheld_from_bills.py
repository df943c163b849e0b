"""Tax withheld when bills are posted, with numbers of another system's test suite.

Source: ERPNext, accounts/doctype/tax_withholding_category/test_tax_withholding_category.py, where the tax is deducted
from purchase invoices. The rules of thresholds and certificates are those of payments, in test_withholding_thresholds.
"""

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any

import pytest

from tests.payables.runs import Runs
from tests.support.api import Api
from tests.support.purchases import Purchases, in_base, posted
from tests.support.races import racing
from tests.support.statements import counted

NUMBERS = count(1)
RATE: dict[str, Any] = {"rate": "0.10", "valid_from": "2020-01-01"}


class Firm:
    """A buyer that withholds 10 % from the bills of one supplier."""

    def __init__(self, buyer: Purchases, threshold: Any = None, **supplier: Any) -> None:
        self.buyer = buyer
        rates = [RATE | {"threshold": threshold}]
        fields: dict[str, Any] = {"jurisdiction": "US", "account": "2210", "rates": rates, "withheld_at": "bill"}
        buyer.api.record("taxes", code="TDS", name="TDS", **fields)
        fields = {"jurisdiction": "US", "withholding_tax": "TDS"} | supplier
        buyer.api.record("suppliers", code="TDSER", name="TDS Supplier", **fields)

    def bill(self, net: str, **fields: Any) -> Any:
        """A bill of so much; no other has its number."""
        items = [{"account": "6190", "unit_price": net, "taxes": fields.pop("taxes", [])}]
        return self.buyer.bill("TDSER", items=items, supplier_number=f"T-{next(NUMBERS)}", **fields)

    def kept(self, *nets: str, **fields: Any) -> list[str]:
        """What is withheld from bills of so much."""
        return [amount(self.bill(net, **fields)) for net in nets]

    def credit(self, bill: Any, **fields: Any) -> Any:
        body = {"supplier_number": f"C-{next(NUMBERS)}", "reason": "Returned"} | fields
        return self.buyer.act("credit_bill", bill, 201, **body)


@pytest.fixture
def buyer(api: Api) -> Iterator[Purchases]:
    """A tenant that buys; every check of its books passes afterwards."""
    made = Purchases(api)
    yield made
    made.holds()


def amount(bill: Any) -> str:
    kept = bill.get("withholding")
    return str(kept["amount"]) if kept else "0"


def test_bills_before_the_years_threshold_are_made_up_for(buyer: Purchases) -> None:
    """test_cumulative_threshold_tds: the third bill of 10,000 bears the tax on 30,000, and 7,000 are paid."""
    firm = Firm(buyer, {"per_year": "30000.00"})
    assert firm.kept("10000.00", "10000.00") == ["0", "0"]
    third = firm.bill("10000.00")
    told = {name: third["withholding"][name] for name in ("tax", "rate", "base", "amount")}
    assert told == {"tax": "TDS", "rate": "0.1", "base": "30000.00", "amount": "3000.00"}
    assert (third["total"], third["amount_due"]) == ("10000.00", "7000.00")
    assert [part["amount"] for part in third["instalments"]] == ["7000.00"]
    assert posted(third) == [("6190", "10000.00", "0.00"), ("2210", "0.00", "3000.00"), ("2100", "0.00", "7000.00")]
    assert firm.kept("5000.00") == ["500.00"]


def test_a_bill_that_reaches_the_threshold_of_one_document(buyer: Purchases) -> None:
    """test_single_threshold_tds: 20,000 leave 18,000; once withheld, every bill bears it."""
    firm = Firm(buyer, {"per_document": "20000.00"})
    bill = firm.bill("20000.00")
    assert (amount(bill), bill["amount_due"]) == ("2000.00", "18000.00")
    assert firm.kept("10000.00") == ["1000.00"]


def test_only_the_excess_is_charged(buyer: Purchases) -> None:
    """test_cumulative_threshold_with_tax_on_excess_amount: 40,000 in a year are 10,000 above 30,000."""
    firm = Firm(buyer, {"per_year": "30000.00", "charged": "excess"})
    assert firm.kept("10000.00", "10000.00", "20000.00", "500.00") == ["0", "0", "1000.00", "50.00"]


def test_it_falls_on_the_net(buyer: Purchases) -> None:
    """test_tds_calculation_on_net_total: two bills of 1,000 and tax, then one of 6,000 above 5,000."""
    firm = Firm(buyer, {"per_document": "5000.00", "per_year": "10000.00"})
    assert firm.kept("1000.00", "1000.00", taxes=["VAT20"]) == ["0", "0"]
    assert firm.kept("6000.00") == ["800.00"]


def test_a_bill_without_it_does_not_count(buyer: Purchases) -> None:
    """test_tax_withholding_category_checks: 20,000 without it, then 20,000 of 30,000."""
    firm = Firm(buyer, {"per_year": "30000.00", "charged": "excess"})
    first = firm.bill("20000.00", withhold=False, draft=True)
    first = buyer.act("post_bill", first)
    assert (amount(first), first["withhold"]) == ("0", False)
    assert firm.kept("20000.00") == ["0"]


def test_a_certificate_holds_up_to_its_limit(buyer: Purchases) -> None:
    """test_lower_deduction_certificate_application: 2 % up to 50,000, for bills of 35,000."""
    lower = {"certificate": "1AE0423AAJ", "tax": "TDS", "valid_from": "2026-01-01", "valid_to": "2026-12-31"}
    lower |= {"rate": "0.02", "limit": "50000.00"}
    firm = Firm(buyer, {"per_document": "2000.00", "per_year": "2000.00"}, reduced_withholding=[lower])
    bills = [firm.bill("35000.00") for _ in range(3)]
    assert [amount(bill) for bill in bills] == ["700.00", "2300.00", "3500.00"]
    credit = firm.credit(bills[2])
    assert amount(credit) == "3500.00"
    body = {"supplier": "TDSER", "tax": "TDS", "first_day": "2026-11-01", "last_day": "2026-11-30"}
    made = buyer.make("create_withholding_certificate", **body)
    assert (made["base"], made["amount"]) == ("70000.00", "3000.00")
    told = [(one["payment"]["code"], one["amount"]) for one in made["payments"]]
    assert told == [*[(bill["number"], amount(bill)) for bill in bills], (credit["number"], "-3500.00")]
    assert buyer.get(bills[0])["certificate"]["code"] == made["number"]
    before = buyer.api.counts()
    assert buyer.make("create_withholding_certificate", 422, **body)["code"] == "nothing_withheld"
    assert buyer.api.counts() == before


def test_what_is_left_is_paid_and_nothing_is_withheld_twice(buyer: Purchases) -> None:
    firm = Firm(buyer)
    bill = firm.bill("1000.00", taxes=["VAT20"])
    assert (bill["total"], amount(bill), bill["amount_due"]) == ("1200.00", "100.00", "1100.00")
    payment = buyer.make("record_supplier_payment", supplier="TDSER", amount="1100.00")
    assert "withholding" not in payment
    assert buyer.get(bill)["status"] == "paid"
    assert buyer.trial_balance() == {"6190": "1000.00", "1250": "200.00", "2210": "-100.00", "1020": "-1100.00"}
    buyer.act("void_supplier_payment", payment, reason="Bounced")
    assert (buyer.get(bill)["status"], buyer.get(bill)["amount_due"]) == ("posted", "1100.00")
    buyer.act("void_bill", bill, reason="Wrong")
    assert buyer.trial_balance() == {}


def test_a_bill_that_is_withheld_whole_is_paid(buyer: Purchases) -> None:
    """28,000 and 2,000 reach 30,000: 3,000 are due, 2,000 can be kept back, the next bears the rest."""
    firm = Firm(buyer, {"per_year": "30000.00"})
    assert firm.kept("28000.00") == ["0"]
    last = firm.bill("2000.00")
    assert (amount(last), last["amount_due"], last["status"]) == ("2000.00", "0.00", "paid")
    assert firm.kept("5000.00") == ["1500.00"]
    buyer.act("void_bill", last, reason="Wrong")


def test_instalments_share_what_is_left(buyer: Purchases) -> None:
    terms = [{"percent": "50", "days": 10}, {"days": 30}]
    buyer.api.record("payment-terms", code="HALVES", name="Halves", instalments=terms)
    bill = Firm(buyer).bill("1000.00", payment_terms="HALVES")
    assert [part["amount"] for part in bill["instalments"]] == ["450.00", "450.00"]


def test_credits_take_it_back_in_proportion(buyer: Purchases) -> None:
    """A credit counts against the year too: 900 of 1,000 are left to reach the threshold with."""
    firm = Firm(buyer, {"per_year": "1000.00"})
    items = [{"account": "6190", "unit_price": "333.33", "quantity": 3, "taxes": []}]
    bill = buyer.bill("TDSER", items=items, supplier_number="T-A")
    assert amount(bill) == "0"
    more = firm.bill("0.01")
    assert (amount(more), more["status"], more["amount_due"]) == ("0.01", "paid", "0.00")
    whole = buyer.bill("TDSER", items=items, supplier_number="T-B")
    assert amount(whole) == "199.99"
    parts = [firm.credit(whole, lines=[{"line": 1, "quantity": 1}]) for _ in range(3)]
    assert [amount(part) for part in parts] == ["66.66", "66.67", "66.66"]
    assert posted(parts[0]) == [("2100", "266.67", "0.00"), ("6190", "0.00", "333.33"), ("2210", "66.66", "0.00")]
    assert buyer.get(whole)["status"] == "paid"
    assert buyer.trial_balance() == {"6190": "1000.00", "2100": "-999.99", "2210": "-0.01"}
    last = buyer.act("void_supplier_credit", parts[2], reason="Not returned")
    assert last["status"] == "void"
    assert (buyer.get(whole)["amount_due"], buyer.get(whole)["status"]) == ("266.67", "partially_paid")


def test_in_foreign_currency_it_is_owed_at_the_rate_of_the_bill(buyer: Purchases) -> None:
    firm = Firm(buyer, {"per_year": "220.00"})
    fields = {"currency": "EUR", "exchange_rate": "1.10"}
    assert firm.kept("100.00", **fields) == ["0"]
    bill = firm.bill("100.00", **fields)
    assert (amount(bill), bill["base"]["withheld"], bill["base"]["total"]) == ("20.00", "22.00", "110.00")
    assert in_base(bill) == [("6190", "110.00", "0.00"), ("2210", "0.00", "22.00"), ("2100", "0.00", "88.00")]
    credit = firm.credit(bill)
    assert credit["base"]["withheld"] == "22.00"
    assert buyer.get(bill)["status"] == "paid"
    assert buyer.trial_balance() == {"6190": "110.00", "2100": "-110.00"}


CASH: dict[str, Any] = {"due": "payment", "transition_account": "1255", "rates": [RATE | {"rate": "0.20"}]}
"""A tax that is claimed as the bill is paid."""


def test_a_tax_due_at_payment_is_claimed_as_what_is_left_is_paid(buyer: Purchases) -> None:
    """Half of the 1,100 that are left of 1,200 makes half of the tax of 200 due."""
    fields = {"jurisdiction": "US", "account": "2200", "purchase_account": "1250"}
    buyer.api.record("taxes", code="CASH", name="Cash basis", **fields, **CASH)
    firm = Firm(buyer)
    firm.bill("1000.00", taxes=["CASH"])
    claimed = []
    for _ in range(2):
        buyer.make("record_supplier_payment", supplier="TDSER", amount="550.00")
        balances = buyer.trial_balance()
        claimed.append((balances["1250"], balances.get("1255")))
    assert claimed == [("100.00", "100.00"), ("200.00", None)]


def test_a_credit_of_all_leaves_nothing(buyer: Purchases) -> None:
    fields = {"jurisdiction": "US", "account": "2200", "purchase_account": "1250"}
    buyer.api.record("taxes", code="CASH", name="Cash basis", **fields, **CASH)
    firm = Firm(buyer)
    bill = firm.bill("1000.00", taxes=["CASH"])
    credit = firm.credit(bill)
    assert (credit["total"], amount(credit)) == ("1200.00", "100.00")
    assert buyer.trial_balance() == {}


def test_a_discount_for_paying_early_is_of_what_is_left(buyer: Purchases) -> None:
    terms = [{"early_discount": {"percent": "2", "days": 10}}]
    buyer.api.record("payment-terms", code="EARLY", name="Early", instalments=terms)
    bill = Firm(buyer).bill("1000.00", payment_terms="EARLY")
    assert bill["instalments"][0]["discount"] == {"until": "2026-12-03", "amount": "18.00"}
    buyer.make("record_supplier_payment", supplier="TDSER", amount="882.00")
    assert buyer.get(bill)["status"] == "paid"
    assert buyer.trial_balance() == {"6190": "1000.00", "2210": "-100.00", "5035": "-18.00", "1020": "-882.00"}


def test_the_return_tells_of_it(buyer: Purchases) -> None:
    firm = Firm(buyer)
    void, kept = firm.bill("500.00"), firm.bill("1000.00")
    firm.credit(kept, lines=[{"line": 1}])
    firm.bill("200.00")
    buyer.act("void_bill", void, reason="Wrong")
    rows = buyer.api.call("get_tax_summary").expect(200)["rows"]
    told = [[cell.get("amount") for cell in row["cells"]] for row in rows if row["label"] == "TDS TDS"]
    assert told == [["-200.00", "20.00"]]


def test_a_bill_that_was_approved_is_withheld_from_as_the_year_stands_then(buyer: Purchases) -> None:
    """It waits while another one reaches the threshold; what was approved is the supplier's total."""
    firm = Firm(buyer, {"per_year": "30000.00"})
    rule = {"document_type": "bill", "condition": "document.total > 15000.00"}
    buyer.api.record("approval-rules", code="BIG", name="Big bills", **rule)
    waiting = firm.bill("20000.00")
    assert (waiting["status"], amount(waiting)) == ("pending_approval", "0")
    assert firm.kept("10000.00", "10000.00") == ["0", "0"]
    path = {"id": waiting["approval"]["id"], "decision": "approve"}
    buyer.api.call("decide_approval", {}, path=path).expect(200)
    stands = buyer.get(waiting)
    assert (amount(stands), stands["amount_due"], stands["total"]) == ("4000.00", "16000.00", "20000.00")


def test_two_bills_at_the_same_moment_reach_it_once(buyer: Purchases) -> None:
    """Both have read a year of 20,000; the second counts from what the first left."""
    firm = Firm(buyer, {"per_year": "30000.00"})
    firm.kept("20000.00")
    drafts = [firm.bill("10000.00", draft=True) for _ in range(2)]

    def post(draft: Any) -> Any:
        headers = {"Idempotency-Key": f"post-{draft['id']}"}
        return buyer.api.call("post_bill", {}, path={"id": draft["id"]}, headers=headers).expect(200).json

    assert sorted(map(amount, racing([partial(post, draft) for draft in drafts]))) == ["1000.00", "3000.00"]


def test_a_run_sends_what_is_left(buyer: Purchases) -> None:
    runs = Runs(buyer)
    firm = Firm(buyer, bank_account={"iban": "GB29NWBK60161331926819"})
    firm.bill("1000.00", supplier_date="2026-10-01")
    run = runs.propose(suppliers=["TDSER"])
    assert (run["total"], "withheld" in run["lines"][0]) == ("900.00", False)


def test_statements_do_not_grow_with_thresholds(buyer: Purchases) -> None:
    firm = Firm(buyer, {"per_year": "1000.00"})
    _, plain = counted(lambda: buyer.bill())
    _, sent = counted(lambda: firm.bill("1000.00"))
    assert len(sent) == len(plain)


def test_a_tax_without_a_rate_is_told(buyer: Purchases) -> None:
    Firm(buyer)
    path, headers = {"resource": "taxes", "id": "TDS"}, {"If-Match": '"1"'}
    rates = [RATE | {"valid_from": "2027-01-01"}]
    buyer.api.call("update_record", {"rates": rates}, path=path, headers=headers).expect(200)
    before = buyer.api.counts()
    assert buyer.bill("TDSER", 422)["code"] == "tax_rate_missing"
    assert buyer.api.counts() == before
