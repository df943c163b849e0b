"""The shapes of payment runs: what is paid to whom, approved by somebody else, sent to the bank and confirmed."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Amount, Answer, Command, Currency, Day, Filter, ListQuery, Positive, Ref, Reference, Text
from bigledger.payables.links import Links
from bigledger.payables.model import Metadata
from bigledger.payables.payment_model import PaidAmount
from bigledger.records import BankDetails

MAXIMUM_LINES = 1000
"""The most transfers one run may have."""


class NewPaymentRun(Command):
    """Selects the bills of a currency that are due up to ``due_until`` and proposes a transfer per supplier.

    So is what journal entries opened, such as opening balances, item by item. The bills whose discount can still be
    taken on ``date`` are selected too, unless ``early_discounts`` is false. The ``date`` is when the bank is to send
    the money: today when absent; ``account`` is where it leaves from, the company's bank account when absent, kept in
    the run's currency. ``suppliers`` limits the run to some. What waits in another run is left out.

    What suppliers credited up to ``date`` is taken off what they are sent, the oldest first, unless ``credits`` is
    false (SAP's payment program). A supplier that would be sent nothing then is left out: allocate its credits.
    """

    id: UUID | None = None
    due_until: Day
    company: Reference | None = None
    account: Reference | None = None
    currency: Currency | None = None
    date: Day | None = None
    early_discounts: bool = True
    credits: bool = True
    suppliers: Annotated[list[Reference], Field(min_length=1, max_length=200)] | None = None
    metadata: Metadata = {}


class RunBill(Answer):
    """A bill that a transfer pays: ``amount`` of money, which with the ``discount`` is what is open of it.

    Of a supplier credit it is what is used of it, below zero.
    Of a journal entry it is one item, ``open_item_id``; ``supplier_number`` is what that is known by, or the entry's.
    """

    document: Ref
    open_item_id: UUID | None = None
    supplier_number: str
    due_date: dt.date
    amount: Amount
    discount: Amount | None = None


class RunLine(Answer):
    """A transfer to one supplier. Its status is open, paid or rejected; ``payment`` is what recorded it."""

    line: int
    supplier: Ref
    bank_account: BankDetails | None = None
    amount: Amount
    bills: list[RunBill]
    withheld: Amount | None = None
    """The tax that is kept back: ``amount`` is what the bills come to without it."""
    status: Literal["open", "paid", "rejected"] = "open"
    reason: str | None = None
    payment: Ref | None = None


class PaymentRunData(Answer):
    """What is stored of a payment run besides the columns of its document. Amounts are in ``currency``."""

    company: Ref
    account: Ref
    bank_account: BankDetails | None = None
    date: dt.date
    due_until: dt.date
    currency: str
    total: Amount
    lines: list[RunLine]
    early_discounts: bool = True
    approved_by: str | None = None
    approved_at: dt.datetime | None = None
    cancel_reason: str | None = None


class PaymentRun(PaymentRunData):
    """A payment run. It is proposed, approved, confirmed once the bank has answered every line, or cancelled."""

    id: UUID
    number: str
    status: str
    version: int
    events: list[str]
    links: Links
    metadata: dict[str, str] = {}


class PaymentRunSummary(Answer):
    """A payment run in a list."""

    id: UUID
    number: str
    status: str
    version: int
    company: Ref
    account: Ref
    date: dt.date
    currency: str
    total: Amount


class PaymentRunList(ListQuery):
    """Payment runs by status and date."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "date": Filter("date", "date"),
    }
    allowed_sorts = ("date", "number")


class PaymentRunReference(Command):
    """Names a payment run by its id or number."""

    id: Reference


class CancelPaymentRun(Command):
    """Cancels a run of which no line is confirmed; its bills can go into another."""

    id: Reference
    reason: Text


class LineOutcome(Command):
    """What the bank did with a line; a rejected one says why. ``account_amount`` is what left the account for it,

    where that is kept in another currency than the run's.
    """

    line: Annotated[int, Field(ge=1, le=MAXIMUM_LINES)]
    outcome: Literal["paid", "rejected"]
    reason: Text | None = None
    account_amount: PaidAmount | None = None

    @model_validator(mode="after")
    def _explained(self) -> "LineOutcome":
        if self.outcome == "rejected" and self.reason is None:
            raise PydanticCustomError("required", "say why the bank rejected it")
        return self


class ConfirmPaymentRun(Command):
    """What the bank did with lines of a run; without ``lines`` it paid all that are open.

    ``date`` is when the money left, the run's when absent; ``exchange_rate`` as in a payment.
    """

    id: Reference
    lines: Annotated[list[LineOutcome], Field(min_length=1, max_length=MAXIMUM_LINES)] | None = None
    date: Day | None = None
    exchange_rate: Positive | None = None


class PaymentFile(Answer):
    """A file for the bank: an ISO 20022 customer credit transfer initiation, as text."""

    name: str
    message: str
    media_type: str
    content: str
