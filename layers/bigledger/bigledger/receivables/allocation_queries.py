"""What allocations read, in one statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bigledger.kernel import Context, Document, Entry
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.ledger import OpenItem, item_json, read_item
from bigledger.records import Company, by_codes_and_ids

_OPEN = f"""
    SELECT jsonb_build_object(
        'customer', jsonb_build_object('id', c.id, 'code', c.number, 'name', c.data->>'name'),
        'items', (SELECT jsonb_agg({item_json()} ORDER BY b.due_date, i.recorded_at, i.id)
                  FROM ledger.open_item_balance b
                  JOIN ledger.open_item i ON i.tenant_id = b.tenant_id AND i.id = b.open_item_id
                  WHERE b.party_id = c.id AND b.subledger = 'receivable' AND b.open
                    AND b.company_id = cast(:company AS uuid)),
        'documents', (SELECT jsonb_agg({AS_JSON}) FROM kernel.document d
                      WHERE d.id = ANY (ARRAY(SELECT b.document_id FROM ledger.open_item_balance b
                                              WHERE b.party_id = c.id AND b.subledger = 'receivable' AND b.open
                                                AND b.company_id = cast(:company AS uuid)))
                        AND (cast(:all AS boolean)
                             OR d.number IN (SELECT value FROM jsonb_array_elements_text(cast(:named_codes AS jsonb)))
                             OR d.id::text IN (SELECT value
                                               FROM jsonb_array_elements_text(cast(:named_ids AS jsonb)))))
    )::text
    FROM kernel.document c WHERE c.type = 'customer' AND c.status = 'active' AND {{match}}
"""


@dataclass(frozen=True, slots=True)
class OpenDocuments:
    """A customer, its open items, the earliest due first, and the documents they belong to."""

    customer: Mapping[str, Any]
    items: Sequence[OpenItem]
    documents: Sequence[Document]


def open_documents(
    context: Context, company: Entry[Company], customer: str, named: Iterable[str] | None
) -> OpenDocuments | None:
    """Read what is open of a customer, of named documents or of all; None when there is no such customer."""
    found = context.work.read_json(
        _OPEN.format(match=matching(customer, "c")),
        reference=customer,
        company=str(company.id),
        all=named is None,
        **by_codes_and_ids("named", named or []),
    )
    if found is None:
        return None
    return OpenDocuments(
        customer=found["customer"],
        items=[read_item(item) for item in found["items"] or []],
        documents=[from_json(document) for document in found["documents"] or []],
    )
