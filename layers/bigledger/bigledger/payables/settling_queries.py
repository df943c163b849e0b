"""What settling reads: what is open of a supplier, and all that a payment, a credit or an allocation did."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bigledger.currency import Rate, rate_json, read_rate
from bigledger.kernel import Context, Document, Entry, NotFound
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.ledger import (
    DeferredLines,
    JournalEntry,
    OpenItem,
    deferred_json,
    entries_json,
    item_json,
    read_deferred,
    read_entries,
    reduced_json,
)
from bigledger.payables.holds import held_json
from bigledger.payables.model import BillItem
from bigledger.payables.queries import ITEMS, read_items
from bigledger.payables.withholding_year import withholding_json
from bigledger.records import Company, by_codes_and_ids

_OPEN_ONES = """
    ARRAY(SELECT b.document_id FROM ledger.open_item_balance b
          WHERE b.party_id = c.id AND b.subledger = 'payable' AND b.open AND b.company_id = cast(:company AS uuid))
"""

_OPEN = f"""
    SELECT jsonb_build_object(
        'supplier', jsonb_build_object('id', c.id, 'code', c.number, 'name', c.data->>'name',
                                       {withholding_json("c")}),
        'rate', {rate_json("cast(:currency AS text)", "cast(:base AS text)", "cast(:on AS date)")},
        'account_rate', {rate_json("cast(:account_currency AS text)", "cast(:base AS text)", "cast(:on AS date)")},
        'held', {held_json(_OPEN_ONES)},
        'items', (SELECT jsonb_agg({item_json()} ORDER BY b.due_date, i.recorded_at, i.id)
                  FROM ledger.open_item_balance b
                  JOIN ledger.open_item i ON i.tenant_id = b.tenant_id AND i.id = b.open_item_id
                  WHERE b.party_id = c.id AND b.subledger = 'payable' AND b.open
                    AND b.company_id = cast(:company AS uuid)),
        'documents', (SELECT jsonb_agg({AS_JSON}) FROM kernel.document d
                      WHERE d.id = ANY (ARRAY(SELECT b.document_id FROM ledger.open_item_balance b
                                              WHERE b.party_id = c.id AND b.subledger = 'payable' AND b.open
                                                AND b.company_id = cast(:company AS uuid)))
                        AND (cast(:all AS boolean)
                             OR d.number IN (SELECT value FROM jsonb_array_elements_text(cast(:named_codes AS jsonb)))
                             OR d.id::text IN (SELECT value
                                               FROM jsonb_array_elements_text(cast(:named_ids AS jsonb)))))
    )::text
    FROM kernel.document c WHERE c.type = 'supplier' AND c.status = 'active' AND {{match}}
"""


@dataclass(frozen=True, slots=True)
class OpenDocuments:
    """A supplier, its open items, the earliest due first, the documents they belong to, and rates of the day.

    The supplier is told by its id, code, name and what is withheld from it.
    The rates are those of the payment's currency and of the account's in base currency, where there are any.
    """

    supplier: Mapping[str, Any]
    items: Sequence[OpenItem]
    documents: Sequence[Document]
    rate: Rate | None
    account_rate: Rate | None
    held: Mapping[str, str]
    """Why bills are on hold, by their ids."""


def open_documents(
    context: Context,
    company: Entry[Company],
    supplier: str,
    named: Iterable[str] | None,
    on: dt.date,
    currency: str | None = None,
    account_currency: str | None = None,
) -> OpenDocuments | None:
    """Read what is open of a supplier, of named documents or of all; None when there is no such supplier."""
    found = context.work.read_json(
        _OPEN.format(match=matching(supplier, "c")),
        reference=supplier,
        company=str(company.id),
        currency=currency,
        account_currency=account_currency,
        base=company.data.currency,
        on=str(on),
        all=named is None,
        **by_codes_and_ids("named", named or []),
    )
    if found is None:
        return None
    return OpenDocuments(
        supplier=found["supplier"],
        items=read_items(found["items"]),
        documents=[from_json(document) for document in found["documents"] or []],
        rate=read_rate(found["rate"]),
        account_rate=read_rate(found["account_rate"]),
        held=found["held"] or {},
    )


# An entry may have opened the items of many suppliers: its lines are not needed, and would be more than one read takes.
_WITHOUT_LINES = AS_JSON.replace("d.data", "CASE WHEN d.type = 'journal_entry' THEN d.data - 'lines' ELSE d.data END")

_DUE_ONES = """
    ARRAY(SELECT b.document_id FROM ledger.open_item_balance b
          WHERE {which} AND b.subledger = 'payable' AND b.open AND b.amount < 0
            AND b.company_id = cast(:company AS uuid) AND b.currency = cast(:currency AS text))
"""

_DUE = f"""
    SELECT jsonb_build_object(
        'rate', {rate_json("cast(:currency AS text)", "cast(:base AS text)", "cast(:on AS date)")},
        'account_rate', {rate_json("cast(:account_currency AS text)", "cast(:base AS text)", "cast(:on AS date)")},
        'items', (SELECT jsonb_agg({item_json()} ORDER BY b.due_date, i.recorded_at, i.id)
                  FROM ledger.open_item_balance b
                  JOIN ledger.open_item i ON i.tenant_id = b.tenant_id AND i.id = b.open_item_id
                  WHERE {{which}} AND b.subledger = 'payable' AND b.open
                    AND (b.amount < 0 OR cast(:credits AS boolean))
                    AND b.company_id = cast(:company AS uuid) AND b.currency = cast(:currency AS text)
                    AND (cast(:run AS uuid) IS NOT NULL OR NOT EXISTS (
                        SELECT 1 FROM payables.item_in_run h WHERE h.open_item_id = b.open_item_id))),
        'documents', (SELECT jsonb_agg({_WITHOUT_LINES}) FROM kernel.document d
                      WHERE d.type IN ('bill', 'journal_entry', 'supplier_credit') AND d.id = ANY (ARRAY(
                          SELECT b.document_id FROM ledger.open_item_balance b
                          WHERE {{which}} AND b.subledger = 'payable' AND b.open
                            AND (b.amount < 0 OR cast(:credits AS boolean))
                            AND b.company_id = cast(:company AS uuid) AND b.currency = cast(:currency AS text)))
                        AND (cast(:run AS uuid) IS NOT NULL OR NOT EXISTS (
                            SELECT 1 FROM payables.bill_in_run r WHERE r.bill_id = d.id))),
        'held', {held_json(_DUE_ONES)},
        'named', (SELECT jsonb_agg(jsonb_build_object('id', c.id, 'code', c.number)) FROM kernel.document c
                  WHERE c.type = 'supplier' AND c.status = 'active'
                    AND (c.number = ANY (ARRAY(SELECT value
                                               FROM jsonb_array_elements_text(cast(:named_codes AS jsonb))))
                         OR c.id = ANY (ARRAY(SELECT value::uuid
                                              FROM jsonb_array_elements_text(cast(:named_ids AS jsonb)))))),
        'suppliers', (SELECT jsonb_agg(jsonb_build_object('id', c.id, 'code', c.number, 'name', c.data->>'name',
                                                          'bank_account', c.data->'bank_account',
                                                          {withholding_json("c")}) ORDER BY c.number)
                      FROM kernel.document c WHERE c.type = 'supplier' AND c.id = ANY (ARRAY(
                          SELECT b.party_id FROM ledger.open_item_balance b
                          WHERE {{which}} AND b.subledger = 'payable' AND b.open AND b.amount < 0
                            AND b.company_id = cast(:company AS uuid) AND b.currency = cast(:currency AS text))))
    )::text
"""

_SELECTABLE = "(b.due_date <= cast(:until AS date) OR cast(:early AS boolean))"


@dataclass(frozen=True, slots=True)
class DueBills:
    """What is open of bills and entries in a currency, with the suppliers, their bank accounts, and rates of the day.

    ``named`` are the ids of the suppliers that were asked for, by id and by code.
    """

    items: Sequence[OpenItem]
    documents: Sequence[Document]
    suppliers: Sequence[Mapping[str, Any]]
    named: Mapping[str, str]
    rate: Rate | None
    account_rate: Rate | None
    held: Mapping[str, str]

    def of(self, supplier: Mapping[str, Any]) -> OpenDocuments:
        """What of it is one supplier's, which is told by its id, code and name."""
        items = [item for item in self.items if str(item.party_id) == str(supplier["id"])]
        ids = {item.document_id for item in items}
        mine = [document for document in self.documents if document.id in ids]
        known = {document.id for document in mine}
        return OpenDocuments(
            supplier=supplier,
            items=[item for item in items if item.document_id in known],
            documents=mine,
            rate=self.rate,
            account_rate=self.account_rate,
            held=self.held,
        )


def due_bills(
    context: Context,
    company: Entry[Company],
    currency: str,
    until: dt.date,
    on: dt.date,
    early: bool,
    credits: bool,
    named: Iterable[str],
) -> DueBills:
    """Read the open bills in a currency that are due up to a day, or all of them, that no run holds; one statement.

    With them come the items that entries opened, as opening balances do, and if asked for supplier credits.
    """
    asked = {"run": None, "until": str(until), "early": early, "credits": credits}
    return _due(context, company, currency, None, on, _SELECTABLE, named, **asked)


def bills_of_run(
    context: Context,
    company: Entry[Company],
    currency: str,
    account_currency: str | None,
    on: dt.date,
    run: Document,
) -> DueBills:
    """Read what is open of the bills and of the items of entries that a run holds, in one statement."""
    bills = "SELECT r.bill_id FROM payables.bill_in_run r WHERE r.run_id = cast(:run AS uuid)"
    items = "SELECT r.open_item_id FROM payables.item_in_run r WHERE r.run_id = cast(:run AS uuid)"
    held = f"(b.document_id = ANY (ARRAY({bills})) OR b.open_item_id = ANY (ARRAY({items})))"
    return _due(context, company, currency, account_currency, on, held, (), run=str(run.id), credits=True)


def _due(
    context: Context,
    company: Entry[Company],
    currency: str,
    account_currency: str | None,
    on: dt.date,
    which: str,
    named: Iterable[str],
    **parameters: Any,
) -> DueBills:
    found = context.work.read_json(
        _DUE.format(which=which),
        company=str(company.id),
        currency=currency,
        account_currency=account_currency,
        base=company.data.currency,
        on=str(on),
        **by_codes_and_ids("named", named),
        **parameters,
    )
    return DueBills(
        items=read_items(found["items"]),
        documents=[from_json(document) for document in found["documents"] or []],
        suppliers=found["suppliers"] or [],
        named={row[name]: row["id"] for row in found["named"] or [] for name in ("id", "code")},
        rate=read_rate(found["rate"]),
        account_rate=read_rate(found["account_rate"]),
        held=found["held"] or {},
    )


_EFFECTS = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'items', {ITEMS.format(document="d.id")},
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
        'others', (SELECT jsonb_agg({AS_JSON.replace("d.", "o.")}) FROM kernel.document_link l
                   JOIN kernel.document o ON o.id = l.from_id WHERE l.to_id = d.id),
        'events', (SELECT jsonb_agg(e.type ORDER BY e.transaction_id, e.id) FROM kernel.event e
                   WHERE e.subject_id IN (SELECT d.id UNION ALL
                                          SELECT l.from_id FROM kernel.document_link l WHERE l.to_id = d.id)
                     AND (e.subject_id = d.id OR e.data->>'payment_id' = d.id::text)),
        'reduced', {reduced_json("d.id")}
    )::text
    FROM kernel.document d WHERE d.type = :type AND {{match}}
"""


@dataclass(frozen=True, slots=True)
class Effects:
    """A payment, a supplier credit or an allocation with all that it did.

    ``items`` are what it left open itself; ``settled`` are the items it settled as they stand now, each with what it
    settled of them in their currency and in base currency; ``others`` are the documents these belong to and ``opened``
    all items of those; ``reduced`` is the number of a schedule that a credit reduced.
    """

    document: Document
    items: Sequence[OpenItem]
    entries: Sequence[JournalEntry]
    settled: Sequence[dict[str, Any]]
    opened: Sequence[OpenItem]
    others: Sequence[Document]
    reduced: str | None
    events: list[str]


def effects(context: Context, type: str, reference: str) -> Effects:
    """Read a document and its effects by id or number, in one statement. Raises NotFound."""
    found = context.work.read_json(_EFFECTS.format(match=matching(reference)), type=type, reference=reference)
    if found is None:
        raise NotFound(f"There is no {type.replace('_', ' ')} {reference}.")
    return Effects(
        document=from_json(found["document"]),
        items=read_items(found["items"]),
        entries=read_entries(context, found["entries"]),
        settled=found["settled"] or [],
        opened=read_items(found["opened"]),
        others=[from_json(document) for document in found["others"] or []],
        reduced=found["reduced"],
        events=found["events"] or [],
    )


_CREDITED = """
    (SELECT jsonb_agg(item) FROM kernel.document_link l
     JOIN kernel.document n ON n.id = l.to_id AND n.type = 'supplier_credit' AND n.posted_at IS NOT NULL
         AND n.status <> 'void', jsonb_array_elements(n.data->'items') item
     WHERE l.from_id = d.id AND l.kind = 'credit')
"""

_BILL = f"""
    SELECT jsonb_build_object('document', {AS_JSON}, 'items', {ITEMS.format(document="d.id")},
                              'credited', {_CREDITED}, 'deferred', {deferred_json("d.id")},
                              'twin', (SELECT jsonb_build_object('id', t.id, 'number', t.number, 'status', t.status,
                                                                 'date', t.date)
                                       FROM payables.supplier_number_key n
                                       JOIN kernel.document t ON t.id = n.document_id
                                       WHERE n.supplier_id = d.party_id AND n.type = 'supplier_credit'
                                         AND n.key = payables.number_key(cast(:supplier_number AS text))))::text
    FROM kernel.document d WHERE d.type = 'bill' AND {{match}}
"""


@dataclass(frozen=True, slots=True)
class CreditableBill:
    """A bill, its open items, what is deferred of it, the lines of its credits, and who has the credit's number."""

    document: Document
    items: Sequence[OpenItem]
    credited: Sequence[BillItem]
    deferred: DeferredLines
    twin: Mapping[str, Any] | None


def creditable_bill(context: Context, reference: str, supplier_number: str) -> CreditableBill:
    """Read a bill by id or own number with what is credited of it, in one statement. Raises NotFound."""
    sql = _BILL.format(match=matching(reference))
    found = context.work.read_json(sql, reference=reference, supplier_number=supplier_number)
    if found is None:
        raise NotFound(f"There is no bill {reference}.")
    return CreditableBill(
        document=from_json(found["document"]),
        items=read_items(found["items"]),
        credited=[BillItem.model_validate(item) for item in found["credited"] or []],
        deferred=read_deferred(found["deferred"]),
        twin=found["twin"],
    )
