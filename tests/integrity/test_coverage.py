"""What the database keeps beside its ledgers is held against them: a new projection needs a check of its own."""

import psycopg

from bigledger.integrity import CHECKS


def test_every_projection_is_held_by_a_check(owner_url: str) -> None:
    """A projection is a tenant's table that the application reads and only triggers write."""
    with psycopg.connect(owner_url) as connection:
        rows = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind = 'r' AND a.attname = 'tenant_id' AND NOT a.attisdropped"
            " AND has_table_privilege('bigledger_application', c.oid, 'SELECT')"
            " AND NOT has_table_privilege('bigledger_application', c.oid, 'INSERT') ORDER BY 1"
        ).fetchall()
    projections = [name for (name,) in rows]
    held = " ".join(check.sql for check in CHECKS)
    assert len(projections) > 6
    assert [name for name in projections if f"{name} " not in held] == [], "state in a check what they must equal"
