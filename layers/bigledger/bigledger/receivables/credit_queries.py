"""What credit notes read, each need in one statement."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bigledger.currency import Rate, rate_json, read_rate
from bigledger.inventory import OpenReservation, open_reservations_json, read_open_reservations
from bigledger.kernel import Context, Document, NotFound
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.kernel.serialization import json_text
from bigledger.ledger import (
    DeferredLines,
    JournalEntry,
    OpenItem,
    deferred_json,
    entries_json,
    item_json,
    read_deferred,
    read_entries,
    read_item,
    reduced_json,
)
from bigledger.receivables.credit_model import CreditNoteData
from bigledger.receivables.model import InvoiceItem

_ITEMS = f"""
    (SELECT jsonb_agg({item_json()} ORDER BY i.instalment)
     FROM ledger.open_item i JOIN ledger.open_item_balance b ON b.open_item_id = i.id
     WHERE i.document_id = {{document}})
"""

_CREDITED = """
    (SELECT jsonb_agg(item) FROM kernel.document_link l
     JOIN kernel.document n ON n.id = l.to_id AND n.type = 'credit_note' AND n.posted_at IS NOT NULL
         AND n.status <> 'void', jsonb_array_elements(n.data->'items') item
     WHERE l.from_id = d.id AND l.kind = 'credit')
"""

_INVOICE = f"""
    SELECT jsonb_build_object('document', {AS_JSON}, 'items', {_ITEMS.format(document="d.id")},
                              'credited', {_CREDITED}, 'deferred', {deferred_json("d.id")},
                              'reservations', {open_reservations_json("d.id")})::text
    FROM kernel.document d WHERE d.type = 'invoice' AND {{match}}
"""


@dataclass(frozen=True, slots=True)
class CreditableInvoice:
    """An invoice, its open items, what is deferred of it, and the lines of the credit notes that took it back.

    ``reservations`` is the stock that it holds.
    """

    document: Document
    items: Sequence[OpenItem]
    credited: Sequence[InvoiceItem]
    deferred: DeferredLines
    reservations: Sequence[OpenReservation]


def invoice(context: Context, reference: str) -> CreditableInvoice:
    """Read an invoice by id or number with what is credited of it, in one statement. Raises NotFound."""
    found = context.work.read_json(_INVOICE.format(match=matching(reference)), reference=reference)
    if found is None:
        raise NotFound(f"There is no invoice {reference}.")
    return CreditableInvoice(
        document=from_json(found["document"]),
        items=[read_item(item) for item in found["items"] or []],
        credited=[InvoiceItem.model_validate(item) for item in found["credited"] or []],
        deferred=read_deferred(found["deferred"]),
        reservations=read_open_reservations(found["reservations"]),
    )


AMOUNT_LEFT = """
    (SELECT (sum(b.settled) - sum(b.amount))::text FROM ledger.open_item_balance b WHERE b.document_id = d.id)
"""
"""What of a credit note or payment ``d`` is neither allocated nor refunded, in its currency; null when nothing was."""

_EFFECTS = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'items', {_ITEMS.format(document="d.id")},
        'entries', {entries_json("d.id")},
        'settled', (SELECT jsonb_agg({item_json()} || jsonb_build_object(
                               'by', s.amount::text, 'base_by', s.base_amount::text) ORDER BY s.id)
                    FROM kernel.document_link l
                    JOIN ledger.open_item i ON i.document_id = l.from_id
                    JOIN ledger.open_item_balance b ON b.open_item_id = i.id
                    JOIN ledger.settlement s ON s.open_item_id = i.id AND s.document_id = d.id
                    WHERE l.to_id = d.id),
        'opened', (SELECT jsonb_agg({item_json()}) FROM kernel.document_link l
                   JOIN ledger.open_item i ON i.document_id = l.from_id
                   JOIN ledger.open_item_balance b ON b.open_item_id = i.id WHERE l.to_id = d.id),
        'invoices', (SELECT jsonb_agg({AS_JSON.replace("d.", "o.")}) FROM kernel.document_link l
                     JOIN kernel.document o ON o.id = l.from_id WHERE l.to_id = d.id),
        'events', (SELECT jsonb_agg(e.type ORDER BY e.transaction_id, e.id) FROM kernel.event e
                   WHERE e.subject_id IN (SELECT d.id UNION ALL
                                          SELECT l.from_id FROM kernel.document_link l WHERE l.to_id = d.id)
                     AND (e.subject_id = d.id OR d.id::text IN (e.data->>'payment_id', e.data->>'cause_id'))),
        'deferred', {deferred_json("d.id")}, 'reduced', {reduced_json("d.id")}
    )::text
    FROM kernel.document d WHERE d.type = :type AND {{match}}
"""


@dataclass(frozen=True, slots=True)
class Effects:
    """A credit note or a payment with all that it did.

    ``items`` are what it left open itself; ``settled`` are the items it settled as they stand now, each with what it
    settled of them in their currency and in base currency. ``opened`` are all items of these invoices. ``deferred`` is
    what is deferred of its own lines, ``reduced`` the number of a schedule of its invoice that it reduced.
    """

    document: Document
    items: Sequence[OpenItem]
    entries: Sequence[JournalEntry]
    settled: Sequence[dict[str, Any]]
    opened: Sequence[OpenItem]
    invoices: Sequence[Document]
    deferred: DeferredLines
    reduced: str | None
    events: list[str]


def effects(context: Context, type: str, reference: str) -> Effects:
    """Read a credit note or a payment by id or number, in one statement. Raises NotFound."""
    found = context.work.read_json(_EFFECTS.format(match=matching(reference)), type=type, reference=reference)
    if found is None:
        raise NotFound(f"There is no {type.replace('_', ' ')} {reference}.")
    return Effects(
        document=from_json(found["document"]),
        items=[read_item(item) for item in found["items"] or []],
        entries=read_entries(context, found["entries"]),
        settled=found["settled"] or [],
        opened=[read_item(item) for item in found["opened"] or []],
        invoices=[from_json(document) for document in found["invoices"] or []],
        deferred=read_deferred(found["deferred"]),
        reduced=found["reduced"],
        events=found["events"] or [],
    )


_REFUNDABLE = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'items', {_ITEMS.format(document="d.id")},
        'customer', (SELECT jsonb_build_object('id', c.id, 'code', c.number, 'name', c.data->>'name')
                     FROM kernel.document c WHERE c.id = d.party_id)
    )::text
    FROM kernel.document d WHERE d.type = :type AND {{match}}
"""


@dataclass(frozen=True, slots=True)
class Refundable:
    """A payment or a credit note, what it left open, and its customer."""

    document: Document
    items: Sequence[OpenItem]
    customer: Mapping[str, Any]


def refundable(context: Context, type: str, reference: str) -> Refundable:
    """Read a payment or a credit note by id or number, in one statement. Raises NotFound."""
    found = context.work.read_json(_REFUNDABLE.format(match=matching(reference)), type=type, reference=reference)
    if found is None:
        raise NotFound(f"There is no {type.replace('_', ' ')} {reference}.")
    items = [read_item(item) for item in found["items"] or []]
    return Refundable(from_json(found["document"]), items, found["customer"])


_RATES = f"""
    SELECT jsonb_agg({rate_json("c.currency", "cast(:base AS text)", "cast(:on AS date)")} ORDER BY c.place)::text
    FROM jsonb_array_elements_text(cast(:currencies AS jsonb)) WITH ORDINALITY AS c (currency, place)
"""


def rates(context: Context, currencies: Iterable[str | None], base: str, on: dt.date) -> list[Rate | None]:
    """The spot rate of each currency in base currency on a day, None where there is none or none is needed."""
    asked = [currency if currency != base else None for currency in currencies]
    if not any(asked):
        return [None for _ in asked]
    found = context.work.read_json(
        _RATES,
        currencies=json_text(asked),
        base=base,
        on=str(on),
    )
    return [read_rate(rate) for rate in found]


def data_of(document: Document) -> CreditNoteData:
    """The data of a credit note."""
    return document.read(CreditNoteData)
