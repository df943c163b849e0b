"""The ``bigledger`` command line: what each command hands its words to."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from devtools import cli


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What commands were called with, instead of running."""
    calls: list[Any] = []

    def stand_in(name: str) -> Any:
        return SimpleNamespace(main=lambda arguments: calls.append((name, arguments)) or 3)

    monkeypatch.setattr(cli, "import_module", stand_in)
    return calls


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("run", "devtools.local.cloud"),
        ("seed", "devtools.seed"),
        ("applet", "devtools.local.applets"),
        ("migrate", "devtools.operate.migrate"),
        ("database-roles", "devtools.operate.roles"),
        ("operator-key", "devtools.operate.operator_key"),
        ("tenant", "devtools.operate.tenant"),
        ("audit", "devtools.operate.audit"),
        ("deploy-check", "devtools.operate.deploy_check"),
        ("cost", "devtools.operate.cost"),
    ],
)
def test_commands_of_their_own_get_all_words_and_their_status_is_answered(
    called: list[Any], command: str, module: str
) -> None:
    assert cli.main([command, "--help", "x"]) == 3
    assert called == [(module, ["--help", "x"])]
    assert callable(import_module(module).main)


def test_without_a_command_it_shows_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    told = capsys.readouterr().out
    for command in ("run", "generate", "new", "migrate", "seed", "applet", "tenant", "deploy-check"):
        assert f"\n    {command} " in told


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        cli.main(["deploy"])
    assert refusal.value.code == 2
    assert "invalid choice: 'deploy'" in capsys.readouterr().err


def test_generate_passes_on_what_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(
        "devtools.generate.command.main",
        lambda only_check, with_examples: calls.append((only_check, with_examples)) or 0,
    )
    assert cli.main(["generate"]) == 0
    assert cli.main(["generate", "--check", "--without-examples"]) == 0
    assert calls == [(False, True), (True, False)]


def test_new_refuses_what_is_no_operation(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["new", "send"]) == 1
    assert "send is no operation's name" in capsys.readouterr().err
