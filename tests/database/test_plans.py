"""Plans: whatever an operation asks of a database with many rows, an index leads to it.

Row-level security keeps every index from serving an operator that is not leakproof, and no test of a small database
notices. Here each operation runs as the application on tens of thousands of rows, and Postgres tells the plan of every
statement, those of its triggers and functions included. Lists are asked in all their ways.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

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
    "actor": "tester",
    "document": "0195d6a0-0000-7000-8000-000000000001",
    "operation": "receivables.create_invoice",
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

The form of a file, a party of one kind, a split, which is asked for by itself, and a first day that would come after
the last.
"""

_COLLECTIONS = {resource.type: resource.name for resource in RESOURCES.values()}


class More(NamedTuple):
    """Operations that may look at more rows of some tables than there are days; and why.

    Without tables it may be any; with an ``option`` of the query only where it is asked for.
    """

    why: str
    operations: Sequence[str]
    tables: Sequence[str] = ()
    option: str | None = None


def reports(*names: str) -> list[str]:
    """The operations of some reports."""
    return [f"reporting.get_{name}" for name in names]


_AGED = reports("aged_receivables", "aged_payables")
_SUMMED = reports("trial_balance", "balance_sheet", "profit_loss", "cash_flow", "general_ledger", "sales_summary")

READS_MORE = (
    # What is read is the answer, or adds up to it.
    More("the balances of the days are summed",
         [*_SUMMED, *_AGED, *reports("stock_movements", "stock_valuation", "kpis")], ["balance"]),
    More("the balances of all days are summed", ["ledger.get_account_balances"], ["balance"]),
    More("the lines of the period are what it shows", reports("general_ledger"), ["journal_line"]),
    More("the lines of the period are summed", reports("sales_summary", "tax_summary"), ["journal_line"]),
    More("the documents of the period say of whom and of which taxes", reports("sales_summary", "tax_summary"),
         ["document"]),
    More("the cash accounts' lines tell what is an exchange difference", reports("cash_flow"), ["journal_line"]),
    More("of one party, or as known then, the control accounts' lines are summed", _AGED, ["journal_line"]),
    More("what is open is summed item by item", [*_AGED, *reports("kpis", "explanation")],
         ["open_item", "open_item_balance"]),
    More("what was settled after the day was open on it", [*_AGED, *reports("explanation")], ["settlement"]),
    More("what was settled after the day was open on it", reports("kpis"), ["settlement"], "as_of"),
    More("the sales of the year's days are summed", reports("kpis"), ["product_sales"]),
    More("what is in stock is summed, less what moved since", reports("stock_movements", "stock_valuation"),
         ["stock", "stock_move"]),
    More("a return sums up every entry of its days", ["tax.prepare_tax_return", "tax.file_tax_return"]),
    # Nothing tells beforehand which rows they are.
    More("the past knowledge of a balance is not kept", [*_SUMMED, "ledger.get_account_ledger"], ["journal_line"],
         "known_at"),
    More("when the year's documents were made and changed is looked up", ["events.get_audit_log"], ["document"],
         "fiscal_year"),
    *(
        More("changes are looked through in their order until a page is found", ["events.get_audit_log"],
             ["event", "document"], option)
        for option in ("actor", "operation", "type")
    ),
    # Work over everything there is.
    More("a check goes over everything", ["integrity.run_checks"]),
    More("it values whatever is open on the day", ["ledger.create_revaluation"]),
    More("an audit looks at every number of its series", ["ledger.get_number_series_audit"], ["document"]),
    More("it reads what is due, and posts some hundred entries at once", ["ledger.run_deferrals"]),
    More("each day since it began is held against its runs", ["ledger.run_due_journal_templates"], ["template_run"]),
    More("discounts end before bills are due, so all that is open is looked at", ["payables.create_payment_run"]),
    More("all that is past its due date and not told of yet is looked at",
         ["receivables.mark_overdue", "payables.mark_overdue_bills"]),
    # A crowd that is smaller than real ones.
    More("a tenant sets some dozens a day, mostly of the same pairs", ["currency.list_exchange_rates"],
         ["exchange_rate"]),
    More("as few as there are here are rather sorted than read in order",
         ["ledger.list_journal_entries", "ledger.list_deferral_schedules", "tax.list_tax_returns",
          "receivables.list_credit_notes", "payables.list_supplier_credits", "payables.list_payment_runs",
          *reports("stock_movements", "stock_valuation")], ["document"]),
    More("as few as there are here are rather sorted than read in order", ["records.list_records"], ["document"],
         "sort"),
)  # fmt: skip
"""Where more may be read."""


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


def test_what_may_read_more_is_there() -> None:
    """Each operation that is allowed more is one, so that no allowance outlives what it is for."""
    known = {name(operation) for operation in operations.args[1]}
    assert {one for more in READS_MORE for one in more.operations} <= known


def test_an_access_that_no_index_serves_would_be_found(world: World) -> None:
    with accesses() as found:
        world.api.rows("SELECT id FROM kernel.document WHERE type = 'invoice' AND created_by = :by", by="somebody")
        world.api.rows("SELECT 1 FROM kernel.document WHERE data @> cast(:part AS jsonb)", part='{"code": "CUST001"}')
        world.api.rows("SELECT count(*) FROM ledger.journal_line WHERE amount > 100")
    assert len(offences(found)) == 3


def offences(found: list[Access], operation: str = "", made: Call | None = None) -> list[str]:
    """The accesses that read a table from its beginning to its end, or all that a tenant has lived through."""
    options = {None, *(made.query if made else ())}
    allowed = [one for one in READS_MORE if operation in one.operations and one.option in options]
    return [
        str(one)
        for one in found
        if one.node == "Seq Scan"
        or (one.rows > COPIES and not any(not more.tables or one.table in more.tables for more in allowed))
    ]


def ways(operation: Operation[Any, Any], world: World) -> Iterator[Call]:
    """The operation's request; of one that reads, also that with each filter, order and option of its query."""
    usual = request(name(operation), world)
    yield usual
    if operation.writes or operation.command is None:
        return
    for resource in RESOURCES if operation.path_parameters == ("resource",) else ():
        yield Call(path={"resource": resource})
        for owner in RESOURCES[resource].filters:
            yield Call(path={"resource": resource}, query={owner: SAMPLES[owner]})
    for query in queries(operation, world):
        if not ("split" in query and "compare" in usual.query):
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
    if "split" in command.model_fields:
        yield {"split": "company"}
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
