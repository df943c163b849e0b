"""Deploys what `sam build` made into an emulator that knows neither SAM's transform of nested templates nor everything
else: code is uploaded, each template is transformed by SAM, and what the emulator lacks is left out and told.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from devtools.deploy.counts import transformed
from devtools.deploy.tree import CHILD, Document, Stack, code, elsewhere

BUCKET = "artifacts"

NOT_EMULATED = {
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Events::Archive",
    "AWS::IAM::RolePolicy",
}
"""What ministack has not: nothing that answers a request. Whatever else it refuses makes the deployment fail."""

WRITTEN_OUT = {
    "ProviderURL": "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${%s}",
    "MasterUserSecret.SecretArn": "arn:aws:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:rds-${%s}",
}
"""Attributes that ministack has not, as AWS makes them of the resource's id."""

PATIENCE = 120
"""Seconds that a function gets there: it starts on this machine, beside others, and unpacks its layers each time."""

Put = Callable[[str, bytes], None]
"""Stores bytes in the bucket under a key."""


def package(
    stacks: Iterable[Stack], put: Put, variables: Mapping[str, str]
) -> tuple[dict[str, Document], Counter[str]]:
    """Store the code of built templates, and transform them; answers them by name, and what was left out by type.

    `variables` come on top of each function's environment. Raises SamError when SAM's transform refuses a template.
    """
    stored: dict[str, str] = {}
    prepared = {}
    found = list(stacks)
    for stack in found:
        place = {
            logical: f"s3://{BUCKET}/{_stored(stack.path.parent / folder, put, stored)}"
            for logical, folder, _ in code(stack.document)
        }
        document = elsewhere(stack.document, place)
        if place:
            shared = document.setdefault("Globals", {}).setdefault("Function", {})
            shared.setdefault("Environment", {}).setdefault("Variables", {}).update(variables)
        prepared[stack.name or "root"] = document
    documents = transformed(prepared)
    left_out: Counter[str] = Counter()
    for name, document in documents.items():
        left_out += _fitted(document)
        documents[name] = _written_out(document)
    return documents, left_out


def upload(documents: Mapping[str, Document], put: Put, url: Callable[[str], str]) -> str:
    """Store transformed templates, the children before those that hold them; answers the address of the root's."""
    for name in sorted(documents, key=lambda one: (one == "root", -one.count("/"))):
        document = documents[name]
        for logical, resource in document["Resources"].items():
            key = CHILD.get(resource["Type"])
            if key is not None:
                child = logical if name == "root" else f"{name}/{logical}"
                resource["Properties"][key] = url(_template_key(child))
        put(_template_key(name), json.dumps(document).encode())
    return url(_template_key("root"))


def zipped(folder: Path) -> bytes:
    """A folder as a zip; equal content gives equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def _stored(folder: Path, put: Put, stored: dict[str, str]) -> str:
    """Store a folder once, however many functions have it; answers its key."""
    content = zipped(folder)
    digest = hashlib.sha256(content).hexdigest()
    if digest not in stored:
        stored[digest] = f"{digest}.zip"
        put(stored[digest], content)
    return stored[digest]


def _fitted(document: Document) -> Counter[str]:
    """Fit a template to the emulator: take out what it has not, and give functions time; answers what was taken out."""
    resources: dict[str, Any] = document["Resources"]
    left_out = {name: one["Type"] for name, one in resources.items() if one["Type"] in NOT_EMULATED}
    for name in left_out:
        del resources[name]
    for resource in resources.values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Timeout"] = PATIENCE
        # A shift of traffic by steps needs CodeDeploy; without it an alias goes over at once.
        if "CodeDeployLambdaAliasUpdate" in resource.get("UpdatePolicy", {}):
            del resource["UpdatePolicy"]
    return Counter(left_out.values())


def _written_out(value: Any) -> Any:
    """A template with the attributes that the emulator has not put together from what it has."""
    match value:
        case {"Fn::GetAtt": [str(name), str(attribute)]} if attribute in WRITTEN_OUT:
            return {"Fn::Sub": WRITTEN_OUT[attribute] % name}
        case dict():
            return {key: _written_out(one) for key, one in value.items()}
        case list():
            return [_written_out(one) for one in value]
    return value


def _template_key(name: str) -> str:
    return f"{name}.template.json"
