"""The audit finds every way in which tenants could see one another, and nothing where all is well."""

import pytest

from devtools.operate import audit
from tests.operate.conftest import STACK, Cloud, Fresh


def test_a_migrated_database_keeps_its_tenants_apart(migrated: Fresh, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(["--url", migrated.url()]) == 0
    assert capsys.readouterr().out.startswith("Tenants are apart in ")


def test_it_works_over_the_data_api(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(["--stack-name", STACK]) == 0
    assert capsys.readouterr().out == f"Tenants are apart in the database of {STACK}.\n"


@pytest.mark.parametrize(
    ("defect", "told"),
    [
        (
            "ALTER TABLE kernel.document NO FORCE ROW LEVEL SECURITY",
            "kernel.document: rows are not kept apart, or not from the owner",
        ),
        ("ALTER TABLE kernel.event DISABLE ROW LEVEL SECURITY", "kernel.event: rows are not kept apart"),
        (
            "ALTER POLICY tenant ON ledger.journal_line USING (true)",
            "ledger.journal_line: it has no policy of tenants, or another than it should have",
        ),
        ("DROP POLICY tenant ON kernel.document_link", "kernel.document_link: it has no policy of tenants"),
        (
            "CREATE POLICY guest ON kernel.tenant FOR SELECT USING (true)",
            "kernel.tenant: the policy guest lets others in",
        ),
        ("CREATE TABLE ledger.loose (id uuid)", "ledger.loose: rows are not kept apart"),
        (
            "ALTER TABLE kernel.outbox OWNER TO bigledger_application",
            "kernel.outbox: it is owned by bigledger_application",
        ),
        (
            "GRANT DELETE ON kernel.event TO bigledger_application",
            "kernel.event: bigledger_application may delete from it",
        ),
        ("GRANT INSERT ON kernel.tenant TO bigledger_reader", "kernel.tenant: bigledger_reader may change it"),
    ],
)
def test_each_defect_is_found_and_named(
    migrated: Fresh, defect: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    migrated.run(defect)
    assert audit.main(["--url", migrated.url()]) == 1
    found = capsys.readouterr().out
    assert told in found
    assert "Nobody should use it until they are mended." in found


def test_a_role_that_bypasses_is_found(migrated: Fresh, capsys: pytest.CaptureFixture[str]) -> None:
    migrated.run("ALTER ROLE bigledger_application BYPASSRLS")
    try:
        assert audit.main(["--url", migrated.url()]) == 1
    finally:
        migrated.run("ALTER ROLE bigledger_application NOBYPASSRLS")
    assert "bigledger_application: it is more than a role of functions may be" in capsys.readouterr().out


def test_what_cannot_be_reached_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(["--url", "postgresql://owner@127.0.0.1:1/nothing"]) == 2
    assert "cannot be used" in capsys.readouterr().err
