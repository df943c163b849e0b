"""The boxes of a tax return and what they come to: pure."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from bigledger.kernel.money import nothing
from bigledger.records import ReturnBox, Tax
from bigledger.tax.return_model import GENERAL, BoxFigure, TaxFigures, TaxMapping


def _default(box: str, figure: str, *documents: str) -> ReturnBox:
    return ReturnBox.model_validate({"box": box, "figure": figure, "documents": documents})


DEFAULT_BOXES = (
    _default("OUTPUT_BASE", "base", "sale", "sale_credit"),
    _default("OUTPUT_TAX", "output", "sale", "sale_credit", "purchase", "purchase_credit"),
    _default("INPUT_BASE", "base", "purchase", "purchase_credit"),
    _default("INPUT_TAX", "input", "purchase", "purchase_credit"),
)
"""The boxes of a tax that names none: bases and taxes of sales and of purchases, credits taken off."""


def mapping_of(taxes: Sequence[Tax], scope: str) -> list[TaxMapping]:
    """The taxes of a return with their boxes."""
    return [
        TaxMapping(tax=tax.code, boxes=list(tax.boxes or DEFAULT_BOXES))
        for tax in sorted(taxes, key=lambda tax: tax.code)
        if (tax.reported_in or GENERAL) == scope
    ]


def figures(mapping: Sequence[TaxMapping], taxes: Sequence[TaxFigures], currency: str) -> list[BoxFigure]:
    """Every box that the taxes name, also those of nothing, in the order of their codes."""
    sums: dict[str, Decimal] = {box.box: nothing(currency) for one in mapping for box in one.boxes}
    lines: dict[str, int] = defaultdict(int)
    boxes = {one.tax: one.boxes for one in mapping}
    for found in taxes:
        for box in boxes[found.tax]:
            if found.kind in box.documents:
                amount: Decimal = getattr(found, box.figure)
                sums[box.box] += -amount if box.sign == "minus" else amount
                lines[box.box] += found.lines
    return [BoxFigure(box=box, amount=amount, lines=lines[box]) for box, amount in sorted(sums.items())]
