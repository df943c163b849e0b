"""What was recorded stays: no ledger row, event or link changes or goes, whoever asks, the owner included."""

from typing import Any

import pytest
from psycopg import errors

from tests.support.database import url
from tests.support.shop import Shop
from tests.support.sql import by_hand, refused

pytestmark = pytest.mark.one_driver  # of Postgres alone

STATEMENTS = ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]


def append_only(owner_url: str) -> list[str]:
    """The tables that the application may append to and not change, except for those that are no record for good."""
    with by_hand(None, owner_url) as connection:
        rows = connection.execute(
            "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND has_table_privilege('bigledger_application', c.oid, 'INSERT')"
            " AND NOT has_table_privilege('bigledger_application', c.oid, 'UPDATE')"
            " AND c.oid::regclass::text NOT IN ('kernel.outbox', 'kernel.idempotency')"
        ).fetchall()
    return sorted(row.name for row in rows)


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """A shop with an invoice, a payment and a link between them."""
    shop.invoice()
    shop.pay("100.00")
    return shop


def test_ledgers_events_and_links_are_append_only(owner_url: str) -> None:
    assert set(append_only(owner_url)) >= {
        "inventory.reservation",
        "inventory.stock_move",
        "kernel.document_link",
        "kernel.event",
        "ledger.journal_line",
        "payables.overdue_item",
        "receivables.credit_hold",
        "receivables.dunned_item",
        "receivables.exposure_entry",
        "receivables.overdue_item",
        "receivables.recurring_run",
        "ledger.open_item",
        "ledger.settlement",
        "reporting.sale",
    }


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_application_may_not_even_try(busy: Shop, owner_url: str, statement: str) -> None:
    for table in append_only(owner_url):
        told = refused(busy.api, errors.InsufficientPrivilege, statement.format(table))
        assert f"permission denied for table {table.partition('.')[2]}" in str(told)


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("role", ["bigledger_owner", "postgres"])
def test_neither_the_owner_nor_the_superuser_changes_a_row(
    busy: Shop, owner_url: str, admin_url: str, role: str, statement: str
) -> None:
    database = owner_url.partition("?")[0].rpartition("/")[2]
    for table in append_only(owner_url):
        told = refused(
            busy.api, errors.InsufficientPrivilege, statement.format(table), url=url(admin_url, database, role)
        )
        assert f"{table} is append-only" in str(told)
        assert told.diag.message_hint == "Correct with a new row."


def test_a_change_is_refused_even_where_it_would_find_no_row(busy: Shop, owner_url: str) -> None:
    for table in append_only(owner_url):
        told = refused(busy.api, errors.InsufficientPrivilege, f"DELETE FROM {table} WHERE false", url=owner_url)
        assert f"{table} is append-only" in str(told)


@pytest.mark.parametrize(
    "ending",
    [
        "WHEN MATCHED THEN DELETE",
        "WHEN MATCHED THEN UPDATE SET kind = 'other'",
    ],
)
def test_a_merge_is_no_way_around(busy: Shop, owner_url: str, ending: str) -> None:
    assert busy.api.counts()["kernel.document_link"] > 0
    merge = f"MERGE INTO kernel.document_link t USING kernel.document_link s ON t.to_id = s.to_id {ending}"
    for url_of_role in (None, owner_url):
        refused(busy.api, errors.InsufficientPrivilege, merge, url=url_of_role)


def test_an_upsert_is_no_way_around(busy: Shop, owner_url: str) -> None:
    upsert = (
        "INSERT INTO kernel.document_link SELECT * FROM kernel.document_link"
        " ON CONFLICT (tenant_id, from_id, to_id, kind) DO UPDATE SET kind = 'other'"
    )
    for url_of_role in (None, owner_url):
        refused(busy.api, errors.InsufficientPrivilege, upsert, url=url_of_role)


def line(shop: Shop) -> Any:
    """A posted line of the shop's."""
    (found,) = shop.api.rows("SELECT * FROM ledger.journal_line ORDER BY recorded_at, document_id, line LIMIT 1")
    return found


@pytest.mark.parametrize("change", ["amount = 0", "account_id = document_id", "effective_date = '2026-01-01'"])
def test_a_posted_line_keeps_its_figures(busy: Shop, owner_url: str, change: str) -> None:
    before = line(busy)
    refused(busy.api, errors.InsufficientPrivilege, f"UPDATE ledger.journal_line SET {change}")
    refused(busy.api, errors.InsufficientPrivilege, f"UPDATE ledger.journal_line SET {change}", url=owner_url)
    assert line(busy) == before


def test_what_an_event_told_stays_told(busy: Shop, owner_url: str) -> None:
    before = busy.api.events()
    for sql in ("UPDATE kernel.event SET data = '{}'", "UPDATE kernel.event SET actor_id = 'someone else'"):
        refused(busy.api, errors.InsufficientPrivilege, sql)
        refused(busy.api, errors.InsufficientPrivilege, sql, url=owner_url)
    assert busy.api.events() == before


def test_two_events_do_not_take_the_same_place_in_a_documents_history(busy: Shop) -> None:
    copy = (
        "INSERT INTO kernel.event (id, type, version, source, subject_type, subject_id, sequence, actor_id, actor_kind,"
        " actor_name, operation, correlation_id, data) SELECT gen_random_uuid(), type, version, source, subject_type,"
        " subject_id, sequence, actor_id, actor_kind, actor_name, operation, correlation_id, data FROM kernel.event"
        " LIMIT 1"
    )
    told = refused(busy.api, errors.UniqueViolation, copy)
    assert told.diag.constraint_name == "event_sequence"
