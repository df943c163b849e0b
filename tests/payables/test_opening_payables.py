"""Payment runs pay what was owed before the books began: every opening item like a bill of its own."""

from typing import Any

import pytest

from tests.integrity.defects import planted
from tests.payables.runs import Runs
from tests.support.statements import counted

OLD = {"supplier": "SUPP001", "amount": "120.00", "document_date": "2026-09-20", "due_date": "2026-11-30"}


def bring(runs: Runs, *items: Any, **body: Any) -> Any:
    """Open the books on the last day of October with what is owed to suppliers."""
    return runs.make("post_opening_balances", date="2026-10-31", suppliers=list(items), **body)


def bills(line: Any) -> list[tuple[str, str, str]]:
    return [(bill["supplier_number"], bill["due_date"], bill["amount"]) for bill in line["bills"]]


def held(runs: Runs) -> int:
    (row,) = runs.api.rows("SELECT count(*) AS count FROM payables.item_in_run")
    return int(row.count)


@pytest.fixture
def opened(runs: Runs) -> Any:
    """Two suppliers are owed by one entry, one of them three items, of which one is due next year."""
    return bring(
        runs,
        {**OLD, "reference": "OLD-1"},
        {**OLD, "reference": "OLD-2", "amount": "80.00", "due_date": "2026-12-05"},
        {**OLD, "reference": "OLD-3", "amount": "40.00", "due_date": "2027-01-31"},
        {**OLD, "supplier": "SUPP003", "reference": "INK-9", "amount": "55.50"},
    )


def test_what_is_due_is_selected_item_by_item_with_the_bills(runs: Runs, opened: Any) -> None:
    bill = runs.bill(date="2026-11-01", supplier_number="NEW-1")
    run = runs.propose()
    assert [(line["supplier"]["code"], line["amount"]) for line in run["lines"]] == [
        ("SUPP001", "1200.00"),
        ("SUPP003", "55.50"),
    ]
    assert bills(run["lines"][0]) == [
        ("OLD-1", "2026-11-30", "120.00"),
        ("NEW-1", "2026-12-01", "1000.00"),
        ("OLD-2", "2026-12-05", "80.00"),
    ]
    named = [bill["document"]["code"] for bill in run["lines"][0]["bills"]]
    assert named == [opened["number"], bill["number"], opened["number"]]


def test_a_line_that_is_paid_settles_its_items_and_no_others(runs: Runs, opened: Any) -> None:
    """The items of one entry belong to many: each supplier's line pays its own, and what is not due stays open."""
    run = runs.propose()
    runs.approve(run)
    after = runs.act("confirm_payment_run", run, lines=[{"line": 1, "outcome": "paid"}])
    assert (after["status"], [line["status"] for line in after["lines"]]) == ("approved", ["paid", "open"])
    payment = runs.api.call("get_supplier_payment", path={"id": after["lines"][0]["payment"]["id"]}).expect(200)
    assert [(one["document"]["code"], one["amount"], one["amount_due"]) for one in payment["allocations"]] == [
        (opened["number"], "200.00", "0.00")
    ]
    settled = runs.api.rows(
        "SELECT i.reference, b.settled::text AS settled FROM ledger.open_item i"
        " JOIN ledger.open_item_balance b ON b.open_item_id = i.id ORDER BY i.instalment"
    )
    assert [tuple(row) for row in settled] == [
        ("OLD-1", "-120.00"),
        ("OLD-2", "-80.00"),
        ("OLD-3", "0"),
        ("INK-9", "0"),
    ]
    rejected = {"line": 2, "outcome": "rejected", "reason": "Account closed"}
    assert runs.act("confirm_payment_run", run, lines=[rejected])["status"] == "confirmed"
    assert runs.trial_balance() == {"1810": "295.50", "2100": "-95.50", "1021": "-200.00"}
    following = runs.propose(due_until="2027-01-31")
    assert [bills(line) for line in following["lines"]] == [
        [("OLD-3", "2027-01-31", "40.00")],
        [("INK-9", "2026-11-30", "55.50")],
    ]


def test_the_bank_tells_the_supplier_its_own_numbers(runs: Runs, opened: Any) -> None:
    run = runs.propose()
    runs.approve(run)
    content = runs.file(run)["content"]
    assert "<Ustrd>OLD-1, OLD-2</Ustrd>" in content
    assert "<Ustrd>INK-9</Ustrd>" in content


def test_an_item_waits_in_one_run_at_a_time(runs: Runs, opened: Any) -> None:
    """The rest of its entry may go into another."""
    run = runs.propose(due_until="2026-11-30")
    assert held(runs) == 2
    second = runs.propose()
    assert [bills(line) for line in second["lines"]] == [[("OLD-2", "2026-12-05", "80.00")]]
    before = runs.api.counts()
    assert runs.propose(422)["code"] == "nothing_due"
    assert runs.api.counts() == before
    runs.act("cancel_payment_run", run, reason="Wrong day")
    assert (held(runs), runs.propose()["total"]) == (1, "175.50")


def test_the_database_holds_an_item_in_one_run(runs: Runs, opened: Any) -> None:
    runs.propose()
    copied = (
        "INSERT INTO kernel.document (id, type, number, status, data, version, sequence, created_by, updated_by)"
        " SELECT gen_random_uuid(), type, 'COPY', status, data, 1, 0, created_by, updated_by"
        " FROM kernel.document WHERE type = 'payment_run'"
    )
    with pytest.raises(Exception, match="item_in_one_run"):
        runs.api.rows(copied)


def test_an_item_that_was_paid_meanwhile_is_not_paid_twice(runs: Runs, opened: Any) -> None:
    run = runs.propose(suppliers=["SUPP003"])
    runs.approve(run)
    runs.make("record_supplier_payment", supplier="SUPP003", amount="55.50")
    before = runs.api.counts()
    assert runs.act("confirm_payment_run", run, 422)["code"] == "over_allocated"
    assert runs.api.counts() == before


def test_a_foreign_item_is_paid_at_the_rate_of_the_day(runs: Runs) -> None:
    """120 EUR carried at 1.10 and paid at 1.20: a loss of 12 dollars."""
    bring(runs, {**OLD, "reference": "EU-1", "currency": "EUR", "rate": "1.10"})
    assert runs.propose(422)["code"] == "nothing_due"
    run = runs.propose(currency="EUR")
    runs.approve(run)
    runs.act("confirm_payment_run", run, exchange_rate="1.20")
    assert runs.trial_balance() == {"1810": "132.00", "1021": "-144.00", "6320": "12.00"}


def test_nothing_is_withheld_of_what_came_without_its_net(runs: Runs) -> None:
    """What was billed before the books began is not known by net and tax; the bills beside it bear the tax."""
    tax = {"jurisdiction": "US", "account": "2239", "purchase_account": "1250"}
    rates = [{"rate": "0.10", "valid_from": "2020-01-01"}]
    runs.api.record("accounts", code="2239", name="Withheld", kind="liability", parent="22")
    runs.api.record("taxes", code="WHT", name="Withholding", rates=rates, **tax)
    bank = {"iban": "GB29NWBK60161331926819"}
    runs.api.record("suppliers", code="FREE", name="Free", jurisdiction="US", withholding_tax="WHT", bank_account=bank)
    bring(runs, {**OLD, "supplier": "FREE", "reference": "OLD-1"})
    runs.bill("FREE")
    run = runs.propose()
    (line,) = run["lines"]
    assert (line["amount"], line["withheld"]) == ("1020.00", "100.00")
    runs.approve(run)
    assert runs.act("confirm_payment_run", run)["status"] == "confirmed"
    assert runs.trial_balance()["2239"] == "-100.00"


def test_an_entry_by_hand_is_paid_too_under_its_own_number(runs: Runs) -> None:
    lines = [{"account": "6150", "debit": "30.00"}, {"account": "2100", "supplier": "SUPP001", "credit": "30.00"}]
    entry = runs.make("create_journal_entry", lines=lines, post=True)
    run = runs.propose()
    assert bills(run["lines"][0]) == [(entry["number"], entry["date"], "30.00")]
    runs.approve(run)
    assert runs.act("confirm_payment_run", run)["status"] == "confirmed"
    assert runs.trial_balance() == {"6150": "30.00", "1021": "-30.00"}


def test_statements_do_not_grow_with_the_items(runs: Runs) -> None:
    bring(runs, *({**OLD, "reference": f"OLD-{number}", "amount": "1.00"} for number in range(200)))
    run, proposing = counted(runs.propose)
    assert (len(run["lines"][0]["bills"]), run["total"], len(proposing) <= 5) == (200, "200.00", True)
    runs.approve(run)
    _, confirming = counted(lambda: runs.act("confirm_payment_run", run))
    assert len(confirming) <= 5
    assert runs.trial_balance() == {"1810": "200.00", "1021": "-200.00"}


def test_an_item_that_its_run_lost_is_found(runs: Runs, opened: Any, admin_url: str) -> None:
    """The check of what runs hold looks at items as at bills."""
    run = runs.propose(suppliers=["SUPP003"])
    assert held(runs) == 1
    report = planted(runs.api, admin_url, ["DELETE FROM payables.item_in_run"])
    (check,) = [check for check in report.checks if not check.passed]
    assert check.name == "bills_in_runs_equal_payment_runs"
    (found,) = check.evidence
    assert found.document is not None
    assert (found.document.number, found.place, found.expected, found.found) == (
        opened["number"],
        "held by a run",
        run["id"],
        None,
    )
