"""The manifest of an applet: ``applet.yaml``, which says who it is, what it hears and what it may do."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bigledger_applet.matching import COMPARISONS, bus_pattern, check

Release = tuple[int, int, int]

_COMPARATOR = re.compile(r"(>=|<=|>|<|=)(\d+)(?:\.(\d+))?(?:\.(\d+))?\Z")


class InvalidManifest(ValueError):
    """The manifest cannot be used; the message names each faulty place."""


def _comparators(text: str) -> list[tuple[str, Release]]:
    parts = [_COMPARATOR.match(part) for part in text.split()]
    if not parts or None in parts:
        raise ValueError(
            'write the releases it was tested with, such as ">=1.0 <2.0"; "*" would promise what nobody can keep'
        )
    return [(part[1], (int(part[2]), int(part[3] or 0), int(part[4] or 0))) for part in parts if part]


def _range(text: str) -> str:
    """A range that admits at least one version and not all that will ever come."""
    comparators = _comparators(text)
    if not any(sign in {"<", "<=", "="} for sign, _ in comparators):
        raise ValueError(f'{text!r} has no upper end; write one, such as ">=1.0 <2.0"')
    low = max((bound for sign, bound in comparators if sign in {">", ">=", "="}), default=(0, 0, 0))
    if not any(_admitted(comparators, version) for version in (low, (*low[:2], low[2] + 1))):
        raise ValueError(f"no version is in the range {text!r}")
    return text


def _admitted(comparators: Sequence[tuple[str, Release]], version: Release) -> bool:
    return all(COMPARISONS[sign](version, bound) for sign, bound in comparators)


def _no_blank_cheque(permission: str) -> str:
    if not re.search(r"[a-z]", permission):
        raise ValueError("an applet asks for the operations it calls, not for everything")
    return permission


def _conditions(match: dict[str, list[Any]]) -> dict[str, list[Any]]:
    check(match)
    return match


Identity = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9_-]*[a-z0-9])?)+$", max_length=100),
]
"""A name in reverse DNS order, such as ``com.acme.custom_approval``. It never changes."""

Version = Annotated[
    str,
    StringConstraints(
        pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$"
    ),
]
"""A semantic version (semver.org): ``1.0.0``."""

Range = Annotated[str, AfterValidator(_range)]
"""Versions of BigLedger: comparisons that all have to hold, ``>=1.0 <2.0``."""

Permission = Annotated[str, StringConstraints(pattern=r"^[a-z_*]+\.[a-z_*]+$"), AfterValidator(_no_blank_cheque)]
"""An operation, ``receivables.get_invoice``, or a pattern of them, ``*.get_*``."""

EventType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
"""What happened: ``invoice.created``."""

Match = Annotated[dict[str, list[Any]], AfterValidator(_conditions)]
"""Conditions on the data; see bigledger_applet.matching."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Engines(_Part):
    """What the applet runs on."""

    bigledger: Range

    def admits(self, version: str) -> bool:
        """Whether a release of BigLedger, such as ``1.4.2``, is in the range."""
        major, minor, patch = map(int, version.split("."))
        return _admitted(_comparators(self.bigledger), (major, minor, patch))


class Hook(_Part):
    """An event that the applet is handed after the fact, at least once."""

    event: EventType
    version: int = Field(ge=1, strict=True)
    match: Match = Field(default_factory=dict)


class Guard(_Part):
    """An operation that the applet may veto before it takes effect."""

    operation: Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$")]
    match: Match = Field(default_factory=dict)
    timeout_ms: int = Field(default=800, ge=1, le=5000)
    on_failure: Literal["refuse", "park", "allow"]
    """What happens to the operation when the applet does not answer in time."""


class Contributions(_Part):
    """What the applet adds to a tenant: custom fields by document type, and settings (the path of a JSON Schema)."""

    custom_fields: dict[str, Any] = Field(default_factory=dict)
    settings: str | None = None


class Limits(_Part):
    """How hard the applet may be driven. ``concurrency`` counts the batches handled at once (2 is the least)."""

    concurrency: int = Field(default=5, ge=2, le=1000)
    events_per_minute: int | None = Field(default=None, ge=1)


class Manifest(_Part):
    """Everything an applet says of itself. Unknown fields are refused."""

    id: Identity
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    version: Version
    author: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    engines: Engines
    upgrades_from: list[Annotated[str, StringConstraints(pattern=r"^\d+\.(\d+|x)\.(\d+|x)$")]] = Field(
        default_factory=list
    )
    permissions: list[Permission]
    hooks: Annotated[list[Hook], AfterValidator(lambda hooks: _distinct(hooks))] = Field(default_factory=list)
    guards: list[Guard] = Field(default_factory=list)
    contributes: Contributions = Contributions()
    limits: Limits = Limits()


def _distinct(hooks: list[Hook]) -> list[Hook]:
    named = [(hook.event, hook.version) for hook in hooks]
    for event, version in named:
        if named.count((event, version)) > 1:
            raise ValueError(f"{event} version {version} is hooked twice; one hook with more alternatives does it")
    return hooks


def read_manifest(path: Path) -> Manifest:
    """Read and validate an ``applet.yaml``.

    Raises InvalidManifest with every faulty place.
    """
    try:
        return Manifest.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InvalidManifest(f"{path} cannot be read ({error.strerror}). Put the manifest there.") from error
    except yaml.YAMLError as error:
        raise InvalidManifest(f"{path} is not valid YAML: {error}") from error
    except ValidationError as error:
        places = [
            f"  {'.'.join(map(str, item['loc'])) or 'the whole'}: {item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_url=False)
        ]
        raise InvalidManifest("\n".join([f"{path} is not right in {len(places)} place(s):", *places])) from error


def rule_pattern(hook: Hook, tenant: Any) -> dict[str, Any]:
    """The EventBridge pattern of a hook, for the events of one tenant (its id, or a reference to a parameter).

    The bus carries the events of all tenants: without the tenant an applet would be sent those of others.
    """
    return {
        "detail-type": [hook.event],
        "detail": {"version": [hook.version], "tenantid": [tenant], **bus_pattern(hook.match)},
    }
