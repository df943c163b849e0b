"""Turnover without tax: what a posted document sells or buys that a tax does not fall on, and why.

It stands beside the tax entries, so that the taxes of a period can be told together with what is exempt from them. A
line that bears one tax and is exempt from another is told of both. Amounts are in base currency; credits and reversals
count below zero.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from bigledger.kernel import Context, Document, Table
from bigledger.ledger import ORIGINAL
from bigledger.records import TaxedDocument
from bigledger.tax.model import TaxNote

Untaxed = Literal["exemption", "rule", "no_rate", "no_rule", "unsaid"]
"""Why no tax falls on a line: as ``TaxNote`` has it, or ``unsaid`` where the document names no tax and no reason."""

_UNTAXED = Table(
    "tax.untaxed_entry",
    tuple("document_id entry line company_id kind basis tax rule certificate item effective_date base".split()),
)


@dataclass(frozen=True, slots=True)
class UntaxedFact:
    """What no tax, or not ``tax``, falls on of the document's line ``item``."""

    basis: Untaxed
    base: Decimal
    item: int
    tax: str | None = None
    rule: str | None = None
    certificate: str | None = None

    def negated(self) -> "UntaxedFact":
        """The contrary, for a credit or a reversal."""
        return replace(self, base=-self.base)


def untaxed(item: int, base: Decimal, notes: Sequence[TaxNote] | None, taxed: bool) -> list[UntaxedFact]:
    """What a line of ``base`` says of taxes that do not fall on it; ``taxed`` when others do.

    A reverse charge is a tax that the buyer owes, which tax entries tell.
    """
    facts = [
        UntaxedFact(note.basis, base, item, note.tax, note.rule, note.certificate)
        for note in notes or []
        if note.basis != "reverse_charge"
    ]
    return facts or ([] if taxed else [UntaxedFact("unsaid", base, item)])


def record_untaxed(
    context: Context,
    document: Document,
    kind: TaxedDocument,
    on: dt.date,
    facts: Sequence[UntaxedFact],
    entry: int = ORIGINAL,
) -> None:
    """Stage what the document says of turnover without tax on a day; ``entry`` is that of its posting."""
    context.work.append(
        _UNTAXED,
        [
            {
                "line": place,
                "basis": fact.basis,
                "tax": fact.tax,
                "rule": fact.rule,
                "certificate": fact.certificate,
                "item": fact.item,
                "base": fact.base,
            }
            for place, fact in enumerate(facts, 1)
        ],
        alike={
            "document_id": document.id,
            "entry": entry,
            "company_id": document.company_id,
            "kind": kind,
            "effective_date": on,
        },
    )
