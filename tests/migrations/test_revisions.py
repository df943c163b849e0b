"""Revisions expand, and contract later: what a release's functions use stays until no release in the window uses it."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from bigledger import __version__
from bigledger.kernel import compatibility
from bigledger.kernel.compatibility import Unsuited, suits
from bigledger.kernel.deployment import QUESTION
from bigledger.kernel.migrations.revisions import FaultyRevision, own, place_of, revisions, with_all_before
from bigledger.kernel.migrations.upgrade import upgrade
from bigledger.kernel.migrations.window import WindowOpen
from devtools.generate.migrations import faults, statements
from tests.migrations import planted
from tests.support.api import find

# --- the revisions that there are


def test_every_revision_says_what_it_does_and_does_no_more() -> None:
    assert list(faults()) == []


def test_the_check_sees_what_revisions_send() -> None:
    found = [statement for revision in revisions().values() for statement in statements(revision)]
    tables = [one for one in found if one.startswith("CREATE TABLE")]
    assert len(tables) > 20
    assert "GRANT SELECT ON kernel.release TO bigledger_application, bigledger_dispatcher" in found


def test_a_revision_comes_with_all_that_it_follows_or_depends_on() -> None:
    known = revisions()
    brought = with_all_before(["reporting_0001"], known)
    assert {"reporting_0001", "receivables_0001", "records_0001", "kernel_0001"} <= brought.keys()
    assert "inventory_0001" not in with_all_before(["records_0001", "unknown"], known)


def test_releases_have_an_order() -> None:
    assert sorted(["0.10.0", "0.9.2", "1.0.0", "0.9.10"], key=place_of) == ["0.9.2", "0.9.10", "0.10.0", "1.0.0"]
    with pytest.raises(ValueError, match="invalid literal"):
        place_of("next")


# --- what a revision may say and do


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ({"phase": "both"}, 'say `phase = "expand"` or `phase = "contract"`'),
        ({"phase": "contract"}, "a contract revision says `unused_since`"),
        ({"phase": "expand", "unused_since": "0.1.0"}, "a contract revision says `unused_since`"),
    ],
)
def test_a_revision_that_does_not_say_what_it_is_is_refused(tmp_path: Path, says: dict[str, str], told: str) -> None:
    planted.revision(tmp_path, planted.NEXT, ["SELECT 1"], **says)
    with pytest.raises(FaultyRevision, match=r"next_0001.py: ") as refused:
        revisions([tmp_path])
    assert told in str(refused.value)
    assert list(faults([tmp_path])) == [str(refused.value)]


EXPANDS = [
    "CREATE TABLE next.thing (id uuid NOT NULL, name text NOT NULL CHECK (name <> ''), UNIQUE (id))",
    "ALTER TABLE kernel.document ADD COLUMN note text",
    "ALTER TABLE kernel.document ADD COLUMN note text CHECK (note <> '')",
    "ALTER TABLE kernel.document ADD COLUMN IF NOT EXISTS amount numeric(38, 4) NOT NULL DEFAULT 0",
    "ALTER TABLE kernel.document ADD day date GENERATED ALWAYS AS (current_date) STORED, ADD other text",
    "ALTER TABLE kernel.document ALTER COLUMN currency SET DEFAULT 'EUR'",
    "ALTER TABLE kernel.document ALTER COLUMN type DROP NOT NULL",
    "ALTER TABLE kernel.tenant DROP CONSTRAINT status_known, ADD CONSTRAINT status_known CHECK (status <> '')",
    "CREATE INDEX document_note ON kernel.document (tenant_id, note)",
    "CREATE INDEX CONCURRENTLY document_note ON kernel.document (tenant_id, note)",
    "CREATE TABLE next.thing (id uuid); ALTER TABLE next.thing ADD CONSTRAINT named CHECK (id IS NOT NULL)",
    "CREATE TABLE next.thing (id uuid); CREATE UNIQUE INDEX one ON next.thing (id)",
    "CREATE OR REPLACE FUNCTION next.clean() RETURNS void LANGUAGE sql AS $$ DELETE FROM next.old; DROP TABLE x $$",
    "COMMENT ON TABLE kernel.document IS 'what we DROP and RENAME'",
    "UPDATE kernel.document SET metadata = '{}' WHERE metadata IS NULL",
    "ALTER TYPE next.mood ADD VALUE 'calm'",
    "CREATE TRIGGER guard BEFORE TRUNCATE ON kernel.event FOR EACH STATEMENT EXECUTE FUNCTION kernel.refuse_change()",
    "GRANT SELECT ON kernel.document TO bigledger_reader",
]


@pytest.mark.parametrize("statement", EXPANDS)
def test_what_only_adds_expands(tmp_path: Path, statement: str) -> None:
    planted.revision(tmp_path, planted.NEXT, [statement], after="kernel_0003")
    assert list(faults([tmp_path])) == []


REFUSED = {
    "DROP TABLE kernel.outbox": "drops something",
    "ALTER TABLE kernel.document DROP COLUMN number": "drops something",
    "ALTER TABLE kernel.document ALTER COLUMN metadata DROP DEFAULT": "drops something",
    "ALTER TABLE kernel.event DROP CONSTRAINT event_sequence": "drops something",
    "DROP INDEX kernel.document_type": "drops something",
    "DO $$ BEGIN EXECUTE 'DROP TABLE kernel.outbox'; END $$": "drops something",
    "ALTER TABLE kernel.document RENAME COLUMN number TO code": "renames something",
    "ALTER TABLE kernel.document RENAME TO paper": "renames something",
    "ALTER TABLE kernel.document ALTER COLUMN version TYPE bigint": "changes the type of a column",
    "ALTER TABLE kernel.document ALTER version SET DATA TYPE bigint": "changes the type of a column",
    "ALTER TYPE next.mood RENAME VALUE 'calm' TO 'quiet'": "renames something",
    "ALTER TABLE kernel.document ALTER COLUMN party_id SET NOT NULL": "forbids null where it was allowed",
    "ALTER TABLE kernel.document ADD COLUMN owner text NOT NULL": (
        "demands owner of code that does not know it; give it a default"
    ),
    "ALTER TABLE kernel.document ADD a text, ADD b numeric(3, 2) NOT NULL": (
        "demands b of code that does not know it; give it a default"
    ),
    "ALTER TABLE kernel.document ADD CONSTRAINT short CHECK (length(number) < 9)": "forbids rows that were allowed",
    "ALTER TABLE kernel.document ADD UNIQUE (tenant_id, number)": "forbids rows that were allowed",
    "ALTER TABLE kernel.event ADD FOREIGN KEY (tenant_id, id) REFERENCES kernel.document (tenant_id, id)": (
        "forbids rows that were allowed"
    ),
    "CREATE UNIQUE INDEX one ON kernel.document (tenant_id, number) WHERE number <> ''": (
        "forbids rows that were allowed"
    ),
    "TRUNCATE kernel.outbox": "empties a table",
    "DELETE FROM kernel.outbox": "deletes rows",
    "REVOKE INSERT ON kernel.event FROM bigledger_application": "takes a right away",
    "ALTER TABLE kernel.document DISABLE TRIGGER guard": "switches something off",
    "ALTER TABLE kernel.document SET SCHEMA records": "moves something to another schema",
    "CREATE POLICY less ON kernel.document AS RESTRICTIVE USING (false)": "lets a policy allow less",
}


@pytest.mark.parametrize("statement", REFUSED)
def test_what_older_code_may_not_survive_does_not_expand(tmp_path: Path, statement: str) -> None:
    planted.revision(tmp_path, planted.NEXT, ["SELECT 1", statement], after="kernel_0003")
    (told,) = faults([tmp_path])
    assert told.startswith(f'next_0001 is an expand revision and {REFUSED[statement]}: "')


def test_a_contract_revision_waits_for_a_release_after_the_last_that_used_it(tmp_path: Path) -> None:
    drop = ["ALTER TABLE kernel.document DROP COLUMN number"]
    planted.revision(tmp_path, planted.NEXT, drop, phase="contract", unused_since="0.2.0")
    (told,) = faults([tmp_path], release="0.2.0")
    assert told == (
        "next_0001 takes away what is unused since release 0.2.0, and this is release 0.2.0: functions of the release"
        " before would break. Keep it for a later release."
    )
    assert list(faults([tmp_path], release="0.3.0")) == []


def test_a_new_module_may_say_what_its_own_rows_are_like(tmp_path: Path) -> None:
    index = "CREATE UNIQUE INDEX one ON kernel.document (tenant_id, number) WHERE type = 'thing'"
    assert list(faults([planted.revision(tmp_path, planted.NEXT, [index])])) == []


# --- what a database says of the releases it has seen


def test_a_database_may_be_ahead_and_not_behind() -> None:
    code = {"kernel_0001": None, "kernel_0002": None}
    suits(code, code, "0.1.0")
    suits({**code, "kernel_0003": None}, code, "0.1.0")
    with pytest.raises(Unsuited, match=r"has not got kernel_0002, next_0001\. Migrate it before you deploy 0\.1\.0\."):
        suits({"kernel_0001": None}, {**code, "next_0001": None}, "0.1.0")


def test_a_database_that_has_contracted_is_not_for_older_releases() -> None:
    code = {"kernel_0001": None}
    ahead = {**code, "kernel_0009": "0.10.0"}
    for release in ("0.10.0", "0.10.1", "1.0.0"):
        suits(ahead, code, release)
    for release in ("0.9.9", "0.2.0"):
        told = f"kernel_0009 took away what release {release} uses. Deploy release 0.10.0 or a later one."
        with pytest.raises(Unsuited, match=told):
            suits(ahead, code, release)


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    """What a statement of the owner's answers."""
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


def test_migrating_notes_the_release_and_what_it_brought(empty: str) -> None:
    upgrade(empty)
    noted = "SELECT version, revisions, migrated_at FROM kernel.release"
    (before,) = rows(empty, noted)
    assert before[:2] == (__version__, dict(own()))
    upgrade(empty)
    assert rows(empty, noted) == [before]


def test_what_is_taken_away_waits_until_the_release_before_does_not_use_it(
    migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole window: 0.1.0 uses a column, 0.2.0 does not, 0.3.0 drops it."""
    expand = planted.revision(tmp_path / "expand", planted.NEXT, ["ALTER TABLE kernel.tenant ADD COLUMN label text"])
    drop = ["ALTER TABLE kernel.tenant DROP COLUMN name"]
    says = {"phase": "contract", "unused_since": "0.2.0"}
    contract = planted.revision(tmp_path / "contract", planted.LAST, drop, after=planted.NEXT, **says)
    columns = "SELECT attname FROM pg_attribute WHERE attrelid = 'kernel.tenant'::regclass AND attnum > 0"

    before = (
        rows(migrated, columns),
        rows(migrated, "SELECT * FROM migration"),
        rows(migrated, "SELECT * FROM kernel.release"),
    )
    told = "next_0002 takes away what release 0.1.0 uses, whose functions run on this database. Deploy release 0.2.0"
    with pytest.raises(WindowOpen, match=told):
        upgrade(migrated, [expand, contract], "0.3.0")
    assert (
        rows(migrated, columns),
        rows(migrated, "SELECT * FROM migration"),
        rows(migrated, "SELECT * FROM kernel.release"),
    ) == before

    upgrade(migrated, [expand], "0.2.0")
    upgrade(migrated, [expand, contract], "0.3.0")
    assert ("name",) not in rows(migrated, columns)
    assert ("label",) in rows(migrated, columns)

    # The functions of 0.1.0, this code, are not let onto it any more; those of 0.2.0 would be.
    application = migrated.replace("bigledger_owner@", "bigledger_application@")
    monkeypatch.setenv("DATABASE_URL", application)
    monkeypatch.delenv("DISPATCHER_DATABASE_URL", raising=False)
    assert find("receivables.create_invoice")(QUESTION, None) == {
        "release": "0.1.0",
        "ready": False,
        "retry": False,
        "reason": "next_0002 took away what release 0.1.0 uses. Deploy release 0.2.0 or a later one.",
    }
    monkeypatch.setattr(compatibility, "__version__", "0.2.0")
    assert find("receivables.create_invoice")(QUESTION, None) == {"release": "0.2.0", "ready": True}


def test_an_empty_database_needs_no_window(empty: str, tmp_path: Path) -> None:
    """Nothing runs on it, so a new installation gets the newest schema at once."""
    drop = ["ALTER TABLE kernel.outbox DROP COLUMN destination"]
    contract = planted.revision(tmp_path, planted.NEXT, drop, phase="contract", unused_since="0.2.0")
    upgrade(empty, [contract], "0.3.0")
    assert rows(empty, "SELECT revisions->>'next_0001' FROM kernel.release") == [("0.2.0",)]


def test_a_migration_does_not_queue_behind_a_long_request(migrated: str, tmp_path: Path) -> None:
    """Everything that comes after a waiting ALTER TABLE waits too, so it gives up soon, and nothing was changed."""
    expand = planted.revision(tmp_path, planted.NEXT, ["ALTER TABLE kernel.tenant ADD COLUMN label text"])
    with psycopg.connect(migrated) as reading:
        reading.execute("SELECT * FROM kernel.tenant")
        with pytest.raises(OperationalError, match="canceling statement due to lock timeout"):
            upgrade(migrated, [expand], "0.2.0", patience=1)
        reading.rollback()
    assert rows(migrated, "SELECT version FROM kernel.release") == [(__version__,)]
    upgrade(migrated, [expand], "0.2.0", patience=1)
    assert rows(migrated, "SELECT version FROM kernel.release ORDER BY 1") == [("0.1.0",), ("0.2.0",)]
