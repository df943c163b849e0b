"""What of a payment goes to which invoice and instalment; pure but for the refusals."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from bigledger.kernel import FieldError, InvalidRequest, UnknownReference
from bigledger.kernel.configuration import unknown
from bigledger.kernel.documents import is_id
from bigledger.ledger import DatedTooEarly, OverAllocated, Settled
from bigledger.receivables.payment_model import NewPayment
from bigledger.receivables.queries import PaymentInputs


def invoices_of(new: NewPayment, inputs: PaymentInputs | None, currency: str) -> list[Settled]:
    """The invoices in the payment's currency that it may settle, in the order it settles them.

    Raises UnknownReference, and InvalidRequest for an invoice that is named twice, be it by its number and its id,
    or that is in another currency.
    """
    if inputs is None:
        raise UnknownReference(
            f"There is no active customer {new.customer}.", errors=[unknown("customer", new.customer, "/customer")]
        )
    by_id: dict[UUID, Settled] = {}
    for document in inputs.invoices:
        items = [item for item in inputs.items if item.document_id == document.id]
        by_id[document.id] = Settled(document, items)
    if new.allocations is None:
        order = dict.fromkeys(item.document_id for item in inputs.items if item.currency == currency)
        return [by_id[identifier] for identifier in order]
    by_reference = {str(document.id): by_id[document.id] for document in inputs.invoices}
    by_reference |= {document.number: by_id[document.id] for document in inputs.invoices if document.number}
    named = [
        by_reference.get(allocation.invoice.lower() if is_id(allocation.invoice) else allocation.invoice)
        for allocation in new.allocations
    ]
    errors = [
        unknown("invoice", allocation.invoice, f"/allocations/{index}/invoice")
        for index, (allocation, invoice) in enumerate(zip(new.allocations, named, strict=True))
        if invoice is None or str(invoice.document.party_id) != inputs.customer["id"]
    ]
    if errors:
        raise UnknownReference("Some allocations name no invoice of this customer.", errors=errors)
    invoices = [invoice for invoice in named if invoice is not None]
    times = Counter(invoice.document.id for invoice in invoices)
    twice = [
        FieldError(f"/allocations/{index}/invoice", "allocated_twice", f"{invoice.document.number} is named twice")
        for index, invoice in enumerate(invoices)
        if times[invoice.document.id] > 1
    ]
    if twice:
        raise InvalidRequest("Name each invoice once, with all that goes to it.", errors=twice)
    foreign = [
        FieldError(
            f"/allocations/{index}/invoice",
            "currency_differs",
            f"{invoice.document.number} is in {invoice.document.currency}, the payment in {currency}",
        )
        for index, invoice in enumerate(invoices)
        if invoice.document.currency != currency
    ]
    if foreign:
        raise InvalidRequest(
            "A payment settles invoices in its own currency. Give the amount and the currency of the invoices, and as"
            " account_amount what arrived on the account.",
            errors=foreign,
        )
    return invoices


def exact_first(invoices: Sequence[Settled], available: Decimal, on: dt.date) -> list[Settled]:
    """The invoices with the first whose open amount is just what there is before the others.

    One dated after the payment cannot be meant.
    """
    fitting = (
        invoice
        for invoice in invoices
        if invoice.open == available and (invoice.document.date is None or invoice.document.date <= on)
    )
    meant = next(fitting, None)
    others = [invoice for invoice in invoices if invoice is not meant]
    return others if meant is None else [meant, *others]


def allocate(new: NewPayment, invoices: Sequence[Settled], available: Decimal) -> Decimal:
    """Give each invoice its shares, its instalments in order of their due dates; answers what is left."""
    errors = []
    left = available
    for index, invoice in enumerate(invoices):
        wanted = new.allocations[index].amount if new.allocations else None
        share = min(invoice.open, left) if wanted is None else wanted
        pointer = f"/allocations/{index}/amount"
        if share > invoice.open:
            errors.append(FieldError(pointer, "over_allocated", f"only {invoice.open} is open of this invoice"))
        elif share > left:
            errors.append(FieldError(pointer, "over_allocated", f"only {left} of the payment is left"))
        elif new.allocations and invoice.open == 0:
            errors.append(FieldError(f"/allocations/{index}/invoice", "nothing_open", "nothing of it is open"))
        else:
            invoice.take(share)
            left -= share
    if errors:
        raise OverAllocated("Some allocations are more than is open or than is left of the payment.", errors=errors)
    return left


def check_dates(new: NewPayment, invoices: Sequence[Settled], on: dt.date) -> None:
    """Raise DatedTooEarly where the payment would settle an invoice before its date.

    The ledger and the open items would differ on the days between.
    """
    errors = []
    for index, invoice in enumerate(invoices):
        if invoice.shares and invoice.document.date is not None and on < invoice.document.date:
            pointer = f"/allocations/{index}/invoice" if new.allocations else "/date"
            message = f"{invoice.document.number} is dated {invoice.document.date}"
            errors.append(FieldError(pointer, "dated_too_early", message))
    if errors:
        raise DatedTooEarly(
            f"The payment is dated {on}, but {'; '.join(error['message'] for error in errors)}. Date it on that day or"
            " later, name the invoices it is for, or give an empty list of allocations to keep it as an advance.",
            errors=errors,
        )
