"""Filing a tax return: figures that stay, a settlement, and days that are locked for tax."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.support.api import Response
from tests.support.integrity import sound
from tests.support.races import racing
from tests.support.shop import Shop
from tests.tax.returns import file, prepare


@pytest.fixture
def october(shop: Shop) -> Shop:
    """An invoice of 1200.00 with 87.00 of tax in October."""
    shop.invoice(date="2026-10-10")
    return shop


@pytest.mark.example
def test_example(october: Shop, example: Any) -> None:
    prepared = prepare(october)
    headers = {"Idempotency-Key": "file-1", "If-Match": '"1"'}
    answer = example(path={"id": prepared["id"]}, headers=headers)
    assert (answer.status, answer["status"], answer["number"]) == (200, "filed", "TAX-2026-000001")


def test_filing_settles_the_tax_accounts_and_locks_the_days_for_tax(october: Shop) -> None:
    answer = file(october, prepare(october))
    assert answer["events"] == ["tax_return.prepared", "tax_return.filed"]
    assert [(line["account"]["code"], line["debit"], line["credit"]) for line in answer["posting"]["lines"]] == [
        ("2200", "87.00", "0.00"),
        ("2230", "0.00", "87.00"),
    ]
    balances = october.trial_balance(as_of="2026-10-31")
    assert ("2200" in balances, balances["2230"]) == (False, "-87.00")
    periods = october.api.call("list_periods", query={"fiscal_year": "FY2026"}).expect(200)["data"]
    assert [period["areas"]["tax"] for period in periods[8:11]] == ["closed", "locked", "open"]
    assert [period["areas"]["sales"] for period in periods[8:11]] == ["open", "open", "open"]
    assert october.api.call("get_tax_return", path={"id": answer["number"]}).expect(200).json == answer
    sound(october.api)


def test_what_is_due_from_the_authority_is_its_debt(october: Shop) -> None:
    body = {
        "customer": "CUST001",
        "reason": "x",
        "date": "2026-10-15",
        "items": [{"product": "PROD001", "quantity": 20}],
    }
    october.api.call("create_credit_note", body).expect(201)
    answer = file(october, prepare(october))
    assert (answer["payable"], october.trial_balance()["2230"]) == ("-87.00", "87.00")


def test_a_return_of_nothing_is_filed_without_an_entry(shop: Shop) -> None:
    answer = file(shop, prepare(shop))
    assert (answer["status"], answer["posting"]["lines"]) == ("filed", [])


def test_a_return_that_something_was_posted_for_since_is_out_of_date(october: Shop) -> None:
    prepared = prepare(october)
    october.invoice(date="2026-10-20")
    before = october.api.counts()
    assert file(october, prepared, 409)["code"] == "return_outdated"
    assert october.api.counts() == before
    assert file(october, prepare(october))["payable"] == "174.00"


def test_a_filed_return_is_final(october: Shop) -> None:
    filed = file(october, prepare(october))
    assert file(october, filed, 409)["code"] == "conflict"
    path, body = {"id": "FY2026-10"}, {"areas": ["tax"], "reason": "x"}
    october.api.call("reopen_period", body, path=path).expect(409)


def test_the_settlement_can_be_dated_later_but_not_earlier(october: Shop) -> None:
    prepared = prepare(october)
    assert file(october, prepared, 422, date="2026-10-30")["code"] == "dated_too_early"
    october.api.call("close_period", {"areas": ["tax"]}, path={"id": "FY2026-10"}).expect(200)
    assert file(october, prepared, 422)["suggested_date"] == "2026-11-01"
    answer = file(october, prepared, date="2026-11-20")
    assert answer["filed_on"] == "2026-11-20"
    assert october.trial_balance(as_of="2026-10-31")["2200"] == "-87.00"


@pytest.fixture
def county(shop: Shop) -> Shop:
    """An invoice of October with 72.00 for the state, and 15.00 that a return of the county tells of."""
    path = {"resource": "taxes", "id": "CITY"}
    shop.api.call("update_record", {"reported_in": "COUNTY"}, path=path, headers={"If-Match": "*"}).expect(200)
    shop.invoice(date="2026-10-10")
    return shop


def tax_area(shop: Shop) -> list[str]:
    """How the tax area of September, October and November stands."""
    periods = shop.api.call("list_periods", query={"fiscal_year": "FY2026"}).expect(200)["data"]
    return [period["areas"]["tax"] for period in periods[8:11]]


def test_a_filed_return_locks_its_own_scope_only(county: Shop) -> None:
    """The county's return of the same days is still settled in them; with the last of all the area is locked."""
    state, other = prepare(county), prepare(county, scope="COUNTY")
    filed = file(county, state)
    assert (filed["payable"], tax_area(county)) == ("72.00", ["open", "open", "open"])
    assert county.api.events("period.locked") == []
    before = county.api.counts()
    refused = prepare(county, 409)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("days_filed", "/starts_on")
    assert county.api.counts() == before
    second = file(county, other)
    assert (second["filed_on"], second["payable"], tax_area(county)) == (
        "2026-10-31",
        "15.00",
        ["closed", "locked", "open"],
    )
    assert county.trial_balance(as_of="2026-10-31")["2230"] == "-87.00"
    sound(county.api)


def test_a_quarter_of_one_scope_and_months_of_another_lock_the_months_that_have_both(county: Shop) -> None:
    file(county, prepare(county, scope="COUNTY", ends_on="2026-12-31"), date="2026-12-31")
    assert tax_area(county) == ["open", "open", "open"]
    file(county, prepare(county))
    assert tax_area(county) == ["closed", "locked", "open"]


def test_a_settlement_is_not_dated_into_days_that_its_own_scope_is_filed_for(county: Shop) -> None:
    """November is filed for the state: October's settlement stays out of it, the county's may go there."""
    november = {"starts_on": "2026-11-01", "ends_on": "2026-11-30"}
    file(county, prepare(county, **november), date="2026-11-30")
    prepared = prepare(county)
    before = county.api.counts()
    refused = file(county, prepared, 409, date="2026-11-20")
    assert (refused["code"], refused["errors"][0]["message"]) == ("days_filed", "choose a day after 2026-11-30")
    assert county.api.counts() == before
    other = file(county, prepare(county, scope="COUNTY"), date="2026-11-20")
    assert (other["filed_on"], other["payable"]) == ("2026-11-20", "15.00")
    assert file(county, prepared)["filed_on"] == "2026-10-31"


def test_the_database_takes_no_tax_posting_into_the_days_of_a_filed_scope(county: Shop, owner_url: str) -> None:
    """The state's days are locked: its next return may not post there, nor what is of no scope; the county's may."""
    filed, other = file(county, prepare(county)), prepare(county, scope="COUNTY")
    november = {"starts_on": "2026-11-01", "ends_on": "2026-11-30"}
    later = prepare(county, **november)
    lines = (
        "INSERT INTO ledger.journal_line (document_id, entry, line, company_id, account_id, area, effective_date,"
        " currency, amount, base_amount) SELECT %s, 9, line + %s, company_id, account_id, 'tax', effective_date,"
        " currency, 0, 0 FROM ledger.journal_line WHERE document_id = %s AND line = 1"
    )
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", (str(county.api.tenant_id),))
        (invoice,) = connection.execute("SELECT id FROM kernel.document WHERE type = 'invoice'").fetchone() or (None,)
        for document in (later["id"], invoice):
            with pytest.raises(psycopg.errors.CheckViolation, match="tax_scope_open"), connection.transaction():
                connection.execute(lines, (document, 20, filed["id"]))
    assert file(county, other)["filed_on"] == "2026-10-31"


def test_the_version_that_was_read_counts(october: Shop) -> None:
    prepared = prepare(october)
    assert file(october, prepared | {"version": 7}, 412)["code"] == "stale_version"


def test_a_dry_run_files_nothing(october: Shop) -> None:
    prepared = prepare(october)
    before = october.api.counts()
    headers = {"Idempotency-Key": "trial"}
    answer = october.api.call(
        "file_tax_return", {}, path={"id": prepared["id"]}, headers=headers, query={"dry_run": "true"}
    ).expect(200)
    assert (answer["status"], october.api.counts()) == ("filed", before)


def test_the_database_keeps_a_filed_return_as_it_is(october: Shop, owner_url: str) -> None:
    filed = file(october, prepare(october))
    with psycopg.connect(owner_url) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", (str(october.api.tenant_id),))
        with pytest.raises(psycopg.errors.CheckViolation, match="document_immutable"), connection.transaction():
            connection.execute(
                "UPDATE kernel.document SET version = version + 1, data = jsonb_set(data, '{payable}', '\"1.00\"')"
                " WHERE id = %s",
                (filed["id"],),
            )
        with pytest.raises(psycopg.errors.CheckViolation, match="filed_return_stays"), connection.transaction():
            connection.execute(
                "INSERT INTO tax.return_entry (return_id, document_id, entry) VALUES (%s, %s, 9)",
                (filed["id"], filed["id"]),
            )
        with pytest.raises(psycopg.errors.CheckViolation, match="tax_returns_apart"), connection.transaction():
            connection.execute(
                "INSERT INTO tax.filed_return (return_id, company_id, scope, starts_on, ends_on)"
                " SELECT company_id, company_id, scope, ends_on, ends_on FROM tax.filed_return"
            )
        with pytest.raises(psycopg.errors.CheckViolation, match="tax_entry_filed_once"), connection.transaction():
            connection.execute(
                "WITH taken AS (INSERT INTO tax.return_entry (return_id, document_id, entry)"
                " SELECT company_id, document_id, entry FROM tax.tax_entry LIMIT 1)"
                " INSERT INTO tax.filed_return (return_id, company_id, scope, starts_on, ends_on)"
                " SELECT company_id, company_id, scope, date '2027-01-01', date '2027-01-31' FROM tax.filed_return"
            )
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), connection.transaction():
            connection.execute("DELETE FROM tax.return_entry")


def test_two_file_the_same_return_and_one_is_told_that_it_is_filed(october: Shop) -> None:
    """Both have read the prepared return before either files it: it is filed once, settled once, numbered once."""
    prepared = prepare(october)

    def filing(key: str) -> Callable[[], Response]:
        headers = {"Idempotency-Key": key}
        return lambda: october.api.call("file_tax_return", {}, path={"id": prepared["id"]}, headers=headers)

    filed, refused = sorted(racing([filing("mine"), filing("yours")]), key=lambda answer: answer.status)
    assert (filed.status, filed["status"], filed["number"]) == (200, "filed", "TAX-2026-000001")
    assert (refused.status, refused["code"], refused["document_status"]) == (409, "conflict", "filed")
    assert october.trial_balance(as_of="2026-10-31")["2230"] == "-87.00"
    assert [event["data"]["number"] for event in october.api.events("tax_return.filed")] == ["TAX-2026-000001"]
    sound(october.api)


def test_a_return_that_was_superseded_is_not_filed(october: Shop) -> None:
    """Two prepared the same days: the later one counts, and whoever files the older one is told."""
    older = prepare(october)
    newer = prepare(october)
    before = october.api.counts()
    assert file(october, older, 412)["code"] == "stale_version"
    assert file(october, older | {"version": 2}, 409)["document_status"] == "superseded"
    assert october.api.counts() == before
    assert file(october, newer)["number"] == "TAX-2026-000001"
