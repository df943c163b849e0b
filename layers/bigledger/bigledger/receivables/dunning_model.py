"""The shapes of dunning: runs, and the letters they make, one for each customer and currency."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bigledger.kernel import Amount, Answer, Command, Day, Filter, ListQuery, Ref, Reference, Text
from bigledger.ledger import Posting
from bigledger.receivables.model import Links
from bigledger.receivables.recipients import Recipient


class NewDunningRun(Command):
    """Reminds customers of what is overdue on a day, today when absent.

    Each goes by its own dunning procedure, or else by ``procedure``; one that has none is left alone. An overdue item
    goes up one level in a run, once it is overdue as long as that asks for. ``customers`` limits the run to these.
    """

    company: Reference | None = None
    date: Day | None = None
    procedure: Reference | None = None
    customers: Annotated[list[Reference], Field(min_length=1, max_length=200)] | None = None


class DunningRunReference(Command):
    """Names a dunning run by its id."""

    id: Reference


class SendDunningRun(Command):
    """Marks the letters of a run as sent, in a way such as ``email`` or ``post``."""

    id: Reference
    method: Text | None = None


class DunnedItem(Answer):
    """An overdue item in a letter, and the level it has reached.

    ``date`` is that of the document; ``reference`` is the number that an item brought along is known by.
    """

    open_item_id: UUID
    document: Ref
    type: str
    reference: str | None = None
    date: dt.date | None = None
    due_date: dt.date
    days_overdue: int
    level: int
    amount_due: Amount


class DunningNoticeData(Answer):
    """A letter. ``total`` is what is overdue, the fee and the interest; amounts are in ``currency``.

    ``level`` is the highest of its items: its text and its fee are that level's. It goes to the ``recipients``, the
    customer's contacts who receive reminders, where there are some; ``email`` is the address of the first of them, else
    the customer's own.
    """

    run: Ref
    company: Ref
    customer: Ref
    date: dt.date
    procedure: str
    level: int
    currency: str
    items: list[DunnedItem]
    overdue: Amount
    fee: Amount | None = None
    interest: Amount | None = None
    total: Amount
    pay_by: dt.date
    text: str | None = None
    email: str | None = None
    recipients: list[Recipient] | None = None
    sent_by: str | None = None


class DunningNoticeReference(Command):
    """Names a letter by its id or number."""

    id: Reference


class DunningNotice(DunningNoticeData):
    """A letter as it is read."""

    id: UUID
    number: str
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: Links


class DunningNoticeSummary(Answer):
    """A letter in a list."""

    id: UUID
    number: str
    status: str
    version: int
    company: Ref
    customer: Ref
    date: dt.date
    level: int
    currency: str
    overdue: Amount
    fee: Amount | None = None
    interest: Amount | None = None
    total: Amount


class DunningNoticeList(ListQuery):
    """Letters by status, customer and date."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "customer": Filter("party_id", "uuid", "customer"),
        "date": Filter("date", "date"),
    }
    allowed_sorts = ("date", "number")


class MadeNotice(Answer):
    """A letter as its run made it."""

    notice: Ref
    customer: Ref
    level: int
    currency: str
    total: Amount
    fee: Amount | None = None
    interest: Amount | None = None


class DunningRunData(Answer):
    """What is stored of a run besides the columns of its document."""

    company: Ref
    date: dt.date
    procedure: str | None = None
    notices: list[MadeNotice]
    sent_by: str | None = None


class DunningRun(DunningRunData):
    """A dunning run and the letters it made."""

    id: UUID
    status: str
    version: int
    events: list[str]
    links: Links
