"""Where stock is: the location an operation works at, and the company it belongs to."""

from collections.abc import Sequence

from bigledger.kernel import Context, Entry, FieldError, InvalidRequest, UnknownReference, configuration
from bigledger.kernel.configuration import Configuration, unknown
from bigledger.records import Company, Location, company_of

DEFAULT_LOCATION = "MAIN"
"""The code of the location that is meant when a company has several and none is named."""


def stock_location(
    context: Context, company: Entry[Company], reference: str | None, pointer: str = "/location"
) -> Entry[Location]:
    """The location a command names, or the company's default: its only warehouse, else the one coded MAIN.

    A location belongs to one company, so that its stock is valued in one currency; only a tenant with a single
    company may leave the company of its locations out. Raises UnknownReference, or InvalidRequest when there is
    no default or the location is another company's.
    """
    known = configuration(context)
    if reference is not None:
        location = known.get(Location, reference, pointer)
        if _belongs(location, company, _alone(known)):
            return location
        owner = f"belongs to {location.data.company}" if location.data.company else "names no company"
        raise InvalidRequest(
            f"{location.code} {owner}, so {company.code} cannot keep stock there."
            " Give the location its company, or choose another.",
            errors=[FieldError(pointer, "location_of_other_company", f"it is no location of {company.code}")],
        )
    own = _own(known, company)
    if (choice := _default(own)) is not None:
        return choice
    codes = ", ".join(sorted(location.code for location in own)) or "none yet"
    raise InvalidRequest(
        f"Say at which location. {company.code} has: {codes}.",
        errors=[FieldError(pointer, "required", "give the code of the location")],
    )


def locations_of(context: Context, company: Entry[Company]) -> list[Entry[Location]]:
    """Every place where a company has kept stock, archived ones included.

    A location that names no company took stock while the tenant had its first company only, so it is that one's.
    """
    known = configuration(context)
    first = min(known.active(Company), key=lambda entry: entry.id, default=company)
    return [location for location in known.every(Location) if _belongs(location, company, company.id == first.id)]


def company_and_location(
    context: Context, company: str | None, location: str | None, needed: bool = True
) -> tuple[Entry[Company] | None, Entry[Location] | None, list[FieldError]]:
    """The company and the location of a command, and the errors of references that name nothing.

    A location that belongs to a company says which company is meant. Raises InvalidRequest when the choice is
    not clear. Unless it is ``needed``, the location is None where none is named and the company has no default.
    """
    known = configuration(context)
    named = known.find(Location, location) if location is not None else None
    if company is None and named is not None:
        company = named.data.company
    errors = []
    owner = None
    try:
        owner = company_of(context, company)
    except UnknownReference as refusal:
        errors += refusal.errors
    if location is not None and (named is None or not named.active):
        errors.append(unknown("location", location, "/location"))
    if owner is None or errors:
        return owner, None, errors
    if location is None and not needed:
        return owner, _default(_own(known, owner)), []
    return owner, stock_location(context, owner, location), []


def _own(known: Configuration, company: Entry[Company]) -> list[Entry[Location]]:
    """The locations that a company may keep stock at."""
    alone = _alone(known)
    return [location for location in known.active(Location) if _belongs(location, company, alone)]


def _default(own: Sequence[Entry[Location]]) -> Entry[Location] | None:
    """The only warehouse of a company, else its location coded MAIN."""
    warehouses = [location for location in own if location.data.kind == "warehouse"]
    main = [location for location in own if location.code == DEFAULT_LOCATION]
    return next((choice[0] for choice in (warehouses, main) if len(choice) == 1), None)


def _alone(known: Configuration) -> bool:
    """Whether the tenant has a single company, whose every location is."""
    return sum(1 for _ in known.active(Company)) == 1


def _belongs(location: Entry[Location], company: Entry[Company], alone: bool) -> bool:
    return location.data.company == company.code or (alone and location.data.company is None)
