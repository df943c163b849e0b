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


class CompanyPolicies(Command):
    """How this company wants a few things decided. Each is read in one place."""

    tax: TaxPolicy = TaxPolicy()
    over_credit_limit: Literal["refuse", "approve", "allow"] = "refuse"
    """What happens to an invoice that would pass the customer's credit limit."""
    stock_shortage: Literal["refuse", "backorder"] = "refuse"
    """What happens to an invoice for more than is available."""


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
