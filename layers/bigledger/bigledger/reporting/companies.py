"""Which companies a report is of: one, or several side by side.

Companies stand side by side where they keep their books in one currency: a statement says in which currency it
presents all of its amounts (IAS 1, 51d), and amounts of different ones cannot be added. Translating them (IAS 21, 39)
is a matter of consolidation. So is what the companies owe to and sold each other: the total adds up their books, and
nothing is eliminated from it (IFRS 10, B86). All companies of a tenant share its chart, so that their accounts match
by code.
"""

import datetime as dt
from collections.abc import Sequence

from bigledger.kernel import Context, Entry, FieldError, InvalidRequest, NotFound, Ref, configuration
from bigledger.records import Company, company_of
from bigledger.reporting.cells import Address, unknown_cell

COMPANY = "company"
"""What a report is split by to have its companies side by side; no dimension has this code."""

MOST_COMPANIES = 24
"""How many companies stand side by side at most."""


def companies_of(context: Context, reference: str | None, split: str | None) -> list[Entry[Company]]:
    """The companies a report is asked for: with ``split=company`` those named, with commas between, else all.

    Raises UnknownReference, and InvalidRequest for companies that cannot stand side by side.
    """
    if split != COMPANY:
        if reference is not None and "," in reference:
            raise _refused("Several companies stand side by side.", "several_companies", "add split=company")
        return [company_of(context, reference)]
    known = configuration(context)
    if reference is None:
        found = sorted(known.active(Company), key=lambda entry: entry.code)
    else:
        found = [known.get(Company, name.strip(), "/company") for name in reference.split(",")]
    companies = list({entry.id: entry for entry in found}.values())
    if len(companies) > MOST_COMPANIES:
        raise _refused(
            f"At most {MOST_COMPANIES} companies stand side by side, not {len(companies)}.",
            "too_many_companies",
            "name some of them, with commas between",
        )
    by_currency: dict[str, list[str]] = {}
    for company in companies:
        by_currency.setdefault(company.data.currency, []).append(company.code)
    if len(by_currency) > 1:
        told = "; ".join(f"{currency}: {', '.join(codes)}" for currency, codes in sorted(by_currency.items()))
        ways = " or ".join(f"company={','.join(codes)}" for _, codes in sorted(by_currency.items()))
        raise _refused(
            f"These companies keep their books in different currencies, which cannot be added up ({told}).",
            "several_currencies",
            f"ask for those of one currency: {ways}",
        )
    return companies


def today_of(context: Context, companies: Sequence[Entry[Company]]) -> dt.date:
    """The day it is: of several companies the latest that it is for one of them."""
    return max(context.clock.today(company.data.timezone) for company in companies)


def named(companies: Sequence[Entry[Company]], split: str | None) -> tuple[Ref | None, list[Ref] | None]:
    """How an answer names its one company, or those that stand side by side."""
    return (None, [one.ref for one in companies]) if split == COMPANY else (companies[0].ref, None)


def of_cell(context: Context, place: Address) -> list[Entry[Company]]:
    """The companies of a cell. Raises NotFound for one that the tenant does not have, InvalidRequest."""
    found = [configuration(context).find(Company, str(id)) for id in (place.company, *place.others)]
    if len(found) > MOST_COMPANIES or len({place.company, *place.others}) < len(found):
        raise unknown_cell()
    companies = [company for company in found if company is not None]
    if len(companies) < len(found):
        raise NotFound("There is no such company.")
    if len({company.data.currency for company in companies}) > 1:
        raise unknown_cell()
    return companies


def _refused(detail: str, code: str, message: str) -> InvalidRequest:
    return InvalidRequest(detail, errors=[FieldError("/company", code, message)])
