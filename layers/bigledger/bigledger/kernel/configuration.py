"""A tenant's set-up, read once and kept by each worker until a change of it moves the tenant's version.

Configuration is the master data that every operation consults and that changes seldom: accounts, taxes, terms,
series, rules. Parties, products and stock are not: they are read when needed.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from bigledger.kernel.flags import Flag, FlagSetting, FlagSettings
from bigledger.kernel.problems import FieldError, UnknownReference
from bigledger.kernel.wire import Ref

if TYPE_CHECKING:
    from bigledger.kernel.context import Context

Model = TypeVar("Model", bound=BaseModel)

CACHED_TENANTS = 256
"""Of more tenants than this, those whose set-up was read first are read again."""

_types: dict[str, type[BaseModel]] = {}
_cache: "OrderedDict[UUID, tuple[int, Configuration]]" = OrderedDict()


@dataclass(frozen=True, slots=True)
class Entry(Generic[Model]):
    """One configuration record with its typed data."""

    id: UUID
    code: str
    status: str
    company_id: UUID | None
    data: Model

    @property
    def active(self) -> bool:
        """Whether new documents may use it."""
        return self.status == "active"

    @property
    def ref(self) -> Ref:
        """As it stands in answers and events."""
        return Ref(id=self.id, code=self.code, name=getattr(self.data, "name", None))


class Configuration:
    """The configuration records of a tenant, by type and by code or id, and how its feature flags are set."""

    def __init__(self, rows: list[dict[str, object]], flags: FlagSettings) -> None:
        self.flags = flags
        self._by_type: dict[str, dict[str, Entry[BaseModel]]] = {name: {} for name in _types}
        self._by_id: dict[str, Entry[BaseModel]] = {}
        for row in rows:
            kind, code = str(row["type"]), str(row["code"])
            company = row["company_id"]
            entry = Entry(
                UUID(str(row["id"])),
                code,
                str(row["status"]),
                UUID(str(company)) if company else None,
                _types[kind].model_validate(row["data"], context={"stored": True}),
            )
            self._by_type[kind][code] = entry
            self._by_id[f"{kind} {row['id']}"] = entry

    def find(self, model: type[Model], reference: str) -> Entry[Model] | None:
        """The record a code or id names, archived ones included, or None."""
        kind = _name(model)
        return self._by_type[kind].get(reference) or self._by_id.get(f"{kind} {reference.lower()}")  # type: ignore[return-value]

    def get(self, model: type[Model], reference: str, pointer: str = "") -> Entry[Model]:
        """The active record a code or id names.

        Raises UnknownReference with the pointer to where the caller wrote it.
        """
        entry = self.find(model, reference)
        if entry is None or not entry.active:
            raise UnknownReference(
                f"There is no active {_name(model).replace('_', ' ')} {reference}.",
                errors=[unknown(_name(model), reference, pointer)],
            )
        return entry

    def every(self, model: type[Model]) -> Iterator[Entry[Model]]:
        """Every record of a type, archived ones included."""
        return iter(self._by_type[_name(model)].values())  # type: ignore[arg-type]

    def active(self, model: type[Model]) -> Iterator[Entry[Model]]:
        """Every active record of a type."""
        return (entry for entry in self.every(model) if entry.active)


def check_currency(context: "Context", currency: str, pointer: str = "/currency") -> None:
    """Raise UnknownReference for a currency that the tenant has archived; one without a record may be used."""
    model = configuration_model("currency")
    found = configuration(context).find(model, currency) if model is not None else None
    if found is not None and not found.active:
        raise UnknownReference(
            f"The currency {currency} is archived. Choose another, or send its record status active first.",
            errors=[unknown("currency", currency, pointer)],
        )


def unknown(kind: str, reference: str, pointer: str) -> FieldError:
    """The error for a reference that names nothing."""
    return FieldError(pointer, f"unknown_{kind}", f"there is no active {kind.replace('_', ' ')} {reference}")


def configuration_type(name: str, model: type[BaseModel]) -> None:
    """Declare that records of this type are configuration with data of this model."""
    _types[name] = model


def configuration_model(name: str) -> type[BaseModel] | None:
    """The model of a configuration type, or None when records of this type are not configuration."""
    return _types.get(name)


def configuration(context: "Context") -> Configuration:
    """The tenant's configuration as of this transaction; at most one statement, usually none."""
    tenant = context.tenant
    cached = _cache.get(tenant.id)
    if cached is not None and cached[0] == tenant.configuration_version:
        return cached[1]
    names = ", ".join(f"'{name}'" for name in sorted(_types)) or "NULL"
    found = context.work.read_json(
        "SELECT jsonb_build_object('records', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'type', type,"
        " 'code', number, 'status', status, 'company_id', company_id, 'data', data) ORDER BY number), '[]')"
        f" FROM kernel.document WHERE type IN ({names})),"
        " 'installation', kernel.installation_flags(), 'own', kernel.present_flags())::text"
    )
    loaded = Configuration(found["records"], FlagSettings(_flags(found["installation"]), _flags(found["own"])))
    _cache[tenant.id] = (tenant.configuration_version, loaded)
    if len(_cache) > CACHED_TENANTS:
        _cache.popitem(last=False)
    return loaded


_uncommitted = count(-1, -1)


def uncommitted_version() -> int:
    """A version for a set-up that a transaction has changed and goes on with: none that was committed is below 0."""
    return next(_uncommitted)


def enabled(flag: Flag, context: "Context") -> bool:
    """Whether a feature flag is on for the tenant and the actor of this request; usually without a statement."""
    settings = configuration(context).flags
    return settings.decide(flag, context.tenant.id, context.actor.id, context.now).on


def _flags(stored: dict[str, dict[str, object]]) -> dict[str, FlagSetting]:
    return {key: FlagSetting.model_validate(row["setting"]) for key, row in stored.items()}


def _name(model: type[BaseModel]) -> str:
    for name, known in _types.items():
        if known is model:
            return name
    raise LookupError(f"{model.__name__} is not declared as configuration")
