"""The shapes of bills: what callers send, what is stored, what is answered."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Currency,
    Day,
    Filter,
    ListQuery,
    Number,
    Positive,
    Ref,
    Reference,
    Text,
)
from bigledger.kernel.money import LARGEST_AMOUNT
from bigledger.ledger import DueInstalment, InBase, OnClosedPeriod, Posting
from bigledger.payables.links import Links
from bigledger.payables.withholding_model import Withholding, WithholdingCount
from bigledger.tax import NetDiscount, TaxAmount, TaxNote, TaxPolicy

MAXIMUM_ITEMS = 5000
"""The most lines one bill may have."""

Quantity = Annotated[Positive, Field(lt=Decimal(10) ** 12)]
UnitPrice = Annotated[Amount, Field(gt=-LARGEST_AMOUNT, lt=LARGEST_AMOUNT)]
"""A price for one unit; below zero it takes off what other lines come to, as a deposit that was billed before."""
Total = Annotated[Amount, Field(ge=0, lt=LARGEST_AMOUNT)]
Metadata = Annotated[dict[Annotated[str, StringConstraints(max_length=40)], Text], Field(max_length=50)]
Note = Annotated[str, StringConstraints(max_length=5000)]

SupplierNumber = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
"""The number that the supplier gave its document.

Two are the same that differ in case, blanks, punctuation or leading zeros only: INV-0042, "inv 42" and Inv/42; not
INV-42 and INV-4-2. So a bill that comes once by mail and once on paper is not paid twice.
"""


class NewBillItem(Command):
    """A line of a bill: what was bought at which price, in the bill's currency.

    It is posted to ``account`` when there is one. Else a product kept in stock clears what was received of it and not
    billed, as in perpetual inventory (Odoo's stock input account, ERPNext's "stock received but not billed"); any
    other goes to its product's expense account, its supplier's or the company's, the first there is. ``taxes`` are
    those that the supplier charges on it, none when the list is empty; without a list the tax rules for purchases say.
    ``recoverable`` is the share of the line that is for taxed business, a fraction: that share is claimed of what its
    taxes let one claim back (Tryton's deductible rate of a line, Odoo's deductibility); all of it when absent.

    A line with a ``tax_base`` is of tax alone, such as import VAT that a forwarder or the customs office asks for: its
    taxes fall on that base, which is not paid on this bill, and it comes to those taxes (Tryton's manual taxes of an
    invoice; a line and its contrary without tax in Odoo). It has no price, discount or quantity.
    """

    account: Reference | None = None
    product: Reference | None = None
    description: Text | None = None
    quantity: Quantity = Decimal(1)
    unit_price: UnitPrice | None = None
    tax_base: UnitPrice | None = None
    discount_percent: Annotated[Number, Field(ge=0, le=100)] | None = None
    recoverable: Annotated[Number, Field(ge=0, le=1)] | None = None
    taxes: Annotated[list[Reference], Field(max_length=20)] | None = None

    @property
    def price(self) -> Decimal:
        """What its taxes fall on of one unit: its price, or the base that is paid elsewhere."""
        return self.tax_base if self.unit_price is None and self.tax_base is not None else self.unit_price or Decimal(0)

    @model_validator(mode="after")
    def _priced_or_based(self) -> Self:
        if (self.unit_price is None) == (self.tax_base is None):
            raise PydanticCustomError("required", "give a unit_price, or a tax_base for a line of tax alone")
        if self.tax_base is not None and (self.quantity != 1 or self.discount_percent is not None):
            raise PydanticCustomError("not_allowed", "a line of tax alone has neither a quantity nor a discount")
        return self


NewBillItems = Annotated[list[NewBillItem], Field(min_length=1, max_length=MAXIMUM_ITEMS)]


class NewBill(Command):
    """A supplier's bill. ``supplier_number`` is the supplier's own and counts once per supplier.

    ``supplier_date`` is what stands on it: the tax date, and the day its terms run from. ``date`` is the accounting
    date. Without the one it is the other; without both, today in the company's time zone. Where ``date`` takes no
    postings, the bill is refused, or posted on the next day that does if ``on_closed_period`` asks for that.

    ``stated_total`` is what the supplier asks for: a bill whose lines come to something else is refused. A ``draft``
    posts nothing and can be changed until it is posted. ``exchange_rate`` is what was agreed: base currency for one
    unit of the bill's; without it, the spot rate of its accounting date. Of a supplier from whose bills a tax is
    withheld, less is owed by that, unless ``withhold`` is false: then the bill does not count towards its threshold.
    """

    id: UUID | None = None
    supplier: Reference
    supplier_number: SupplierNumber
    items: NewBillItems
    company: Reference | None = None
    supplier_date: Day | None = None
    date: Day | None = None
    currency: Currency | None = None
    exchange_rate: Positive | None = None
    payment_terms: Reference | None = None
    stated_total: Total | None = None
    discount: NetDiscount | None = None
    withhold: bool = True
    on_closed_period: OnClosedPeriod = "refuse"
    draft: bool = False
    reference: Text | None = None
    note: Note | None = None
    metadata: Metadata = {}


def _given(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("required", "it cannot be taken away; leave it out to keep what it is")
    return value


Kept = BeforeValidator(_given)
"""Marks what a change may replace, not remove."""


class BillChange(Command):
    """What to replace in a draft; lists replace the whole list, and null removes what a bill can be without.

    A currency or payment terms that are removed are found anew, those of the supplier. An agreed exchange rate belongs
    to its currency and goes with it.
    """

    id: Reference
    # None stands for what was left out: the contract says that null cannot be given.
    supplier: Annotated[Reference, Kept] = None  # type: ignore[assignment]
    supplier_number: Annotated[SupplierNumber, Kept] = None  # type: ignore[assignment]
    items: Annotated[NewBillItems, Kept] = None  # type: ignore[assignment]
    supplier_date: Day | None = None
    date: Day | None = None
    currency: Currency | None = None
    exchange_rate: Positive | None = None
    payment_terms: Reference | None = None
    stated_total: Total | None = None
    discount: NetDiscount | None = None
    withhold: Annotated[bool, Kept] = None  # type: ignore[assignment]
    reference: Text | None = None
    note: Note | None = None
    metadata: Metadata | None = None


class BillReference(Command):
    """Names a bill by its id or its own number."""

    id: Reference


class PostBill(Command):
    """Posts a draft on its accounting date, or the next open day if ``on_closed_period`` asks for that."""

    id: Reference
    on_closed_period: OnClosedPeriod = "refuse"


class HoldBill(Command):
    """Keeps a bill from being paid until it is released, as while the supplier is asked about it."""

    id: Reference
    reason: Text


class VoidBill(Command):
    """Voids a bill. ``date`` is the accounting date of the reversal, the bill's own when absent.

    The reversal is not dated before the bill, and not in the future.
    """

    id: Reference
    reason: Text
    date: Day | None = None


class BillItemTax(TaxAmount):
    """One tax of a line; ``non_deductible`` is what of it is not claimed back, if anything."""

    non_deductible: Amount | None = None


class BillItem(Answer):
    """A line as it was computed, in the bill's currency; ``cost`` is what it is posted with.

    That is its ``net`` and the taxes on it that are not claimed back, ``non_deductible``, but for those that are posted
    to a cost account of their own. ``price_includes_tax`` is
    there when the price contains taxes: then ``unit_price`` and ``discount`` are with those, and ``gross`` is the net
    with all taxes. ``agreed_taxes`` are the taxes the command named for it.
    """

    line: int
    account: Ref
    product: Ref | None = None
    description: str
    quantity: Number
    unit_price: Amount
    discount: Amount
    net: Amount
    taxes: list[BillItemTax]
    non_deductible: Amount
    cost: Amount
    discount_percent: Number | None = None
    tax_base: Amount | None = None
    """What its taxes fall on, of a line of tax alone; it is paid elsewhere."""
    recoverable: Number | None = None
    """The share of what its taxes let one claim back that is claimed, where it is not all."""
    price_includes_tax: Literal[True] | None = None
    gross: Amount | None = None
    tax_notes: list[TaxNote] | None = None
    agreed_taxes: list[str] | None = None
    own_account: Literal[True] | None = None
    """Whether the command named the account."""
    origin_line: int | None = None
    """The line of the bill that a line of a supplier credit takes back."""


class BillTax(TaxAmount):
    """One tax of a bill: ``recoverable`` is claimed back, ``non_deductible`` is a cost.

    One under ``reverse_charge`` is not in the bill's total: the company owes it and claims it back. One that is
    ``withheld`` is below zero: the company keeps it back and owes it to the authority. ``owed`` is what of it the
    company owes. ``due`` payment says that it is claimed as the bill is paid.
    """

    recoverable: Amount
    non_deductible: Amount
    owed: Amount
    withheld: Literal[True] | None = None
    due: Literal["payment"] | None = None


class Approval(Answer):
    """Whether the bill needs an approval, and how that stands."""

    required: bool
    id: UUID | None = None
    status: str | None = None
    reason: str | None = None


class BillAccounts(Answer):
    """The codes of the accounts a bill posts to besides those of its lines, taxes by their code.

    ``taxes`` is where a tax is claimed back, or waits until it is due; ``owed`` where one is posted that the company
    owes, ``costs`` where one that is not claimed back is kept apart from the lines.
    """

    payable: str
    taxes: dict[str, str]
    owed: dict[str, str] = {}
    costs: dict[str, str] = {}


class BillInBase(InBase):
    """A bill in base currency: ``items`` are what the lines cost, ``taxes`` what is claimed back.

    ``owed`` is what the company owes of taxes by code, ``costs`` what of them is kept apart from the lines;
    ``tax_total`` is what is claimed back and kept apart, less what is owed.
    """

    owed: dict[str, Amount] = {}
    costs: dict[str, Amount] = {}
    withheld: Amount | None = None
    """What is kept back of the total, which the instalments are less by."""


class BillData(Answer):
    """What is stored of a bill besides the columns of its document. Computed once, never on reading."""

    company: Ref
    supplier: Ref
    supplier_number: str
    supplier_date: dt.date
    date: dt.date
    due_date: dt.date
    currency: str
    items: list[BillItem]
    subtotal: Amount
    tax_total: Amount
    total: Amount
    taxes: list[BillTax]
    instalments: list[DueInstalment]
    approval: Approval
    accounts: BillAccounts
    base: BillInBase | None = None
    """The amounts in base currency, when the bill is in another."""
    tax_policy: TaxPolicy | None = None
    payment_terms: str | None = None
    stated_total: Amount | None = None
    discount: NetDiscount | None = None
    """The discount on all of it, which is a part of the discounts of its lines."""
    withhold: Literal[False] | None = None
    """Whether it was said that no tax is withheld from it."""
    withholding: Withholding | None = None
    """The tax that is kept back of the total."""
    withholding_counts: list[WithholdingCount] | None = None
    """What it counts for in the year's withholding."""
    certificate: Ref | None = None
    """The certificate that tells the supplier what was withheld."""
    reference: str | None = None
    note: str | None = None
    void_reason: str | None = None
    voided_on: dt.date | None = None

    @property
    def payable(self) -> Decimal:
        """What the supplier is owed: the total less what is withheld."""
        return self.total - self.withholding.amount if self.withholding else self.total

    @property
    def payable_in_base(self) -> Decimal:
        """The same in base currency."""
        return self.base.total - (self.base.withheld or 0) if self.base else self.payable


class BillSummary(Answer):
    """A bill in a list; ``number`` is its own, ``supplier_number`` the supplier's."""

    id: UUID
    number: str | None = None
    status: str
    version: int
    company: Ref
    supplier: Ref
    supplier_number: str
    supplier_date: dt.date
    date: dt.date
    due_date: dt.date
    currency: str
    subtotal: Amount
    tax_total: Amount
    total: Amount
    amount_due: Amount


class Bill(BillSummary):
    """A bill with everything that followed from it. Amounts are in ``currency``.

    ``tax_total`` is what the supplier charges of taxes. ``base`` is there when ``currency`` is not the base currency.
    What is kept back of the total for the authority is ``withholding``; the instalments are what is left of it.
    """

    items: list[BillItem]
    taxes: list[BillTax]
    instalments: list[DueInstalment]
    approval: Approval
    base: BillInBase | None = None
    posting: Posting
    events: list[str]
    links: Links
    payment_terms: str | None = None
    stated_total: Amount | None = None
    discount: NetDiscount | None = None
    """The discount on all of it, which is a part of the discounts of its lines."""
    withhold: Literal[False] | None = None
    withholding: Withholding | None = None
    certificate: Ref | None = None
    reference: str | None = None
    note: str | None = None
    payment_hold: str | None = None
    """Why it is not to be paid, while it is on hold."""
    void_reason: str | None = None
    tax_policy: TaxPolicy | None = None
    voided_on: dt.date | None = None
    metadata: dict[str, str] = {}


class BillList(ListQuery):
    """Bills by status, supplier and dates."""

    allowed_filters = {
        "status": Filter("status"),
        "number": Filter("number"),
        "supplier": Filter("party_id", "uuid", "supplier"),
        "date": Filter("date", "date"),
        "due_date": Filter("due_date", "date"),
    }
    allowed_sorts = ("date", "due_date", "number")
