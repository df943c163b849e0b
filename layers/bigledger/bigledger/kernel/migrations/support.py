"""Building blocks of migrations: a tenant's table with its policy and grants, and append-only protection."""

from alembic import op

APPLICATION = "bigledger_application"
"""The role of the functions: owns nothing, bypasses nothing."""

DISPATCHER = "bigledger_dispatcher"
"""The role of the relay and the schedules: reads the outbox and the list of tenants, nothing else."""

_TENANT = "(SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)"


def schema(name: str) -> None:
    """Create a module's schema and let the application use it."""
    op.execute(f"CREATE SCHEMA {name}")
    op.execute(f"GRANT USAGE ON SCHEMA {name} TO {APPLICATION}")


def tenant_table(name: str, columns: str, grant: str = "SELECT, INSERT") -> None:
    """Create a table whose rows belong to tenants: tenant_id by default from the transaction, FORCE RLS, one policy.

    ``columns`` is the rest of the CREATE TABLE body; ``grant`` what the application may do.
    """
    op.execute(
        f"CREATE TABLE {name} (tenant_id uuid NOT NULL DEFAULT"
        f" nullif(current_setting('app.tenant_id', true), '')::uuid, {columns})"
    )
    op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {name} USING (tenant_id = {_TENANT}) WITH CHECK (tenant_id = {_TENANT})")
    op.execute(f"GRANT {grant} ON {name} TO {APPLICATION}")


def append_only(name: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE on a table for everyone, its owner included."""
    for row_operation in ("UPDATE", "DELETE", "TRUNCATE"):
        op.execute(
            f"CREATE TRIGGER refuse_{row_operation.lower()} BEFORE {row_operation} ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()"
        )
