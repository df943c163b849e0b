"""The shape of an explanation: a cell, and the lines, documents and events behind it."""

import datetime as dt
from uuid import UUID

from pydantic import Field

from bigledger.kernel import Amount, Answer, Command, Number, Page, Ref
from bigledger.reporting.cells import LONGEST


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
    which; they have no ``entry`` and ``line``.
    """

    document: Ref
    document_type: str
    entry: int | None = None
    line: int | None = None
    date: dt.date
    recorded_at: dt.datetime
    account: Ref
    party: Ref | None = None
    product: Ref | None = None
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


class Explanation(Page[ExplainedLine]):
    """A cell and a page of its lines. All its lines, ``lines`` of them, add up to ``amount``."""

    kind: str
    company: Ref
    currency: str
    row: str
    label: str
    column: str
    known_at: dt.datetime | None = None
    amount: Amount
    lines: int
