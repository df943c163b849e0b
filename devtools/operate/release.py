"""What a release consists of, read from its printed files alone: no code of another release has to run for it."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from devtools.generate import openapi
from devtools.generate.recorded import EVENTS
from devtools.local.cloudformation import TemplateError, load
from devtools.operate.target import Refusal

TEMPLATES = ("template.yaml", "infrastructure/*.yaml", "functions/*/template.yaml")
MIGRATIONS = "layers/bigledger/bigledger/*/migrations/versions/*.py"


@dataclass(frozen=True)
class Release:
    """A release: its contract (OpenAPI), the schemas of its events by type and version, its revisions, its templates.

    ``revisions`` has each revision's phase and a digest of what it does; ``templates`` the parsed templates by path.
    """

    contract: dict[str, Any]
    events: dict[str, Any]
    revisions: dict[str, Any]
    templates: dict[str, Any]

    @property
    def version(self) -> str:
        """Its number."""
        return str(self.contract["info"]["version"])

    def text(self) -> str:
        """The release as a manifest, which ``parse`` reads."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")) + "\n"


def parse(text: str) -> Release:
    """The release of a manifest. Raises Refusal."""
    try:
        return Release(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise Refusal(
            f"This is no manifest of a release; `bigledger deploy-check --record` writes one: {error}"
        ) from error


def read(root: Path, name: str = "This folder") -> Release:
    """The release in a folder. Raises Refusal, saying ``name``, when its printed files are not there."""
    try:
        return Release(
            contract=json.loads((root / openapi.PATH).read_text()),
            events={
                path.name.removesuffix(".schema.json"): json.loads(path.read_text())
                for path in sorted((root / EVENTS).glob("*.schema.json"))
            },
            revisions=_revisions(root),
            templates={
                path.relative_to(root).as_posix(): load(path)
                for pattern in TEMPLATES
                for path in sorted(root.glob(pattern))
            },
        )
    except (OSError, ValueError, TemplateError) as error:
        said = str(error).replace(f"{root}/", "")
        raise Refusal(f"{name} holds no release that can be read: {said}") from error


def read_commit(root: Path, commit: str) -> Release:
    """The release that a commit, a tag or a branch of the repository holds. Raises Refusal."""
    command = ["git", "-C", str(root), "archive", "--format=tar", commit]
    archived = subprocess.run(command, capture_output=True, check=False)
    if archived.returncode:
        said = archived.stderr.decode(errors="replace").strip()
        raise Refusal(f"git has no {commit}, and there is no such file: {said}")
    with tempfile.TemporaryDirectory(prefix="bigledger-release-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as tar:
            # Python 3.11.4 and later take out what points elsewhere; what git packs is our own either way.
            if hasattr(tarfile, "data_filter"):
                tar.extraction_filter = tarfile.data_filter
            tar.extractall(folder)  # noqa: S202
        return read(Path(folder), commit)


def _revisions(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for file in sorted(root.glob(MIGRATIONS)):
        source = file.read_text()
        said = dict(_constants(ast.parse(source)))
        if "revision" in said:
            found[said["revision"]] = {"phase": said.get("phase", "expand"), "digest": _digest(source)}
    return found


def _constants(module: ast.Module) -> Iterator[tuple[str, str]]:
    """What a revision says of itself in plain words."""
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for name in node.targets:
                if isinstance(name, ast.Name):
                    yield name.id, node.value.value


def _digest(source: str) -> str:
    """A digest of what a file does: neither its layout nor what it says of itself counts."""
    body = [node for node in ast.parse(source).body if not isinstance(node, ast.Assign | ast.Import | ast.ImportFrom)]
    code = [
        ast.dump(node) for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    return hashlib.sha256("\n".join(code).encode()).hexdigest()
