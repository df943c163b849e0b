"""Companies: the legal entities that keep books, with their currency, their default accounts and their policies."""

from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Code, Command, Currency, Name, Number, Reference, To
from bigledger.kernel.money import quantum
from bigledger.records.banks import BankDetails
from bigledger.records.parties import Address, Email, Phone
from bigledger.records.taxes import Jurisdiction, TaxPolicy

AccountReference = Annotated[Reference, To("account")]


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise PydanticCustomError("unknown_timezone", "{zone} is not an IANA time zone", {"zone": value}) from error
    return value


Timezone = Annotated[str, AfterValidator(_timezone)]
"""The name of an IANA time zone, such as America/Los_Angeles."""


class CompanyAccounts(Command):
    """The accounts that postings use when nothing more specific is said."""

    receivable: AccountReference = "1200"
    revenue: AccountReference = "4000"
    inventory: AccountReference = "1400"
    stock_received_not_invoiced: AccountReference = "2150"
    bank: AccountReference = "1020"
    customer_advances: AccountReference = "2300"
    payable: AccountReference = "2100"
    expense: AccountReference = "6300"
    supplier_advances: AccountReference = "1230"
    expense_claims: AccountReference = "2140"
    discounts_granted: AccountReference = "4085"
    discounts_received: AccountReference = "5035"
    bad_debts: AccountReference = "6200"
    dunning_fees: AccountReference = "4200"
    rounding: AccountReference = "6340"
    rounding_gain: AccountReference | None = None
    """Where roundings in the company's favour go, as in Odoo and Tryton; ``rounding`` when absent."""
    exchange_gain: AccountReference = "4220"
    exchange_loss: AccountReference = "6320"
    unrealised_exchange_gain: AccountReference = "4230"
    unrealised_exchange_loss: AccountReference = "6330"
    receivable_revaluation: AccountReference = "1205"
    payable_revaluation: AccountReference = "2105"
    deferred_revenue: AccountReference = "2310"
    prepaid_expense: AccountReference = "1300"
    withholding_tax: AccountReference = "2210"
    tax_settlement: AccountReference = "2230"
    retained_earnings: AccountReference = "3100"
    opening_balance: AccountReference = "1810"


class RoundedTotal(Command):
    """What the totals of invoices in a currency are rounded to: 0.05 where that is the smallest coin, 1 for whole ones.

    ``up`` and ``down`` are away from zero and towards it. Each instalment but the last is rounded alike, so that it can
    be paid in coins (Odoo). With ``each_instalment`` all are, and the total is their sum (Tryton).

    ``by`` says what the difference goes to: a ``line`` of its own on the rounding account (the only way of ERPNext and
    Tryton, "add a rounding line" of Odoo), or the ``largest_tax`` of the invoice (Odoo's "modify tax amount"); one that
    bears no tax is then not rounded.
    """

    currency: Currency
    to: Annotated[Number, Field(gt=0, le=1000)]
    mode: Literal["half_up", "half_even", "up", "down"] = "half_up"
    each_instalment: bool = False
    by: Literal["line", "largest_tax"] = "line"

    @model_validator(mode="after")
    def _whole_units(self) -> Self:
        if self.to % quantum(self.currency):
            raise PydanticCustomError(
                "finer_than_currency", "{currency} is not divided so finely", {"currency": self.currency}
            )
        return self


DeferralMethod = Literal["months_30", "months_actual", "full_months", "months", "days"]
"""How an amount is spread straight-line over the time from a day to a day, both included.

Each calendar month has its part, recognised on its last day or on the last of the time. ``months_30``: every whole
month counts alike, as 30 days, the first and the last with the days that they have of it (Odoo's default).
``months_actual``: the same, but the first and the last count with their share of the days of their calendar month (the
kind of ERPNext's "months", which rounds that to tenths). ``full_months``: only whole months, the first as one where the
time begins within it, and the last not where the time ends within it (Odoo's "full months"). ``months``: each calendar
month that the time touches counts alike, and with a number of months so many. ``days``: by the days that each month has
of the time (ERPNext's default, Odoo's "days").
"""


class CompanyPolicies(Command):
    """How this company wants a few things decided. Each is read in one place."""

    tax: TaxPolicy = TaxPolicy()
    over_credit_limit: Literal["refuse", "approve", "allow"] = "refuse"
    """What happens to an invoice that would pass the customer's credit limit."""
    stock_shortage: Literal["refuse", "backorder"] = "refuse"
    """What happens to an invoice for more than is available."""
    early_payment_tax: Literal["at_payment", "always", "never"] = "at_payment"
    """What a discount for early payment does to tax. ``at_payment``: it is taken off what is owed with tax, and
    lowers the tax when it is taken (Odoo's "on early payment", ERPNext's split of the discount into income and tax).
    ``always``: the invoice bears tax as if it were taken, and it is taken off the net (Odoo's "always (upon
    invoice)"). ``never``: it is taken off the net and lowers no tax (Odoo's "never")."""
    early_payment_discount: Literal["full_payment", "any_payment"] = "full_payment"
    """Which payments in time earn it: only one that settles an instalment whole on which nothing was settled before
    (Odoo's rule), or each in proportion to what it settles (common where terms say so, as with ERPNext's per-term
    discounts)."""
    revaluation_reversal: Literal["next_day", "none"] = "next_day"
    """Whether what a revaluation added to open items is taken back on the next day (as Odoo's unrealised gains and
    losses and SAP's foreign currency valuation do), or stands until the next one recognises what is new (the
    standing adjustment of ERPNext's exchange rate revaluation)."""
    advances_revalued: bool = False
    """Whether advances count as monetary items: money that will be given back. By default they do not, for they are
    claims to what is to be supplied (IAS 21.16, IFRIC 22); Odoo revalues them."""
    rounded_totals: Annotated[list[RoundedTotal], Field(max_length=200)] = []
    """The currencies in which totals of invoices are rounded, each once; the difference is posted to the account
    ``rounding`` and touches no tax (Odoo's cash rounding by a rounding line, ERPNext's rounded total, Tryton's cash
    rounding of invoices; BT-114 of EN 16931), unless it goes to the largest tax. In the others the total is what lines
    and taxes add up to."""
    cash_basis_rate: Literal["document", "settlement"] = "document"
    """At which rate a tax of a foreign document becomes due at payment. ``document``: at the document's own, so that
    exchange differences stay out of tax (Tryton's cash basis). ``settlement``: at what the money is worth that settles
    it (Directive 2006/112/EC art. 91(2): the rate when the tax becomes chargeable; Odoo's cash basis entries with a
    transition account that is reconciled), and what that differs by is an exchange gain or loss."""
    withholding_base: Literal["net", "total"] = "net"
    """What a withholding tax is counted on: the net of the bills that are paid (ERPNext's default, and Odoo's), or
    what is paid of them with tax (ERPNext's "consider party ledger amount" of gross invoices)."""

    deferral_method: DeferralMethod = "months_30"
    """How deferrals are spread that do not say it themselves."""

    def rounded_total(self, currency: str) -> RoundedTotal | None:
        """How totals in a currency are rounded; None where they are not."""
        return next((one for one in self.rounded_totals if one.currency == currency), None)


class Company(Command):
    """A legal entity. Its currency is the base currency of its books."""

    code: Code
    name: Name
    currency: Currency
    jurisdiction: Jurisdiction
    timezone: Timezone = "UTC"
    tax_number: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    address: Address | None = None
    bank_account: BankDetails | None = None
    """Where its customers are asked to pay to."""
    accounts: CompanyAccounts = CompanyAccounts()
    policies: CompanyPolicies = CompanyPolicies()
