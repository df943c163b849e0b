"""Revisions of releases to come, planted in a folder of their own: what the next release may do to every table."""

from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent, indent

NEXT = "next_0001"
LAST = "next_0002"


def revision(folder: Path, name: str, statements: Iterable[str], after: str | None = None, **says: str) -> Path:
    """Write a revision; answers its folder. It expands unless it says something else of itself."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {"phase": "expand", **says}
    header = f"""
        \"\"\"A planted revision.\"\"\"

        from alembic import op

        revision = {name!r}
        down_revision = {after!r}
        branch_labels = {None if after else ("next",)!r}
        depends_on = {None if after else "kernel_0003"!r}
    """
    lines = [dedent(header).strip(), *[f"{key} = {value!r}" for key, value in said.items()]]
    body = "\n".join(f"op.execute({statement!r})" for statement in statements) or "pass"
    text = "\n".join(lines) + f"\n\n\ndef upgrade() -> None:\n{indent(body, '    ')}\n"
    (folder / f"{name}.py").write_text(text)
    return folder


def expanding(tables: Iterable[str]) -> list[str]:
    """Every kind of expansion there may be, done to every table."""
    function = "$$ BEGIN PERFORM count(*) FROM planted.seen; RETURN NULL; END $$"
    wider = "CHECK (status IN ('active', 'suspended', 'moved'))"
    columns = [
        "planted_note text",
        "planted_amount numeric NOT NULL DEFAULT 0",
        "planted_day date DEFAULT current_date",
        "planted_set jsonb NOT NULL DEFAULT '{}'",
        "planted_sign integer GENERATED ALWAYS AS (sign(1)) STORED",
    ]
    added = ", ".join(f"ADD COLUMN {column}" for column in columns)
    statements = [
        "CREATE SCHEMA planted",
        "GRANT USAGE ON SCHEMA planted TO bigledger_application",
        "CREATE TABLE planted.seen (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id))",
        "GRANT SELECT, INSERT ON planted.seen TO bigledger_application",
        f"CREATE FUNCTION planted.nothing() RETURNS trigger LANGUAGE plpgsql AS {function}",
        f"ALTER TABLE kernel.tenant DROP CONSTRAINT tenant_status_check, ADD CONSTRAINT tenant_status_check {wider}",
    ]
    for number, table in enumerate(tables):
        statements += [
            f"ALTER TABLE {table} {added}",
            f"CREATE INDEX planted_{number} ON {table} (tenant_id, planted_note)",
            f"COMMENT ON COLUMN {table}.planted_note IS 'planted'",
            f"CREATE TRIGGER planted AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION planted.nothing()",
        ]
    return statements
