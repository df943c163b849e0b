"""The shapes of expense claims: what an employee paid for the company and gets back."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from bigledger.kernel import Amount, Answer, Command, Currency, Day, Filter, ListQuery, Positive, Ref, Reference, Text
from bigledger.kernel.documents import Part
from bigledger.kernel.money import LARGEST_AMOUNT
from bigledger.ledger import Posting
from bigledger.payables.links import Links
from bigledger.payables.model import BillData, BillInBase, BillItem, BillTax, Kept, Metadata
from bigledger.payables.payment_model import PaidAmount


class NewExpenseItem(Command):
    """Something an employee paid for, with the taxes in it: ``amount`` is on the receipt, in the claim's currency.

    ``tax`` is the one that the receipt names; without it none is claimed back. ``account`` is the expense, that of
    the employee's supplier record or the company's when absent.
    """

    date: Day
    description: Text
    amount: Annotated[Amount, Field(gt=0, lt=LARGEST_AMOUNT)]
    account: Reference | None = None
    tax: Reference | None = None
    receipt: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


NewExpenseItems = Annotated[list[NewExpenseItem], Field(min_length=1, max_length=500)]


class NewExpenseClaim(Command):
    """What an employee paid for the company. ``employee`` is the supplier record that stands for the person.

    ``date`` is the accounting date, the latest of the items' when absent. Nothing is posted before the approval.
    """

    id: UUID | None = None
    employee: Reference
    purpose: Text
    items: NewExpenseItems
    company: Reference | None = None
    date: Day | None = None
    currency: Currency | None = None
    metadata: Metadata = {}


class ExpenseClaimChange(Command):
    """What to replace in a claim that is a draft or was sent back; ``items`` replace all of them.

    Items bring the latest of their days as accounting date, unless ``date`` names one; so does a ``date`` of null. A
    currency of null is the employee's, or the company's.
    """

    id: Reference
    # None stands for what was left out: the contract says that null cannot be given.
    employee: Annotated[Reference, Kept] = None  # type: ignore[assignment]
    purpose: Annotated[Text, Kept] = None  # type: ignore[assignment]
    items: Annotated[NewExpenseItems, Kept] = None  # type: ignore[assignment]
    date: Day | None = None
    currency: Currency | None = None
    metadata: Metadata | None = None


class ExpenseClaimReference(Command):
    """Names an expense claim by its id or number."""

    id: Reference


class RejectExpenseClaim(Command):
    """Sends a submitted claim back."""

    id: Reference
    reason: Text


class ExpenseItem(BillItem):
    """An item as it was computed: its net, what of the tax is claimed back, and what it costs."""

    date: dt.date
    amount: Amount
    receipt: str | None = None


class ClaimedBill(Part):
    """What a list shows of what a claim means for the books."""

    company: Ref
    supplier: Ref
    date: dt.date
    currency: str
    total: Amount


class ExpenseClaimHead(Answer):
    """What a list shows of a claim's data."""

    purpose: str
    bill: ClaimedBill


class ExpenseClaimData(Answer):
    """What is stored of an expense claim besides the columns of its document. Amounts are in ``currency``."""

    purpose: str
    bill: BillData
    """What it means for the books: that of a bill of the employee."""
    dates: list[dt.date]
    amounts: list[Amount]
    receipts: list[str | None]
    submitted_by: str | None = None
    changed_by: list[str] = []
    """Who changed it after it was written."""
    approved_by: str | None = None
    reject_reason: str | None = None


class ExpenseClaimSummary(Answer):
    """An expense claim in a list; ``amount_due`` is what the employee still gets."""

    id: UUID
    number: str
    status: str
    version: int
    company: Ref
    employee: Ref
    purpose: str
    date: dt.date
    currency: str
    total: Amount
    amount_due: Amount


class ExpenseClaim(ExpenseClaimSummary):
    """An expense claim. It is a draft, submitted, approved or rejected, then reimbursed, wholly or partially."""

    items: list[ExpenseItem]
    subtotal: Amount
    tax_total: Amount
    taxes: list[BillTax]
    base: BillInBase | None = None
    posting: Posting
    events: list[str]
    links: Links
    submitted_by: str | None = None
    approved_by: str | None = None
    reject_reason: str | None = None
    metadata: dict[str, str] = {}


class ReimburseExpenseClaim(Command):
    """Pays an approved claim out: all that is owed of it without ``amount``. The rest is as in a payment."""

    id: Reference
    amount: PaidAmount | None = None
    date: Day | None = None
    account: Reference | None = None
    account_amount: PaidAmount | None = None
    exchange_rate: Positive | None = None
    payment_method: Reference | None = None
    reference: Text | None = None


class ExpenseClaimList(ListQuery):
    """Expense claims by status, employee and date."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "employee": Filter("party_id", "uuid", "supplier"),
        "date": Filter("date", "date"),
    }
    allowed_sorts = ("date", "number")
