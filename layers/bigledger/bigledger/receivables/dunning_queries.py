"""What a dunning run reads: the customers, their overdue items with the level each was reminded at, and rates."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from bigledger.currency import rate_json
from bigledger.kernel import Context, Entry, UnknownReference
from bigledger.kernel.configuration import unknown
from bigledger.kernel.documents import is_id
from bigledger.kernel.serialization import json_text
from bigledger.ledger import item_json
from bigledger.receivables.dunning_model import NewDunningRun
from bigledger.receivables.recipients import recipients_json
from bigledger.records import Company, DunningProcedure, by_codes_and_ids

NOTICE = "dunning_notice"

MOST_ITEMS = 2000
"""How many overdue items one run takes; what is left is for the next."""

_OVERDUE = f"""
    SELECT jsonb_build_object(
        'customers', (SELECT jsonb_object_agg(c.id, jsonb_build_object(
                          'id', c.id, 'code', c.number, 'name', c.data->>'name', 'email', c.data->>'email',
                          'recipients', {recipients_json("c.id", "reminders")},
                          'procedure', c.data->>'dunning_procedure', 'account', c.data->>'receivable_account'))
                      FROM kernel.document c WHERE c.type = 'customer' AND (
                          :everyone OR c.number = ANY (ARRAY(
                              SELECT value FROM jsonb_array_elements_text(cast(:customer_codes AS jsonb))))
                          OR c.id = ANY (ARRAY(
                              SELECT value::uuid FROM jsonb_array_elements_text(cast(:customer_ids AS jsonb)))))),
        'items', (SELECT jsonb_agg(one ORDER BY place) FROM (
            SELECT row_number() OVER (ORDER BY b.due_date, d.number, i.instalment) AS place, jsonb_build_object(
                       'item', {item_json()}, 'customer', b.party_id, 'number', d.number, 'type', d.type,
                       'date', coalesce(i.document_date, i.effective_date),
                       'level', (SELECT max(n.level) FROM receivables.dunned_item n
                                 WHERE n.open_item_id = b.open_item_id)) AS one
            FROM ledger.open_item_balance b
            JOIN ledger.open_item i ON i.tenant_id = b.tenant_id AND i.id = b.open_item_id
            JOIN kernel.document d ON d.tenant_id = b.tenant_id AND d.id = b.document_id
            WHERE b.open AND b.subledger = 'receivable' AND b.amount > 0 AND b.due_date < cast(:on AS date)
              AND b.company_id = cast(:company AS uuid) AND d.type <> '{NOTICE}'
              AND (:everyone OR b.party_id = ANY (ARRAY(
                      SELECT c.id FROM kernel.document c WHERE c.type = 'customer' AND (
                          c.number = ANY (ARRAY(
                              SELECT value FROM jsonb_array_elements_text(cast(:customer_codes AS jsonb))))
                          OR c.id = ANY (ARRAY(
                              SELECT value::uuid FROM jsonb_array_elements_text(cast(:customer_ids AS jsonb))))))))
            ORDER BY place LIMIT :limit) o),
        'rates', (SELECT jsonb_object_agg(r.value, {rate_json("r.value", "cast(:base AS text)", "cast(:on AS date)")})
                  FROM (SELECT value FROM jsonb_array_elements_text(cast(:currencies AS jsonb))
                        UNION SELECT DISTINCT b.currency FROM ledger.open_item_balance b
                        WHERE :by_amount AND b.open AND b.company_id = cast(:company AS uuid)
                          AND b.subledger = 'receivable' AND b.currency <> cast(:base AS text)) r)
    )::text
"""


def read_overdue(
    new: NewDunningRun,
    context: Context,
    company: Entry[Company],
    on: dt.date,
    procedures: Collection[Entry[DunningProcedure]],
) -> Mapping[str, Any]:
    """The customers and their overdue items, and the rates of fees, in one statement. Raises UnknownReference."""
    base = company.data.currency
    levels = [level for entry in procedures for level in entry.data.levels]
    currencies = {fee.currency for level in levels for fee in level.fees} - {base}
    found: Mapping[str, Any] = context.work.read_json(
        _OVERDUE,
        everyone=new.customers is None,
        company=str(company.id),
        on=str(on),
        base=base,
        limit=MOST_ITEMS,
        currencies=json_text(sorted(currencies)),
        by_amount=any(level.percent or level.interest for level in levels),
        **by_codes_and_ids("customer", new.customers or []),
    )
    known = found["customers"] or {}
    names = set(known) | {customer["code"] for customer in known.values()}
    errors = [
        unknown("customer", name, f"/customers/{index}")
        for index, name in enumerate(new.customers or [])
        if (name.lower() if is_id(name) else name) not in names
    ]
    if errors:
        raise UnknownReference("Some customers do not exist.", errors=errors)
    return found
