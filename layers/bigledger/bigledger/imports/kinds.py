"""What can be imported: how objects of each kind are checked, all at once, and how they are created."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bigledger.imports import opening_items
from bigledger.imports.checking import Created, as_models, refuse
from bigledger.imports.model import ImportKind, RowError
from bigledger.imports.reading import Unit, told
from bigledger.kernel import Context, FieldError, Problem
from bigledger.kernel.configuration import unknown
from bigledger.ledger import NewJournalEntry, Parties, check_open, find_parties, journal, work_out
from bigledger.receivables import NewInvoice, invoicing
from bigledger.records import RESOURCES, Resource, company_of, create_all, named, prepared


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of import: who may, how much one request creates, and the functions that check and create."""

    permission: str
    chunk: int
    check: Callable[[Context, Sequence[Unit]], list[RowError]]
    create: Callable[[Context, Sequence[Unit]], list[Created]]


def _records(name: str) -> Kind:
    resource = RESOURCES[name]

    def check(context: Context, units: Sequence[Unit]) -> list[RowError]:
        return _prepared(context, resource, units)[2]

    def create(context: Context, units: Sequence[Unit]) -> list[Created]:
        fitting, data, errors = _prepared(context, resource, units)
        refuse(errors)
        return list(zip(fitting, create_all(context, resource, data), strict=True))

    return Kind(f"records.create_{resource.type}", 500, check, create)


def _prepared(
    context: Context, resource: Resource, units: Sequence[Unit]
) -> tuple[list[Unit], list[dict[str, Any]], list[RowError]]:
    """The records that have the right shape, their data, and everything that is wrong."""
    errors: list[RowError] = []
    parsed = list(as_models(resource.model, units, errors))
    data, found = prepared(context, resource, [record for _, record in parsed])
    errors += [error for index, one in found for error in told(parsed[index][0], [one])]
    return [unit for unit, _ in parsed], data, errors


def _check_entries(context: Context, units: Sequence[Unit]) -> list[RowError]:
    errors: list[RowError] = []
    parsed = list(as_models(NewJournalEntry, units, errors))
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
    parsed = list(as_models(NewJournalEntry, units, errors))
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
    parsed = list(as_models(NewInvoice, units, errors))
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
    parsed = list(as_models(NewInvoice, units, errors))
    refuse(errors)
    created = []
    for unit, new in parsed:
        try:
            created.append((unit, invoicing.create(new, context).id))
        except Problem as problem:
            refuse(told(unit, problem.errors or [FieldError("", problem.code(), problem.detail)]))
            raise
    return created


KINDS: Mapping[ImportKind, Kind] = {
    "customers": _records("customers"),
    "suppliers": _records("suppliers"),
    "contacts": _records("contacts"),
    "products": _records("products"),
    "accounts": _records("accounts"),
    "journal_entries": Kind("ledger.create_journal_entry", 200, _check_entries, _create_entries),
    "opening_items": Kind("ledger.post_opening_balances", 500, opening_items.check, opening_items.create),
    "invoices": Kind("receivables.create_invoice", 1, _check_invoices, _create_invoices),
}
"""Every kind by its name."""
