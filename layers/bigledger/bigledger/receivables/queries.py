"""What receivables reads, each need in one statement."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.currency import Rate, rate_json, read_rate
from bigledger.inventory import (
    OpenReservation,
    StockKey,
    StockLevel,
    open_reservations_json,
    read_open_reservations,
    stock_json,
    stock_levels,
)
from bigledger.kernel import Context, Document, Entry, NotFound
from bigledger.kernel.documents import AS_JSON, from_json, is_id, matching
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
)
from bigledger.receivables.credit_control import HOLD
from bigledger.receivables.payment_model import NewPayment
from bigledger.records import (
    SALE_FIELDS,
    SALE_TABLES,
    Company,
    Customer,
    Known,
    Location,
    PriceList,
    Product,
    by_codes_and_ids,
    read_sale,
    sale_parameters,
)

_INPUTS = f"""
    WITH {SALE_TABLES}
    SELECT jsonb_build_object({SALE_FIELDS},
        'stock', (SELECT coalesce(jsonb_object_agg(p.id, {stock_json("p.id")}), '{{}}') FROM product p),
        'exposure', (SELECT e.amount::text FROM receivables.exposure e
                     WHERE e.company_id = cast(:company AS uuid) AND e.customer_id = (SELECT id FROM customer)),
        'hold', {HOLD.format(customer="(SELECT id FROM customer)")},
        'rate', (SELECT {rate_json("w.currency", "cast(:base AS text)", "cast(:on AS date)")}
                 FROM (SELECT coalesce(cast(:currency AS text),
                                       (SELECT data->>'currency' FROM customer)) AS currency) w)
    )::text
"""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an invoice is worked out from, by the references the command used.

    ``exposure`` is in the company's base currency; ``rate`` is that of the invoice's currency, if it is foreign.
    """

    customer: Known[Customer] | None
    products: Mapping[str, Known[Product]]
    exposure: Decimal
    price_list: PriceList | None
    stock: Mapping[StockKey, StockLevel]
    rate: Rate | None
    hold: Mapping[str, Any] | None
    """The last word on the customer's credit, see ``credit_control``."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an invoice is about, by references. Without ``currency`` the rate is that of the customer's."""

    company: Entry[Company] | None
    customer: str
    products: Sequence[str]
    location: Entry[Location] | None
    currency: str | None
    on: dt.date | None

    def parameters(self) -> dict[str, str | None]:
        """The parameters of the statement that reads its inputs."""
        return {
            "company": str(self.company.id) if self.company else None,
            "locations": json_text([self.location.id] if self.location else []),
            "base": self.company.data.currency if self.company else None,
            "currency": self.currency,
            "on": str(self.on) if self.on else None,
            **sale_parameters(self.customer, set(self.products)),
        }


def invoice_inputs(context: Context, asked: Asked) -> Inputs:
    """Read everything an invoice needs besides the configuration, in one statement."""
    return _inputs(context.work.read_json(_INPUTS, **asked.parameters()), asked)


def invoice_inputs_of(context: Context, asked: Sequence[Asked]) -> list[Inputs]:
    """The inputs of several invoices, in one statement as well: that of one, for each row of a list of parameters."""
    rows = [one.parameters() for one in asked]
    columns = ", ".join(f'"{name}" text' for name in rows[0])
    found = context.work.read_json(
        "SELECT jsonb_agg(o.found ORDER BY a.place)::text"
        " FROM jsonb_array_elements(cast(:asked AS jsonb)) WITH ORDINALITY AS a (parameters, place)"
        f" CROSS JOIN LATERAL jsonb_to_record(a.parameters) AS of_one ({columns})"
        f" CROSS JOIN LATERAL (SELECT ({_OF_ROW})::jsonb AS found) o",
        asked=json_text(rows),
    )
    return [_inputs(each, one) for each, one in zip(found, asked, strict=True)]


_OF_ROW = re.sub(r"(?<!:):([a-z_]+)", r'of_one."\1"', _INPUTS)
"""The statement of one invoice with the columns of a row in place of its parameters."""


def _inputs(found: Mapping[str, Any], asked: Asked) -> Inputs:
    sale = read_sale(found, set(asked.products))
    stock: dict[StockKey, StockLevel] = {}
    for product_id, levels in found["stock"].items():
        stock |= stock_levels(UUID(product_id), levels)
    return Inputs(
        customer=sale.customer,
        products=sale.products,
        exposure=Decimal(found["exposure"] or 0),
        price_list=sale.price_list,
        stock=stock,
        rate=read_rate(found["rate"]),
        hold=found["hold"],
    )


AMOUNT_DUE = """
    (SELECT (sum(b.amount) - sum(b.settled))::text FROM ledger.open_item_balance b WHERE b.document_id = d.id)
"""
"""What is still open of an issued invoice ``d``, in its currency; null when it is not issued."""


_INVOICE = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'due', {AMOUNT_DUE},
        'items', (SELECT jsonb_agg({item_json()} ORDER BY i.instalment)
                  FROM ledger.open_item i JOIN ledger.open_item_balance b ON b.open_item_id = i.id
                  WHERE i.document_id = d.id),
        'entries', {entries_json("d.id")},
        'reservations', {open_reservations_json("d.id")},
        'deferred', {deferred_json("d.id")},
        'events', (SELECT jsonb_agg(e.type ORDER BY e.sequence) FROM kernel.event e WHERE e.subject_id = d.id)
    )::text
    FROM kernel.document d WHERE d.type = 'invoice' AND {{match}}
"""


@dataclass(slots=True)
class StoredInvoice:
    """An invoice's document with what the ledgers say of it; amounts are in its currency."""

    document: Document
    due: Decimal | None
    items: Sequence[OpenItem]
    entries: Sequence[JournalEntry]
    reservations: Sequence[OpenReservation]
    deferred: DeferredLines
    events: list[str]


def invoice(context: Context, reference: str) -> StoredInvoice:
    """Read an invoice by id or number, in one statement. Raises NotFound."""
    found = context.work.read_json(_INVOICE.format(match=matching(reference)), reference=reference)
    if found is None:
        raise NotFound(f"There is no invoice {reference}.")
    return StoredInvoice(
        document=from_json(found["document"]),
        due=None if found["due"] is None else Decimal(found["due"]),
        items=[read_item(item) for item in found["items"] or []],
        entries=read_entries(context, found["entries"]),
        reservations=read_open_reservations(found["reservations"]),
        deferred=read_deferred(found["deferred"]),
        events=found["events"] or [],
    )


_PAYMENT_INPUTS = f"""
    SELECT jsonb_build_object(
        'customer', jsonb_build_object('id', c.id, 'code', c.number, 'name', c.data->>'name'),
        'rate', {rate_json("cast(:currency AS text)", "cast(:base AS text)", "cast(:on AS date)")},
        'account_rate', {rate_json("cast(:account_currency AS text)", "cast(:base AS text)", "cast(:on AS date)")},
        'items', (SELECT jsonb_agg({item_json()} ORDER BY b.due_date, d.number, i.instalment)
                  FROM ledger.open_item_balance b
                  JOIN ledger.open_item i ON i.tenant_id = b.tenant_id AND i.id = b.open_item_id
                  JOIN kernel.document d ON d.tenant_id = b.tenant_id AND d.id = b.document_id
                  WHERE b.party_id = c.id AND b.subledger = 'receivable' AND b.open AND i.amount > 0
                    AND b.company_id = cast(:company AS uuid) {{these}}),
        'documents', (SELECT jsonb_agg({AS_JSON})
                      FROM kernel.document d WHERE d.id = ANY (ARRAY({{documents}})))
    )::text
    FROM kernel.document c WHERE c.type = 'customer' AND c.status = 'active' AND {{match}}
"""
_NAMED = """
    SELECT value::uuid FROM jsonb_array_elements_text(cast(:document_ids AS jsonb))
    UNION ALL
    SELECT n.id FROM kernel.document n
    WHERE n.type IN ('invoice', 'debit_note') AND n.number = ANY (ARRAY(
        SELECT value FROM jsonb_array_elements_text(cast(:document_codes AS jsonb))))
    UNION ALL
    SELECT n.document_id FROM ledger.open_item n
    WHERE n.id = ANY (ARRAY(SELECT value::uuid FROM jsonb_array_elements_text(cast(:item_ids AS jsonb))))
"""
_OPEN = """
    SELECT b.document_id FROM ledger.open_item_balance b
    WHERE b.party_id = c.id AND b.subledger = 'receivable' AND b.open
"""
_NAMED_INPUTS = (f"AND b.document_id = ANY (ARRAY({_NAMED}))", _NAMED)
_ALL_INPUTS = ("", f"{_OPEN} UNION ALL {_NAMED}")


@dataclass(frozen=True, slots=True)
class PaymentInputs:
    """A customer, open items (earliest due first) with their documents, those that are named, and rates of the day.

    The rates are those of the payment's currency and of the account's in base currency, where there are any.
    """

    customer: Mapping[str, Any]
    items: Sequence[OpenItem]
    documents: Sequence[Document]
    rate: Rate | None
    account_rate: Rate | None


def payment_inputs(
    context: Context,
    company: Entry[Company],
    new: NewPayment,
    currency: str,
    account_currency: str | None,
    on: dt.date,
) -> PaymentInputs | None:
    """Read everything a payment needs besides the configuration, in one statement; None: no such customer.

    Of a customer with many open items it reads those of the documents that are named; all of them where none is, and
    where a number may be that of any document.
    """
    named = new.allocations or []
    every = new.allocations is None or any(one.kind == "document" and not is_id(one.name) for one in named)
    these, documents = _ALL_INPUTS if every else _NAMED_INPUTS
    found = context.work.read_json(
        _PAYMENT_INPUTS.format(match=matching(new.customer, "c"), these=these, documents=documents),
        company=str(company.id),
        reference=new.customer,
        currency=currency,
        account_currency=account_currency,
        base=company.data.currency,
        on=str(on),
        item_ids=json_text([one.name for one in named if one.kind == "open_item"]),
        **by_codes_and_ids("document", [one.name for one in named if one.kind != "open_item"]),
    )
    if found is None:
        return None
    return PaymentInputs(
        customer=found["customer"],
        items=[read_item(item) for item in found["items"] or []],
        documents=[from_json(document) for document in found["documents"] or []],
        rate=read_rate(found["rate"]),
        account_rate=read_rate(found["account_rate"]),
    )


_PAYMENT = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'entries', {entries_json("d.id")},
        'events', (SELECT jsonb_agg(e.type ORDER BY e.transaction_id, e.id) FROM kernel.event e
                   WHERE e.subject_id IN (
                             SELECT d.id UNION ALL
                             SELECT l.from_id FROM kernel.document_link l WHERE l.to_id = d.id AND l.kind = 'payment')
                     AND (e.subject_id = d.id OR e.data->>'payment_id' = d.id::text))
    )::text
    FROM kernel.document d WHERE d.type = 'payment' AND {{match}}
"""


@dataclass(frozen=True, slots=True)
class StoredPayment:
    """A payment's document with its journal entries and the events of what it did."""

    document: Document
    entries: Sequence[JournalEntry]
    events: list[str]


def payment(context: Context, reference: str) -> StoredPayment:
    """Read a payment by id or number, in one statement. Raises NotFound."""
    found = context.work.read_json(_PAYMENT.format(match=matching(reference)), reference=reference)
    if found is None:
        raise NotFound(f"There is no payment {reference}.")
    return StoredPayment(
        document=from_json(found["document"]),
        entries=read_entries(context, found["entries"]),
        events=found["events"] or [],
    )
