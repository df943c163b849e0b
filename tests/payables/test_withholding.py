"""Tax withheld from payments: kept back, owed to the authority, the same alone, in a run and when voided."""

from typing import Any
from xml.etree import ElementTree

import pytest

from tests.payables.runs import Runs
from tests.support.purchases import Purchases, posted


@pytest.fixture
def contractor(buyer: Purchases) -> Purchases:
    """SUPP009 bears a withholding tax of 10 %."""
    rates = [{"rate": "0.10", "valid_from": "2020-01-01"}]
    buyer.api.record("taxes", code="WHT10", name="Contractors", jurisdiction="US", account="2210", rates=rates)
    bank = {"iban": "GB29NWBK60161331926819"}
    buyer.api.record(
        "suppliers", code="SUPP009", name="Builder", jurisdiction="US", withholding_tax="WHT10", bank_account=bank
    )
    return buyer


ITEMS = [{"account": "6190", "unit_price": "1000.00", "taxes": ["VAT20"]}]


def test_it_is_counted_on_the_net_and_kept_back(contractor: Purchases) -> None:
    bill = contractor.bill("SUPP009", items=ITEMS)
    payment = contractor.make("record_supplier_payment", supplier="SUPP009", amount="1200.00")
    told = {name: payment["withholding"][name] for name in ("tax", "rate", "base", "amount")}
    assert told == {"tax": "WHT10", "rate": "0.1", "base": "1000.00", "amount": "100.00"}
    assert payment["paid"] == "1100.00"
    assert posted(payment) == [
        ("2100", "1200.00", "0.00"),
        ("1020", "0.00", "1100.00"),
        ("2210", "0.00", "100.00"),
    ]
    assert contractor.get(bill)["status"] == "paid"
    contractor.act("void_supplier_payment", payment, reason="x")
    assert contractor.trial_balance() == {"6190": "1000.00", "1250": "200.00", "2100": "-1200.00"}


def test_a_part_bears_its_share_and_an_advance_none(contractor: Purchases) -> None:
    bill = contractor.bill("SUPP009", items=ITEMS)
    allocations = [{"document": bill["id"], "amount": "400.00"}]
    payment = contractor.make("record_supplier_payment", supplier="SUPP009", amount="500.00", allocations=allocations)
    assert (payment["withholding"]["base"], payment["withholding"]["amount"]) == ("333.33", "33.33")
    assert (payment["paid"], payment["unallocated"]) == ("466.67", "100.00")


def test_it_can_be_left_out_and_a_policy_counts_it_on_the_total(contractor: Purchases) -> None:
    contractor.bill("SUPP009", items=ITEMS)
    fields = {"supplier": "SUPP009", "amount": "600.00"}
    assert "withholding" not in contractor.make("record_supplier_payment", **fields, withhold=False)
    path = {"resource": "companies", "id": "MAIN"}
    company = contractor.api.call("get_record", path=path).expect(200).json
    policies = company["data"]["policies"] if "data" in company else company["policies"]
    changed = {"policies": policies | {"withholding_base": "total"}}
    headers = {"If-Match": f'"{company["version"]}"'}
    contractor.api.call("update_record", changed, path=path, headers=headers).expect(200)
    assert contractor.make("record_supplier_payment", **fields)["withholding"]["amount"] == "60.00"


def test_in_foreign_currency_it_is_owed_at_the_rate_of_the_payment(contractor: Purchases) -> None:
    fields = {"currency": "EUR", "exchange_rate": "1.10"}
    contractor.bill("SUPP009", items=[{"account": "6190", "unit_price": "100.00"}], **fields)
    rate = {"currency": "EUR", "exchange_rate": "1.20"}
    contractor.make("record_supplier_payment", supplier="SUPP009", amount="100.00", **rate)
    assert contractor.trial_balance() == {"6190": "110.00", "1020": "-108.00", "2210": "-12.00", "6320": "10.00"}


def test_a_run_sends_what_is_left_and_records_what_is_kept_back(contractor: Purchases) -> None:
    runs = Runs(contractor)
    bill = runs.bill("SUPP009", items=ITEMS)
    run = runs.propose()
    assert (run["total"], run["lines"][0]["amount"], run["lines"][0]["withheld"]) == ("1100.00", "1100.00", "100.00")
    runs.approve(run)
    content = ElementTree.fromstring(runs.file(run)["content"])  # noqa: S314 - it is our own
    assert [found.text for found in content.iter() if found.tag.endswith("InstdAmt")] == ["1100.00"]
    runs.act("confirm_payment_run", run)
    assert runs.get(bill)["status"] == "paid"
    assert runs.trial_balance() == {"6190": "1000.00", "1250": "200.00", "1021": "-1100.00", "2210": "-100.00"}


def test_a_rate_that_changed_since_the_run_was_made_is_told(contractor: Purchases) -> None:
    runs = Runs(contractor)
    runs.bill("SUPP009", items=ITEMS)
    run = runs.propose()
    runs.approve(run)
    path, headers = {"resource": "taxes", "id": "WHT10"}, {"If-Match": '"1"'}
    rates = {"rates": [{"rate": "0.15", "valid_from": "2020-01-01"}]}
    runs.api.call("update_record", rates, path=path, headers=headers).expect(200)
    before = runs.api.counts()
    assert runs.act("confirm_payment_run", run, 409)["code"] == "conflict"
    assert runs.api.counts() == before


def certified(buyer: Purchases, status: int = 201, **fields: Any) -> Any:
    body = {"supplier": "SUPP009", "tax": "WHT10", "first_day": "2026-11-01", "last_day": "2026-11-30"} | fields
    return buyer.make("create_withholding_certificate", status, **body)


def test_each_payment_is_certified_once(contractor: Purchases) -> None:
    for _ in range(2):
        contractor.bill("SUPP009", items=ITEMS)
    first, void = (contractor.make("record_supplier_payment", supplier="SUPP009", amount="1200.00") for _ in range(2))
    contractor.act("void_supplier_payment", void, reason="x")
    made = certified(contractor)
    assert (made["number"], made["base"], made["amount"]) == ("WHT-2026-000001", "1000.00", "100.00")
    assert [payment["payment"]["code"] for payment in made["payments"]] == [first["number"]]
    before = contractor.api.counts()
    assert certified(contractor, 422)["code"] == "nothing_withheld"
    assert contractor.api.counts() == before
    read = contractor.api.call("get_supplier_payment", path={"id": first["id"]}).expect(200)
    assert read["certificate"]["code"] == "WHT-2026-000001"
    assert contractor.api.call("get_withholding_certificate", path={"id": made["id"]}).expect(200).json == made
