"""Payables: suppliers' bills, the payments that settle them, and the credit suppliers give.

Matching bills with orders and receipts stands beside this: it reads a bill's lines (product, quantity, unit price) from
``bill.created`` or the bill itself, links the documents, and decides before ``drafting.cost_account`` is asked.
"""

from bigledger.payables.bills import BillSettled, after_approval
from bigledger.payables.drafting import DuplicateBill, TotalDiffers
from bigledger.payables.events import (
    BillCancelled,
    BillCreated,
    BillFact,
    BillPaid,
    BillPartiallyPaid,
    BillPosted,
    BillReopened,
    BillUpdated,
)
from bigledger.payables.model import (
    Bill,
    BillChange,
    BillList,
    BillReference,
    BillSummary,
    NewBill,
    NewBillItem,
    PostBill,
    VoidBill,
)

from bigledger.payables import bills  # isort: skip

__all__ = [
    "Bill",
    "BillCancelled",
    "BillChange",
    "BillCreated",
    "BillFact",
    "BillList",
    "BillPaid",
    "BillPartiallyPaid",
    "BillPosted",
    "BillReference",
    "BillReopened",
    "BillSettled",
    "BillSummary",
    "BillUpdated",
    "DuplicateBill",
    "NewBill",
    "NewBillItem",
    "PostBill",
    "TotalDiffers",
    "VoidBill",
    "after_approval",
    "bills",
]
