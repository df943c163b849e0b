"""The events of master data: created, updated and deactivated, for each resource."""

import builtins
from typing import Any, TypeVar
from uuid import UUID

from pydantic import create_model

from bigledger.kernel import Answer, Event, event

Base = TypeVar("Base", bound=Event)


class Change(Answer):
    """What a field was and what it is now; absent where there was or is nothing."""

    before: Any = None
    after: Any = None


class RecordCreated(Event):
    """A record was created; ``data`` is the whole record."""

    id: UUID
    code: str
    data: dict[str, Any]


class RecordUpdated(Event):
    """A record was changed; ``changes`` says what each changed field was before and is after.

    Of a list whose elements are numbered, such as the periods of a fiscal year, it has the changed elements only.
    """

    id: UUID
    code: str
    changes: dict[str, Change]
    change_reason: str | None = None
    """Why, if the caller said so; always when a closed period was opened again."""
    data: dict[str, Any]


class RecordDeactivated(Event):
    """A record was archived: it stays readable and cannot be used in new documents."""

    id: UUID
    code: str


def record_events(
    type: str,
) -> tuple[builtins.type[RecordCreated], builtins.type[RecordUpdated], builtins.type[RecordDeactivated]]:
    """Declare and answer the three events of a resource type, such as ``customer.created``."""
    return (
        event(f"{type}.created")(_named(type, RecordCreated)),
        event(f"{type}.updated")(_named(type, RecordUpdated)),
        event(f"{type}.deactivated")(_named(type, RecordDeactivated)),
    )


def _named(type: str, base: builtins.type[Base]) -> builtins.type[Base]:
    """The event class of one resource type: CustomerCreated from RecordCreated."""
    name = type.title().replace("_", "") + base.__name__.removeprefix("Record")
    return create_model(name, __base__=base, __module__=__name__, __doc__=base.__doc__)
