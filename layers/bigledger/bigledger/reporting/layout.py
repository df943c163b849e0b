"""What a row of a statement adds up: accounts, over which of a column's days, with which sign.

A column is of one company, or of several whose figures are added. A statement is a list of such rows. Its figures and
the lines that explain them are found from the same terms, so the lines of a cell add up to it by construction.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol
from uuid import UUID

from bigledger.kernel import Ref
from bigledger.reporting.model import Style
from bigledger.reporting.periods import Column, Span, Value

Part = Literal["all", "debit", "credit", "with_assets", "exchange"]
"""Which lines of the accounts a term counts: all, those on one side, or those that the cash flow statement tells apart.
"""


@dataclass(frozen=True, slots=True)
class Term:
    """Debits less credits of some accounts over the days of a measure, times ``sign``."""

    accounts: frozenset[UUID]
    measure: str
    sign: int
    part: Part = "all"


@dataclass(frozen=True, slots=True)
class Line:
    """A row. One that ``may_hide`` is left out where all its cells are zero."""

    key: str
    label: str
    level: int
    style: Style
    terms: tuple[Term, ...] = ()
    account: Ref | None = None
    may_hide: bool = False


class Figures(Protocol):
    """Where the sums of accounts come from."""

    def total(self, company: UUID, accounts: Iterable[UUID], span: Span, share: Value | None, part: Part) -> Decimal:
        """Debits less credits of a company, in base currency."""
        ...


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement's columns and rows, before any figure is read."""

    kind: str
    title: str
    columns: list[Column]
    lines: list[Line]
    ties: list[tuple[str, Line, str, Line]]
    """Two rows that must be equal, and what each is called."""

    def line(self, key: str) -> Line | None:
        """The row of a name, also where it is hidden or only tied to."""
        for line in self.all_lines():
            if line.key == key:
                return line
        return None

    def all_lines(self) -> Iterator[Line]:
        """The rows that are shown and those that only tie."""
        yield from self.lines
        for _, one, _, other in self.ties:
            yield one
            yield other

    def terms(self) -> Iterator[Term]:
        """Everything that has to be read."""
        for line in self.all_lines():
            yield from line.terms


def value(line: Line, column: Column, figures: Figures) -> Decimal:
    """The figure of a row in a column."""
    return sum(
        (
            term.sign * figures.total(company, term.accounts, spans[term.measure], column.share, term.part)
            for company, spans in column.spans.items()
            for term in line.terms
        ),
        Decimal(0),
    )
