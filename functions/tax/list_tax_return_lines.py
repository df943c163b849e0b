"""List what a box of a tax return is made of."""

from bigledger.kernel import Context, Page, operation
from bigledger.tax import BoxLine, BoxLinesQuery, box_lines


@operation("GET /api/v1/tax-returns/{id}/boxes/{box}/lines")
def list_tax_return_lines(query: BoxLinesQuery, context: Context) -> Page[BoxLine]:
    """List the lines of documents that add up to a box of a return, with what each adds."""
    return box_lines(query, context)
