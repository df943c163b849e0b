"""How the withholding of a supplier's fiscal year stands, read with the supplier and counted by payments and bills.

Two of one supplier that are made at the same moment cannot both count from the same: the database refuses the one
that comes second, and it is worked out anew.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Conflict, Context, Document, Entry, Table, database
from bigledger.ledger import ORIGINAL, REVERSAL
from bigledger.payables.withholding_model import WithholdingCount
from bigledger.records import Tax

_COUNT = Table(
    "payables.withholding",
    tuple(
        "document_id entry company_id supplier_id tax_id period certificate effective_date base charged whole"
        " base_before charged_before".split()
    ),
)


class CountedMeanwhile(Conflict):
    """Another payment or bill of the same supplier was counted since this one was worked out."""

    title = "Another payment or bill was counted"


for _name in ("withholding_counted_on", "withholding_not_negative"):
    database.constraint(
        _name, lambda: CountedMeanwhile("Another document of this supplier was counted just now. Send this one again.")
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What was paid or billed in a year and what of it was charged, in base currency; of a certificate only the latter.

    ``whole`` counts the payments or bills by which a year's threshold no longer exempts anything.
    """

    base: Decimal = Decimal(0)
    charged: Decimal = Decimal(0)
    whole: int = 0


def withholding_json(supplier: str) -> str:
    """SQL of the members of a JSON object that tell what is withheld from a supplier, a row of kernel.document.

    It asks for the parameter ``company``.
    """
    return f"""
        'withholding_tax', {supplier}.data->>'withholding_tax',
        'reduced_withholding', {supplier}.data->'reduced_withholding',
        'withheld', (SELECT jsonb_agg(jsonb_build_object(
                         'tax', t.tax_id, 'period', t.period, 'certificate', t.certificate, 'base', t.base::text,
                         'charged', t.charged::text, 'whole', t.whole))
                     FROM payables.withholding_total t
                     WHERE t.supplier_id = {supplier}.id AND t.company_id = cast(:company AS uuid))
    """


def standing(supplier: Mapping[str, Any], tax: Entry[Tax], period: dt.date, certificate: str | None = None) -> Standing:
    """How the year that begins on a day stands, or a certificate, as it was read with the supplier."""
    for row in supplier.get("withheld") or ():
        if (UUID(row["tax"]), row["period"], row["certificate"]) == (tax.id, str(period), certificate or ""):
            return Standing(Decimal(row["base"]), Decimal(row["charged"]), row["whole"])
    return Standing()


def count(context: Context, document: Document, counted: Iterable[WithholdingCount], on: dt.date) -> None:
    """Stage what a payment, a bill or a credit of a bill counts for."""
    context.work.append(_COUNT, [_row(document, one, on, ORIGINAL) for one in counted])


def count_back(context: Context, document: Document, counted: Iterable[WithholdingCount], on: dt.date) -> None:
    """Stage that it counts no more."""
    context.work.append(_COUNT, [_row(document, one, on, REVERSAL) for one in counted])


def _row(document: Document, one: WithholdingCount, on: dt.date, entry: int) -> dict[str, Any]:
    back = entry == REVERSAL
    sign = -1 if back else 1
    return {
        "document_id": document.id,
        "entry": entry,
        "company_id": document.company_id,
        "supplier_id": document.party_id,
        "tax_id": one.tax.id,
        "period": one.period,
        "certificate": one.certificate or "",
        "effective_date": on,
        "base": one.base * sign,
        "charged": one.charged * sign,
        "whole": int(bool(one.whole)) * sign,
        "base_before": None if back else one.base_before,
        "charged_before": None if back else one.charged_before,
    }
