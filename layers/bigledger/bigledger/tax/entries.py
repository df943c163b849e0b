"""Tax entries: what a posted document says of each tax, line by line and in base currency, for the tax return.

They stand beside the journal lines, which have a tax's amount but not its base, and none for a tax of nothing. Credits
and reversals count below zero. A module records them together with its posting; a void records their contrary.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from bigledger.kernel import Context, Document, Table
from bigledger.kernel.money import distribute, quantum
from bigledger.ledger import ORIGINAL
from bigledger.records import TaxedDocument
from bigledger.tax.model import ZERO
from bigledger.tax.rounding import in_proportion

_ENTRY = Table(
    "tax.tax_entry",
    tuple(
        "document_id entry line company_id kind tax item effective_date base output input cost output_account_id"
        " input_account_id".split()
    ),
)


class TaxFact(NamedTuple):
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
        return self._replace(base=-self.base, output=-self.output, input=-self.input, cost=-self.cost)


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
    header = {
        "document_id": document.id,
        "entry": entry,
        "company_id": document.company_id,
        "kind": kind,
        "effective_date": on,
    }
    for told, same in groupby(enumerate(facts, first), lambda placed: _told_alike(placed[1])):
        context.work.append(
            _ENTRY,
            [
                {"line": place, "item": fact.item, "base": fact.base, "output": fact.output}
                | ({"input": fact.input, "cost": fact.cost} if fact.input or fact.cost else {})
                for place, fact in same
            ],
            alike=header | dict(told),
        )


def _told_alike(fact: TaxFact) -> tuple[tuple[str, Any], ...]:
    return (
        ("tax", fact.tax),
        ("input", ZERO),
        ("cost", ZERO),
        ("output_account_id", fact.output_account),
        ("input_account_id", fact.input_account),
    )


def shares(total: Decimal, amounts: Sequence[Decimal], base: str) -> list[Decimal]:
    """A tax of a document in base currency over its lines, in the proportion of their own amounts, to the last cent.

    Lines of both signs may stand side by side; where they come to nothing, no line has anything of it.
    """
    if not any(amounts):
        return distribute(total, amounts, quantum(base)) if amounts else []
    if min(amounts) < 0 < max(amounts):
        return in_proportion(total, amounts, base) if sum(amounts, ZERO) else [total * 0 for _ in amounts]
    return distribute(total, amounts, quantum(base))
