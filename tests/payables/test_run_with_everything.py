"""One supplier's line in a payment run with all that can take something off it, in two currencies, as an auditor asks.

Paper Mill is owed 1,200.00 with tax, 2 % off for paying early; 500.00, of which an advance of 100.00 is applied; it
credited 100.00 and tax; 10 % of the net is withheld.
"""

from typing import Any
from xml.etree import ElementTree

import pytest

from tests.payables.runs import Runs
from tests.payables.test_get_payment_run_file import SCHEMA, SPACE, texts

HEAD = "p:CstmrCdtTrfInitn/p:GrpHdr/p:"
PAYMENT = "p:CstmrCdtTrfInitn/p:PmtInf/p:"


@pytest.fixture
def owed(runs: Runs) -> dict[str, Any]:
    rates = [{"rate": "0.10", "valid_from": "2020-01-01"}]
    runs.api.record("taxes", code="WHT10", name="Withheld", jurisdiction="US", account="2210", rates=rates)
    part = {"days": 30, "early_discount": {"percent": 2, "days": 10}}
    runs.api.record("payment-terms", code="EARLY", name="2 % in 10 days", instalments=[part])
    path = {"resource": "suppliers", "id": "SUPP001"}
    runs.api.call("update_record", {"withholding_tax": "WHT10"}, path=path, headers={"If-Match": '"2"'}).expect(200)
    item = {"account": "6190", "unit_price": "1000.00", "taxes": ["VAT20"]}
    first = runs.bill(items=[item], payment_terms="EARLY", supplier_number="R-1")
    second = runs.bill(items=[{"account": "6190", "unit_price": "500.00"}], supplier_number="R-2")
    advance = runs.make("record_supplier_payment", supplier="SUPP001", amount="100.00", allocations=[])
    sides = {"sources": [{"document": advance["id"]}], "bills": [{"document": second["id"]}]}
    runs.make("create_supplier_allocation", supplier="SUPP001", **sides)
    credit = runs.make(
        "create_supplier_credit",
        supplier="SUPP001",
        supplier_number="C-1",
        reason="Returned",
        items=[item | {"unit_price": "100.00"}],
    )
    other = runs.bill("SUPP003", items=[{"account": "6150", "unit_price": "300.00"}], supplier_number="I-1")
    euro = runs.bill(
        items=[{"account": "6190", "unit_price": "100.00"}], currency="EUR", exchange_rate="1.10", supplier_number="E-1"
    )
    return {"first": first, "second": second, "credit": credit, "other": other, "euro": euro}


def test_all_of_it_is_taken_off_the_transfer(runs: Runs, owed: Any) -> None:
    """1,176.00 + 400.00 − 120.00, less 10 % of 980.00 + 400.00 − 100.00."""
    run = runs.propose()
    paper, ink = run["lines"]
    assert [(bill["supplier_number"], bill["amount"], bill.get("discount")) for bill in paper["bills"]] == [
        ("R-1", "1176.00", "24.00"),
        ("R-2", "400.00", None),
        ("C-1", "-120.00", None),
    ]
    assert (paper["withheld"], paper["amount"], ink["amount"], run["total"]) == (
        "128.00", "1328.00", "300.00", "1628.00"
    )  # fmt: skip
    runs.approve(run)
    content = runs.file(run)["content"]
    SCHEMA.validate(content)
    root = ElementTree.fromstring(content)  # noqa: S314 - it is our own
    for at in (HEAD, PAYMENT):
        assert (texts(root, at + "NbOfTxs"), texts(root, at + "CtrlSum")) == (["2"], ["1628.00"])
    assert texts(root, PAYMENT + "CdtTrfTxInf/p:Amt/p:InstdAmt") == ["1328.00", "300.00"]
    assert texts(root, PAYMENT + "CdtTrfTxInf/p:RmtInf/p:Ustrd") == ["R-1, R-2, C-1", "I-1"]


def test_what_the_bank_paid_is_settled_and_what_it_rejected_is_due_again(runs: Runs, owed: Any) -> None:
    before = runs.trial_balance()
    run = runs.propose()
    runs.approve(run)
    outcomes = [{"line": 1, "outcome": "paid"}, {"line": 2, "outcome": "rejected", "reason": "account closed"}]
    done = runs.act("confirm_payment_run", run, lines=outcomes)
    assert [line["status"] for line in done["lines"]] == ["paid", "rejected"]
    assert [runs.get(owed[name])["status"] for name in ("first", "second", "other")] == ["paid", "paid", "posted"]
    credit = runs.api.call("get_supplier_credit", path={"id": owed["credit"]["id"]}).expect(200)
    assert (credit["status"], credit["amount_left"]) == ("settled", "0.00")
    after = runs.trial_balance()
    moved = {code: after.get(code, "0.00") for code in ("1021", "2210", "5035", "2100")}
    # 24.00 of discount are 20.00 of cost and 4.00 of tax; what is left are 300.00 and 110.00 for the bill in euros.
    assert moved == {"1021": "-1328.00", "2210": "-128.00", "5035": "-20.00", "2100": "-410.00"}
    assert (before["1250"], after["1250"]) == ("180.00", "176.00")
    again = runs.propose()
    assert [(line["supplier"]["code"], line["amount"]) for line in again["lines"]] == [("SUPP003", "300.00")]


def test_the_other_currency_has_a_run_of_its_own(runs: Runs, owed: Any) -> None:
    run = runs.propose(currency="EUR")
    assert (run["total"], run["lines"][0]["withheld"]) == ("90.00", "10.00")
    runs.approve(run)
    root = ElementTree.fromstring(runs.file(run)["content"])  # noqa: S314 - it is our own
    assert [found.get("Ccy") for found in root.findall(PAYMENT + "CdtTrfTxInf/p:Amt/p:InstdAmt", SPACE)] == ["EUR"]
    assert texts(root, HEAD + "CtrlSum") == ["90.00"]
    runs.act("confirm_payment_run", run, exchange_rate="1.20")
    after = runs.trial_balance()
    assert {code: after[code] for code in ("1021", "2210", "6320")} == {
        "1021": "-108.00",
        "2210": "-12.00",
        "6320": "10.00",
    }
    assert runs.get(owed["euro"])["status"] == "paid"


def test_credits_stay_where_they_are_if_asked(runs: Runs, owed: Any) -> None:
    run = runs.propose(credits=False)
    assert (run["lines"][0]["withheld"], run["lines"][0]["amount"]) == ("138.00", "1438.00")


def test_a_credit_waits_in_one_run_and_is_used_in_part(runs: Runs) -> None:
    """Of a credit of 500.00 a run uses what is due; a supplier that is owed less is sent nothing."""
    items = [{"account": "6150", "unit_price": "500.00"}]
    body = {"supplier": "SUPP001", "supplier_number": "C-9", "items": items, "reason": "Returned"}
    credit = runs.make("create_supplier_credit", **body)
    runs.bill(items=[{"account": "6150", "unit_price": "400.00"}])
    runs.bill("SUPP003", items=[{"account": "6150", "unit_price": "20.00"}])
    assert [line["supplier"]["code"] for line in runs.propose()["lines"]] == ["SUPP003"]
    runs.bill(items=[{"account": "6150", "unit_price": "350.00"}])
    first = runs.propose()
    assert [(line["amount"], len(line["bills"])) for line in first["lines"]] == [("250.00", 3)]
    runs.bill(items=[{"account": "6150", "unit_price": "60.00"}])
    assert [line["amount"] for line in runs.propose()["lines"]] == ["60.00"]
    runs.approve(first)
    runs.act("confirm_payment_run", first)
    read = runs.api.call("get_supplier_credit", path={"id": credit["id"]}).expect(200)
    assert read["status"] == "settled"
