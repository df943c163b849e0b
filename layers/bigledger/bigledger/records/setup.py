"""What documents take from the set-up: their company and number, whether a day is open, what a unit allows."""

from datetime import date
from decimal import Decimal

from bigledger.kernel import (
    Configuration,
    Context,
    Entry,
    FieldError,
    InvalidRequest,
    UnknownReference,
    configuration,
    numbering,
)
from bigledger.records.accounts import Area, FiscalYear, NumberSeries
from bigledger.records.companies import Company
from bigledger.records.products import Unit


def company_of(context: Context, reference: str | None) -> Entry[Company]:
    """The company a command names; the tenant's only one when it names none.

    Raises UnknownReference, or InvalidRequest when there are several to choose from.
    """
    known = configuration(context)
    if reference is not None:
        return known.get(Company, reference, "/company")
    companies = list(known.active(Company))
    if len(companies) != 1:
        codes = ", ".join(company.code for company in companies) or "none yet"
        raise InvalidRequest(
            f"Say which company this is for. There are: {codes}.",
            errors=[FieldError("/company", "required", "give the code of the company")],
        )
    return companies[0]


def number_for(context: Context, document_type: str, company: Entry[Company], on: date) -> str:
    """Ask for the next number of the company's series for a type of document; answers a token for it.

    ``on`` is the accounting date. Raises UnknownReference when the company has no such series.
    """
    for series in configuration(context).active(NumberSeries):
        if series.data.document_type == document_type and series.data.company == company.code:
            data = series.data
            return numbering.take(context, series.id, data.prefix, data.width, data.restart, on)
    raise UnknownReference(
        f"{company.code} has no number series for documents of type {document_type}. Create one under number-series."
    )


def is_open(known: Configuration, company: Entry[Company], area: Area, on: date) -> bool:
    """Whether the company takes postings of an area on that day."""
    return any(
        period.status == "open" and area not in period.closed_areas
        for year in known.active(FiscalYear)
        if year.data.company == company.code and year.data.starts_on <= on <= year.data.ends_on
        for period in year.data.periods
        if period.starts_on <= on <= period.ends_on
    )


def fiscal_year_start(known: Configuration, company: Entry[Company], on: date) -> date:
    """The first day of the company's fiscal year around a day; of the calendar year where there is none."""
    for year in known.active(FiscalYear):
        if year.data.company == company.code and year.data.starts_on <= on <= year.data.ends_on:
            return year.data.starts_on
    return on.replace(month=1, day=1)


def next_open_day(known: Configuration, company: Entry[Company], area: Area, on: date) -> date | None:
    """The first day from ``on`` that takes postings of an area, or None when no later period is open."""
    starts = [
        max(period.starts_on, on)
        for year in known.active(FiscalYear)
        if year.data.company == company.code
        for period in year.data.periods
        if period.ends_on >= on and period.status == "open" and area not in period.closed_areas
    ]
    return min(starts, default=None)


def decimals_error(known: Configuration, unit: str, quantity: Decimal, pointer: str) -> FieldError | None:
    """The error at ``pointer`` for a quantity that is finer than its unit allows, or None."""
    entry = known.find(Unit, unit)
    decimals = entry.data.decimals if entry else 0
    if quantity == round(quantity, decimals):
        return None
    allowed = f"at most {decimals} decimals" if decimals else "no decimals"
    return FieldError(pointer, "too_many_decimals", f"a quantity in {unit} has {allowed}")
