"""The five operations on any master data: list, get, create, update and archive."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from pydantic import ConfigDict, ValidationError

from bigledger.kernel import (
    Answer,
    Command,
    Conflict,
    Context,
    Document,
    FieldError,
    Filter,
    InvalidRequest,
    ListQuery,
    Page,
    Problem,
    Reference,
    Text,
    database,
    documents,
    listing,
    permissions,
)
from bigledger.kernel.intake import field_errors
from bigledger.records.events import Change
from bigledger.records.references import named, places, resolve
from bigledger.records.registry import Resource, resource_named
from bigledger.records.rules import Loaded, Proposed, RecordInUse, as_given, changes, check_frozen, load, merged


class CodeTaken(Conflict):
    """Another record of the resource has this code, or this id."""

    title = "The code is in use"


class FiscalYearsOverlap(Problem):
    """A fiscal year shares days with another one of the same company."""

    title = "Fiscal years overlap"


database.constraint("document_number", lambda: CodeTaken("Another record has this code. Choose another."))
database.constraint(
    "fiscal_years_apart",
    lambda: FiscalYearsOverlap(
        "Another fiscal year of this company has some of these days. Choose days that no other year has.",
        errors=[FieldError("/starts_on", "fiscal_years_overlap", "start after the last day of the year before")],
    ),
)


class Record(Answer):
    """A record: its identity and state, and the fields of its resource beside them."""

    model_config = ConfigDict(extra="allow", frozen=True)
    id: UUID
    code: str
    status: str
    version: int
    created_at: datetime
    updated_at: datetime


class NewRecord(Command):
    """A record to create: the fields of the resource. The id may be supplied by the caller."""

    model_config = ConfigDict(extra="allow", frozen=True)
    resource: str
    id: UUID | None = None


class RecordChange(Command):
    """Fields to replace; null removes an optional one. Of numbered lists, such as periods, name only what changes.

    ``status`` "active" takes an archived record into use again. ``change_reason`` is told in the event; opening a
    closed period again needs one, and the permission ledger.reopen_period.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    resource: str
    id: Reference
    status: Literal["active"] | None = None
    change_reason: Text | None = None


class RecordReference(Command):
    """Names one record by its id or code."""

    resource: str
    id: Reference


class RecordList(ListQuery):
    """A list of a resource; archived records are left out unless asked for by status."""

    resource: str
    allowed_filters = {"status": Filter("status"), "code": Filter("number")}
    allowed_sorts = ("code",)
    default_filters = {"status": "active"}


def create(new: NewRecord, context: Context) -> Record:
    """Validate, check the references and stage a new record with its event."""
    resource = _permitted(new.resource, "create", context)
    model = _validated(resource, new.model_extra or {})
    data = model.model_dump(mode="json", exclude_none=True)
    ids = resolve(context, resource.model, data)
    resource.rules.check(Proposed(context, None, data))
    if context.work.read(
        "SELECT 1 FROM kernel.document WHERE type = :type AND number = :code", type=resource.type, code=data["code"]
    ):
        raise CodeTaken(
            f"{resource.title} {data['code']} exists already. Choose another code, or change that one.",
            errors=[FieldError("/code", "code_taken", "choose another code")],
        )
    party = next((ids[f"/{owner}"] for owner in resource.owners if owner in data), None)
    document = documents.create(
        context,
        Document(new.id or context.new_id(), resource.type, "active", data, number=data["code"], party_id=party),
    )
    context.emit(resource.created(id=document.id, code=data["code"], data=data), document)
    context.work.configuration_changed |= resource.configuration
    return answer(resource, document, context)


def update(change: RecordChange, context: Context) -> Record:
    """Replace fields of a record; its event tells what each was before.

    Raises RecordInUse for what posted figures rest on, and Conflict for an archived record that is not taken into
    use again by the same change.
    """
    return changed_record(_permitted(change.resource, "update", context), change, context)


def changed_record(resource: Resource, change: RecordChange, context: Context) -> Record:
    """Change a record for an operation that has a permission of its own, as ``update`` does."""
    loaded = _loaded(resource, change.id, context)
    document, rules = loaded.document, resource.rules
    documents.check_version(context, document)
    if document.status != "active" and change.status is None:
        raise Conflict(
            f"{resource.title} {document.number} is archived. Send status active to take it into use again.",
            document_status=document.status,
        )
    before = _data(document)
    given = change.model_extra or {}
    fields, moved = merged(rules, before, given)
    fields |= {name: None for name in given if name not in resource.model.model_fields}  # null does not remove these
    if fields.get("code") != before["code"]:
        raise InvalidRequest(
            "A code does not change: documents name the record by it.",
            errors=[FieldError("/code", "immutable", "create another record, or leave the code out")],
        )
    try:
        data = _validated(resource, fields).model_dump(mode="json", exclude_none=True)
        resolve(context, resource.model, data)
        changed = changes(rules, before, data)
        check_frozen(rules, f"{resource.title} {before['code']}", changed, loaded.used)
        rules.check(Proposed(context, before, data, loaded.used, change.change_reason))
    except Problem as problem:
        problem.errors = as_given(problem.errors, moved)
        raise
    if document.status != "active":
        changed["status"] = Change(before=document.status, after="active")
    if not changed:
        return answer(resource, document, context)
    documents.change(context, document, data=data, status="active")
    event = resource.updated(
        id=document.id, code=data["code"], changes=changed, change_reason=change.change_reason, data=data
    )
    context.emit(event, document)
    context.work.configuration_changed |= resource.configuration
    return answer(resource, document, context)


def archive(reference: RecordReference, context: Context) -> Record:
    """Take a record out of use; what names it stays as it is. Archiving twice changes nothing.

    Raises RecordInUse for set-up that the books cannot do without, such as an account with a balance.
    """
    resource = _permitted(reference.resource, "archive", context)
    loaded = _loaded(resource, reference.id, context)
    document = loaded.document
    documents.check_version(context, document)
    if document.status == "active":
        if loaded.kept is not None:
            raise RecordInUse(f"{resource.title} {document.number} cannot be archived: {loaded.kept}.")
        documents.change(context, document, status="archived")
        context.emit(resource.deactivated(id=document.id, code=str(document.number)), document)
        context.work.configuration_changed |= resource.configuration
    return answer(resource, document, context)


def get(reference: RecordReference, context: Context) -> Record:
    """One record by id or code."""
    resource = _permitted(reference.resource, "get", context)
    return answer(resource, _loaded(resource, reference.id, context).document, context)


def list_all(query: RecordList, context: Context) -> Page[Record]:
    """A page of a resource's records."""
    resource = _permitted(query.resource, "list", context)
    found, cursor = listing.page(context, resource.type, query, filters=resource.filters)
    return Page[Record](data=_answers(resource, [listed.document for listed in found], context), next_cursor=cursor)


def answer(resource: Resource, document: Document, context: Context) -> Record:
    """The record as it is answered: its references carry id, code and name."""
    return _answers(resource, [document], context)[0]


def _answers(resource: Resource, found: list[Document], context: Context) -> list[Record]:
    """Many records as they are answered; at most one statement for the names of what they refer to."""
    copies = [deepcopy(_data(document)) for document in found]
    written = [place for data in copies for place in places(resource.model, data)]
    names = named(context, {(place.type, place.reference) for place in written})
    for place in written:
        place.container[place.key] = names.get((place.type, place.reference), {"code": place.reference})
    return [
        Record(
            id=document.id,
            code=str(document.number),
            status=document.status,
            version=document.version,
            created_at=document.created_at,
            updated_at=document.updated_at,
            **{name: value for name, value in data.items() if name != "code"},
        )
        for document, data in zip(found, copies, strict=True)
    ]


def _data(document: Document) -> dict[str, Any]:
    return dict(cast("Mapping[str, Any]", document.data))


def _permitted(name: str, verb: str, context: Context) -> Resource:
    """The resource, if the actor may do this to it: the permission is ``records.create_customer`` and the like."""
    resource = resource_named(name)
    permissions.require(context.actor, f"records.{verb}_{resource.type}")
    return resource


def _loaded(resource: Resource, reference: str, context: Context) -> Loaded:
    return load(context, resource.type, resource.title, resource.rules, reference)


def _validated(resource: Resource, fields: Mapping[str, Any]) -> Command:
    try:
        command: Command = resource.model.model_validate(fields)
        return command
    except ValidationError as error:
        raise InvalidRequest("Some fields are not right; each is pointed at.", errors=field_errors(error)) from error
