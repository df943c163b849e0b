"""What a credit note does to the stock that its invoice reserved: freed with the credit, held again with its void."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from bigledger.inventory import (
    InsufficientStock,
    Need,
    OpenReservation,
    allocate,
    levels_of,
    release,
    reserve,
    with_staged,
)
from bigledger.kernel import Context, Document, Entry, Ref, documents
from bigledger.receivables.credit_model import CreditNoteData, FreedStock
from bigledger.receivables.model import InvoiceData, InvoiceItem
from bigledger.records import Company


def given_back(
    invoice: InvoiceData, before: Sequence[InvoiceItem], held: Sequence[OpenReservation], data: CreditNoteData
) -> list[OpenReservation]:
    """Of the invoice's reservations what a credit note gives back, the last reserved first.

    ``before`` are the lines of its other credit notes. What is on backorder is credited before what is held.
    """
    if not data.release_reservation:
        return []
    wanted: dict[UUID, Decimal] = {}
    for item in data.items:
        line = invoice.items[(item.origin_line or 0) - 1]
        earlier = sum((other.quantity for other in before if other.origin_line == line.line), Decimal(0))
        waiting, none = line.backordered or Decimal(0), Decimal(0)
        part = max(earlier + item.quantity - waiting, none) - max(earlier - waiting, none)
        wanted[line.product.id] = wanted.get(line.product.id, none) + part
    parts = []
    for reservation in sorted(held, key=lambda one: one.reservation_id, reverse=True):
        part = min(reservation.remaining, wanted.get(reservation.product_id, Decimal(0)))
        if part > 0:
            wanted[reservation.product_id] -= part
            parts.append(replace(reservation, remaining=part))
    return parts


def free(context: Context, note: Document, invoice: Document, parts: Sequence[OpenReservation]) -> None:
    """Stage that the invoice gives these parts of its reservations back for a credit note.

    Two credit notes at once meet at the invoice's version and at the entries of its reservations: the second is worked
    out again from what the first has left.
    """
    if parts:
        documents.change(context, invoice)
        release(context, invoice, parts, cause=note)


def shown(parts: Sequence[OpenReservation]) -> list[FreedStock]:
    """Parts of reservations as the credit note tells of them, by product and location."""
    sums: dict[tuple[UUID, UUID], FreedStock] = {}
    for part in parts:
        key = part.product_id, part.location_id
        more = sums[key].quantity if key in sums else Decimal(0)
        sums[key] = FreedStock(
            product=Ref(id=part.product_id, code=part.product),
            location=Ref(id=part.location_id, code=part.location),
            quantity=part.remaining + more,
        )
    return list(sums.values())


def hold_again(
    context: Context, note: Document, invoice: Document, company: Entry[Company], data: CreditNoteData
) -> None:
    """Stage that the invoice reserves anew what a credit note that is void now had freed; a void invoice holds nothing.

    Where that is not available any more the company's policy for shortages says whether the void is refused, with
    InsufficientStock, or holds what there is.
    """
    if not data.stock_released or invoice.status == "void":
        return
    products = {item.product.id for item in data.stock_released}
    stock = with_staged(context, levels_of(context, products, {item.location.id for item in data.stock_released}))
    needs = [
        Need("/id", item.product.id, item.product.code, item.location.id, item.location.code, item.quantity)
        for item in data.stock_released
    ]
    allocation = allocate(needs, stock, company.data.policies.stock_shortage)
    if allocation.shortages:
        raise InsufficientStock(allocation.shortages)
    documents.change(context, invoice)
    reserve(context, invoice, allocation, cause=note)
