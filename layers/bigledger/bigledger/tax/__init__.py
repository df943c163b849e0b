"""Tax: which taxes a sale bears, and what they come to. Pure rules: no database, no clock.

supply + rules ──determine──▶ taxes with the rates of the day
lines + taxes  ──compute────▶ net, tax and gross of every line and of the document ──explain──▶ steps
"""

from bigledger.records import Exemption, Jurisdiction, Tax, TaxPolicy, TaxRule
from bigledger.tax.computation import compute
from bigledger.tax.determination import determine, levels, lies_within
from bigledger.tax.explanation import explain
from bigledger.tax.model import (
    AppliedTax,
    Determination,
    LineTax,
    Step,
    Supply,
    TaxableLine,
    TaxAmount,
    TaxComputation,
    TaxedLine,
    TaxTotal,
    TraceStep,
    tax_amounts,
    trace_steps,
)
from bigledger.tax.prices import net_from_gross
from bigledger.tax.problems import InvalidDiscount, TaxCurrencyDiffers, TaxRateMissing, TaxUndetermined

__all__ = [
    "determine",
    "compute",
    "explain",
    "net_from_gross",
    "levels",
    "lies_within",
    "tax_amounts",
    "trace_steps",
    "Supply",
    "Determination",
    "AppliedTax",
    "TaxableLine",
    "TaxComputation",
    "TaxedLine",
    "LineTax",
    "TaxTotal",
    "Step",
    "TaxAmount",
    "TraceStep",
    "Tax",
    "TaxRule",
    "Exemption",
    "TaxPolicy",
    "Jurisdiction",
    "TaxUndetermined",
    "TaxRateMissing",
    "TaxCurrencyDiffers",
    "InvalidDiscount",
]
