"""Building blocks of migrations: a tenant's table with its policy and grants, and append-only protection."""

from alembic import op

APPLICATION = "bigledger_application"
"""The role of the functions: owns nothing, bypasses nothing."""

DISPATCHER = "bigledger_dispatcher"
"""The role of the relay and the schedules: publishes events, lists the tenants, forgets old answers, nothing else."""

READER = "bigledger_reader"
"""The role of functions that only read: every tenant's table, a tenant at a time. New tables are open to it at once."""

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


def refers(name: str, *columns: str) -> None:
    """Refuse rows whose columns name documents that are not there, looked up once per statement.

    A foreign key would look up each row's and lock what it found, and every posting names the same few accounts: its
    locks are what concurrent postings would wait for. None are needed, for a document is never deleted.
    """
    function = f"{name}_refers"
    named = " UNION ".join(f"SELECT {column} FROM new_rows" for column in columns)
    op.execute(f"""
        CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE missing uuid;
        BEGIN
            SELECT n.id INTO missing FROM ({named}) n (id)
            -- Not as a join: a plan made while the table was small would read all of it once it is large.
            WHERE n.id IS NOT NULL
              AND (SELECT d.id FROM kernel.document d WHERE d.tenant_id = {_TENANT} AND d.id = n.id) IS NULL
            LIMIT 1;
            IF FOUND THEN
                RAISE EXCEPTION 'constraint "{name.partition(".")[2]}_refers": there is no document %', missing
                    USING ERRCODE = 'foreign_key_violation', CONSTRAINT = '{name.partition(".")[2]}_refers';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute(
        f"CREATE TRIGGER refers AFTER INSERT ON {name} REFERENCING NEW TABLE AS new_rows"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


def append_only(name: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE on a table for everyone, its owner included."""
    for row_operation in ("UPDATE", "DELETE", "TRUNCATE"):
        op.execute(
            f"CREATE TRIGGER refuse_{row_operation.lower()} BEFORE {row_operation} ON {name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()"
        )


def widen_check(table: str, name: str, condition: str) -> None:
    """Let a named CHECK constraint allow more than before. An expand revision may do that, but drop nothing else."""
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} CHECK ({condition})")
