"""What can be imported: how objects of each kind are checked, all at once, and how they are created."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from bigledger.imports.model import ImportKind, RowError
from bigledger.imports.reading import Unit, told
from bigledger.kernel import Context, Document, FieldError, Problem, documents
from bigledger.kernel.configuration import unknown
from bigledger.kernel.intake import field_errors
from bigledger.kernel.serialization import json_text
from bigledger.ledger import NewJournalEntry, Parties, check_open, find_parties, journal, work_out
from bigledger.receivables import NewInvoice, invoicing
from bigledger.records import RESOURCES, Proposed, Resource, company_of, named, places

Created = tuple[Unit, UUID]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of import: who may, how much one request creates, and the functions that check and create."""

    permission: str
    chunk: int
    check: Callable[[Context, Sequence[Unit]], list[RowError]]
    create: Callable[[Context, Sequence[Unit]], list[Created]]


def _parsed(model: type[BaseModel], units: Sequence[Unit], errors: list[RowError]) -> Iterator[tuple[Unit, Any]]:
    """Each object as its model; what does not fit goes to the errors."""
    for unit in units:
        try:
            yield unit, model.model_validate(unit.data)
        except ValidationError as error:
            errors.extend(told(unit, field_errors(error)))


def _records(name: str) -> Kind:
    resource = RESOURCES[name]

    def check(context: Context, units: Sequence[Unit]) -> list[RowError]:
        return _record_data(context, resource, units)[1]

    def create(context: Context, units: Sequence[Unit]) -> list[Created]:
        data, errors = _record_data(context, resource, units)
        refuse(errors)
        created = []
        for unit, fields in data:
            document = Document(context.new_id(), resource.type, "active", fields, number=fields["code"])
            documents.create(context, document)
            context.emit(resource.created(id=document.id, code=fields["code"], data=fields), document)
            created.append((unit, document.id))
        context.work.configuration_changed |= resource.configuration and bool(created)
        return created

    return Kind(f"records.create_{resource.type}", 500, check, create)


def _record_data(
    context: Context, resource: Resource, units: Sequence[Unit]
) -> tuple[list[tuple[Unit, dict[str, Any]]], list[RowError]]:
    """The records with their references as codes, and what is wrong; two statements for all of them."""
    errors: list[RowError] = []
    data = [
        (unit, parsed.model_dump(mode="json", exclude_none=True))
        for unit, parsed in _parsed(resource.model, units, errors)
    ]
    found = [(unit, place) for unit, fields in data for place in places(resource.model, fields)]
    names = named(context, {(place.type, place.reference) for _, place in found}, active=True)
    own = {str(fields["code"]): fields for _, fields in data}
    for unit, place in found:
        name = names.get((place.type, place.reference))
        if name is not None:
            place.container[place.key] = name["code"]
        elif place.type != resource.type or place.reference not in own:
            errors += told(unit, [unknown(place.type, place.reference, place.pointer)])
        elif resource.name == "accounts" and not _fits_below(place.container, own[place.reference]):
            message = f"{place.reference} is no group of the same kind"
            errors += told(unit, [FieldError(place.pointer, "parent_kind", message)])
    taken = _taken(context, resource, [fields["code"] for _, fields in data])
    for unit, fields in data:
        if fields["code"] in taken:
            errors += told(unit, [FieldError("/code", "code_taken", "another record has this code")])
        try:
            resource.rules.check(Proposed(context, None, fields))
        except Problem as problem:
            errors += told(unit, problem.errors or [FieldError("", problem.code(), problem.detail)])
    return data, errors


def _fits_below(account: Mapping[str, Any], parent: Mapping[str, Any]) -> bool:
    """Whether an account may stand below another one of the same import."""
    return bool(parent["group"]) and parent["kind"] == account["kind"] and parent is not account


def _taken(context: Context, resource: Resource, codes: Sequence[str]) -> set[str]:
    if not codes:
        return set()
    rows = context.work.read(
        "SELECT d.number FROM jsonb_to_recordset(cast(:codes AS jsonb)) AS w(code text)"
        " JOIN kernel.document d ON d.type = :type AND d.number = w.code",
        codes=json_text([{"code": code} for code in codes]),
        type=resource.type,
    )
    return {row.number for row in rows}


def _check_entries(context: Context, units: Sequence[Unit]) -> list[RowError]:
    errors: list[RowError] = []
    parsed = list(_parsed(NewJournalEntry, units, errors))
    parties = _parties(context, [new for _, new in parsed])
    for unit, new in parsed:
        try:
            company = company_of(context, new.company)
            on = new.date or context.clock.today(company.data.timezone)
            if new.on_closed_period == "refuse":
                check_open(context, company, "gl", on)
            work_out(context, company, on, new.lines, known_parties=parties)
        except Problem as problem:
            errors += told(unit, problem.errors or [FieldError("/lines", problem.code(), problem.detail)])
    return errors


def _create_entries(context: Context, units: Sequence[Unit]) -> list[Created]:
    errors: list[RowError] = []
    parsed = list(_parsed(NewJournalEntry, units, errors))
    refuse(errors)
    parties = _parties(context, [new for _, new in parsed])
    created = []
    for unit, new in parsed:
        try:
            entry = journal.create(new.model_copy(update={"post": True}), context, parties)
        except Problem as problem:
            refuse(told(unit, problem.errors or [FieldError("/lines", problem.code(), problem.detail)]))
            raise
        created.append((unit, entry.id))
    return created


def _parties(context: Context, entries: Sequence[NewJournalEntry]) -> Parties:
    """The parties of all entries, in one statement."""
    return find_parties(context, [line for new in entries for line in new.lines])


def _check_invoices(context: Context, units: Sequence[Unit]) -> list[RowError]:
    """The shape, and every customer and product; what else may refuse an invoice is told by its commit."""
    errors: list[RowError] = []
    parsed = list(_parsed(NewInvoice, units, errors))
    wanted = {("customer", new.customer) for _, new in parsed}
    wanted |= {("product", item.product) for _, new in parsed for item in new.items}
    names = named(context, wanted, active=True)
    for unit, new in parsed:
        missing = [] if ("customer", new.customer) in names else [unknown("customer", new.customer, "/customer")]
        missing += [
            unknown("product", item.product, f"/items/{place}/product")
            for place, item in enumerate(new.items)
            if ("product", item.product) not in names
        ]
        errors += told(unit, missing)
    return errors


def _create_invoices(context: Context, units: Sequence[Unit]) -> list[Created]:
    """One per request: each reserves stock and takes credit that the next one has to see."""
    errors: list[RowError] = []
    parsed = list(_parsed(NewInvoice, units, errors))
    refuse(errors)
    created = []
    for unit, new in parsed:
        try:
            created.append((unit, invoicing.create(new, context).id))
        except Problem as problem:
            refuse(told(unit, problem.errors or [FieldError("", problem.code(), problem.detail)]))
            raise
    return created


class ImportRefused(Problem):
    """Some rows cannot be imported as things stand now; ``rows`` tells which and why. Nothing of the chunk was."""

    title = "Some rows cannot be imported"


def refuse(errors: Sequence[RowError]) -> None:
    """Raise ImportRefused for rows that are wrong."""
    if errors:
        first = errors[0]
        raise ImportRefused(
            f"Row {first.row}: {first.message}. {len(errors)} in all. Mend what they rest on, then resume the import.",
            rows=[error.model_dump(exclude_none=True) for error in errors[:100]],
        )


KINDS: Mapping[ImportKind, Kind] = {
    "customers": _records("customers"),
    "suppliers": _records("suppliers"),
    "products": _records("products"),
    "accounts": _records("accounts"),
    "journal_entries": Kind("ledger.create_journal_entry", 200, _check_entries, _create_entries),
    "invoices": Kind("receivables.create_invoice", 1, _check_invoices, _create_invoices),
}
"""Every kind by its name."""
