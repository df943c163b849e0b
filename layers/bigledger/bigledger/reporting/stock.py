"""What the reports of stock have in common: the places they are asked about, and the accounts that they tie to."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Self
from uuid import UUID

from bigledger.inventory import locations_of
from bigledger.kernel import Context, Entry, UnknownReference, configuration
from bigledger.kernel.configuration import unknown
from bigledger.kernel.serialization import json_text
from bigledger.records import Account, Company, Location
from bigledger.reporting.model import Report, Tie

Places = Mapping[UUID, Entry[Location]]

AT_PLACES = """(:product = '' OR s.product_id = (SELECT id FROM product))
    AND s.location_id = ANY (ARRAY(SELECT value::uuid FROM jsonb_array_elements_text(cast(:locations AS jsonb))))"""
"""Which rows ``s`` of stock are asked for, with ``product`` read before."""

INVENTORY_ACCOUNTS = "SELECT value::uuid FROM jsonb_array_elements_text(cast(:accounts AS jsonb))"
"""The accounts that control inventory, of the parameter ``accounts``."""


class StockPage(Report):
    """A page of positions of stock, by product and location; its last row has the values of all of them."""

    next_cursor: str | None = None

    def joined(self, later: Sequence[Self]) -> Self:
        """This page and those that follow it as one."""
        rows = [row for page in (self, *later) for row in page.rows[:-1]]
        return self.model_copy(update={"rows": [*rows, self.rows[-1]], "next_cursor": later[-1].next_cursor})


def places_of(context: Context, company: Entry[Company], location: str | None) -> Places:
    """The locations of a company, or the one that is named. Raises UnknownReference."""
    places = {place.id: place for place in locations_of(context, company)}
    if location is None:
        return places
    named = configuration(context).find(Location, location)
    if named is None or named.id not in places:
        raise unknown_name("location", location)
    return {named.id: named}


def unknown_name(kind: str, reference: str) -> UnknownReference:
    """What to raise for a product or a location that there is not."""
    return UnknownReference(f"There is no {kind} {reference}.", errors=[unknown(kind, reference, f"/{kind}")])


def inventory_accounts(context: Context) -> Sequence[Entry[Account]]:
    """The accounts that control inventory."""
    return [entry for entry in configuration(context).every(Account) if entry.data.control == "inventory"]


def ids(entries: Sequence[Entry[Account]] | Places) -> str:
    """The ids of accounts or places as a statement takes them."""
    return json_text([str(one) for one in entries] if isinstance(entries, Mapping) else [str(e.id) for e in entries])


def stock_tie(column: str, label: str, amount: Decimal, balance: Decimal, accounts: Sequence[Entry[Account]]) -> Tie:
    """What stock is worth beside the balance of the accounts that control it."""
    return Tie(
        column=column,
        label=label,
        amount=amount,
        ties_to=f"Balance of {', '.join(sorted(account.code for account in accounts))}",
        balance=balance,
        difference=amount - balance,
    )
