"""Sending invoices: to whom, how and when is an event, for whoever delivers it, and so a part of their history."""

from uuid import UUID

from bigledger.kernel import (
    Answer,
    Command,
    Context,
    Event,
    FieldError,
    InvalidRequest,
    Ref,
    Reference,
    Text,
    documents,
    event,
)
from bigledger.receivables.model import InvoiceHead
from bigledger.receivables.recipients import Recipient, receivers_of_invoices
from bigledger.records import Email


class SendInvoice(Command):
    """Names an invoice and where it goes.

    When ``to`` is absent it goes to the customer's contacts who receive invoices, else to its own address of mail.
    ``method`` is a way such as ``email`` or ``post``; by post it may go without an address of mail.
    """

    id: Reference
    to: Email | None = None
    method: Text = "email"
    message: Text | None = None


class SentInvoice(Answer):
    """An invoice that was sent; its page is at ``page``.

    ``recipients`` are the contacts it goes to, and ``to`` is the address of the first of them.
    """

    id: UUID
    number: str
    version: int
    to: str | None = None
    recipients: list[Recipient] | None = None
    method: str
    page: str


@event("invoice.sent")
class InvoiceSent(Event):
    """An invoice was sent to its customer; who delivers it takes the page from ``page``.

    It goes to each of the ``recipients``, where there are some, the first of whom has the address ``to``.
    """

    id: UUID
    number: str
    customer: Ref
    to: str | None = None
    recipients: list[Recipient] | None = None
    method: Text
    message: Text | None = None
    page: Text


def send(command: SendInvoice, context: Context) -> SentInvoice:
    """Tell that an invoice is sent; it may be sent again.

    Raises NotFound, StaleVersion, Conflict for an invoice that is not issued, and InvalidRequest for one by mail of a
    customer whose address is not known.
    """
    invoice = documents.get(context, "invoice", command.id)
    documents.check_version(context, invoice)
    documents.check_status(invoice, ("issued", "partially_paid", "paid"), "sent")
    customer = invoice.read(InvoiceHead).customer
    recipients, to = (None, command.to) if command.to else receivers_of_invoices(context, customer)
    if to is None and command.method == "email":
        raise InvalidRequest(
            f"No address of mail is known of {customer.name}. Say whom it goes to, or add it to the customer.",
            errors=[FieldError("/to", "required", "give the address it goes to")],
        )
    documents.change(context, invoice)
    number, page = str(invoice.number), f"/api/v1/invoices/{invoice.id}/pdf"
    sent = InvoiceSent(
        id=invoice.id,
        number=number,
        customer=customer,
        to=to,
        recipients=recipients,
        method=command.method,
        message=command.message,
        page=page,
    )
    context.emit(sent, invoice)
    return SentInvoice(
        id=invoice.id,
        number=number,
        version=invoice.version,
        to=to,
        recipients=recipients,
        method=command.method,
        page=page,
    )
