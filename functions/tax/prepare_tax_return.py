"""Prepare a tax return."""

from bigledger.kernel import Context, UnknownReference, operation
from bigledger.tax import DaysFiled, NewTaxReturn, TaxReturn, TaxReturnPrepared, TaxReturnSuperseded, returns


@operation(
    "POST /api/v1/tax-returns",
    emits=[TaxReturnPrepared, TaxReturnSuperseded],
    problems=[UnknownReference, DaysFiled],
)
def prepare_tax_return(new: NewTaxReturn, context: Context) -> TaxReturn:
    """Work out the boxes of a period, late entries of filed ones included, and tie them to the tax accounts."""
    return returns.prepare(new, context)
