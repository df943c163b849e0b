"""Tax: which taxes a sale bears, and what they come to. Pure rules; only a quote reads the database.

supply + rules ──determine──▶ taxes with the rates of the day
lines + taxes  ──compute────▶ net, tax and gross of every line and of the document ──explain──▶ steps
a sale's lines ──assess─────▶ both, by the tenant's set-up: for an invoice and for a quote alike
"""

from bigledger.records import Exemption, Jurisdiction, Tax, TaxPolicy, TaxRule
from bigledger.tax.assessment import Assessment, SaleLine, assess, purchase_from, supply_to
from bigledger.tax.box_lines import box_lines
from bigledger.tax.cash_basis import (
    LoweredTax,
    PendingTax,
    SettledPart,
    give_back,
    pend,
    recognise,
    take_back_taxes,
    taxes_due,
    uses_cash_basis,
)
from bigledger.tax.computation import compute
from bigledger.tax.determination import determine, levels, lies_within
from bigledger.tax.early_payment import assess_sale, early_steps
from bigledger.tax.entries import TaxFact, record_taxes, shares
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
    TaxNote,
    TaxTotal,
    TraceStep,
    tax_amounts,
    trace_steps,
)
from bigledger.tax.prices import net_from_gross, price_for
from bigledger.tax.problems import InvalidDiscount, PriceMissing, TaxCurrencyDiffers, TaxRateMissing, TaxUndetermined
from bigledger.tax.purchases import (
    PurchaseAssessment,
    Purchased,
    PurchasedLine,
    PurchaseLine,
    PurchaseTax,
    assess_purchase,
    purchased,
)
from bigledger.tax.quoting import TaxQuote, TaxQuoteRequest, quote
from bigledger.tax.return_model import (
    BoxLine,
    BoxLinesQuery,
    FileTaxReturn,
    NewTaxReturn,
    TaxReturn,
    TaxReturnFiled,
    TaxReturnList,
    TaxReturnPrepared,
    TaxReturnReference,
    TaxReturnSummary,
    TaxReturnSuperseded,
)
from bigledger.tax.returns import DaysFiled, ReturnOutdated

from bigledger.tax import returns  # isort: skip

__all__ = [
    "determine",
    "compute",
    "explain",
    "quote",
    "assess",
    "assess_purchase",
    "assess_sale",
    "early_steps",
    "supply_to",
    "purchased",
    "purchase_from",
    "net_from_gross",
    "price_for",
    "record_taxes",
    "pend",
    "recognise",
    "give_back",
    "take_back_taxes",
    "taxes_due",
    "uses_cash_basis",
    "PendingTax",
    "LoweredTax",
    "SettledPart",
    "shares",
    "returns",
    "box_lines",
    "TaxFact",
    "BoxLine",
    "BoxLinesQuery",
    "DaysFiled",
    "FileTaxReturn",
    "NewTaxReturn",
    "ReturnOutdated",
    "TaxReturn",
    "TaxReturnFiled",
    "TaxReturnList",
    "TaxReturnPrepared",
    "TaxReturnReference",
    "TaxReturnSummary",
    "TaxReturnSuperseded",
    "levels",
    "lies_within",
    "tax_amounts",
    "trace_steps",
    "SaleLine",
    "Assessment",
    "PurchaseLine",
    "PurchaseTax",
    "PurchaseAssessment",
    "Purchased",
    "PurchasedLine",
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
    "TaxNote",
    "TraceStep",
    "TaxQuoteRequest",
    "TaxQuote",
    "Tax",
    "TaxRule",
    "Exemption",
    "TaxPolicy",
    "Jurisdiction",
    "TaxUndetermined",
    "TaxRateMissing",
    "TaxCurrencyDiffers",
    "InvalidDiscount",
    "PriceMissing",
]
