"""Every table, view, role and function of the database, found in its catalogue: tenants apart, ledgers unchangeable."""

from typing import Any

import psycopg
import pytest

from tests.structure.sources import MODULES

APPLICATION = "bigledger_application"
DISPATCHER = "bigledger_dispatcher"

TENANT = "(NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid"
POLICY = f'(tenant_id = ( SELECT {TENANT} AS "nullif"))'

NO_TENANT = {"public.migration", "kernel.release"}
"""Which migrations were applied, and by which releases: the only tables that belong to nobody."""

NO_PRIMARY_KEY = {"kernel.outbox"}
"""Its destination may be null; a unique index stands for the key."""

CHANGEABLE = {"kernel.tenant", "kernel.document", "kernel.number_counter"}
"""The tables whose rows the application may update; triggers guard what of them."""

NOT_FOR_GOOD = {"kernel.outbox", "kernel.idempotency"}
"""Written by the application and no ledger: what was published leaves, and old keys may be forgotten."""

DEFINERS = {
    "inventory.project_reservation": "keeps the stock reserved",
    "inventory.project_stock_move": "keeps the stock on hand",
    "ledger.post_lines": "checks each entry and keeps the balances",
    "receivables.expose": "keeps the credit exposure",
    "receivables.give_credit_back": "keeps the credit exposure",
    "receivables.use_credit": "keeps the credit exposure",
    "receivables.credit": "keeps what is credited of each invoice",
    "ledger.open_items": "keeps what is open",
    "ledger.settle": "keeps what is settled",
    "payables.claim_number": "keeps the numbers of suppliers",
    "payables.credit": "keeps what is credited of each bill",
    "payables.hold_bills": "keeps which bills wait in payment runs",
    "payables.count_withholding": "keeps what is withheld from each supplier in a year",
    "records.project_fiscal_year": "keeps the periods",
    "reporting.add_sales": "keeps the sales by product",
}
"""The functions that run with their owner's rights, and what for. Each addition is a decision about security."""

DISPATCHER_MAY = {
    "kernel.event": {"SELECT"},
    "kernel.idempotency": {"SELECT", "DELETE"},
    "kernel.outbox": {"SELECT", "UPDATE", "DELETE"},
    "kernel.tenant": {"SELECT"},
}
"""Beyond a tenant: publish events, delete what was published and old answers, know the tenants. Nothing else."""

Catalogue = psycopg.Connection[Any]

OURS = "n.nspname !~ '^(pg_|information_schema$)'"


def tables(catalogue: Catalogue) -> dict[str, int]:
    """The object id of every tenant's table by its name."""
    rows = catalogue.execute(
        f"SELECT n.nspname || '.' || c.relname AS name, c.oid::bigint FROM pg_class c"
        f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND {OURS}"
    ).fetchall()
    return {row.name: row.oid for row in rows if row.name not in NO_TENANT}


def column_names(catalogue: Catalogue, table: int, numbers: list[int]) -> list[str]:
    """The names of a table's columns by their numbers."""
    rows = catalogue.execute(
        "SELECT attnum, attname FROM pg_attribute WHERE attrelid = %s AND attnum > 0", [table]
    ).fetchall()
    names = {row.attnum: row.attname for row in rows}
    return [names[number] for number in numbers]


def test_every_module_keeps_its_tables_in_its_own_schema(catalogue: Catalogue) -> None:
    schemas = {name.partition(".")[0] for name in tables(catalogue)}
    assert schemas <= {*MODULES, "kernel"}
    assert {"kernel", "ledger", "receivables", "inventory", "records"} <= schemas


def test_every_table_belongs_to_a_tenant_whom_code_never_sets(catalogue: Catalogue) -> None:
    rows = catalogue.execute(
        "SELECT attrelid::bigint AS oid, attnotnull, format_type(atttypid, atttypmod) AS type,"
        " pg_get_expr(adbin, adrelid) AS given FROM pg_attribute"
        " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
        " WHERE attname = 'tenant_id' AND NOT attisdropped"
    ).fetchall()
    found = {row.oid: (row.attnotnull, row.type, row.given) for row in rows}
    wrong = {
        name: found.get(oid) for name, oid in tables(catalogue).items() if found.get(oid) != (True, "uuid", TENANT)
    }
    assert wrong == {}


def test_every_key_begins_with_the_tenant(catalogue: Catalogue) -> None:
    """A unique index without it would tell one tenant what another has."""
    keys = set()
    for name, oid in tables(catalogue).items():
        rows = catalogue.execute(
            "SELECT indisprimary, indkey::int2[] AS columns, indexrelid::regclass::text AS index FROM pg_index"
            " WHERE indrelid = %s AND (indisunique OR indisprimary OR indisexclusion)", [oid]
        ).fetchall()  # fmt: skip
        assert rows, f"{name} has no key"
        for row in rows:
            first = column_names(catalogue, oid, row.columns[:1])
            assert first == ["tenant_id"], f"{row.index} begins with {first}"
            keys |= {name} if row.indisprimary else set()
    assert set(tables(catalogue)) - keys == NO_PRIMARY_KEY


def test_every_foreign_key_stays_within_the_tenant(catalogue: Catalogue) -> None:
    """Checks of foreign keys see through row-level security: a plain one would tell whether another's id exists."""
    rows = catalogue.execute(
        "SELECT conname, conrelid::bigint, confrelid::bigint, conkey, confkey FROM pg_constraint WHERE contype = 'f'"
    ).fetchall()
    assert len(rows) > 10
    for row in rows:
        own = column_names(catalogue, row.conrelid, row.conkey)
        theirs = column_names(catalogue, row.confrelid, row.confkey)
        pairs = dict(zip(own, theirs, strict=True))
        assert pairs.get("tenant_id") == "tenant_id", f"{row.conname} refers to {theirs} by {own}"


def test_row_level_security_is_on_for_everyone_the_owner_too(catalogue: Catalogue) -> None:
    rows = catalogue.execute("SELECT oid::bigint, relrowsecurity, relforcerowsecurity FROM pg_class").fetchall()
    security = {row.oid: (row.relrowsecurity, row.relforcerowsecurity) for row in rows}
    assert {name: security[oid] for name, oid in tables(catalogue).items() if security[oid] != (True, True)} == {}


def test_every_table_has_one_policy_for_reading_and_writing(catalogue: Catalogue) -> None:
    """The sub-select is evaluated once per statement instead of once per row."""
    rows = catalogue.execute(
        "SELECT * FROM pg_policies WHERE NOT roles = ARRAY['bigledger_dispatcher'::name]"
    ).fetchall()
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in tables(catalogue)}
    for row in rows:
        found[f"{row.schemaname}.{row.tablename}"].append(
            (row.policyname, row.permissive, row.roles, row.cmd, row.qual, row.with_check)
        )
    one = [("tenant", "PERMISSIVE", ["public"], "ALL", POLICY, POLICY)]
    assert {name: policies for name, policies in found.items() if policies != one} == {}


def test_the_dispatcher_sees_beyond_a_tenant_only_what_it_publishes_and_sweeps(catalogue: Catalogue) -> None:
    rows = catalogue.execute(
        "SELECT schemaname || '.' || tablename AS name, cmd FROM pg_policies"
        " WHERE roles = ARRAY['bigledger_dispatcher'::name]"
    ).fetchall()
    assert {row.name: row.cmd for row in rows} == {
        "kernel.event": "SELECT",
        "kernel.idempotency": "ALL",
        "kernel.outbox": "ALL",
        "kernel.tenant": "SELECT",
    }
    found = privileges(catalogue, DISPATCHER)
    assert {name: granted for name, granted in found.items() if granted} == DISPATCHER_MAY


@pytest.mark.parametrize("role", [APPLICATION, DISPATCHER])
def test_the_roles_of_functions_own_nothing_and_bypass_nothing(catalogue: Catalogue, role: str) -> None:
    row = catalogue.execute("SELECT * FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    powers = (row.rolsuper, row.rolbypassrls, row.rolcreatedb, row.rolcreaterole, row.rolreplication)
    assert powers == (False,) * 5
    owned = catalogue.execute(
        "SELECT relname FROM pg_class WHERE relowner = %(role)s::regrole"
        " UNION ALL SELECT proname FROM pg_proc WHERE proowner = %(role)s::regrole"
        " UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = %(role)s::regrole"
        " UNION ALL SELECT datname FROM pg_database WHERE datdba = %(role)s::regrole",
        {"role": role},
    ).fetchall()
    assert owned == []
    memberships = catalogue.execute(
        "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = %s::regrole", [role]
    ).fetchall()
    assert memberships == []


@pytest.mark.parametrize("role", [APPLICATION, DISPATCHER])
def test_the_roles_of_functions_cannot_make_anything_in_the_database(catalogue: Catalogue, role: str) -> None:
    rows = catalogue.execute(
        "SELECT nspname FROM pg_namespace WHERE has_schema_privilege(%s, oid, 'CREATE')", [role]
    ).fetchall()
    assert rows == []


def privileges(catalogue: Catalogue, role: str) -> dict[str, set[str]]:
    """What a role may do to each table, by whatever way it came to it."""
    names = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]
    granted: dict[str, set[str]] = {}
    for table, oid in tables(catalogue).items():
        rows = catalogue.execute(
            "SELECT p AS name, has_table_privilege(%s, %s::oid, p) AS has FROM unnest(%s::text[]) AS p",
            [role, oid, names],
        ).fetchall()
        granted[table] = {row.name for row in rows if row.has}
    return granted


def test_the_application_deletes_nothing_and_updates_only_what_is_no_ledger(catalogue: Catalogue) -> None:
    granted = privileges(catalogue, APPLICATION)
    assert all("SELECT" in found for found in granted.values())
    assert {name for name, found in granted.items() if "UPDATE" in found} == CHANGEABLE
    beyond = {"DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}
    assert {name: found & beyond for name, found in granted.items() if found & beyond} == {}


def test_nothing_is_granted_column_by_column(catalogue: Catalogue) -> None:
    rows = catalogue.execute("SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attacl IS NOT NULL")
    assert [row for row in rows.fetchall() if not row.attrelid.startswith("pg_")] == []


def test_nothing_is_granted_to_everyone(catalogue: Catalogue) -> None:
    rows = catalogue.execute(
        "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,"
        f" LATERAL aclexplode(c.relacl) AS granted WHERE granted.grantee = 0 AND {OURS}"
    ).fetchall()
    assert rows == []


def test_what_the_application_only_appends_to_is_append_only_for_everyone(catalogue: Catalogue) -> None:
    rows = catalogue.execute(
        "SELECT tgrelid::bigint AS oid, array_agg(tgname::text ORDER BY tgname) AS triggers FROM pg_trigger"
        " WHERE tgfoid = 'kernel.refuse_change()'::regprocedure AND tgenabled = 'O' GROUP BY 1"
    ).fetchall()
    guarded = {row.oid: row.triggers for row in rows}
    granted = privileges(catalogue, APPLICATION)
    appended = {name for name, found in granted.items() if "INSERT" in found and "UPDATE" not in found} - NOT_FOR_GOOD
    whole = ["refuse_delete", "refuse_truncate", "refuse_update"]
    assert {name for name, oid in tables(catalogue).items() if guarded.get(oid) == whole} == appended
    assert {"kernel.event", "kernel.document_link", "ledger.journal_line", "inventory.stock_move"} <= appended


def test_every_ledger_says_when_its_rows_were_recorded(catalogue: Catalogue) -> None:
    granted = privileges(catalogue, APPLICATION)
    appended = [name for name, found in granted.items() if "INSERT" in found and "UPDATE" not in found]
    rows = catalogue.execute(
        "SELECT attrelid::bigint AS oid FROM pg_attribute JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
        " WHERE attname IN ('recorded_at', 'created_at') AND attnotnull AND atttypid = 'timestamptz'::regtype"
        " AND pg_get_expr(adbin, adrelid) = 'kernel.now()'"
    ).fetchall()
    told = {row.oid for row in rows}
    every = tables(catalogue)
    assert [name for name in appended if every[name] not in told] == []


def test_views_see_what_their_reader_may_see(catalogue: Catalogue) -> None:
    rows = catalogue.execute(
        "SELECT c.oid::regclass::text AS name, c.relkind, c.reloptions FROM pg_class c"
        f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND {OURS}"
    ).fetchall()
    assert [row.name for row in rows if row.relkind == "m"] == [], "a materialized view knows no tenants"
    assert [row.name for row in rows if "security_invoker=true" not in (row.reloptions or [])] == []


def test_functions_with_their_owners_rights_are_few_known_and_look_nowhere_else(catalogue: Catalogue) -> None:
    rows = catalogue.execute(
        "SELECT n.nspname || '.' || p.proname AS name, p.proconfig, p.proowner::regrole::text AS owner"
        f" FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prosecdef AND {OURS}"
    ).fetchall()
    assert {row.name for row in rows} == set(DEFINERS)
    assert {row.name: row.proconfig for row in rows if row.proconfig != ["search_path=pg_catalog"]} == {}
    assert {row.owner for row in rows} == {"bigledger_owner"}


def test_the_owner_of_the_tables_bypasses_no_policy(catalogue: Catalogue) -> None:
    row = catalogue.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'bigledger_owner'").fetchone()
    assert tuple(row) == (False, False)
    owners = catalogue.execute("SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class WHERE oid = ANY(%s)",
                               [list(tables(catalogue).values())]).fetchall()  # fmt: skip
    assert [row.owner for row in owners] == ["bigledger_owner"]


def test_numbers_are_exact_and_instants_have_a_zone(catalogue: Catalogue) -> None:
    inexact = ["real", "double precision", "money", "timestamp without time zone", "time without time zone"]
    rows = catalogue.execute(
        "SELECT a.attrelid::regclass::text || '.' || a.attname AS name FROM pg_attribute a"
        " WHERE a.attrelid = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped"
        " AND format_type(a.atttypid, NULL) = ANY(%s)",
        [list(tables(catalogue).values()), inexact],
    ).fetchall()
    assert rows == []


def test_every_constraint_is_checked_at_once_and_valid(catalogue: Catalogue) -> None:
    """A deferred one would fail at the commit, after the answer was made."""
    rows = catalogue.execute(
        "SELECT conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace"
        f" WHERE (condeferrable OR NOT convalidated) AND {OURS}"
    ).fetchall()
    assert rows == []
