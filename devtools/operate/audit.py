"""``bigledger audit``: whether the database still keeps tenants apart, asked of its own catalogue."""

from __future__ import annotations

import argparse
import sys

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from devtools.operate.target import Refusal, Target, add_arguments, target

FAULTS = 1
CANNOT = 2

OF_NOBODY = "'public.migration', 'kernel.release'"
"""The tables that belong to no tenant: which migrations were applied, by which releases."""

_ROLES = "'bigledger_application', 'bigledger_dispatcher', 'bigledger_reader'"
_CONDITION = "(tenant_id = ( SELECT (NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::uuid"

SQL = f"""
    WITH ours AS (
        SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relrowsecurity, c.relforcerowsecurity, c.relowner
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema$)'
          AND n.nspname || '.' || c.relname NOT IN ({OF_NOBODY})),
    policy AS (
        SELECT p.polrelid, p.polname, pg_get_expr(p.polqual, p.polrelid) AS reads,
               pg_get_expr(p.polwithcheck, p.polrelid) AS writes,
               p.polroles = ARRAY[(SELECT oid FROM pg_roles WHERE rolname = 'bigledger_dispatcher')] AS dispatcher
        FROM pg_policy p)
    SELECT name AS place, 'rows are not kept apart, or not from the owner' AS fault
    FROM ours WHERE NOT (relrowsecurity AND relforcerowsecurity)
    UNION ALL
    SELECT name, 'it has no policy of tenants, or another than it should have'
    FROM ours WHERE NOT EXISTS (
        SELECT 1 FROM policy WHERE polrelid = ours.oid AND polname = 'tenant'
          AND starts_with(reads, '{_CONDITION}') AND starts_with(writes, '{_CONDITION}'))
    UNION ALL
    SELECT ours.name, 'the policy ' || polname || ' lets others in'
    FROM policy JOIN ours ON ours.oid = polrelid WHERE polname <> 'tenant' AND NOT dispatcher
    UNION ALL
    SELECT rolname, 'it is more than a role of functions may be'
    FROM pg_roles WHERE rolname IN ({_ROLES})
      AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
    UNION ALL
    SELECT ours.name, 'it is owned by ' || rolname
    FROM ours JOIN pg_roles r ON r.oid = ours.relowner
    WHERE rolname IN ({_ROLES}) OR rolbypassrls AND NOT rolsuper
    UNION ALL
    SELECT ours.name, rolname || ' may change it, and may only read'
    FROM ours, pg_roles WHERE rolname = 'bigledger_reader'
      AND has_table_privilege(rolname, ours.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    UNION ALL
    SELECT ours.name, rolname || ' may delete from it'
    FROM ours, pg_roles WHERE rolname = 'bigledger_application'
      AND has_table_privilege(rolname, ours.oid, 'DELETE, TRUNCATE')
    ORDER BY 1, 2
"""


def main(arguments: list[str]) -> int:
    """Audit a database; answers 0 when tenants are apart, 1 when something is wrong, 2 when it cannot be said."""
    options = parser().parse_args(arguments)
    try:
        asked = target(options)
        found = faults(asked)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return CANNOT
    for place, fault in found:
        print(f"  {place}: {fault}")
    if found:
        print(f"{len(found)} faults in {asked.shown}. Nobody should use it until they are mended.")
        return FAULTS
    print(f"Tenants are apart in {asked.shown}.")
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="bigledger audit",
        description="Asks a database's catalogue whether every table keeps its tenants' rows apart, from its owner too,"
        " and whether the roles of the functions own, bypass or change nothing that they should not.",
    )
    add_arguments(made)
    return made


def faults(asked: Target) -> list[tuple[str, str]]:
    """What is wrong: a place, and why. Raises Refusal."""
    try:
        with asked.connection() as connection:
            return [(str(row.place), str(row.fault)) for row in connection.execute(text(SQL.replace("::", r"\:\:")))]
    except DBAPIError as error:
        raise Refusal(f"{asked.shown} cannot be audited: {error.orig}") from error
