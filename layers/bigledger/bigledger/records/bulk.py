"""Many records of one resource at once: checked together, created together, in two statements."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from bigledger.kernel import Command, Context, Document, FieldError, Problem, documents
from bigledger.kernel.configuration import unknown
from bigledger.kernel.serialization import json_text
from bigledger.records.references import named, places
from bigledger.records.registry import Resource
from bigledger.records.rules import Proposed

Errors = list[tuple[int, FieldError]]
"""What is wrong, by the place of the record among those given."""


def prepared(context: Context, resource: Resource, given: Sequence[Command]) -> tuple[list[dict[str, Any]], Errors]:
    """The data of each, its references as codes, and everything that is wrong; two statements for all of them.

    A record may name another one of those given, as an account names the group that it stands below.
    """
    errors: Errors = []
    data = [record.model_dump(mode="json", exclude_none=True) for record in given]
    found = [(index, place) for index, fields in enumerate(data) for place in places(resource.model, fields)]
    names = named(context, {(place.type, place.reference) for _, place in found}, active=True)
    own = {str(fields["code"]): fields for fields in data}
    for index, place in found:
        name = names.get((place.type, place.reference))
        if name is not None:
            place.container[place.key] = name["code"]
        elif place.type != resource.type or place.reference not in own:
            errors.append((index, unknown(place.type, place.reference, place.pointer)))
        elif resource.name == "accounts" and not _fits_below(place.container, own[place.reference]):
            message = f"{place.reference} is no group of the same kind"
            errors.append((index, FieldError(place.pointer, "parent_kind", message)))
    taken = _taken(context, resource, data)
    for index, fields in enumerate(data):
        if fields["code"] in taken:
            errors.append((index, FieldError("/code", "code_taken", "another record has this code")))
        try:
            resource.rules.check(Proposed(context, None, fields))
        except Problem as problem:
            told = problem.errors or [FieldError("", problem.code(), problem.detail)]
            errors += [(index, error) for error in told]
    return data, errors


def create_all(context: Context, resource: Resource, data: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """Stage prepared records with their events; answers their ids. One statement for the parties they are of."""
    made = []
    owned = [{(owner, str(fields[owner])) for owner in resource.owners if owner in fields} for fields in data]
    parties = named(context, {one for owners in owned for one in owners})
    for fields, owners in zip(data, owned, strict=True):
        party = next((UUID(str(parties[owner]["id"])) for owner in owners), None)
        document = Document(context.new_id(), resource.type, "active", fields, number=fields["code"], party_id=party)
        documents.create(context, document)
        context.emit(resource.created(id=document.id, code=fields["code"], data=dict(fields)), document)
        made.append(document.id)
    context.work.configuration_changed |= resource.configuration and bool(made)
    return made


def _fits_below(account: Mapping[str, Any], parent: Mapping[str, Any]) -> bool:
    """Whether an account may stand below another one of those given."""
    return bool(parent["group"]) and parent["kind"] == account["kind"] and parent is not account


def _taken(context: Context, resource: Resource, data: Sequence[Mapping[str, Any]]) -> set[str]:
    """The codes that records have already."""
    if not data:
        return set()
    rows = context.work.read(
        "SELECT d.number FROM jsonb_to_recordset(cast(:codes AS jsonb)) AS w(code text)"
        " CROSS JOIN LATERAL (SELECT number FROM kernel.document WHERE type = :type AND number = w.code LIMIT 1) d",
        codes=json_text([{"code": fields["code"]} for fields in data]),
        type=resource.type,
    )
    return {row.number for row in rows}
