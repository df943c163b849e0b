"""Customers and suppliers."""

from typing import Annotated

from pydantic import Field

from bigledger.kernel import Amount, Code, Command, Currency, Name, Reference, Text, To
from bigledger.records.banks import BankDetails
from bigledger.records.dimensions import Dimensions
from bigledger.records.taxes import Exemption, Jurisdiction
from bigledger.records.withholding import ReducedWithholding

Notes = Annotated[str, Field(min_length=1, max_length=4000)]
"""Text for people in several lines."""


Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]
"""An address of electronic mail."""

Phone = Annotated[str, Field(max_length=40)]
"""A telephone number, as people write it."""


class Address(Command):
    """A postal address; ``country`` is an ISO 3166 code."""

    street: Text | None = None
    city: Name | None = None
    postal_code: Annotated[str, Field(max_length=20)] | None = None
    region: Name | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None


class Party(Command):
    """What customers and suppliers have in common."""

    code: Code
    name: Name
    jurisdiction: Jurisdiction
    """Where the party is for tax, unless goods are shipped elsewhere."""
    currency: Currency | None = None
    """The currency of its documents; the company's when absent."""
    tax_number: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    address: Address | None = None
    payment_terms: Annotated[Reference, To("payment_term")] | None = None
    dimensions: Dimensions | None = None
    """What lines of its documents carry, unless they or their products say otherwise."""
    notes: Notes | None = None


class Customer(Party):
    """Someone who buys. The credit limit is in the company's base currency; without one, credit is unlimited."""

    credit_limit: Annotated[Amount, Field(ge=0)] | None = None
    price_list: Annotated[Reference, To("price_list")] | None = None
    tax_category: Code | None = None
    exemptions: Annotated[list[Exemption], Field(max_length=50)] = []
    receivable_account: Annotated[Reference, To("account")] | None = None
    dunning_procedure: Annotated[Reference, To("dunning_procedure")] | None = None


class Supplier(Party):
    """Someone who sells to the company. ``tax_category`` is what tax rules for purchases call it."""

    tax_category: Code | None = None
    expense_account: Annotated[Reference, To("account")] | None = None
    """What lines of its bills are for, unless they or their products say so."""
    bank_account: BankDetails | None = None
    """Where payment runs send money to."""
    withholding_tax: Annotated[Reference, To("tax")] | None = None
    """The tax that is kept back from its bills or their payments and paid to the authority instead, a percentage."""
    reduced_withholding: Annotated[list[ReducedWithholding], Field(max_length=50)] = []
    """What it need not bear of taxes that are withheld; the first that holds and is not used up counts."""
    payable_account: Annotated[Reference, To("account")] | None = None
