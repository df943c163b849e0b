"""The columns of a report side by side: earlier days or periods, values of a dimension, companies; and their cells."""

from collections.abc import Sequence

from bigledger.kernel import Entry
from bigledger.records import Company
from bigledger.reporting.cells import Address
from bigledger.reporting.companies import COMPANY
from bigledger.reporting.figures import Sums
from bigledger.reporting.model import ReportColumn
from bigledger.reporting.periods import Column, Value
from bigledger.reporting.queries import ColumnsQuery


def beside(columns: list[Column], companies: Sequence[Entry[Company]], split: str | None, sums: Sums) -> list[Column]:
    """The columns of a report that is split, the total last; of one that is not, those that it has."""
    if split is None:
        return columns
    total = columns[0]
    if split == COMPANY:
        return [*(total.only(company.ref) for company in companies), total]
    values = sorted(sums.values, key=lambda found: (found is None, found or ""))
    return [*(total.of(Value(found)) for found in values), total]


def address_of(kind: str, row: str, column: Column, query: ColumnsQuery, **options: str) -> Address:
    """Where a cell of such a column stands."""
    company, *others = column.spans
    return Address(
        kind=kind,
        row=row,
        company=company,
        others=others,
        first=None if column.as_of else column.first,
        last=column.last,
        known_at=query.known_at,
        dimension=query.dimension,
        split=query.split,
        value=column.share.value if column.share else column.company.code if column.company else None,
        shared=column.share is not None,
        options=options,
    )


def shared(column: Column, companies: Sequence[Entry[Company]], place: Address) -> Column:
    """The column of a cell that shows a share: a value of a dimension, or one of several companies."""
    if place.split == COMPANY and place.value is not None:
        return column.only(companies[0].ref)
    return column.of(Value(place.value)) if place.shared else column


def column_shown(column: Column, split: str | None) -> ReportColumn:
    """A column as it is answered."""
    whole = column.share is None and column.company is None
    return ReportColumn(
        key=column.key,
        label="Total" if split is not None and whole else column.label,
        as_of=column.last if column.as_of else None,
        starts_on=None if column.as_of else column.first,
        ends_on=None if column.as_of else column.last,
        dimension_value=column.share.value if column.share else None,
        company=column.company,
    )
