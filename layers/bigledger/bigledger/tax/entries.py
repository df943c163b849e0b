"""Tax entries: what a posted document says of each tax, line by line and in base currency, for the tax return.

They stand beside the journal lines, which have a tax's amount but not its base, and none for a tax of nothing. Credits
and reversals count below zero. A module records them together with its posting; a void records their contrary.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from bigledger.kernel import Context, Document, Table
from bigledger.kernel.money import distribute, quantum
from bigledger.ledger import ORIGINAL
from bigledger.records import TaxedDocument
from bigledger.tax.model import ZERO

_ENTRY = Table(
    "tax.tax_entry",
    tuple(
        "document_id entry line company_id kind tax item effective_date base output input cost output_account_id"
        " input_account_id".split()
    ),
)


@dataclass(frozen=True, slots=True)
class TaxFact:
    """One tax on one line of a document, in base currency.

    ``output`` is owed to the authority, ``input`` recovered from it, ``cost`` neither. ``item`` is the line's number.
    """

    tax: str
    base: Decimal
    output: Decimal = ZERO
    input: Decimal = ZERO
    cost: Decimal = ZERO
    output_account: UUID | None = None
    input_account: UUID | None = None
    item: int | None = None

    def negated(self) -> "TaxFact":
        """The contrary, for a credit or a reversal."""
        return replace(self, base=-self.base, output=-self.output, input=-self.input, cost=-self.cost)


def record_taxes(
    context: Context,
    document: Document,
    kind: TaxedDocument,
    on: dt.date,
    facts: Sequence[TaxFact],
    entry: int = ORIGINAL,
    first: int = 1,
) -> None:
    """Stage what the document says of taxes; ``on`` is the day they are due and ``entry`` that of its posting.

    ``first`` is the number of the first of them, for a document that says things of several kinds.
    """
    context.work.append(
        _ENTRY,
        [
            {
                "document_id": document.id,
                "entry": entry,
                "line": place,
                "company_id": document.company_id,
                "kind": kind,
                "tax": fact.tax,
                "item": fact.item,
                "effective_date": on,
                "base": fact.base,
                "output": fact.output,
                "input": fact.input,
                "cost": fact.cost,
                "output_account_id": fact.output_account,
                "input_account_id": fact.input_account,
            }
            for place, fact in enumerate(facts, first)
        ],
    )


def shares(total: Decimal, amounts: Sequence[Decimal], base: str) -> list[Decimal]:
    """A tax of a document in base currency over its lines, in the proportion of their own amounts, to the last cent."""
    return distribute(total, amounts, quantum(base)) if amounts else []
