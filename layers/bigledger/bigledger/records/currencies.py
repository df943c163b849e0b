"""Currencies: which ones the tenant uses, and how people know them."""

from typing import Annotated

from pydantic import StringConstraints

from bigledger.kernel import Command, Currency, Name


class TenantCurrency(Command):
    """A currency by its ISO 4217 code. New documents and rates in an archived one are refused.

    A currency that has no record may be used like one that has.
    """

    code: Currency
    name: Name
    symbol: Annotated[str, StringConstraints(min_length=1, max_length=8)] | None = None
