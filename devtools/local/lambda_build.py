"""Makes what would be deployed, as `sam build` makes it: each layer by its Makefile, each function's folder as it is.

What was made is kept by its content, so that only a change is built again. A folder that `sam build` itself has made
can be used instead. Beside it stands AWS's runtime interface client in a folder of its own, as Lambda has it.
"""

from __future__ import annotations

import compileall
import fcntl
import hashlib
import importlib.metadata
import os
import platform
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools.local.postgres_directory import tail
from devtools.local.state import LOCAL, CloudError
from devtools.local.templates import Function, Template, deployment_of

BUILD = LOCAL / "build"
"""Where everything that was built is kept, for all runs and tests."""

CLIENT = "awslambdaric"

_LAYER = "AWS::Serverless::LayerVersion"
_KEPT = 24 * 3600  # seconds after its last use that an older build is kept
_LEFT_OUT = shutil.ignore_patterns("__pycache__")


@dataclass(frozen=True)
class Artifacts:
    """What was built: the folder of each layer and of each function by its name, and that of the runtime client."""

    layers: Mapping[str, str]
    functions: Mapping[str, str]
    runtime: str


def build(template: Path, stack: str, functions: Iterable[Function], folder: Path = BUILD) -> Artifacts:
    """Build the layers that the root template declares, and the functions' folders.

    Raises CloudError with the end of what a Makefile said, TemplateError for a template that cannot be read.
    """
    root = Template.read(template, stack, {"Stack": stack})
    with _alone(folder):
        layers = {root.values.names[name]: str(_layer(root, name, folder)) for name in root.of(_LAYER)}
        folders = {one.folder: str(_copied(Path(one.folder), folder)) for one in functions}
    return Artifacts(layers, {one.name: folders[one.folder] for one in functions}, runtime_client(folder))


def built_by_sam(build: Path, stack: str, folder: Path = BUILD) -> Artifacts:
    """What `sam build` has left in a folder such as `.aws-sam/build`. Raises CloudError when there is nothing."""
    path = build / "template.yaml"
    if not path.is_file():
        raise CloudError(f"{build} has no template.yaml; `sam build` makes one. Leave ARTIFACTS out to build here.")
    root = Template.read(path, stack, {"Stack": stack})
    layers = {
        root.values.names[name]: str((build / str(root.value(name, "ContentUri"))).resolve())
        for name in root.of(_LAYER)
    }
    functions: dict[str, str] = {}
    for nested in root.of("AWS::Serverless::Application").values():
        module = Template.read((build / str(nested["Location"])).resolve(), stack, {"Stack": stack})
        functions |= {one.name: one.folder for one in deployment_of([module]).functions.values()}
    return Artifacts(layers, functions, runtime_client(folder))


def runtime_client(folder: Path = BUILD) -> str:
    """The folder of AWS's runtime interface client and what it needs, out of this environment. Raises CloudError."""
    with _alone(folder):
        return str(_runtime(folder))


def _layer(root: Template, name: str, folder: Path) -> Path:
    method = (root.resources[name].get("Metadata") or {}).get("BuildMethod")
    if method != "makefile":
        raise CloudError(f"{root.path}: {name} has the BuildMethod {method}; layers are built by a makefile here.")
    source = (root.path.parent / str(root.value(name, "ContentUri"))).resolve()

    def make(target: Path) -> None:
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            copy = Path(scratch, "source")
            shutil.copytree(source, copy, ignore=_LEFT_OUT)
            _make(name, copy, target)

    return _kept(folder / "layers", f"{name}-{_digest(source, sys.platform, platform.machine(), sys.version)}", make)


def _make(name: str, source: Path, target: Path) -> None:
    """Run a layer's Makefile, with this interpreter and, where that is not Lambda's platform, for this machine."""
    command = ["make", f"build-{name}", f"PYTHON={sys.executable}"]
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        command.append("TARGET=")
    # An outer make's own variables are not for this one.
    ours = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    made = subprocess.run(
        command, cwd=source, env={**ours, "ARTIFACTS_DIR": str(target)}, capture_output=True, text=True
    )
    if made.returncode:
        raise CloudError(f"The layer {name} could not be built:\n{tail(made.stdout + made.stderr)}")


def _copied(source: Path, folder: Path) -> Path:
    def copy(target: Path) -> None:
        shutil.copytree(source, target, ignore=_LEFT_OUT, dirs_exist_ok=True)

    return _kept(folder / "functions", f"{source.name}-{_digest(source)}", copy)


def _runtime(folder: Path) -> Path:
    found = list(_needed(CLIENT))
    versions = ",".join(sorted(f"{one.name}-{one.version}" for one in found))

    def copy(target: Path) -> None:
        for one in found:
            for file in one.files or ():
                if ".." not in file.parts and "__pycache__" not in file.parts:
                    place = target.joinpath(*file.parts)
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(str(one.locate_file(file)), place)
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(target, quiet=1, invalidation_mode=mode)

    digest = hashlib.sha256(f"{versions} {sys.version}".encode()).hexdigest()
    return _kept(folder / "runtime", f"{CLIENT}-{digest[:16]}", copy)


def _needed(name: str) -> Iterator[importlib.metadata.Distribution]:
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError as error:
        raise CloudError(f"The package {name} is missing in .venv. `make setup` installs it.") from error
    yield found
    for requirement in found.requires or ():
        if "extra ==" not in requirement:
            yield from _needed(re.split(r"[\s<>=!~;(\[]", requirement)[0])


def _kept(folder: Path, name: str, make: Callable[[Path], Any]) -> Path:
    """What was made under a name before, or is made now; what is as old as it is unused makes room."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=folder))
        try:
            make(partial)
        except BaseException:
            shutil.rmtree(partial)
            raise
        partial.chmod(0o755)
        partial.rename(path)
    path.touch()
    for other in folder.iterdir():
        if other.stat().st_mtime < time.time() - _KEPT:
            shutil.rmtree(other)
    return path


def _digest(source: Path, *more: str) -> str:
    """A digest of the files below a folder, their names included."""
    digest = hashlib.sha256("\0".join(more).encode())
    for path in sorted(source.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(source)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One builder at a time; others wait and find what it has made."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "building").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield
