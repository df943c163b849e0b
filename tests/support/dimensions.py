"""Journal entries whose lines carry dimensions, written as the application's role writes them."""

from typing import Any

from bigledger.kernel import runtime
from bigledger.kernel.database import transaction
from bigledger.kernel.serialization import json_text
from bigledger.kernel.transactions import open_tenant
from tests.support.api import Api

_ENTRY = """
    WITH header AS (
        INSERT INTO kernel.document (id, type, number, status, company_id, data, version, sequence, posted_at,
                                     created_by, updated_by)
        SELECT cast(:id AS uuid), 'journal_entry', :number, 'posted',
               (SELECT id FROM kernel.document WHERE type = 'company' AND number = 'MAIN'), '{}', 1, 0,
               kernel.now(), 'tester', 'tester'
        RETURNING id, company_id
    )
    INSERT INTO ledger.journal_line (document_id, entry, line, company_id, account_id, area, effective_date, currency,
                                     amount, base_amount, dimensions)
    SELECT h.id, 1, l.place, h.company_id,
           (SELECT id FROM kernel.document WHERE type = 'account' AND number = l.row->>0), 'gl',
           cast(:on AS date), coalesce(l.row->>3, 'USD'), coalesce(l.row->>4, l.row->>1)::numeric,
           (l.row->>1)::numeric, l.row->2
    FROM header h, jsonb_array_elements(cast(:lines AS jsonb)) WITH ORDINALITY AS l(row, place)
"""


def _define(api: Api, wanted: set[tuple[str, str]]) -> None:
    """Make the dimensions and values that are not there yet."""
    for name, value in sorted(wanted):
        for resource, body in (
            ("dimensions", {"code": name, "name": name}),
            ("dimension-values", {"code": value, "name": value, "dimension": name}),
        ):
            known = api.call("get_record", path={"resource": resource, "id": body["code"]})
            if known.status == 404:
                api.record(resource, **body)


def enter(api: Api, number: str, on: str, *lines: tuple[Any, ...]) -> None:
    """Post an entry of lines: account, amount with debits above zero, dimensions; all in US dollars.

    A line in another currency adds that, and the amount in it.
    """
    _define(api, {(name, value) for line in lines for name, value in line[2].items()})
    parameters: dict[str, Any] = {"id": str(runtime.clock.new_id()), "number": number, "on": on}
    with transaction() as opened:
        open_tenant(opened, api.tenant_id, runtime.clock.now())
        opened.rows(_ENTRY, **parameters, lines=json_text(lines))
