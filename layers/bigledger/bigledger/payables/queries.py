"""What payables reads, each need in one statement."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from bigledger.currency import Rate, rate_json, read_rate
from bigledger.kernel import Context, Document, Entry, NotFound
from bigledger.kernel.documents import AS_JSON, from_json, is_id, matching
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
)
from bigledger.payables.holds import hold_json
from bigledger.payables.withholding_year import withholding_json
from bigledger.records import Company, Known, Product, Supplier, active_named, by_codes_and_ids

BillType = Literal["bill", "supplier_credit", "expense_claim"]
"""The documents that are worked out as bills are; the first two carry a number of the supplier's."""

_INPUTS = f"""
    WITH supplier AS MATERIALIZED ({active_named("supplier", "supplier")}),
         product AS MATERIALIZED ({active_named("product", "product")})
    SELECT jsonb_build_object(
        'supplier', (SELECT jsonb_build_object('id', id, 'data', data) FROM supplier),
        'withholding', (SELECT jsonb_build_object('code', number, {withholding_json("supplier")}) FROM supplier),
        'products', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'data', data)), '[]') FROM product),
        'twin', (SELECT jsonb_build_object('id', d.id, 'number', d.number, 'status', d.status, 'date', d.date)
                 FROM (SELECT id FROM supplier OFFSET 0) s,
                 LATERAL (SELECT n.document_id FROM payables.supplier_number_key n
                          WHERE n.supplier_id = s.id AND n.type = cast(:type AS text)
                            AND n.key = payables.number_key(cast(:supplier_number AS text))) n
                 JOIN kernel.document d ON d.id = n.document_id),
        'rate', (SELECT {rate_json("w.currency", "cast(:base AS text)", "cast(:on AS date)")}
                 FROM (SELECT coalesce(cast(:currency AS text),
                                       (SELECT data->>'currency' FROM supplier)) AS currency) w)
    )::text
"""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a bill is worked out from, by the references the command used.

    ``twin`` is the id, number, status and date of the document that has the supplier's number already; ``rate`` is
    that of the bill's currency, if it is foreign; ``withholding`` tells what is withheld from the supplier and how its
    years stand.
    """

    supplier: Known[Supplier] | None
    products: Mapping[str, Known[Product]]
    twin: Mapping[str, Any] | None
    rate: Rate | None
    withholding: Mapping[str, Any]


def bill_inputs(
    context: Context,
    type: BillType,
    company: Entry[Company],
    supplier: str,
    supplier_number: str | None,
    products: Iterable[str],
    currency: str | None,
    on: dt.date,
) -> Inputs:
    """Read everything a bill needs besides the configuration, in one statement.

    Without ``currency`` the rate is that of the supplier's currency; ``on`` is its day.
    """
    references = set(products)
    found = context.work.read_json(
        _INPUTS,
        type=type,
        supplier_number=supplier_number,
        company=str(company.id),
        base=company.data.currency,
        currency=currency,
        on=str(on),
        **by_codes_and_ids("supplier", [supplier]),
        **by_codes_and_ids("product", references),
    )
    by_reference: dict[str, Known[Product]] = {}
    for row in found["products"]:
        known = Known(UUID(row["id"]), Product.model_validate(row["data"]))
        by_reference[known.data.code] = by_reference[row["id"]] = known
    named = {name: by_reference.get(name.lower() if is_id(name) else name) for name in references}
    party = found["supplier"]
    return Inputs(
        supplier=Known(UUID(party["id"]), Supplier.model_validate(party["data"])) if party else None,
        products={name: product for name, product in named.items() if product is not None},
        twin=found["twin"],
        rate=read_rate(found["rate"]),
        withholding=found["withholding"] or {},
    )


_WITHHOLDING = f"""
    SELECT jsonb_build_object('code', s.number, {withholding_json("s")})::text
    FROM kernel.document s WHERE s.type = 'supplier' AND s.id = cast(:supplier AS uuid)
"""


def withholding_of(context: Context, company: Entry[Company], supplier: UUID) -> Mapping[str, Any]:
    """What is withheld from a supplier and how its years stand, in one statement."""
    found: Mapping[str, Any] = context.work.read_json(_WITHHOLDING, supplier=str(supplier), company=str(company.id))
    return found


AMOUNT_DUE = """
    (SELECT (sum(b.settled) - sum(b.amount))::text FROM ledger.open_item_balance b WHERE b.document_id = d.id)
"""
"""What is still open of a posted bill ``d``, in its currency; null when it is not posted."""

AMOUNT_LEFT = """
    (SELECT (sum(b.amount) - sum(b.settled))::text FROM ledger.open_item_balance b WHERE b.document_id = d.id)
"""
"""What of a supplier credit or payment ``d`` is not allocated, in its currency; null when nothing was."""

ITEMS = f"""
    (SELECT jsonb_agg({item_json()} ORDER BY i.instalment)
     FROM ledger.open_item i JOIN ledger.open_item_balance b ON b.open_item_id = i.id
     WHERE i.document_id = {{document}})
"""
"""SQL of the open items of a document, for ``read_items``; ``document`` is a uuid expression."""

_BILL = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'items', {ITEMS.format(document="d.id")},
        'entries', {entries_json("d.id")},
        'deferred', {deferred_json("d.id")},
        'hold', {hold_json("d.id")},
        'events', (SELECT jsonb_agg(e.type ORDER BY e.sequence) FROM kernel.event e WHERE e.subject_id = d.id)
    )::text
    FROM kernel.document d WHERE d.type = 'bill' AND {{match}}
"""


def read_items(found: Iterable[Mapping[str, Any]] | None) -> list[OpenItem]:
    """The open items that a sub-select of ITEMS answered."""
    return [read_item(item) for item in found or []]


@dataclass(slots=True)
class StoredBill:
    """A bill's document with what the ledgers say of it; amounts are in its currency."""

    document: Document
    items: Sequence[OpenItem]
    entries: Sequence[JournalEntry]
    deferred: DeferredLines
    events: list[str]
    hold: str | None
    """Why it is on hold, if it is."""
    holds: int
    """How often it was put on hold or released."""

    @property
    def due(self) -> Decimal:
        """What is still to be paid."""
        return -sum((item.open for item in self.items), Decimal(0))


def bill(context: Context, reference: str) -> StoredBill:
    """Read a bill by id or own number, in one statement. Raises NotFound."""
    found = context.work.read_json(_BILL.format(match=matching(reference)), reference=reference)
    if found is None:
        raise NotFound(f"There is no bill {reference}.")
    return StoredBill(
        document=from_json(found["document"]),
        items=read_items(found["items"]),
        entries=read_entries(context, found["entries"]),
        deferred=read_deferred(found["deferred"]),
        events=found["events"] or [],
        hold=found["hold"]["reason"],
        holds=found["hold"]["number"],
    )
