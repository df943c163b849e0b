"""Companies: the legal entities that keep books, with their currency, their default accounts and their policies."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Code, Command, Currency, Name, Reference, To
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
    withholding_base: Literal["net", "total"] = "net"
    """What a withholding tax is counted on: the net of the bills that are paid (ERPNext's default, and Odoo's), or
    what is paid of them with tax (ERPNext's "consider party ledger amount" of gross invoices)."""


class Company(Command):
    """A legal entity. Its currency is the base currency of its books."""

    code: Code
    name: Name
    currency: Currency
    jurisdiction: Jurisdiction
    timezone: Timezone = "UTC"
    tax_number: Name | None = None
    accounts: CompanyAccounts = CompanyAccounts()
    policies: CompanyPolicies = CompanyPolicies()
