"""The shape of every report: columns, rows of cells, and what the report ties to.

Amounts are in the company's base currency. Each cell carries an identifier of its own, which ``explain`` takes down
to the journal lines behind it; the amounts of those lines add up to the cell.
"""

import datetime as dt
from typing import Literal, Self

from pydantic import PrivateAttr

from bigledger.kernel import Amount, Answer, Content, Ref
from bigledger.tax import Untaxed

Format = Literal["json", "csv", "xlsx", "pdf"]
"""How a report is answered."""

Style = Literal["heading", "line", "account", "item", "subtotal", "total"]
"""What a row is to its reader."""


class ReportColumn(Answer):
    """A column: a day (``as_of``), a span of days (``starts_on`` to ``ends_on``), or what its ``label`` says.

    ``dimension_value`` is the value of the dimension that the report is split by, ``company`` the company of a report
    that has them side by side; both are absent in a column of them all.
    """

    key: str
    label: str
    kind: Literal["amount", "quantity"] = "amount"
    as_of: dt.date | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    dimension_value: str | None = None
    company: Ref | None = None


class ReportCell(Answer):
    """One figure. ``cell`` is what ``explain`` takes; ``in_currency`` is the same in the currency of its row.

    Where a figure would mean nothing, such as the sum of the bases of several taxes, there is none.
    """

    amount: Amount | None = None
    cell: str | None = None
    in_currency: Amount | None = None


class ReportRow(Answer):
    """A row: a heading has no cells, every other one a cell for each column."""

    key: str
    label: str
    level: int
    style: Style
    cells: list[ReportCell] = []
    account: Ref | None = None
    party: Ref | None = None
    product: Ref | None = None
    location: Ref | None = None
    document: Ref | None = None
    document_type: str | None = None
    date: dt.date | None = None
    due_date: dt.date | None = None
    days_overdue: int | None = None
    currency: str | None = None
    """The currency that ``in_currency`` of the cells is in, where the row has one of its own."""
    rate: str | None = None
    untaxed: Untaxed | None = None
    """Why a row of a tax summary bears no tax."""


class Tie(Answer):
    """What a figure must equal, read from elsewhere; ``difference`` is zero, or the books need looking at."""

    column: str
    label: str
    amount: Amount
    ties_to: str
    balance: Amount
    difference: Amount


class Report(Answer):
    """A report of a company, or of ``companies`` side by side, which then say for themselves which they are.

    ``dimension`` and ``split`` say what it was narrowed to and split by.
    """

    kind: str
    title: str
    company: Ref | None = None
    companies: list[Ref] | None = None
    currency: str
    known_at: dt.datetime | None = None
    dimension: dict[str, str] | None = None
    split: str | None = None
    columns: list[ReportColumn]
    rows: list[ReportRow]
    ties_to: list[Tie]
    other_formats = (
        "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/pdf",
    )
    _file: "tuple[Literal['csv', 'xlsx', 'pdf'], dt.datetime] | None" = PrivateAttr(default=None)

    def as_file(self) -> Content | None:
        """The report as a file, when it was asked for as one."""
        if self._file is None:
            return None
        from bigledger.reporting import printing

        return printing.report(self, *self._file)

    def formatted(self, format: Format, now: dt.datetime) -> Self:
        """The same report, to be answered in a format; a file tells when it was prepared."""
        self._file = None if format == "json" else (format, now)
        return self
