"""The virtual environments: what each is made from, and that the lock files name packages and nothing of a machine."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from devtools import environment
from devtools.environment import ENVIRONMENTS, ROOT, Environment

LOCK_FILES = sorted(
    [
        *ROOT.glob("requirements/*.txt"),
        *ROOT.glob("layers/*/requirements.txt"),
        *ROOT.glob("applets/*/requirements.txt"),
    ]
)


def test_there_is_one_for_development_and_one_for_sam() -> None:
    assert {name: (one.name, one.lock_name, one.holds_project) for name, one in ENVIRONMENTS.items()} == {
        "development": (".venv", "dev.txt", True),
        "sam": (".venv-sam", "sam.txt", False),
    }


def test_an_unknown_environment_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert environment.main(["nonsense"]) == 2
    assert capsys.readouterr().err == "Usage: environment.py [development|sam]\n"


def test_what_is_installed_follows_the_lock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    (tmp_path / "requirements").mkdir()
    lock = tmp_path / "requirements" / "one.txt"
    lock.write_text("Some_Package==1.0 \\\n    --hash=sha256:00\nother==2 ; sys_platform == 'win32'\n")
    one = Environment(".venv-one", "one.txt", holds_project=False)
    assert environment.locked_names(one) == {"some-package", "other"}
    before = environment.fingerprint(one)
    lock.write_text("other==3\n")
    assert environment.fingerprint(one) != before
    assert environment.read_stamp(one) == {}


def test_the_environments_are_kept_out_of_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {f"/{one.name}/" for one in ENVIRONMENTS.values()} <= set(ignored)


@pytest.mark.parametrize("path", LOCK_FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_lock_file_pins_each_package_with_its_hashes_and_names_no_index(path: Path) -> None:
    text = path.read_text()
    assert "://" not in text
    assert "--index" not in text
    pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert pinned
    for line in pinned:
        assert re.match(r"[A-Za-z0-9][\w.-]*==[\w.+!-]+ (; .+ )?\\\Z", line), line


def test_it_needs_nothing_but_the_standard_library() -> None:
    """It runs before anything is installed."""
    command = [sys.executable, "-I", "-S", str(ROOT / "devtools" / "environment.py"), "nonsense"]
    assert subprocess.run(command, capture_output=True).returncode == 2
