"""A role that only reads, and a note of which releases have migrated this database."""

from alembic import op

from bigledger.kernel.migrations.support import APPLICATION, DISPATCHER, READER

revision = "kernel_0003"
down_revision = "kernel_0002"
branch_labels = None
depends_on = None
phase = "expand"


def upgrade() -> None:
    op.execute(
        f"DO $$ BEGIN CREATE ROLE {READER} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;"
        " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    _in_every_schema(
        f"GRANT USAGE ON SCHEMA %1$I TO {READER}", f"GRANT SELECT ON ALL TABLES IN SCHEMA %1$I TO {READER}"
    )
    # And what later revisions of any module make.
    op.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {READER}")
    op.execute(f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {READER}")
    op.execute("""
        CREATE TABLE kernel.release (
            version text PRIMARY KEY,
            revisions jsonb NOT NULL,
            migrated_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("""
        COMMENT ON TABLE kernel.release IS
        'each release that has migrated this database, with the revisions that were applied after it, and for those
         that took something away the first release that does not miss it'
    """)
    op.execute(f"GRANT SELECT ON kernel.release TO {APPLICATION}, {DISPATCHER}")


def _in_every_schema(*statements: str) -> None:
    """Run statements for each schema there is so far; ``%1$I`` stands for its name."""
    executed = " ".join(f"EXECUTE format('{statement}', place);" for statement in statements)
    op.execute(f"""
        DO $$ DECLARE place text; BEGIN
            FOR place IN SELECT nspname FROM pg_namespace WHERE nspowner = current_user::regrole LOOP
                {executed}
            END LOOP;
        END $$
    """)


def downgrade() -> None:
    op.execute("DROP TABLE kernel.release")
    op.execute(f"ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM {READER}")
    op.execute(f"ALTER DEFAULT PRIVILEGES REVOKE USAGE ON SCHEMAS FROM {READER}")
    _in_every_schema(
        f"REVOKE SELECT ON ALL TABLES IN SCHEMA %1$I FROM {READER}", f"REVOKE USAGE ON SCHEMA %1$I FROM {READER}"
    )
