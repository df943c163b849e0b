"""The shapes of allocations: what is left over of some documents, set against what is open of invoices."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bigledger.kernel import Amount, Answer, Command, Currency, Day, Positive, Ref, Reference
from bigledger.ledger import Posting
from bigledger.receivables.model import Links
from bigledger.receivables.payment_model import Allocation as Target
from bigledger.receivables.payment_model import PaidAmount, SettledInvoice


class Source(Command):
    """A payment, credit note or other document that left something over; at most ``amount`` of it is used."""

    document: Reference
    amount: PaidAmount | None = None


class NewAllocation(Command):
    """What a customer has in its favour, set against what it owes, many to many.

    ``sources`` are used and ``invoices`` settled in the order they are named, until one side is used up.
    ``date`` is the accounting date: today when absent, or the first open day after it.

    The sources may be in another currency than the invoices. Each then settles at the spot rates of the day it is
    dated, as a payment in the currency of the invoices would have (Odoo), or at the ``exchange_rate`` that was agreed:
    the sources' currency for one unit of the invoices'.
    """

    customer: Reference
    sources: Annotated[list[Source], Field(min_length=1, max_length=200)]
    invoices: Annotated[list[Target], Field(min_length=1, max_length=200)]
    company: Reference | None = None
    date: Day | None = None
    exchange_rate: Positive | None = None


class AutoAllocation(Command):
    """Everything a customer has in its favour in a currency, set against its open invoices: the earliest first.

    ``currency`` is the company's when absent. What is owed in another is left alone, as Odoo, ERPNext and Tryton match
    by themselves within one currency only: at which rate one becomes the other is somebody's decision, which
    ``create_allocation`` takes.
    """

    customer: Reference
    company: Reference | None = None
    currency: Currency | None = None
    date: Day | None = None


class AllocationReference(Command):
    """Names an allocation by its id."""

    id: Reference


class UsedSource(Answer):
    """A document and what of it was used; ``amount_left`` is left over.

    ``currency`` is there where they are in another currency than the allocation.
    """

    document: Ref
    amount: Amount
    amount_left: Amount
    currency: str | None = None


class AllocationData(Answer):
    """What is stored of an allocation besides the columns of its document. Amounts are in ``currency``."""

    company: Ref
    customer: Ref
    date: dt.date
    currency: str
    amount: Amount
    sources: list[UsedSource]
    invoices: list[SettledInvoice]
    taken_back_on: dt.date | None = None


class AllocationMade(AllocationData):
    """An allocation, made or taken back."""

    id: UUID
    status: str
    version: int
    posting: Posting
    events: list[str]
    links: Links
