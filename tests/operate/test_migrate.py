"""Migrating over both ways to the database: all of it or nothing, told step by step, and nothing the second time."""

import pytest
from alembic import command

from bigledger.kernel.migrations.revisions import revisions
from bigledger.kernel.migrations.upgrade import config
from devtools.operate import migrate
from tests.operate.conftest import STACK, Cloud, Fresh


def applied(database: Fresh) -> set[str]:
    """The heads that the database says it has."""
    return {row[0] for row in database.rows("SELECT version_num FROM migration")}


def heads() -> set[str]:
    """The newest revisions that the code has."""
    known = revisions()
    return set(known) - {name for revision in known.values() for name in revision.after}


def test_an_empty_database_gets_every_revision_and_each_is_told(
    fresh: Fresh, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate.main(["--url", fresh.url()]) == 0
    told = capsys.readouterr().out
    lines = [line.split()[:2] for line in told.splitlines() if line.startswith("  ")]
    total = len(revisions())
    assert [place for place, _ in lines] == [f"{done}/{total}" for done in range(1, total + 1)]
    assert {name for _, name in lines} == set(revisions())
    assert lines[0][1] == "kernel_0001"
    assert told.splitlines()[-1].startswith("Done: ")
    assert heads() <= applied(fresh)


def test_a_second_run_changes_nothing(migrated: Fresh, capsys: pytest.CaptureFixture[str]) -> None:
    before = migrated.rows("SELECT * FROM kernel.release")
    assert migrate.main(["--url", migrated.url()]) == 0
    assert capsys.readouterr().out.startswith("Nothing waits: ")
    assert migrated.rows("SELECT * FROM kernel.release") == before


def test_a_dry_run_tells_what_waits_and_changes_nothing(fresh: Fresh, capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate.main(["--url", fresh.url(), "--dry-run"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"{len(revisions())} revisions would be applied to ")
    assert {line.strip() for line in told[1:]} == set(revisions())
    assert fresh.rows("SELECT nspname FROM pg_namespace WHERE nspname = 'kernel'") == []


def test_only_what_is_missing_is_applied(fresh: Fresh, capsys: pytest.CaptureFixture[str]) -> None:
    command.upgrade(config(fresh.url()), "kernel_0002")
    assert migrate.main(["--url", fresh.url()]) == 0
    told = capsys.readouterr().out
    assert "kernel_0001" not in told
    assert f"1/{len(revisions()) - 2} " in told
    assert heads() <= applied(fresh)


def test_the_owners_url_may_come_from_the_environment(
    migrated: Fresh, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BIGLEDGER_OWNER_URL", migrated.url())
    assert migrate.main([]) == 0
    assert migrated.name in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Say which database: "),
        (["--url", "mysql://root@localhost/x"], "The URL has to name a Postgres server"),
        (["--url", "postgresql://owner:hidden@127.0.0.1:1/x"], "postgresql://owner:…@127.0.0.1:1/x cannot be used"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate.main(arguments) == 1
    refused = capsys.readouterr().err
    assert told.lower() in refused.lower()
    assert "hidden" not in refused


def test_a_database_that_is_ahead_is_left_alone(migrated: Fresh, capsys: pytest.CaptureFixture[str]) -> None:
    migrated.run("INSERT INTO migration VALUES ('kernel_9999')")
    assert migrate.main(["--url", migrated.url()]) == 1
    assert "The database is ahead: it has kernel_9999" in capsys.readouterr().err


def test_another_role_is_refused_and_changes_nothing(migrated: Fresh, capsys: pytest.CaptureFixture[str]) -> None:
    migrated.run("ALTER ROLE bigledger_application PASSWORD 'guest'")
    assert migrate.main(["--url", migrated.url("bigledger_application", "guest")]) == 1
    assert "permission denied" in capsys.readouterr().err
    assert heads() <= applied(migrated)


def test_a_stack_is_migrated_over_the_data_api_and_its_roles_are_let_in(
    empty_cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate.main(["--stack-name", STACK]) == 0
    told = capsys.readouterr().out
    assert f"Migrating the database of {STACK}: {len(revisions())} revisions" in told
    assert heads() <= applied(empty_cloud.database)
    assert empty_cloud.signed_in("application") == "bigledger_application"
    assert empty_cloud.signed_in("dispatcher") == "bigledger_dispatcher"
    assert migrate.main(["--stack-name", STACK]) == 0
    assert capsys.readouterr().out.startswith(f"Nothing waits: the database of {STACK} has")


def test_a_database_that_sleeps_is_waited_for(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("devtools.operate.target.time.sleep", waited.append)
    cloud.server.api.pause(8)
    assert migrate.main(["--stack-name", STACK, "--dry-run"]) == 0
    assert 5.0 in waited


def test_an_unknown_stack_is_refused(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate.main(["--stack-name", "nowhere"]) == 1
    refused = capsys.readouterr().err
    assert "nowhere" in refused
    assert "Is nowhere the name of a stack in this account and region?" in refused
