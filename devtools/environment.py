"""Make the developer's environment: `.venv`, holding exactly the packages of `requirements/dev.txt`.

Runs before anything is installed, so it uses the standard library alone. A second run finds the stamp of the first and
returns at once; two runs at the same time wait for one another.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCK_FILE = ROOT / "requirements" / "dev.txt"
STAMP = ENVIRONMENT / "ready.json"
IMPORTABLE = (ROOT / "layers" / "bigledger", ROOT / "applets" / "sdk", ROOT)

LAUNCHER = """#!/bin/sh
# The project's command line. -P: what is imported never depends on the folder it is called from.
exec "$(dirname -- "$0")/python" -P -m devtools "$@"
"""


class SetupFailed(Exception):
    """The environment could not be made; the message says what to do."""


def main() -> int:
    """Make or update the environment. Returns the exit status."""
    if sys.version_info[:2] != (3, 11):
        print(
            f"BigLedger needs Python 3.11, as its functions run on it; this is {sys.version.split()[0]}.",
            file=sys.stderr,
        )
        return 1
    # A lock on the project's folder itself: no file to leave behind, and it ends with the process that holds it.
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another set-up of this folder is running; waiting for it.")
        fcntl.flock(folder, fcntl.LOCK_EX)
    try:
        make_ready()
    except SetupFailed as failure:
        print(f"\nSet-up failed. {failure}", file=sys.stderr)
        return 1
    finally:
        os.close(folder)
    return 0


def make_ready() -> None:
    """Bring `.venv` to the state that the lock file asks for, unless it is there already."""
    wanted = {"root": str(ROOT), "fingerprint": fingerprint()}
    found = read_stamp()
    if found == wanted and runs():
        return
    packages = locked_names()
    STAMP.unlink(missing_ok=True)
    # Without a stamp an earlier set-up was interrupted; with another root the folder was moved. Both start afresh.
    if not runs() or found.get("root") != str(ROOT):
        say("1/3  Creating the virtual environment in .venv")
        create()
    else:
        say("1/3  Keeping the virtual environment in .venv")
    say(f"2/3  Installing {len(packages)} pinned packages (a minute or two)")
    install(len(packages))
    remove_others(packages)
    say("3/3  Adding the project and its command line, .venv/bin/bigledger")
    add_project()
    partial = STAMP.with_suffix(".partial")
    partial.write_text(json.dumps(wanted) + "\n")
    partial.replace(STAMP)


def fingerprint() -> str:
    """A digest of everything that decides what the environment contains."""
    return hashlib.sha256(LOCK_FILE.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def read_stamp() -> dict[str, str]:
    """What the last completed set-up wrote; empty when there was none or it cannot be read."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def runs() -> bool:
    """Whether the environment's own Python starts (its base may have been removed or upgraded)."""
    python = ENVIRONMENT / "bin" / "python"
    return python.exists() and subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0


def create() -> None:
    command = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise SetupFailed(
            "Python's venv module could not make .venv; some systems ship it apart (for example as the package"
            f" python3.11-venv). It said:\n{result.stdout}{result.stderr}"
        )


def install(total: int) -> None:
    """Install the locked packages, each checked against its hash, counting them on the screen."""
    command = pip("install", "--require-hashes", "--no-deps", "--progress-bar=off", "-r", str(LOCK_FILE))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    lines, done, alive = [], 0, sys.stdout.isatty()
    for line in process.stdout:
        lines.append(line)
        if re.match(r"(Collecting|Processing|Ignoring|Requirement already satisfied)\b", line):
            done = min(done + 1, total)
            if alive:
                print(f"\r     {done:3}/{total} fetched", end="", flush=True)
            elif done % 25 == 0:
                say(f"     {done:3}/{total} fetched")
            if done == total:
                say(f"{chr(10) if alive else ''}     unpacking them, which takes a while")
    if process.wait():
        raise SetupFailed(
            "pip could not install the packages; check the network, then try again.\n" + "".join(lines[-15:])
        )


def remove_others(packages: set[str]) -> None:
    """Remove what an older lock file had installed and this one has not."""
    listed = subprocess.run(pip("list", "--format=json"), capture_output=True, text=True, check=True)
    installed = {canonical(package["name"]) for package in json.loads(listed.stdout)}
    others = sorted(installed - packages - {"pip", "setuptools"})
    if others:
        say(f"     Removing {', '.join(others)}: no longer in the lock file")
        subprocess.run(pip("uninstall", "--yes", *others), capture_output=True, check=True)


def add_project() -> None:
    """Make the domain layer, the applets' kit and the project's root importable, and install the command line."""
    site_packages = ENVIRONMENT / "lib" / "python3.11" / "site-packages"
    (site_packages / "bigledger.pth").write_text("".join(f"{path}\n" for path in IMPORTABLE))
    launcher = ENVIRONMENT / "bin" / "bigledger"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)


def locked_names() -> set[str]:
    """The names in the lock file that apply to this machine or to another one."""
    return {canonical(name) for name in re.findall(r"^([A-Za-z0-9][\w.-]*)==", LOCK_FILE.read_text(), re.MULTILINE)}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pip(*arguments: str) -> list[str]:
    return [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", *arguments]


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
