"""Running the integrity checks: everything is looked at, at one moment, and what is wrong is named."""

from typing import Any

import pytest

from bigledger.integrity import CHECKS
from bigledger.integrity.running import statement
from tests.integrity.defects import owner, planted
from tests.support.api import Api
from tests.support.integrity import broken, sound
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(example: Any, shop: Shop) -> None:
    shop.pay("100.00", allocations=[{"invoice": shop.invoice()["number"]}])
    wanted = ["entries_balance", "control_accounts_equal_open_items", "numbers_without_gaps"]
    answer = example(body={"checks": wanted}).expect(200)
    assert answer["passed"] is True
    assert [(check["name"], check["looked_at"], check["wrong"]) for check in answer["checks"]] == [
        ("entries_balance", 3, 0),
        ("control_accounts_equal_open_items", 2, 0),
        ("numbers_without_gaps", 3, 0),
    ]


def test_after_a_busy_day_every_check_passes_and_has_looked_at_something(busy: Shop) -> None:
    looked_at = sound(busy.api)
    assert list(looked_at) == [check.name for check in CHECKS]
    assert [name for name, count in looked_at.items() if count == 0] == []
    assert looked_at["postings_equal_invoices"] == 5
    assert looked_at["postings_equal_payments"] == 3
    assert looked_at["approvals_equal_waiting_documents"] == 2
    assert looked_at["outbox_has_its_events"] == 1


def test_a_new_tenant_is_sound(api: Api) -> None:
    assert sound(api)["changes_have_events"] > 100


def test_each_check_has_a_name_of_its_own_and_a_meaning_in_words() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert check.meaning.endswith((".", ")"))
        assert check.meaning[0].isupper()


def test_only_the_checks_that_are_named_run_each_once(busy: Shop) -> None:
    report = busy.api.call("run_checks", {"checks": ["links_join_documents", "entries_balance", "entries_balance"]})
    assert [check["name"] for check in report.expect(200)["checks"]] == ["links_join_documents", "entries_balance"]


def test_a_check_that_does_not_exist_is_pointed_at(busy: Shop) -> None:
    refused = busy.api.call("run_checks", {"checks": ["entries_balance", "all_is_well"]}).expect(422)
    assert refused["code"] == "unknown_reference"
    assert [error["pointer"] for error in refused["errors"]] == ["/checks/1"]
    assert "entries_balance, " in refused["detail"]


@pytest.mark.parametrize("body", [{"checks": []}, {"evidence": 0}, {"evidence": 101}, {"checks": ["x; --"]}])
def test_what_is_no_request_is_refused(busy: Shop, body: Any) -> None:
    busy.api.call("run_checks", body).expect(422)


def test_it_reads_in_one_statement_and_writes_nothing(busy: Shop) -> None:
    before = busy.api.counts()
    for query in ({}, {"dry_run": "true"}):
        answer, sent = counted(lambda query=query: busy.api.call("run_checks", {}, query=query))  # type: ignore[misc]
        assert answer.expect(200)["passed"] is True
        assert len(sent) == 2
    assert busy.api.counts() == before


def test_all_checks_fit_into_one_statement_of_the_data_api() -> None:
    """It takes statements of at most 65,536 characters (Length Constraints of ``sql`` in ExecuteStatement)."""
    assert len(statement(CHECKS)) < 65_536


def test_a_defect_is_told_over_the_wire_and_only_to_its_tenant(shop: Shop, busy: Shop, admin_url: str) -> None:
    """The example an accountant would fear most: a posted line whose amount was changed behind the books' back."""
    shop.invoice()
    with owner(shop.api, admin_url) as connection:
        connection.exec_driver_sql("UPDATE ledger.journal_line SET amount = amount + 1 WHERE tax = 'CITY'")
        connection.commit()
    report = shop.api.call("run_checks", {}).expect(200).json
    assert report["passed"] is False
    (invoice,) = shop.api.rows("SELECT id::text, number FROM kernel.document WHERE type = 'invoice'")
    document = {"id": invoice.id, "type": "invoice", "number": "INV-2026-000001"}
    assert broken(report)["entries_balance"] == [
        {"document": document, "place": "entry 1, USD", "expected": "0", "found": "1"}
    ]
    assert set(broken(report)) == {"entries_balance", "balances_equal_lines", "postings_equal_invoices"}
    sound(busy.api)


def test_the_evidence_is_bounded_and_all_that_is_wrong_is_counted(busy: Shop, admin_url: str) -> None:
    change = "UPDATE kernel.document SET version = version + 1 WHERE type = 'account'"
    for bound, told in ((None, 20), (3, 3), (100, 100)):
        body = {"checks": ["changes_have_events"]} | ({"evidence": bound} if bound else {})
        (found,) = planted(busy.api, admin_url, [change], body).checks
        assert found.passed is False
        assert found.wrong > 100
        assert len(found.evidence) == told
        assert {(item.document.type, item.expected, item.found) for item in found.evidence if item.document} == {
            ("account", "1 told", "0 told")
        }
