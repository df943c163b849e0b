"""Plans: whatever an operation asks of a database with many rows, an index leads to it.

Row-level security keeps every index from serving an operator that is not leakproof, and no test of a small database
notices. Here each operation runs as the application on tens of thousands of rows, and Postgres tells the plan of every
statement, those of its triggers and functions included. Lists are asked in all their ways.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest

from bigledger.kernel import Operation
from bigledger.kernel.database import URLS, engine
from bigledger.kernel.listing import ListQuery
from bigledger.records import RESOURCES
from tests.structure.requests import Call, request
from tests.structure.test_operations import call, caller, name, operations
from tests.support.crowd import COPIES, FEW, crowd
from tests.support.database import TEMPLATE, url
from tests.support.plans import Access, accesses, explain_everything
from tests.support.world import World, make_tenant, world_clock

pytestmark = pytest.mark.one_driver  # of Postgres alone

SAMPLES: Mapping[str, str] = {
    "account": "1200",
    "base_currency": "USD",
    "buckets": "30,60,90",
    "code": "CUST001",
    "company": "MAIN",
    "currency": "EUR",
    "customer": "CUST001",
    "employee": "SUPP001",
    "supplier": "SUPP001",
    "date": "2026-11-23",
    "dimension": "CENTRE",
    "date-time": "2026-11-23T09:00:00Z",
    "fiscal_year": "FY2025",
    "period": "2026",
    "location": "MAIN",
    "number": "INV-2026-000001",
    "product": "PROD001",
    "status": "active",
    "timestamptz": "2026-11-23T09:00:00Z",
    "type": "invoice.created",
    "value": "NORTH",
}
"""What to ask for, by the kind of a query's field where that says it, else by its name."""

POSITIONS = ("after", "cursor")
"""Fields of a query that say where a page begins."""

ASKED_ELSEWHERE = ("format", "from", "party", "split")
"""Options that change no statement, or that go with no other.

The form of a file, a party of one kind, a split, and a first day that would come after the last.
"""

ALL = ""

_COLLECTIONS = {resource.type: resource.name for resource in RESOURCES.values()}

_STATEMENTS = ("balance_sheet", "profit_loss", "cash_flow", "general_ledger", "sales_summary")
_AGED = ("aged_receivables", "aged_payables")

READS_MORE = {
    ("currency.list_exchange_rates", "exchange_rate", ALL): "a tenant sets some dozens a day, mostly of the same pairs",
    ("integrity.run_checks", ALL, ALL): "a check goes over everything",
    ("ledger.get_account_balances", "balance", ALL): "the balances of all days are summed",
    ("ledger.create_revaluation", ALL, ALL): "it values whatever is open on the day",
    ("ledger.get_account_ledger", "journal_line", "known_at"): "the past knowledge of a balance is not kept",
    ("reporting.get_trial_balance", "journal_line", "known_at"): "the past knowledge of a balance is not kept",
    ("ledger.get_number_series_audit", "document", ALL): "an audit looks at every number of its series",
    ("payables.create_payment_run", ALL, ALL): "a run looks at all that is open: discounts end before bills are due",
    ("reporting.get_trial_balance", "balance", ALL): "the balances of all days are summed",
    ("ledger.run_deferrals", ALL, ALL): "it reads what is due, and posts some hundred entries at once",
    ("ledger.run_due_journal_templates", "template_run", ALL): "each day since it began is held against its runs",
    ("ledger.list_journal_entries", "document", ALL): "as few as there are here are rather sorted than read in order",
    ("tax.list_tax_returns", "document", ALL): "as few as there are here are rather sorted than read in order",
    ("tax.prepare_tax_return", ALL, ALL): "a return sums up every entry of its days",
    ("tax.file_tax_return", ALL, ALL): "a return sums up every entry of its days",
    ("receivables.mark_overdue", ALL, ALL): "all that is past its due date and not told of yet is looked at",
    ("receivables.list_credit_notes", "document", ALL): "as few as there are here are rather sorted than read in order",
    (
        "payables.list_supplier_credits",
        "document",
        ALL,
    ): "as few as there are here are rather sorted than read in order",
    ("payables.list_payment_runs", "document", ALL): "as few as there are here are rather sorted than read in order",
    (
        "ledger.list_deferral_schedules",
        "document",
        ALL,
    ): "as few as there are here are rather sorted than read in order",
    ("records.list_records", "document", "sort"): "as few as there are here are rather sorted than read in order",
    **{
        (f"reporting.get_{name}", table, option): reason
        for names, table, option, reason in (
            (_STATEMENTS, "balance", ALL, "the balances of the days are summed"),
            (_STATEMENTS, "journal_line", "known_at", "the past knowledge of a balance is not kept"),
            (("cash_flow",), "journal_line", ALL, "the cash accounts' lines tell what is an exchange difference"),
            (("general_ledger",), "journal_line", ALL, "the lines of the period are what it shows"),
            (("sales_summary", "tax_summary"), "journal_line", ALL, "the lines of the period are summed"),
            (("sales_summary", "tax_summary"), "document", ALL, "the documents of the period's lines say of whom"),
            (_AGED, "open_item", ALL, "what is open is summed item by item"),
            (_AGED, "open_item_balance", ALL, "what is open is summed item by item"),
            (_AGED, "settlement", ALL, "what was settled after the day was open on it"),
            (_AGED, "balance", ALL, "the balances of the days are summed"),
            (_AGED, "journal_line", ALL, "of one party, or as known then, the control accounts' lines are summed"),
            (("stock_valuation",), "stock", ALL, "what is in stock is summed"),
            (("stock_valuation",), "stock_move", ALL, "what moved since the day, or since the instant, is summed"),
            (("stock_valuation",), "document", ALL, "as few as there are here are rather sorted than read in order"),
            (("stock_valuation",), "balance", ALL, "the balances of the days are summed"),
            (("explanation",), "open_item", ALL, "what is open is looked at item by item"),
            (("explanation",), "open_item_balance", ALL, "what is open is looked at item by item"),
            (("explanation",), "settlement", ALL, "what was settled after the day was open on it"),
        )
        for name in names
    },
    ("reporting.get_kpis", "balance", ALL): "the balances of the year's days are summed",
    ("reporting.get_kpis", "product_sales", ALL): "the sales of the year's days are summed",
    ("reporting.get_kpis", "open_item_balance", ALL): "what is open is summed item by item",
    ("reporting.get_kpis", "open_item", ALL): "what is open is summed item by item",
    ("reporting.get_kpis", "settlement", "as_of"): "what was settled after the day was open on it",
}
"""Which operations may look at more rows than there are days: the operation, the table, the option; and why."""


@pytest.fixture(scope="module")
def world(admin_url: str, owner_url: str) -> Iterator[World]:
    """A tenant among others, each with thousands of rows, in a database of its own."""
    database = f"plans_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with psycopg.connect(admin_url, autocommit=True) as admin, pytest.MonkeyPatch.context() as patch:
        admin.execute(f"CREATE DATABASE {database} TEMPLATE {TEMPLATE} OWNER bigledger_owner")
        for role, variable in URLS.items():
            patch.setenv(variable, url(admin_url, database, f"bigledger_{role}"))
        with world_clock():
            made = World(make_tenant("Confidential"))
            counts = crowd(url(admin_url, database, "postgres"), made)
            assert [table for table, count in counts.items() if count < FEW] == []
            explain_everything(admin_url, database)
            engine().dispose()
            yield made
        engine().dispose()
        admin.execute(f"DROP DATABASE {database} WITH (FORCE)")


@operations
def test_every_statement_is_served_by_an_index(world: World, operation: Operation[Any, Any]) -> None:
    for made in ways(operation, world):
        with accesses() as found:
            answer = call(caller(world, operation), operation, made).expect(200)
            for position in following(operation, answer.json):
                call(caller(world, operation), operation, also(made, position)).expect(200)
        assert found or operation.tenant == "none", "Postgres did not tell the plans"
        assert offences(found, name(operation), made) == [], made


def test_an_access_that_no_index_serves_would_be_found(world: World) -> None:
    with accesses() as found:
        world.api.rows("SELECT id FROM kernel.document WHERE type = 'invoice' AND created_by = :by", by="somebody")
        world.api.rows("SELECT 1 FROM kernel.document WHERE data @> cast(:part AS jsonb)", part='{"code": "CUST001"}')
        world.api.rows("SELECT count(*) FROM ledger.journal_line WHERE amount > 100")
    assert len(offences(found)) == 3


def offences(found: list[Access], operation: str = "", made: Call | None = None) -> list[str]:
    """The accesses that read a table from its beginning to its end, or all that a tenant has lived through."""
    options = {ALL, *(made.query if made else ())}
    more = {table for (name, table, option) in READS_MORE if name == operation and option in options}
    return [str(one) for one in found if one.node == "Seq Scan" or (one.rows > COPIES and not more & {ALL, one.table})]


def ways(operation: Operation[Any, Any], world: World) -> Iterator[Call]:
    """The operation's request; of one that reads, also that with each filter, order and option of its query."""
    usual = request(name(operation), world)
    yield usual
    if operation.writes or operation.command is None:
        return
    for resource in RESOURCES if operation.path_parameters == ("resource",) else ():
        yield Call(path={"resource": resource})
    for query in queries(operation, world):
        yield also(usual, query)


def also(made: Call, query: Mapping[str, str]) -> Call:
    """A call with more in its query."""
    return Call(made.body, made.path, {**made.query, **query}, made.headers)


def following(operation: Operation[Any, Any], answer: Any) -> Iterator[dict[str, str]]:
    """What to ask for the page that follows an answer."""
    if operation.command is not None and isinstance(answer, dict) and answer.get("next_cursor"):
        yield from ({field: answer["next_cursor"]} for field in POSITIONS if field in operation.command.model_fields)


def queries(operation: Operation[Any, Any], world: World) -> Iterator[dict[str, str]]:
    """Each way to narrow or to order what the operation reads."""
    command = operation.command
    assert command is not None
    if issubclass(command, ListQuery):
        orders: list[dict[str, str]] = [{}]
        orders += [{"sort": way + column} for column in command.allowed_sorts for way in ("", "-")]
        yield from orders
        for field, known in command.allowed_filters.items():
            value = SAMPLES[known.type if known.ordered else field]
            given = [{field: value}]
            if known.ordered:
                given += [{f"{field}[gte]": value}, {f"{field}[lt]": value}]
            if known.refers_to:
                given.append({field: world.id_of(_COLLECTIONS[known.refers_to], value)})
            yield from (one | order for one in given for order in orders)
        return
    options: dict[str, str] = {}
    required = command.model_json_schema().get("required", ())
    for field, described in command.model_json_schema()["properties"].items():
        (kind, *_) = described.get("anyOf", [described])
        if field in (*required, *POSITIONS, *ASKED_ELSEWHERE) or kind["type"] == "integer":
            continue
        if kind["type"] == "object":
            yield {f"{field}[COST_CENTRE]": "A"}
            continue
        for value in kind.get("enum") or [sample(field, kind, world)]:
            options[field] = value
            yield {field: value}
    yield options


def sample(field: str, kind: Mapping[str, Any], world: World) -> str:
    """Something to ask for."""
    if field == "subject":
        return f"invoice/{world.issued['id']}"
    found = SAMPLES.get(kind.get("format", field))
    assert found is not None, f"let SAMPLES of this file say what {field} may be"
    return found
