"""Tax entries: what a posted document says of each tax, line by line and in base currency, for the tax return.

They stand beside the journal lines, which have a tax's amount but not its base, and none for a tax of nothing. Credits
and reversals count below zero. A module records them together with its posting; a void records their contrary.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from bigledger.kernel import Context, Document, Table
from bigledger.kernel.money import distribute, quantum
from bigledger.ledger import ORIGINAL
from bigledger.records import TaxedDocument
from bigledger.tax.model import ZERO
from bigledger.tax.purchases import Purchased

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


def purchase_facts(
    found: Purchased,
    account: Callable[[str], UUID],
    base: str,
    to_base: Callable[[Decimal], Decimal],
    posted: Mapping[str, tuple[Decimal, Decimal]] | None = None,
) -> list[TaxFact]:
    """What a bill or a supplier's credit says of taxes; ``account`` answers the id of the account of a reference.

    ``to_base`` converts an amount to ``base``, the company's currency. ``posted`` is by tax what the journal lines say
    in base currency as recovered and as owed, which the facts add up to; without it the amounts are converted one by
    one. A tax that is due at payment is left out: it is recorded as the purchase is paid.
    """
    facts = []
    for total in found.taxes:
        if total.tax.due == "payment":
            continue
        members = [
            (place, part) for place, line in enumerate(found.lines, 1) for part in line.taxes if part.tax == total.tax
        ]
        recovered = [to_base(part.recovered) for _, part in members]
        owed = [to_base(part.owed) for _, part in members]
        if posted is not None:
            in_all, owed_in_all = posted[total.tax.code]
            recovered = shares(in_all, [abs(part.recovered) for _, part in members], base)
            owed = shares(owed_in_all, [abs(part.owed) for _, part in members], base)
        for (place, part), input_, output in zip(members, recovered, owed, strict=True):
            facts.append(
                TaxFact(
                    tax=total.tax.code,
                    base=to_base(part.base),
                    output=output,
                    input=input_,
                    cost=to_base(part.cost),
                    output_account=account(part.owed_on) if output else None,
                    input_account=account(part.recovered_on) if input_ else None,
                    item=place,
                )
            )
    return facts
