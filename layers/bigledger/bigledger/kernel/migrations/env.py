"""Runs the migrations of every module, a branch each, as the owner of the database."""

from pathlib import Path

from alembic import context
from sqlalchemy import create_engine, pool

from bigledger.kernel.migrations.revisions import revisions, with_all_before
from bigledger.kernel.migrations.window import note, refuse_early_contract


def run() -> None:
    """Migrate the database whose owner URL the caller set as ``sqlalchemy.url``."""
    settings = context.config
    url = settings.get_main_option("sqlalchemy.url") or ""
    known = revisions(map(Path, (settings.get_main_option("version_locations") or "").split("\n")))
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, version_table="migration")
        with context.begin_transaction():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{settings.get_main_option('lock_timeout')}'")
            before = with_all_before(context.get_context().get_current_heads(), known)
            refuse_early_contract(connection, before, known)
            context.run_migrations()
            heads = context.get_context().get_current_heads()
            note(connection, settings.get_main_option("release") or "", heads, known)


run()
