"""Tax: which taxes a sale bears, and what they come to. Pure rules; only a quote reads the database.

supply + rules ──determine──▶ taxes with the rates of the day
lines + taxes  ──compute────▶ net, tax and gross of every line and of the document ──explain──▶ steps
a sale's lines ──assess─────▶ both, by the tenant's set-up: for an invoice and for a quote alike
"""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.records import Exemption, Jurisdiction, Tax, TaxPolicy, TaxRule
    from bigledger.tax.assessment import Assessment, SaleLine, assess, purchase_from, supply_to
    from bigledger.tax.box_lines import box_lines
    from bigledger.tax.cash_basis import (
        LoweredTax,
        PendingTax,
        SettledPart,
        give_back,
        pend,
        take_back_taxes,
        taxes_due,
        uses_cash_basis,
    )
    from bigledger.tax.computation import compute
    from bigledger.tax.determination import determine, levels, lies_within
    from bigledger.tax.document_discounts import DocumentDiscount, NetDiscount
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
    from bigledger.tax.problems import (
        InvalidDiscount,
        PriceMissing,
        TaxCurrencyDiffers,
        TaxRateMissing,
        TaxUndetermined,
    )
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
    from bigledger.tax.rounded_totals import round_total, rounding_steps, with_tax_rounded
    from bigledger.tax.rounding import in_proportion
    from bigledger.tax.untaxed import Untaxed, UntaxedFact, record_untaxed, untaxed

    from bigledger.tax import returns  # isort: skip
else:
    __getattr__ = face(__name__)

__all__ = [
    "determine",
    "compute",
    "explain",
    "in_proportion",
    "quote",
    "assess",
    "assess_purchase",
    "assess_sale",
    "early_steps",
    "round_total",
    "rounding_steps",
    "with_tax_rounded",
    "supply_to",
    "purchased",
    "purchase_from",
    "net_from_gross",
    "price_for",
    "record_taxes",
    "record_untaxed",
    "untaxed",
    "pend",
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
    "Untaxed",
    "UntaxedFact",
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
    "NetDiscount",
    "PurchaseTax",
    "PurchaseAssessment",
    "Purchased",
    "PurchasedLine",
    "Supply",
    "Determination",
    "DocumentDiscount",
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
