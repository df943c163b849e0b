"""Payables: suppliers' bills, the payments that settle them, and the credit suppliers give.

Matching bills with orders and receipts stands beside this: it reads a bill's lines (product, quantity, unit price) from
``bill.created`` or the bill itself, links the documents, and decides before ``drafting.cost_account`` is asked.
"""

from bigledger.payables.bills import (
    BillSettled,
    after_approval,
)
from bigledger.payables.credit_model import (
    CreditBill,
    CreditedLine,
    NewSupplierCredit,
    SupplierCredit,
    SupplierCreditList,
    SupplierCreditReference,
    SupplierCreditSummary,
    VoidSupplierCredit,
)
from bigledger.payables.crediting import (
    OverCreditedBill,
)
from bigledger.payables.drafting import (
    DuplicateBill,
    TotalDiffers,
)
from bigledger.payables.events import (
    BillCancelled,
    BillCreated,
    BillFact,
    BillPaid,
    BillPartiallyPaid,
    BillPosted,
    BillReopened,
    BillUpdated,
    PaymentMade,
    SupplierCreditCreated,
    SupplierCreditPosted,
    SupplierCreditReopened,
    SupplierCreditSettled,
    SupplierCreditVoided,
    SupplierPaymentMatched,
    SupplierPaymentUnmatched,
    SupplierPaymentVoided,
)
from bigledger.payables.matching import (
    AdvanceUsed,
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
from bigledger.payables.payment_model import (
    NewSupplierAllocation,
    NewSupplierPayment,
    SupplierAllocation,
    SupplierAllocationMade,
    SupplierAllocationReference,
    SupplierPayment,
    SupplierPaymentList,
    SupplierPaymentReference,
    SupplierPaymentSummary,
    VoidSupplierPayment,
)

from bigledger.payables import allocations, bills, credits, payments  # isort: skip

__all__ = [
    "AdvanceUsed",
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
    "CreditBill",
    "CreditedLine",
    "DuplicateBill",
    "NewBill",
    "NewBillItem",
    "NewSupplierAllocation",
    "NewSupplierCredit",
    "NewSupplierPayment",
    "OverCreditedBill",
    "PaymentMade",
    "PostBill",
    "SupplierAllocation",
    "SupplierAllocationMade",
    "SupplierAllocationReference",
    "SupplierCredit",
    "SupplierCreditCreated",
    "SupplierCreditList",
    "SupplierCreditPosted",
    "SupplierCreditReference",
    "SupplierCreditReopened",
    "SupplierCreditSettled",
    "SupplierCreditSummary",
    "SupplierCreditVoided",
    "SupplierPayment",
    "SupplierPaymentList",
    "SupplierPaymentMatched",
    "SupplierPaymentReference",
    "SupplierPaymentSummary",
    "SupplierPaymentUnmatched",
    "SupplierPaymentVoided",
    "TotalDiffers",
    "VoidBill",
    "VoidSupplierCredit",
    "VoidSupplierPayment",
    "after_approval",
    "allocations",
    "bills",
    "credits",
    "payments",
]
