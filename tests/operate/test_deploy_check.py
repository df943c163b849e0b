"""What a deployment would change is told part by part; what breaks something is marked, and decides the exit status."""

import json
import subprocess
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from devtools.operate import deploy_check
from devtools.operate.changes import Change, compare
from devtools.operate.release import Release, parse, read
from tests.operate.conftest import STACK, Cloud, Fresh

MIGRATIONS = "layers/bigledger/bigledger/notes/migrations/versions"
REVISION = '''"""Notes."""

revision = "notes_0001"
phase = "expand"


def upgrade():
    op.execute("CREATE TABLE notes.note ()")
'''


def operation(**more: Any) -> dict[str, Any]:
    """An operation of a contract."""
    answer = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    return {
        "operationId": "make_note",
        "summary": "Make a note",
        "x-permission": "notes.make_note",
        "x-emits": ["note.made.v1"],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}},
        },
        "responses": {"201": {"content": {"application/json": {"schema": answer}}}, "422": {"description": "No."}},
        **more,
    }


CONTRACT: dict[str, Any] = {
    "info": {"version": "1.0.0"},
    "paths": {"/api/v1/notes": {"post": operation()}},
    "components": {
        "schemas": {
            "New": {"type": "object", "properties": {"text": {"type": "string"}}, "additionalProperties": False}
        },
        "parameters": {"DryRun": {"in": "query", "name": "dry_run", "schema": {"type": "boolean"}}},
    },
}
EVENT = {"type": "object", "properties": {"data": {"type": "object", "properties": {"text": {"type": "string"}}}}}
TEMPLATE: dict[str, Any] = {
    "Parameters": {"Stack": {"Type": "String", "Default": "x"}},
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "notes", "VisibilityTimeout": 60}},
        "Make": {"Type": "AWS::Serverless::Function", "Properties": {"FunctionName": "make", "MemorySize": 512}},
    },
}


@pytest.fixture
def release() -> Release:
    """A release with one operation, one event, one revision and one template."""
    revisions = {"notes_0001": {"phase": "expand", "digest": "1"}}
    return Release(
        deepcopy(CONTRACT), {"note.made.v1": deepcopy(EVENT)}, revisions, {"template.yaml": deepcopy(TEMPLATE)}
    )


@pytest.fixture
def next_release(release: Release) -> Release:
    """The same, to be changed."""
    return parse(release.text())


def only(before: Release, after: Release) -> Change:
    """The one change there is."""
    (change,) = compare(before, after)
    return change


def post(release: Release) -> Any:
    return release.contract["paths"]["/api/v1/notes"]["post"]


def test_the_same_release_changes_nothing(release: Release, next_release: Release) -> None:
    post(next_release)["summary"] = "Another text"
    assert compare(release, next_release) == []


def test_what_is_added_breaks_nothing(release: Release, next_release: Release) -> None:
    next_release.contract["paths"]["/api/v1/notes"]["get"] = operation(**{"x-permission": "notes.list_notes"})
    next_release.contract["components"]["schemas"]["New"]["properties"]["colour"] = {"type": "string"}
    next_release.events["note.made.v1"]["properties"]["data"]["properties"]["colour"] = {"type": "string"}
    next_release.events["note.lost.v1"] = EVENT
    next_release.revisions["notes_0002"] = {"phase": "contract", "digest": "2"}
    next_release.templates["functions/notes/template.yaml"] = {"Resources": {"List": {"Type": "AWS::SQS::Queue"}}}
    assert compare(release, next_release) == [
        Change("routes", "added", "GET /api/v1/notes"),
        Change("routes", "changed", "POST /api/v1/notes"),
        Change("permissions", "added", "notes.list_notes"),
        Change("events", "added", "note.lost.v1"),
        Change("events", "changed", "note.made.v1"),
        Change("migrations", "added", "notes_0002 (contract)"),
        Change("resources", "added", "functions/notes/template.yaml: List (AWS::SQS::Queue)"),
    ]


def test_a_route_that_goes_breaks_its_callers_and_takes_its_permission_along(
    release: Release, next_release: Release
) -> None:
    del next_release.contract["paths"]["/api/v1/notes"]
    assert compare(release, next_release) == [
        Change("routes", "removed", "POST /api/v1/notes", ("callers get 404",)),
        Change("permissions", "removed", "notes.make_note"),
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"x-emits": []}, "no longer tells note.made.v1"),
        ({"requestBody": None}, "takes no body any more"),
        ({"responses": {"204": {}}}, "no longer answers 201"),
        (
            {"parameters": [{"in": "header", "name": "If-Match", "required": True}]},
            "the header parameter If-Match is required now",
        ),
    ],
)
def test_a_route_that_asks_for_more_or_tells_less_breaks(
    release: Release, next_release: Release, change: dict[str, Any], told: str
) -> None:
    post(next_release).update(change)
    assert only(release, next_release) == Change("routes", "changed", "POST /api/v1/notes", (told,))


def test_bodies_and_answers_are_looked_into(release: Release, next_release: Release) -> None:
    next_release.contract["components"]["schemas"]["New"]["required"] = ["text"]
    answer = post(next_release)["responses"]["201"]["content"]["application/json"]["schema"]
    del answer["properties"]["id"]
    told = ("takes: /text is required now", "answers 201: /id is gone")
    assert only(release, next_release) == Change("routes", "changed", "POST /api/v1/notes", told)


def test_a_parameter_that_goes_breaks(release: Release, next_release: Release) -> None:
    post(release)["parameters"] = [{"$ref": "#/components/parameters/DryRun"}]
    assert only(release, next_release).breaks == ("the query parameter dry_run is gone",)


@pytest.mark.parametrize(
    ("permission", "told"),
    [
        ("notes.write_note", "asks for the permission notes.write_note instead of notes.make_note"),
        (None, "asks for no key any more; it asked for notes.make_note"),
    ],
)
def test_another_permission_breaks(release: Release, next_release: Release, permission: str | None, told: str) -> None:
    post(next_release)["x-permission"] = permission
    assert compare(release, next_release)[0].breaks == (told,)


def test_an_event_that_loses_a_field_needs_a_new_version(release: Release, next_release: Release) -> None:
    del next_release.events["note.made.v1"]["properties"]["data"]["properties"]["text"]
    told = ("/data/text is gone; give the event a new version",)
    assert only(release, next_release) == Change("events", "changed", "note.made.v1", told)


def test_an_event_that_is_told_no_more_breaks(release: Release, next_release: Release) -> None:
    del next_release.events["note.made.v1"]
    assert only(release, next_release).breaks == ("subscribers hear it no more",)


def test_applied_migrations_stay_as_they_are(release: Release) -> None:
    changed = replace(release, revisions={"notes_0001": {"phase": "expand", "digest": "2"}})
    assert only(release, changed).breaks == ("databases have it as it was; write another revision",)
    gone = replace(release, revisions={})
    assert only(release, gone).breaks == ("databases have it; migrations are added, never removed",)


def resources(release: Release) -> Any:
    return release.templates["template.yaml"]["Resources"]


def test_a_resource_is_changed_in_place_or_replaced_as_cloudformation_would(
    release: Release, next_release: Release
) -> None:
    resources(next_release)["Queue"]["Properties"]["VisibilityTimeout"] = 90
    resources(next_release)["Make"]["Properties"]["FunctionName"] = "write"
    assert compare(release, next_release) == [
        Change("resources", "replaced", "template.yaml: Make (AWS::Serverless::Function): FunctionName changed"),
        Change("resources", "changed", "template.yaml: Queue (AWS::SQS::Queue): VisibilityTimeout"),
    ]


def test_what_holds_something_must_not_go(release: Release, next_release: Release) -> None:
    resources(next_release)["Queue"]["Properties"]["QueueName"] = "others"
    assert only(release, next_release) == Change(
        "resources",
        "replaced",
        "template.yaml: Queue (AWS::SQS::Queue): QueueName changed",
        ("the messages in it would be gone",),
    )
    del resources(next_release)["Queue"]
    assert only(release, next_release).breaks == ("the messages in it would be gone",)
    resources(release)["Queue"]["DeletionPolicy"] = "Retain"
    assert only(release, next_release).breaks == ("the messages in it would be gone; the old one stays, apart",)


def test_a_function_may_go(release: Release, next_release: Release) -> None:
    del resources(next_release)["Make"]
    assert only(release, next_release).breaks == ()


def test_a_database_that_would_be_made_anew_is_told(release: Release, next_release: Release) -> None:
    cluster = {"Type": "AWS::RDS::DBCluster", "DeletionPolicy": "Snapshot", "Properties": {"StorageEncrypted": False}}
    resources(release)["Database"] = cluster
    resources(next_release)["Database"] = cluster | {"Properties": {"StorageEncrypted": True}}
    change = only(release, next_release)
    assert (change.verb, change.breaks) == ("replaced", ("the database would be gone; a snapshot of it stays",))


def test_a_parameter_without_a_default_breaks_deployments(release: Release, next_release: Release) -> None:
    next_release.templates["template.yaml"]["Parameters"]["Key"] = {"Type": "String"}
    assert only(release, next_release) == Change(
        "resources",
        "added",
        "template.yaml: parameter Key",
        ("it has no default: deployments have to give it",),
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a release's printed files, committed under the tag v1."""
    folder = tmp_path / "project"
    write(folder, "layers/bigledger/bigledger/openapi.json", json.dumps(CONTRACT))
    write(folder, "events/note.made.v1.schema.json", json.dumps(EVENT))
    write(folder, "template.yaml", yaml.safe_dump(TEMPLATE))
    write(folder, f"{MIGRATIONS}/notes_0001.py", REVISION)
    for command in ("init -q", "add .", "-c user.name=T -c user.email=t@e.example commit -q -m v1", "tag v1"):
        subprocess.run(["git", "-C", str(folder), *command.split()], check=True)
    return folder


def write(folder: Path, place: str, text: str) -> None:
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text(text)


def check(folder: Path, *arguments: str) -> int:
    return deploy_check.main(["--root", str(folder), *arguments])


def test_since_a_tag_nothing_changes_but_code(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, f"{MIGRATIONS}/notes_0001.py", REVISION.replace('"""Notes."""', '"""All notes."""\nimport os'))
    assert check(project, "--since", "v1") == 0
    assert capsys.readouterr().out == "Release 1.0.0 → 1.0.0\n\nNothing changes but code.\n"


def test_what_breaks_is_marked_and_makes_the_status_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "events/note.made.v1.schema.json").unlink()
    write(project, f"{MIGRATIONS}/notes_0002.py", REVISION.replace("0001", "0002"))
    assert check(project, "--since", "v1") == 1
    assert capsys.readouterr().out == (
        "Release 1.0.0 → 1.0.0\n"
        "\nevents: 1 removed\n  ! - note.made.v1\n        breaks: subscribers hear it no more\n"
        "\nmigrations: 1 added\n    + notes_0002 (expand)\n"
        "\n1 of 2 changes break something (marked !).\n"
    )


def test_a_manifest_stands_for_the_release_it_was_written_of(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = tmp_path / "deployed.json"
    assert check(project, "--record", str(manifest)) == 0
    assert parse(manifest.read_text()) == read(project)
    write(project, f"{MIGRATIONS}/notes_0001.py", REVISION.replace("note ()", "note (text text)"))
    capsys.readouterr()
    assert check(project, "--since", str(manifest), "--json") == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "part": "migrations",
            "verb": "changed",
            "what": "notes_0001",
            "breaks": ["databases have it as it was; write another revision"],
        }
    ]


def test_long_lists_are_shortened_but_never_by_what_breaks(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = deepcopy(TEMPLATE)
    template["Resources"] |= {f"Q{number:02}": {"Type": "AWS::SQS::Queue"} for number in range(20)}
    del template["Resources"]["Queue"]
    write(project, "template.yaml", yaml.safe_dump(template))
    assert check(project, "--since", "v1") == 1
    told = capsys.readouterr().out
    assert "  ! - template.yaml: Queue (AWS::SQS::Queue)" in told
    assert "      and 6 more; --all shows them" in told
    check(project, "--since", "v1", "--all")
    assert "Q19" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Say what to compare with"),
        (["--since", "v2"], "git has no v2, and there is no such file"),
        (["--since", "{root}/template.yaml"], "This is no manifest of a release"),
    ],
)
def test_what_cannot_be_compared_is_told(
    project: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(project, *(one.replace("{root}", str(project)) for one in arguments)) == 2
    assert told in capsys.readouterr().err


def test_a_folder_without_a_release_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, "--since", "v1") == 2
    assert "This folder holds no release that can be read" in capsys.readouterr().err


def test_the_migrations_that_a_database_waits_for_are_told(
    fresh: Fresh, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(project, "--url", fresh.url(), "--all") == 0
    told = capsys.readouterr().out
    assert "… kernel_0001" in told
    assert told.startswith("Release 1.0.0\n\nmigrations: ")


def test_a_database_that_is_ahead_breaks(cloud: Cloud, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(project, "--stack-name", STACK) == 0
    assert "Nothing changes but code." in capsys.readouterr().out
    cloud.database.run("INSERT INTO migration VALUES ('kernel_9999')")
    assert check(project, "--stack-name", STACK) == 1
    assert "breaks: The database is ahead: it has kernel_9999" in capsys.readouterr().out


def test_the_projects_own_release_can_be_read() -> None:
    own = read(deploy_check.ROOT)
    assert "POST /api/v1/invoices" in {f"{m.upper()} {path}" for path, ms in own.contract["paths"].items() for m in ms}
    assert "invoice.created.v1" in own.events
    assert own.revisions["kernel_0001"]["phase"] == "expand"
    assert {"template.yaml", "functions/receivables/template.yaml"} <= set(own.templates)
    assert compare(own, parse(own.text())) == []
