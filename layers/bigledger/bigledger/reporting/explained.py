"""The shape of an explanation: a cell, and the lines, documents and events behind it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import Field

from bigledger.kernel import Amount, Answer, Command, Number, Page, Ref, listing
from bigledger.reporting.cells import LONGEST, line_position

_START = ("-infinity", "-infinity", "00000000-0000-0000-0000-000000000000", "0", "0")


class ExplainQuery(Command):
    """Which cell of which kind of report, as the cell itself says, and which page of its lines."""

    kind: str = Field(max_length=40)
    cell: str = Field(min_length=1, max_length=LONGEST)
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=400)


class PostingEvent(Answer):
    """An event of the transaction that posted a line: what happened, when, and who did it."""

    id: UUID
    type: str
    recorded_at: dt.datetime
    actor: str


class ExplainedLine(Answer):
    """A journal line behind a cell. ``amount`` is what it adds to the cell, in base currency.

    ``debit`` and ``credit`` are the line's own in base currency, ``currency_amount`` what it is in ``currency``, debit
    positive; ``quantity`` is the line's own. Behind an ageing stand open items and settlements, whose ``text`` says
    which; they have no ``entry`` and ``line``. Behind a tax summary stand the taxes of documents' lines: ``item`` is
    the line of the document, and where nothing was posted for it there is no ``account``. Behind the reports of stock
    stand moves of stock: what came in is a debit of its value, and ``text`` names its lot.
    """

    company: Ref | None = None
    """The company whose line it is, where the cell is of several."""
    document: Ref
    document_type: str
    entry: int | None = None
    line: int | None = None
    date: dt.date
    recorded_at: dt.datetime
    item: int | None = None
    account: Ref | None = None
    party: Ref | None = None
    product: Ref | None = None
    location: Ref | None = None
    dimensions: dict[str, str] | None = None
    tax: str | None = None
    text: str | None = None
    debit: Amount
    credit: Amount
    currency: str
    currency_amount: Amount
    quantity: Number | None = None
    amount: Amount
    events: list[PostingEvent]


class ExplainedFigure(Answer):
    """A figure that another one is made of. ``cell`` is what ``explain`` takes down to its lines."""

    label: str
    amount: Amount
    cell: str


class Ratio(Answer):
    """What an average is made of: ``numerator`` divided by ``denominator``."""

    numerator: ExplainedFigure
    denominator: ExplainedFigure


class Explanation(Page[ExplainedLine]):
    """A cell and a page of its lines. All its lines, ``lines`` of them, add up to ``amount``.

    An average has no lines of its own: ``ratio`` says what is divided by what, and each of these has its lines.
    A total of companies side by side names all of these in ``companies``.
    """

    kind: str
    company: Ref | None = None
    companies: list[Ref] | None = None
    currency: str
    row: str
    label: str
    column: str
    known_at: dt.datetime | None = None
    amount: Amount
    ratio: Ratio | None = None
    lines: int


def beginning(query: ExplainQuery) -> dict[str, Any]:
    """The parameters of a statement that reads a page of lines: which they come after, and how many there are at most.

    Raises InvalidRequest for a cursor that is none of ours.
    """
    position = line_position(listing.read_cursor(query.cursor, len(_START))) if query.cursor else _START
    names = ("after_date", "after_recorded", "after_document", "after_entry", "after_line")
    return {**dict(zip(names, position, strict=True)), "limit": query.limit + 1}


def page_of(
    query: ExplainQuery, rows: Sequence[dict[str, Any]], of: str = "document_id"
) -> tuple[Sequence[dict[str, Any]], str | None]:
    """The rows of the page, and the cursor of the next one where there are more.

    Rows of one instant follow one another by ``of``, the document's id or their own.
    """
    if len(rows) <= query.limit:
        return rows, None
    last = rows[query.limit - 1]
    return rows[: query.limit], listing.cursor(
        *(str(last[name]) for name in ("date", "recorded_at", of, "entry", "line"))
    )
