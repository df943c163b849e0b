"""From when on tax is withheld, and what a certificate takes off it.

The numbers of ``Erp`` are those of ERPNext's tests of the kind (erpnext/accounts/doctype/tax_withholding_category,
test_tax_withholding_category.py); there the tax is deducted from invoices, here it is kept back as they are paid.
"""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest

from tests.payables.runs import Runs
from tests.support.purchases import Purchases, posted
from tests.support.races import racing
from tests.support.statements import counted

NUMBERS = count(1)


class Erp:
    """A firm with one supplier, from which 10 % is withheld."""

    def __init__(self, buyer: Purchases, threshold: Any = None, **supplier: Any) -> None:
        self.buyer = buyer
        rates = [{"rate": "0.10", "valid_from": "2020-01-01", "threshold": threshold}]
        buyer.api.record("taxes", code="TDS", name="TDS", jurisdiction="US", account="2210", rates=rates)
        buyer.api.record("suppliers", code="TDSER", name="TDS Supplier", jurisdiction="US", withholding_tax="TDS",
                         **supplier)  # fmt: skip

    def bill(self, net: str, **fields: Any) -> Any:
        """A bill of so much; no other has its number."""
        items = [{"account": "6190", "unit_price": net, "taxes": fields.pop("taxes", [])}]
        return self.buyer.bill("TDSER", items=items, supplier_number=f"T-{next(NUMBERS)}", **fields)

    def pay(self, bill: Any, amount: str | None = None, **fields: Any) -> Any:
        """Pay a bill, or a part of it."""
        asked = amount or bill["amount_due"]
        allocations = [{"document": bill["id"]}]
        body = {"supplier": "TDSER", "amount": asked, "allocations": allocations} | fields
        return self.buyer.make("record_supplier_payment", **body)

    def kept(self, net: str, **fields: Any) -> str:
        """What is kept back of a bill of so much that is paid at once."""
        return amount(self.pay(self.bill(net), **fields))


def amount(payment: Any) -> str:
    kept = payment.get("withholding")
    return str(kept["amount"]) if kept else "0"


@pytest.fixture
def erp(buyer: Purchases) -> Callable[..., Erp]:
    return lambda threshold=None, **supplier: Erp(buyer, threshold, **supplier)


def test_what_was_paid_before_the_years_threshold_is_made_up_for(erp: Any) -> None:
    """ERPNext's test_cumulative_threshold_tds: 30,000 a year; the third bill of 10,000 bears the tax on all three."""
    firm = erp({"per_year": "30000.00"})
    assert [firm.kept(net) for net in ("10000.00", "10000.00")] == ["0", "0"]
    third = firm.pay(firm.bill("10000.00"))
    assert {name: third["withholding"][name] for name in ("base", "amount")} == {
        "base": "30000.00",
        "amount": "3000.00",
    }
    assert third["paid"] == "7000.00"
    assert posted(third) == [("2100", "10000.00", "0.00"), ("1020", "0.00", "7000.00"), ("2210", "0.00", "3000.00")]
    assert firm.kept("5000.00") == "500.00"


def test_a_bill_that_reaches_the_threshold_of_one_document(erp: Any) -> None:
    """ERPNext's test_single_threshold_tds: 20,000 per document; once withheld, the tax falls on every bill."""
    firm = erp({"per_document": "20000.00"})
    assert [firm.kept(net) for net in ("20000.00", "10000.00")] == ["2000.00", "1000.00"]


def test_thresholds_count_the_net(erp: Any) -> None:
    """ERPNext's test_cumulative_threshold_with_party_ledger_amount_on_net_total and test_tds_calculation_on_net_total:
    two bills of 1,000 and tax, then one of 6,000 above the 5,000 of one document."""
    firm = erp({"per_document": "5000.00", "per_year": "10000.00"})
    for _ in range(2):
        assert amount(firm.pay(firm.bill("1000.00", taxes=["VAT20"]))) == "0"
    assert firm.kept("6000.00") == "800.00"


def test_only_the_excess_is_charged(erp: Any) -> None:
    """ERPNext's test_cumulative_threshold_with_tax_on_excess_amount: 40,000 in a year are 10,000 above 30,000."""
    firm = erp({"per_year": "30000.00", "charged": "excess"})
    assert [firm.kept(net) for net in ("10000.00", "10000.00", "20000.00", "500.00")] == ["0", "0", "1000.00", "50.00"]


def test_the_excess_is_no_more_once_a_bill_reached_its_own_threshold(erp: Any) -> None:
    firm = erp({"per_document": "5000.00", "per_year": "10000.00", "charged": "excess"})
    assert [firm.kept(net) for net in ("1000.00", "6000.00", "4000.00")] == ["0", "700.00", "400.00"]


def test_only_bills_that_reach_a_threshold_bear_it(erp: Any) -> None:
    """Oracle's document-based thresholds."""
    firm = erp({"per_document": "1000.00", "per_year": "3000.00", "charged": "reaching"})
    assert [firm.kept(net) for net in ("900.00", "1000.00", "900.00", "900.00")] == ["0", "100.00", "0", "90.00"]


def test_a_bill_reaches_it_as_a_whole_however_it_is_paid(erp: Any) -> None:
    firm = erp({"per_document": "1000.00", "charged": "reaching"})
    bill = firm.bill("1000.00")
    assert [amount(firm.pay(bill, part)) for part in ("250.00", "750.00")] == ["25.00", "75.00"]


def test_what_is_paid_without_withholding_does_not_count(erp: Any) -> None:
    """ERPNext's test_tax_withholding_category_checks: 20,000 without it, then 20,000 of 30,000."""
    firm = erp({"per_year": "30000.00", "charged": "excess"})
    assert firm.kept("20000.00", withhold=False) == "0"
    assert firm.kept("20000.00") == "0"


def test_a_void_payment_counts_no_more(erp: Any) -> None:
    """What it had reached is taken back with it, and the next payment makes up for what is missing, not for more."""
    firm = erp({"per_year": "30000.00"})
    first, _, third = (firm.pay(firm.bill("10000.00")) for _ in range(3))
    assert amount(third) == "3000.00"
    firm.buyer.act("void_supplier_payment", first, reason="sent back")
    assert firm.kept("10000.00") == "0"
    assert firm.kept("10000.00") == "1000.00"


def test_each_year_counts_by_itself(erp: Any) -> None:
    firm = erp({"per_year": "15000.00"})
    assert firm.kept("10000.00") == "0"
    assert amount(firm.pay(firm.bill("10000.00", date="2027-01-04"), date="2027-01-05")) == "0"
    assert amount(firm.pay(firm.bill("5000.00"))) == "1500.00"


def test_the_rate_and_threshold_of_the_day(buyer: Purchases) -> None:
    firm = Erp(buyer)
    rates = [
        {"rate": "0.10", "valid_from": "2020-01-01", "valid_to": "2026-11-30", "threshold": {"per_year": "2000.00"}},
        {"rate": "0.15", "valid_from": "2026-12-01", "threshold": {"per_year": "1500.00"}},
    ]
    path, headers = {"resource": "taxes", "id": "TDS"}, {"If-Match": '"1"'}
    buyer.api.call("update_record", {"rates": rates}, path=path, headers=headers).expect(200)
    assert firm.kept("1000.00") == "0"
    assert amount(firm.pay(firm.bill("1000.00"), date="2026-12-01")) == "300.00"


def test_no_more_is_kept_back_than_is_paid(erp: Any) -> None:
    """29,000 went by without tax; 1,000 do not bear the 3,000 that are due then, and the next bill bears the rest."""
    firm = erp({"per_year": "30000.00"})
    assert firm.kept("29000.00") == "0"
    last = firm.pay(firm.bill("1000.00"))
    assert (last["withholding"]["amount"], last["paid"]) == ("1000.00", "0.00")
    assert posted(last) == [("2100", "1000.00", "0.00"), ("2210", "0.00", "1000.00")]
    assert firm.kept("5000.00") == "2500.00"


REDUCED = {"certificate": "1AE0423AAJ", "tax": "TDS", "valid_from": "2026-01-01", "valid_to": "2026-12-31"}


def test_a_certificate_holds_up_to_its_limit(erp: Any) -> None:
    """ERPNext's test_lower_deduction_certificate_application: 2 % up to 50,000, for bills of 35,000."""
    lower = REDUCED | {"rate": "0.02", "limit": "50000.00"}
    firm = erp({"per_document": "2000.00", "per_year": "2000.00"}, reduced_withholding=[lower])
    payments = [firm.pay(firm.bill("35000.00")) for _ in range(3)]
    assert [amount(payment) for payment in payments] == ["700.00", "2300.00", "3500.00"]
    told = payments[1]["withholding"]["reduced"]
    assert told == {"certificate": "1AE0423AAJ", "rate": "0.02", "base": "15000.00", "amount": "300.00"}
    body = {"supplier": "TDSER", "tax": "TDS", "first_day": "2026-11-01", "last_day": "2026-11-30"}
    made = firm.buyer.make("create_withholding_certificate", **body)
    assert (made["base"], made["amount"]) == ("105000.00", "6500.00")
    assert [one.get("reduced", {}).get("base") for one in made["payments"]] == ["35000.00", "15000.00", None]
    firm.buyer.act("void_supplier_payment", payments[2], reason="x")
    firm.buyer.act("void_supplier_payment", payments[0], reason="x")
    assert firm.kept("10000.00") == "200.00"


def test_a_certificate_that_nothing_is_withheld(erp: Any) -> None:
    """ERPNext's test_ldc_at_0_rate: what was paid under it is not made up for once it holds no more."""
    lower = REDUCED | {"rate": "0", "limit": "50000.00", "valid_to": "2026-11-30"}
    firm = erp({"per_document": "2000.00", "per_year": "2000.00"}, reduced_withholding=[lower])
    assert firm.kept("35000.00") == "0"
    assert amount(firm.pay(firm.bill("35000.00"), date="2026-12-01")) == "3500.00"


def test_thresholds_are_in_base_currency_at_the_rates_of_the_bills(erp: Any) -> None:
    firm = erp({"per_year": "220.00"})
    bills = [firm.bill("100.00", currency="EUR", exchange_rate="1.10") for _ in range(2)]
    paid = [firm.pay(bill, currency="EUR", exchange_rate="1.20") for bill in bills]
    assert [amount(payment) for payment in paid] == ["0", "20.00"]
    owed = next(line for line in paid[1]["posting"]["lines"] if line["account"]["code"] == "2210")
    assert (owed["credit"], owed["base_credit"]) == ("20.00", "24.00")


def test_a_supplier_credit_that_is_used_lowers_what_the_tax_falls_on(erp: Any) -> None:
    """Only what the supplier is paid in the end bears it (ERPNext takes debit notes off)."""
    firm = erp()
    bill = firm.bill("1000.00")
    items = [{"account": "6190", "unit_price": "200.00"}]
    body = {"supplier": "TDSER", "supplier_number": "CN-1", "items": items, "reason": "returned"}
    credit = firm.buyer.make("create_supplier_credit", **body)
    allocations = [{"document": credit["id"]}, {"document": bill["id"]}]
    payment = firm.pay(bill, "800.00", allocations=allocations)
    assert (payment["withholding"]["base"], payment["withholding"]["amount"]) == ("800.00", "80.00")
    assert payment["paid"] == "720.00"


def test_two_payments_at_the_same_moment_reach_it_once(erp: Any, buyer: Purchases) -> None:
    """Both have read a year of 20,000; the second counts from what the first left."""
    firm = erp({"per_year": "30000.00"})
    firm.kept("20000.00")
    bills = [firm.bill("10000.00") for _ in range(2)]

    def pay(bill: Any) -> Any:
        body = {"supplier": "TDSER", "amount": "10000.00", "allocations": [{"document": bill["id"]}]}
        headers = {"Idempotency-Key": f"pay-{bill['id']}"}
        return buyer.api.call("record_supplier_payment", body, headers=headers).expect(201).json

    paid = racing([partial(pay, bill) for bill in bills])
    assert sorted(amount(payment) for payment in paid) == ["1000.00", "3000.00"]


def test_a_run_keeps_back_what_the_payments_of_its_lines_do(erp: Any, buyer: Purchases) -> None:
    runs = Runs(buyer)
    bank = {"iban": "GB29NWBK60161331926819"}
    firm = erp({"per_year": "2000.00"}, bank_account=bank)
    firm.kept("900.00")
    for _ in range(2):
        firm.bill("1000.00")
    run = runs.propose(suppliers=["TDSER"])
    assert (run["lines"][0]["amount"], run["lines"][0]["withheld"]) == ("1710.00", "290.00")
    runs.approve(run)
    runs.act("confirm_payment_run", run)
    assert runs.trial_balance()["2210"] == "-290.00"


def test_a_transfer_of_nothing_is_left_out_of_a_run(erp: Any, buyer: Purchases) -> None:
    runs = Runs(buyer)
    firm = erp({"per_year": "30000.00"})
    firm.kept("29000.00")
    firm.bill("1000.00")
    assert runs.propose(422)["code"] == "nothing_due"


def test_statements_do_not_grow_with_thresholds(erp: Any) -> None:
    lower = REDUCED | {"rate": "0.02", "limit": "500.00"}
    firm = erp({"per_year": "1000.00"}, reduced_withholding=[lower])
    bill = firm.bill("1000.00")
    firm.pay(firm.bill("1.00"))
    _, sent = counted(lambda: firm.pay(bill))
    assert len(sent) <= 5


@pytest.mark.parametrize(
    ("threshold", "code"),
    [
        ({}, "threshold_missing"),
        ({"per_document": "5.00", "charged": "excess"}, "excess_of_nothing"),
        ({"per_document": "500.00", "per_year": "50.00"}, "thresholds_crossed"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(buyer: Purchases, threshold: Any, code: str) -> None:
    rates = [{"rate": "0.10", "valid_from": "2020-01-01", "threshold": threshold}]
    body = {"code": "W", "name": "W", "jurisdiction": "US", "account": "2210", "rates": rates}
    before = buyer.api.counts()
    problem = buyer.api.call("create_record", body, path={"resource": "taxes"}).expect(422).json
    assert problem["errors"][0]["code"] == code
    assert buyer.api.counts() == before
