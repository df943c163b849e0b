"""`make validate` makes every check, shows all of them, and fails when one has."""

import io

import pytest
from rich.console import Console

from devtools.deploy import validate
from devtools.deploy.emulator import EmulatorUnavailable
from devtools.deploy.second_opinion import Differs
from devtools.deploy.tree import Stack
from devtools.deploy.validate import Built, Check, Failed, Outcome, run, show, unlike
from devtools.environment import ROOT
from devtools.local.progress import Progress


def outcome_of(check: Check, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    monkeypatch.setitem(validate.CHECKS, "tried", ("Tried", check))
    outcome = run("tried", Built(), Progress(quiet=True))
    outcome.seconds = 0.0
    return outcome


def test_a_check_that_finds_nothing_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert outcome_of(lambda note, built: "fine", monkeypatch) == Outcome("Tried", "passed", "fine")


@pytest.mark.parametrize("error", [Failed("one", "two"), Differs("one"), validate.sam.SamError("one")])
def test_a_check_that_finds_faults_has_failed(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(note: object, built: Built) -> str:
        raise error

    faults = [str(one) for one in error.args]
    assert outcome_of(check, monkeypatch) == Outcome("Tried", "failed", "", 0.0, faults)


def test_a_defect_of_a_check_is_no_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        outcome_of(lambda note, built: str(1 // 0), monkeypatch)


def test_the_emulator_is_skipped_where_it_cannot_start_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(note: object) -> None:
        raise EmulatorUnavailable("no port")

    def differs(note: object) -> None:
        raise Differs("GET /api/v1/health answered 500")

    built = Built(project=[Stack("", ROOT / "template.yaml", {"Resources": {}})])
    _, check = validate.CHECKS["emulator"]
    monkeypatch.setitem(validate.CHECKS, "tried", ("Tried", check))
    for asked, result in ((unavailable, "skipped"), (differs, "failed")):
        monkeypatch.setattr(validate.second_opinion, "ask", asked)
        assert run("tried", built, Progress(quiet=True)).result == result
    assert run("tried", Built(), Progress(quiet=True)).result == "failed", "without a build there is nothing to deploy"


@pytest.mark.parametrize(("result", "status"), [("passed", 0), ("skipped", 0), ("failed", 1)])
def test_the_exit_status_says_whether_one_has_failed(result: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "run", lambda name, built, progress: Outcome(name, result, "text"))
    monkeypatch.setattr(validate, "show", lambda outcomes, console: None)
    assert validate.main(["templates"]) == status


def test_what_is_built_is_built_first(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(validate, "run", lambda name, built, progress: ran.append(name) or Outcome(name))
    monkeypatch.setattr(validate, "show", lambda outcomes, console: None)
    validate.main(["artifacts"])
    assert ran == ["build", "artifacts"]
    ran.clear()
    validate.main([])
    assert ran == ["configuration", "templates", "counts", "build", "artifacts", "routes", "emulator"]


def test_an_unknown_check_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        validate.main(["nonsense"])
    assert refused.value.code == 2
    assert "there is no check nonsense" in capsys.readouterr().err


def test_the_table_has_every_check() -> None:
    shown = io.StringIO()
    outcomes = [
        Outcome("sam validate", "passed", "12 templates", 30.04),
        Outcome("sam build", "failed", "", 1.0, ["one", "two"]),
        Outcome("Second opinion", "skipped", "no [emulator] here", 0.0),
    ]
    show(outcomes, Console(file=shown, width=100))
    lines = [[cell.strip() for cell in line.strip("│").split("│")] for line in shown.getvalue().splitlines()]
    assert ["sam validate", "passed", "12 templates", "30.0"] in lines
    assert ["sam build", "failed", "2 faults; see above", "1.0"] in lines
    assert ["Second opinion", "skipped", "no [emulator] here", "0.0"] in lines


def test_routes_are_an_exact_set() -> None:
    wanted, found = {("GET", "/a"), ("POST", "/a")}, {("GET", "/a"), ("GET", "/b")}
    assert unlike(wanted, wanted) == []
    assert unlike(wanted, found) == [
        "sam local does not find POST /a",
        "sam local finds GET /b, which no operation has",
    ]
