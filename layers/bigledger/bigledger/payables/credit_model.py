"""The shapes of supplier credits: what callers send, what is stored, what is answered. Amounts are above zero."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import Field

from bigledger.kernel import Amount, Answer, Command, Currency, Day, Filter, ListQuery, Positive, Ref, Reference, Text
from bigledger.ledger import Posting
from bigledger.payables.links import Links
from bigledger.payables.model import (
    MAXIMUM_ITEMS,
    BillData,
    BillInBase,
    BillItem,
    BillTax,
    Metadata,
    NewBillItems,
    Quantity,
    SupplierNumber,
    Total,
)
from bigledger.payables.payment_model import SettledBill
from bigledger.payables.withholding_model import Withholding


class CreditedLine(Command):
    """What of a line of the bill is taken back; all that is not credited yet when no quantity is given."""

    line: Annotated[int, Field(ge=1, le=MAXIMUM_ITEMS)]
    quantity: Quantity | None = None


class CreditBill(Command):
    """A supplier's credit for a posted bill: some lines or parts of them, or without ``lines`` all that is left.

    Prices, taxes, accounts and the exchange rate are the bill's. ``date`` is the accounting date, today when absent and
    never before the bill's. It settles the bill as far as that is open; the rest is left in the company's favour. A
    ``draft`` is not numbered and takes nothing back until it is posted.
    """

    id: Reference
    supplier_number: SupplierNumber
    reason: Text
    lines: Annotated[list[CreditedLine], Field(min_length=1, max_length=MAXIMUM_ITEMS)] | None = None
    date: Day | None = None
    draft: bool = False
    reference: Text | None = None
    metadata: Metadata = {}


class NewSupplierCredit(Command):
    """A supplier's credit that belongs to no bill, such as a bonus; computed as a bill is, left open for allocation."""

    id: UUID | None = None
    supplier: Reference
    supplier_number: SupplierNumber
    items: NewBillItems
    reason: Text
    company: Reference | None = None
    supplier_date: Day | None = None
    date: Day | None = None
    currency: Currency | None = None
    exchange_rate: Positive | None = None
    stated_total: Total | None = None
    draft: bool = False
    reference: Text | None = None
    metadata: Metadata = {}


class SupplierCreditReference(Command):
    """Names a supplier credit by its id or own number."""

    id: Reference


class VoidSupplierCredit(Command):
    """Voids a supplier credit. ``date`` is the accounting date of the reversal, the credit's own when absent."""

    id: Reference
    reason: Text
    date: Day | None = None


class SupplierCreditData(BillData):
    """What is stored of a supplier credit besides the columns of its document."""

    reason: str
    bill: Ref | None = None
    allocations: list[SettledBill] = []
    unallocated: Amount


class SupplierCreditSummary(Answer):
    """A supplier credit in a list; ``amount_left`` is what is not used of it."""

    id: UUID
    number: str | None = None
    status: str
    version: int
    company: Ref
    supplier: Ref
    supplier_number: str
    bill: Ref | None = None
    date: dt.date
    currency: str
    subtotal: Amount
    tax_total: Amount
    total: Amount
    amount_left: Amount


class SupplierCredit(SupplierCreditSummary):
    """A supplier credit with everything that followed from it. Amounts are in ``currency``.

    ``allocations`` is what it settled of its bill when it was posted; ``base`` is there when ``currency`` is not the
    base currency. ``withholding`` is what it takes back of the tax that was withheld from its bill.
    """

    items: list[BillItem]
    taxes: list[BillTax]
    reason: str
    allocations: list[SettledBill]
    base: BillInBase | None = None
    withholding: Withholding | None = None
    certificate: Ref | None = None
    posting: Posting
    events: list[str]
    links: Links
    reference: str | None = None
    void_reason: str | None = None
    voided_on: dt.date | None = None
    metadata: dict[str, str] = {}


class SupplierCreditList(ListQuery):
    """Supplier credits by status, supplier and date."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "supplier": Filter("party_id", "uuid", "supplier"),
        "date": Filter("date", "date"),
    }
    allowed_sorts = ("date", "number")
