"""Read a tax return."""

from bigledger.kernel import Context, operation
from bigledger.tax import TaxReturn, TaxReturnReference, returns


@operation("GET /api/v1/tax-returns/{id}")
def get_tax_return(reference: TaxReturnReference, context: Context) -> TaxReturn:
    """Read a tax return by id or number: boxes, taxes, the accounts they tie to, and the settlement."""
    return returns.get(reference, context)
