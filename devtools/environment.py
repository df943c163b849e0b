"""Make a virtual environment that holds exactly the packages of a lock file.

`.venv` is the developer's, from `requirements/dev.txt`; with the argument `sam` it is `.venv-sam`, from
`requirements/sam.txt`, where AWS SAM CLI lives with the older releases that it pins.

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
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMPORTABLE = (ROOT / "layers" / "bigledger", ROOT / "applets" / "sdk", ROOT)

LAUNCHER = """#!/bin/sh
# The project's command line. -P: what is imported never depends on the folder it is called from.
exec "$(dirname -- "$0")/python" -P -m devtools "$@"
"""


@dataclass(frozen=True)
class Environment:
    """A virtual environment below the project's folder, and the lock file below `requirements` that it is made from."""

    name: str
    lock_name: str
    holds_project: bool
    """Whether the project itself can be imported there, and its command line called."""

    @property
    def folder(self) -> Path:
        """Where it is."""
        return ROOT / self.name

    @property
    def lock_file(self) -> Path:
        """What it holds."""
        return ROOT / "requirements" / self.lock_name

    @property
    def stamp(self) -> Path:
        """The file that says what was completed."""
        return self.folder / "ready.json"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"


ENVIRONMENTS = {
    "development": Environment(".venv", "dev.txt", holds_project=True),
    "sam": Environment(".venv-sam", "sam.txt", holds_project=False),
}


class SetupFailed(Exception):
    """The environment could not be made; the message says what to do."""


def main(arguments: list[str]) -> int:
    """Make or update the environment that is named, the developer's unless told. Returns the exit status."""
    if len(arguments) > 1 or not set(arguments) <= ENVIRONMENTS.keys():
        print(f"Usage: environment.py [{'|'.join(ENVIRONMENTS)}]", file=sys.stderr)
        return 2
    environment = ENVIRONMENTS[arguments[0] if arguments else "development"]
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
        make_ready(environment)
    except SetupFailed as failure:
        print(f"\nSet-up failed. {failure}", file=sys.stderr)
        return 1
    finally:
        os.close(folder)
    return 0


def make_ready(environment: Environment) -> None:
    """Bring an environment to the state that its lock file asks for, unless it is there already."""
    wanted = {"root": str(ROOT), "fingerprint": fingerprint(environment)}
    found = read_stamp(environment)
    if found == wanted and runs(environment):
        return
    packages = locked_names(environment)
    environment.stamp.unlink(missing_ok=True)
    # Without a stamp an earlier set-up was interrupted; with another root the folder was moved. Both start afresh.
    if not runs(environment) or found.get("root") != str(ROOT):
        say(f"1/3  Creating the virtual environment in {environment.name}")
        create(environment)
    else:
        say(f"1/3  Keeping the virtual environment in {environment.name}")
    say(f"2/3  Installing {len(packages)} pinned packages (a minute or two)")
    install(environment, len(packages))
    remove_others(environment, packages)
    if environment.holds_project:
        say(f"3/3  Adding the project and its command line, {environment.name}/bin/bigledger")
        add_project(environment)
    else:
        say(f"3/3  Ready in {environment.name}")
    partial = environment.stamp.with_suffix(".partial")
    partial.write_text(json.dumps(wanted) + "\n")
    partial.replace(environment.stamp)


def fingerprint(environment: Environment) -> str:
    """A digest of everything that decides what the environment contains."""
    return hashlib.sha256(environment.lock_file.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def read_stamp(environment: Environment) -> dict[str, str]:
    """What the last completed set-up wrote; empty when there was none or it cannot be read."""
    try:
        stamp = json.loads(environment.stamp.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def runs(environment: Environment) -> bool:
    """Whether the environment's own Python starts (its base may have been removed or upgraded)."""
    python = environment.python
    return python.exists() and subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0


def create(environment: Environment) -> None:
    command = [sys.executable, "-m", "venv", "--clear", str(environment.folder)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        raise SetupFailed(
            f"Python's venv module could not make {environment.name}; some systems ship it apart (for example as the"
            f" package python3.11-venv). It said:\n{result.stdout}{result.stderr}"
        )


def install(environment: Environment, total: int) -> None:
    """Install the locked packages, each checked against its hash, counting them on the screen."""
    locked = ("--require-hashes", "--no-deps", "--progress-bar=off", "-r", str(environment.lock_file))
    command = pip(environment, "install", *locked)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    lines, done, alive = [], 0, sys.stdout.isatty()
    for line in process.stdout:
        lines.append(line)
        if re.match(r"(Collecting|Processing|Ignoring|Requirement already satisfied)\b", line):
            done += 1
            if done > total:  # a package with a version per platform has a line for each
                continue
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


def remove_others(environment: Environment, packages: set[str]) -> None:
    """Remove what an older lock file had installed and this one has not."""
    command = pip(environment, "list", "--format=json")
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    installed = {canonical(package["name"]) for package in json.loads(listed.stdout)}
    others = sorted(installed - packages - {"pip", "setuptools"})
    if others:
        say(f"     Removing {', '.join(others)}: no longer in the lock file")
        subprocess.run(pip(environment, "uninstall", "--yes", *others), capture_output=True, check=True)


def add_project(environment: Environment) -> None:
    """Make the domain layer, the applets' kit and the project's root importable, and install the command line."""
    site_packages = environment.folder / "lib" / "python3.11" / "site-packages"
    (site_packages / "bigledger.pth").write_text("".join(f"{path}\n" for path in IMPORTABLE))
    launcher = environment.folder / "bin" / "bigledger"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)


def locked_names(environment: Environment) -> set[str]:
    """The names in the lock file that apply to this machine or to another one."""
    text = environment.lock_file.read_text()
    return {canonical(name) for name in re.findall(r"^([A-Za-z0-9][\w.-]*)==", text, re.MULTILINE)}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pip(environment: Environment, *arguments: str) -> list[str]:
    return [str(environment.python), "-m", "pip", "--disable-pip-version-check", *arguments]


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
