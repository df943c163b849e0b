"""Paying one invoice: a payment of its customer, in its currency, that goes to it first."""

from uuid import UUID

from bigledger.kernel import Command, Conflict, Context, Day, Positive, Reference, Text, documents
from bigledger.receivables import payments, queries
from bigledger.receivables.model import InvoiceHead, Metadata
from bigledger.receivables.payment_model import Allocation, NewPayment, PaidAmount, Payment


class InvoicePayment(Command):
    """Money received for an invoice, in its currency: all that is open of it when no amount is given.

    What is more than its due stays as an advance. A discount for paying in time is taken off when the amount falls
    short by it, unless ``early_discounts`` is false. The rest is as in a payment.
    """

    id: Reference
    amount: PaidAmount | None = None
    payment_id: UUID | None = None
    date: Day | None = None
    account: Reference | None = None
    exchange_rate: Positive | None = None
    payment_method: Reference | None = None
    method: Text | None = None
    reference: Text | None = None
    early_discounts: bool = True
    metadata: Metadata = {}


def pay(new: InvoicePayment, context: Context) -> Payment:
    """Record the payment.

    Raises NotFound, StaleVersion, Conflict for an invoice of which nothing is open, and all that recording a payment
    raises.
    """
    stored = queries.invoice(context, new.id)
    documents.check_version(context, stored.document)
    if not stored.due:
        status = stored.document.status
        raise Conflict(f"Nothing is open of this invoice: it is {status.replace('_', ' ')}.", document_status=status)
    head = stored.document.read(InvoiceHead)
    payment = NewPayment(
        id=new.payment_id,
        customer=head.customer.code,
        company=head.company.code,
        currency=head.currency,
        amount=new.amount or stored.due,
        date=new.date,
        account=new.account,
        exchange_rate=new.exchange_rate,
        payment_method=new.payment_method,
        method=new.method,
        reference=new.reference,
        allocations=[Allocation(invoice=str(stored.document.id))],
        early_discounts=new.early_discounts,
        metadata=new.metadata,
    )
    return payments.record(payment, context)
