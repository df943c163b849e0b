"""Runs the migrations of every module, a branch each, as the owner of the database."""

from alembic import context
from sqlalchemy import create_engine, pool


def run() -> None:
    """Migrate the database whose owner URL the caller set as ``sqlalchemy.url``."""
    url = context.config.get_main_option("sqlalchemy.url") or ""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, version_table="migration")
        with context.begin_transaction():
            context.run_migrations()


run()
