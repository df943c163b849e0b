"""Feature flags as they are set and told: by the operator for the installation, by a tenant for itself."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from pydantic import ConfigDict, Field

from bigledger.kernel import (
    Answer,
    Command,
    Context,
    Document,
    FieldError,
    InvalidRequest,
    NotFound,
    Page,
    StaleVersion,
    Table,
    database,
)
from bigledger.kernel.flags import FLAGS, INSTALLATION, Flag, FlagSetting, FlagSettings
from bigledger.kernel.problems import Forbidden
from bigledger.platform.events import FeatureFlagChanged

TABLE = Table("kernel.feature_flag", ("change", "key", "version", "setting", "changed_by"))

_SUBJECTS = UUID("5a1e4f52-6a0e-5b0c-8a4e-0d0b1c9f7e21")
_PRESENT = """
    SELECT jsonb_build_object('change', (SELECT coalesce(max(change), 0) FROM kernel.feature_flag),
                              'own', kernel.present_flags(), 'installation', kernel.installation_flags())::text
"""


class FlagNotOpen(Forbidden):
    """Only the operator of the installation sets this flag."""

    title = "The flag is not open to tenants"


def _set_meanwhile() -> StaleVersion:
    return StaleVersion("Somebody else set a flag just now. Read the flags again, then repeat.")


database.constraint("feature_flag_change", _set_meanwhile)
database.constraint("feature_flag_version", _set_meanwhile)


class SetFlag(FlagSetting, Command):
    """Sets a flag. ``enabled`` null takes the setting back: then the installation's, or the default, holds again.

    ``of`` says of what ``percentage`` is: of the tenants, for the operator unless told, or of the actors, as a
    tenant's own setting always is. Only the operator names tenants, and only a tenant names actors.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, Field(min_length=1, max_length=100)]
    of: Literal["tenants", "actors"] | None = None  # type: ignore[assignment]


class FeatureFlag(Answer):
    """A flag: what it means, whether it is on for the caller and who decided it, and the setting of the caller's own.

    The operator is told the installation's setting, and not whether the flag is on, which is each tenant's own
    matter. ``version`` is that of the setting, 0 before the first. ``decide_by`` is when the flag should go.
    """

    key: str
    meaning: str
    default: bool
    open_to_tenants: bool
    decide_by: dt.date
    on: bool | None = None
    decided_by: Literal["default", "installation", "tenant"] | None = None
    setting: FlagSetting | None = None
    version: int
    changed_at: dt.datetime | None = None
    changed_by: str | None = None


def list_all(context: Context) -> Page[FeatureFlag]:
    """Every declared flag by its key, as it stands for the caller; one statement."""
    _check_caller(context)
    found = context.work.read_json(_PRESENT)
    return Page[FeatureFlag](data=[_answer(FLAGS[key], found, context) for key in sorted(FLAGS)])


def set_flag(new: SetFlag, context: Context) -> FeatureFlag:
    """Set a flag for the installation or the caller's tenant. Setting what stands already changes nothing.

    Raises NotFound, FlagNotOpen, InvalidRequest for what is not the caller's to say, StaleVersion.
    """
    _check_caller(context)
    flag = FLAGS.get(new.key)
    if flag is None:
        raise NotFound(f"There is no feature flag {new.key}. The list of flags tells which there are.")
    setting = _setting(new, flag, context)
    found = context.work.read_json(_PRESENT)
    stored = found["own"].get(flag.key, {"version": 0, "setting": None})
    _check_version(stored["version"], context)
    before = _stored(stored["setting"] or {"enabled": None, "of": setting.of})
    if setting != before:
        row = {
            "change": found["change"] + 1,
            "key": flag.key,
            "version": stored["version"] + 1,
            "setting": setting.model_dump(mode="json", exclude_none=True) | {"enabled": setting.enabled},
            "changed_by": context.actor.name,
        }
        context.work.append(TABLE, [row])
        context.work.configuration_changed = True
        found["own"][flag.key] = row | {"changed_at": context.now}
        if context.tenant.id == INSTALLATION:
            found["installation"] = found["own"]
        _tell(flag, setting, row["version"], context)
    return _answer(flag, found, context)


def _check_caller(context: Context) -> None:
    """Without a tenant the installation is meant, which is the operator's. Raises Forbidden."""
    if context.tenant.id == INSTALLATION and context.actor.kind != "operator":
        raise Forbidden("Only the operator of this installation acts for all tenants. Use a key of your tenant.")


def _setting(new: SetFlag, flag: Flag, context: Context) -> FlagSetting:
    """What is to be stored of it, if the caller may say it."""
    errors = []
    if context.tenant.id == INSTALLATION:
        if new.actors:
            errors.append(FieldError("/actors", "of_a_tenant", "actors belong to a tenant, which names them itself"))
    else:
        if not flag.open_to_tenants:
            raise FlagNotOpen(f"{flag.key} is set by the operator of this installation. Ask them for it.")
        if new.tenants:
            errors.append(FieldError("/tenants", "of_the_operator", "a tenant sets a flag for itself only"))
        if new.of == "tenants":
            errors.append(FieldError("/of", "of_the_operator", "a tenant's percentage is of its actors"))
    if new.starts_at is not None and new.ends_at is not None and new.ends_at <= new.starts_at:
        errors.append(FieldError("/ends_at", "before_start", "choose a later instant than starts_at"))
    if errors:
        raise InvalidRequest("The flag cannot be set like this.", errors=errors)
    of = new.of or ("tenants" if context.tenant.id == INSTALLATION else "actors")
    return FlagSetting(enabled=None, of=of) if new.enabled is None else _stored(new.model_dump() | {"of": of})


def _check_version(version: int, context: Context) -> None:
    expected = context.request.expected_version
    if expected is not None and expected != version:
        raise StaleVersion(
            f"You read version {expected}, but it is at version {version} now. Read it again, then repeat.",
            version=version,
        )


def _tell(flag: Flag, setting: FlagSetting, version: int, context: Context) -> None:
    for_all = context.tenant.id == INSTALLATION
    subject = Document(
        uuid5(_SUBJECTS, f"{context.tenant.id} {flag.key}"), "feature_flag", "active", {}, sequence=version - 1
    )
    event = FeatureFlagChanged(
        id=subject.id,
        key=flag.key,
        scope="installation" if for_all else "tenant",
        enabled=setting.enabled,
        percentage=setting.percentage,
        of=setting.of,
        tenants=setting.tenants,
        actors=setting.actors,
        starts_at=setting.starts_at,
        ends_at=setting.ends_at,
    )
    context.emit(event, subject)


def _answer(flag: Flag, found: dict[str, Any], context: Context) -> FeatureFlag:
    row = found["own"].get(flag.key, {"version": 0})
    told: dict[str, Any] = {}
    if context.tenant.id != INSTALLATION:
        settings = FlagSettings(_read(found["installation"]), _read(found["own"]))
        decision = settings.decide(flag, context.tenant.id, context.actor.id, context.now)
        told = {"on": decision.on, "decided_by": decision.by}
    return FeatureFlag(
        key=flag.key,
        meaning=flag.meaning,
        default=flag.default,
        open_to_tenants=flag.open_to_tenants,
        decide_by=flag.decide_by,
        setting=_stored(row["setting"]) if "setting" in row else None,
        version=row["version"],
        changed_at=row.get("changed_at"),
        changed_by=row.get("changed_by"),
        **told,
    )


def _read(stored: dict[str, Any]) -> dict[str, FlagSetting]:
    return {key: _stored(row["setting"]) for key, row in stored.items()}


def _stored(setting: Any) -> FlagSetting:
    return FlagSetting.model_validate(setting)
