"""What journal lines name and have to be looked up: customers and suppliers, and the rates of the day."""

import datetime as dt
from collections.abc import Mapping, Sequence

from bigledger.currency import Rate, rate_json, read_rate
from bigledger.kernel import Context, Ref, UnknownReference
from bigledger.kernel.configuration import unknown
from bigledger.kernel.serialization import json_text
from bigledger.ledger.journal_model import NewLine
from bigledger.records import by_reference

_FOUND = f"""
    SELECT jsonb_build_object(
        'parties', (SELECT jsonb_agg(jsonb_build_object('type', w.type, 'reference', w.reference, 'id', p.id,
                                                        'code', p.number, 'name', p.data->>'name'))
                    FROM jsonb_to_recordset(cast(:parties AS jsonb)) AS w(type text, reference text)
                    CROSS JOIN LATERAL {by_reference("w.type", "w.reference")} p WHERE p.status = 'active'),
        'rates', (SELECT jsonb_object_agg(c.currency, {
    rate_json("c.currency", "cast(:base AS text)", "cast(:on AS date)")
})
                  FROM jsonb_to_recordset(cast(:currencies AS jsonb)) AS c(currency text))
    )::text
"""


Parties = Mapping[tuple[str, str], Ref]
"""Customers and suppliers by type and by the code or id that names them."""


def find_parties(context: Context, lines: Sequence[NewLine]) -> Parties:
    """The parties that many lines name, in one statement; those that do not exist are missing."""
    wanted = _wanted(lines)
    return _read(context, "", dt.date.min, wanted, set())[0] if wanted else {}


def look_up(
    context: Context, base: str, on: dt.date, lines: Sequence[NewLine], known: Parties | None
) -> tuple[Parties, Mapping[str, Rate | None]]:
    """The parties by type and reference, and the rate of each foreign currency that needs one."""
    wanted = _wanted(lines) if known is None else set()
    currencies = {
        line.currency
        for line in lines
        if line.currency not in (None, base) and line.rate is None and line.base_amount is None
    }
    parties: Parties = known or {}
    rates: Mapping[str, Rate | None] = {}
    if wanted or currencies:
        read, rates = _read(context, base, on, wanted, set(filter(None, currencies)))
        parties = read if known is None else known
    errors = [
        unknown(type, reference, f"/lines/{place}/{type}")
        for place, line in enumerate(lines)
        for type, reference in (("customer", line.customer), ("supplier", line.supplier))
        if reference is not None and (type, reference) not in parties
    ]
    if errors:
        raise UnknownReference("Some lines name parties that do not exist or are not active.", errors=errors)
    return parties, rates


def _wanted(lines: Sequence[NewLine]) -> set[tuple[str, str]]:
    return {
        (type, reference)
        for line in lines
        for type, reference in (("customer", line.customer), ("supplier", line.supplier))
        if reference is not None
    }


def _read(
    context: Context, base: str, on: dt.date, wanted: set[tuple[str, str]], currencies: set[str]
) -> tuple[Parties, Mapping[str, Rate | None]]:
    found = context.work.read_json(
        _FOUND,
        base=base,
        on=str(on),
        parties=json_text([{"type": type, "reference": reference} for type, reference in sorted(wanted)]),
        currencies=json_text([{"currency": currency} for currency in sorted(currencies)]),
    )
    parties = {
        (row["type"], row["reference"]): Ref(id=row["id"], code=row["code"], name=row["name"])
        for row in found["parties"] or []
    }
    return parties, {currency: read_rate(rate) for currency, rate in (found["rates"] or {}).items()}
