"""Documents: what people agreed or keep, with a version and a status, typed data and a history of events."""

import builtins
import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel

from bigledger.kernel.configuration import check_currency
from bigledger.kernel.database import ConcurrentChange
from bigledger.kernel.problems import Conflict, NotFound, StaleVersion

if TYPE_CHECKING:
    from bigledger.kernel.context import Context

Model = TypeVar("Model", bound=BaseModel)

AS_JSON = (
    "jsonb_build_object('id', d.id, 'type', d.type, 'company_id', d.company_id, 'number', d.number, 'status',"
    " d.status, 'party_id', d.party_id, 'date', d.date, 'due_date', d.due_date, 'currency', d.currency, 'total',"
    " d.total::text, 'data', d.data, 'metadata', d.metadata, 'version', d.version, 'sequence', d.sequence,"
    " 'posted_at', d.posted_at, 'created_at', d.created_at, 'created_by', d.created_by, 'updated_at', d.updated_at,"
    " 'updated_by', d.updated_by)"
)
"""A document ``d`` as a JSON object that ``from_json`` reads; for joining reads into one statement."""

NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
"""When a document was created that has not been created yet."""


@dataclass(slots=True, eq=False)
class Document:
    """A document in memory. ``data`` is JSON-ready or a pydantic model; ``version`` is the one to be stored.

    ``total`` is in ``currency``; ``date`` is the accounting date; ``number`` is the legal number or the code.
    """

    id: UUID
    type: str
    status: str
    data: Mapping[str, Any] | BaseModel
    company_id: UUID | None = None
    number: str | None = None
    party_id: UUID | None = None
    date: dt.date | None = None
    due_date: dt.date | None = None
    currency: str | None = None
    total: Decimal | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    version: int = 1
    sequence: int = 0
    """How many events tell of this document."""
    posted_at: dt.datetime | None = None
    created_at: dt.datetime = NEVER
    created_by: str = ""
    updated_at: dt.datetime = NEVER
    updated_by: str = ""

    def read(self, model: builtins.type[Model]) -> Model:
        """The data as its typed model."""
        return self.data if isinstance(self.data, model) else model.model_validate(self.data)

    def row(self, shares: Any = None) -> dict[str, Any]:
        """The stored columns; long lists that are found in ``shares`` stand there by their tokens."""
        data: Any = self.data
        if isinstance(data, BaseModel):
            data = orjson.Fragment(data.model_dump_json(exclude_none=True, context=shares))
        return {
            "id": self.id,
            "type": self.type,
            "company_id": self.company_id,
            "number": self.number,
            "status": self.status,
            "party_id": self.party_id,
            "date": self.date,
            "due_date": self.due_date,
            "currency": self.currency,
            "total": self.total,
            "data": data,
            "metadata": self.metadata,
            "version": self.version,
            "sequence": self.sequence,
            "posted_at": self.posted_at,
            "created_by": self.created_by,
            "updated_by": self.updated_by,
        }


class Part(BaseModel):
    """Of an object in a document's data those fields that a model of a part of the data is to have of it."""


def part_as_json(model: type[BaseModel]) -> str:
    """AS_JSON with only those fields of the data that the model has: what is large need not be sent and read."""
    return AS_JSON.replace("d.data", _fields_as_json(model, "d.data"))


def _fields_as_json(model: type[BaseModel], at: str) -> str:
    fields = []
    for name, told in model.model_fields.items():
        value, inner = f"{at}->'{name}'", told.annotation
        if isinstance(inner, type) and issubclass(inner, Part):
            value = _fields_as_json(inner, value)
        fields.append(f"'{name}', {value}")
    return f"jsonb_build_object({', '.join(fields)})"


def from_json(value: Mapping[str, Any]) -> Document:
    """A document from the object that AS_JSON makes."""

    def moment(name: str) -> dt.datetime | None:
        return dt.datetime.fromisoformat(value[name]) if value.get(name) else None

    def day(name: str) -> dt.date | None:
        return dt.date.fromisoformat(value[name]) if value.get(name) else None

    return Document(
        id=UUID(value["id"]),
        type=value["type"],
        company_id=UUID(value["company_id"]) if value["company_id"] else None,
        number=value["number"],
        status=value["status"],
        party_id=UUID(value["party_id"]) if value["party_id"] else None,
        date=day("date"),
        due_date=day("due_date"),
        currency=value["currency"],
        total=None if value["total"] is None else Decimal(value["total"]),
        data=value["data"],
        metadata=value["metadata"],
        version=value["version"],
        sequence=value["sequence"],
        posted_at=moment("posted_at"),
        created_at=dt.datetime.fromisoformat(value["created_at"]),
        created_by=value["created_by"],
        updated_at=dt.datetime.fromisoformat(value["updated_at"]),
        updated_by=value["updated_by"],
    )


def create(context: "Context", document: Document) -> Document:
    """Stage a new document, made by the actor of this request now.

    Raises UnknownReference for one in a currency that the tenant has archived.
    """
    if document.currency is not None:
        check_currency(context, document.currency)
    document.created_by = document.updated_by = context.actor.id
    document.created_at = document.updated_at = context.now
    context.work.insert(document)
    return document


def change(context: "Context", document: Document, **new: Any) -> Document:
    """Stage a loaded document with some fields replaced; its version moves up by one, once per request."""
    document.updated_by, document.updated_at = context.actor.id, context.now
    for name, value in new.items():
        setattr(document, name, value)
    context.work.change(document)
    return document


def get(context: "Context", type: str, reference: str, what: str | None = None) -> Document:
    """Load a document of a type by its id or its number.

    Raises NotFound, also for another tenant's id.
    """
    found = context.work.read_json(
        f"SELECT {AS_JSON}::text FROM kernel.document d WHERE d.type = :type AND {matching(reference)} LIMIT 1",
        type=type,
        reference=reference,
    )
    if found is None:
        raise NotFound(f"There is no {what or type.replace('_', ' ')} {reference}.")
    return from_json(found)


def check_version(context: "Context", document: Document) -> None:
    """Hold the caller's If-Match against the stored version.

    Raises StaleVersion when the caller read an older (or another) version.
    """
    expected = context.request.expected_version
    if expected is not None and expected != document.version:
        raise StaleVersion(
            f"You read version {expected}, but it is at version {document.version} now. Read it again, then repeat.",
            version=document.version,
        )


def check_unchanged(document: Document, again: Document) -> None:
    """Hold a document against itself, read again by another statement of the same request.

    Raises ConcurrentChange when another request came between the two.
    """
    if again.version != document.version:
        raise ConcurrentChange("a document was changed between two reads")


def check_status(document: Document, allowed: Collection[str], action: str) -> None:
    """Refuse a transition that the document's status does not allow; ``action`` is a past participle.

    Raises Conflict.
    """
    if document.status not in allowed:
        kind = document.type.replace("_", " ")
        raise Conflict(
            f"This {kind} is {document.status.replace('_', ' ')} and cannot be {action};"
            f" only one that is {' or '.join(status.replace('_', ' ') for status in allowed)} can.",
            document_status=document.status,
        )


def is_id(reference: str) -> bool:
    """Whether a reference is written as a UUID, in the one form that Postgres takes as well."""
    try:
        return str(UUID(reference)) == reference.lower()
    except ValueError:
        return False


def matching(reference: str, document: str = "d") -> str:
    """SQL that is true of the document that ``:reference`` names, by its id or its number."""
    return f"{document}.id = cast(:reference AS uuid)" if is_id(reference) else f"{document}.number = :reference"
