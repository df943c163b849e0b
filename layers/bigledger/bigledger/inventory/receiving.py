"""Receiving goods: stock moves and the journal entry about them, from the same figures."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bigledger.inventory.allocation import NO_STOCK, StockKey
from bigledger.inventory.checks import line_errors
from bigledger.inventory.events import ReceivedStock, StockReceived
from bigledger.inventory.locations import company_and_location
from bigledger.inventory.model import Links, NewStockReceipt, ReceiptItem, StockOf, StockReceipt, StockReceiptData
from bigledger.inventory.queries import Found, StockProduct, find
from bigledger.kernel import (
    Context,
    Document,
    Entry,
    FieldError,
    InvalidRequest,
    Ref,
    Table,
    UnknownReference,
    configuration,
    documents,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.money import EXACT, LARGEST_AMOUNT, quantum, round_money
from bigledger.ledger import JournalLine, account_for, check_open, post, shown
from bigledger.records import Company, Location, number_for, with_scale

STOCK_MOVE = Table(
    "inventory.stock_move",
    tuple(
        "id document_id line product_id location_id lot quantity unit_cost value reservation_id effective_date".split()
    ),
)

TYPE = "stock_receipt"


def receive(new: NewStockReceipt, context: Context) -> StockReceipt:
    """Take goods into stock at their cost; the books get the same values in the same transaction.

    The inventory account of each product is debited, or the company's, and stock received but not invoiced is
    credited. Raises UnknownReference, InvalidRequest, PeriodClosed or those of ``account_for``.
    """
    company, location, found = _resolved(new, context)
    on = new.date or context.today(company.data.timezone)
    check_open(context, company, "stock", on)
    currency = company.data.currency
    items = _items(new, found, currency)
    total = sum((item.value for item in items), 0 * quantum(currency))
    if total >= LARGEST_AMOUNT:
        raise InvalidRequest(
            f"This comes to {total} {currency}. A receipt is below {LARGEST_AMOUNT:,} in any currency.",
            errors=[FieldError("/items", "too_large", "correct the quantities and costs")],
        )
    lines = _journal_lines(
        context, company, [found.products[item.product] for item in new.items], items, found.supplier
    )
    data = StockReceiptData(
        company=company.ref,
        location=location.ref,
        supplier=found.supplier,
        items=items,
        note=new.note,
    )
    number = number_for(context, TYPE, company, on)
    document = documents.create(
        context,
        Document(
            new.id or context.new_id(),
            TYPE,
            "posted",
            data,
            company_id=company.id,
            number=number,
            party_id=found.supplier.id if found.supplier else None,
            date=on,
            currency=currency,
            total=total,
            posted_at=context.now,
        ),
    )
    _move(context, document, location, items, on)
    if lines:
        post(context, document, company, "stock", on, lines)
    context.emit(
        StockReceived(
            id=document.id,
            number=number,
            company=data.company,
            location=data.location,
            supplier=data.supplier,
            date=on,
            currency=currency,
            items=[ReceivedStock(**item.model_dump(exclude={"unit"})) for item in items],
            total=total,
        ),
        document,
    )
    return StockReceipt(
        id=document.id,
        number=number,
        status=document.status,
        version=document.version,
        date=on,
        currency=currency,
        total=total,
        posting=shown(lines),
        stock=_stock_after(items, location, found, currency),
        events=[event.type for event, _ in context.work.events],
        links=Links(history=f"/api/v1/documents/{document.id}/history"),
        **dict(data),
    )


def _resolved(new: NewStockReceipt, context: Context) -> tuple[Entry[Company], Entry[Location], Found]:
    """What the command names; every name that means nothing is pointed at, then every line that is wrong."""
    company, location, errors = company_and_location(context, new.company, new.location)
    found = find(context, (item.product for item in new.items), [location.id] if location else [], new.supplier)
    if new.supplier is not None and found.supplier is None:
        errors.append(unknown("supplier", new.supplier, "/supplier"))
    errors += [
        unknown("product", item.product, f"/items/{index}/product")
        for index, item in enumerate(new.items)
        if item.product not in found.products
    ]
    if errors or company is None or location is None:
        raise UnknownReference("Some references name nothing that exists and is active.", errors=errors)
    known = configuration(context)
    wrong: list[FieldError] = []
    for index, item in enumerate(new.items):
        wrong += line_errors(known, found.products[item.product], item.quantity, f"/items/{index}")
    if wrong:
        raise InvalidRequest("Some lines cannot be received; each is pointed at.", errors=wrong)
    return company, location, found


def _items(new: NewStockReceipt, found: Found, currency: str) -> list[ReceiptItem]:
    """The lines with their values: quantity × unit cost, rounded once to the base currency."""
    return [
        ReceiptItem(
            line=line,
            product=found.products[item.product].ref,
            quantity=item.quantity,
            unit=found.products[item.product].unit,
            unit_cost=with_scale(item.unit_cost, currency),
            value=round_money(EXACT.multiply(item.quantity, item.unit_cost), currency),
        )
        for line, item in enumerate(new.items, 1)
    ]


def _journal_lines(
    context: Context,
    company: Entry[Company],
    products: Sequence[StockProduct],
    items: Sequence[ReceiptItem],
    supplier: Ref | None,
) -> list[JournalLine]:
    """A debit per line that has a value, and one credit for all of them."""
    currency = company.data.currency
    supplier_id = supplier.id if supplier else None
    lines = []
    for index, (product, item) in enumerate(zip(products, items, strict=True)):
        if not item.value:
            continue
        own = product.inventory_account
        pointer = f"/items/{index}/product" if own else "/company"
        account = account_for(context, "inventory", own or company.data.accounts.inventory, pointer)
        lines.append(
            JournalLine(
                account,
                item.value,
                currency,
                party_id=supplier_id,
                product_id=product.id,
                quantity=item.quantity,
                text=product.name,
            )
        )
    if not lines:
        return []
    accrued = account_for(context, "accrual", company.data.accounts.stock_received_not_invoiced, "/company")
    total = sum((line.amount for line in lines), Decimal(0))
    text = supplier.name if supplier else None
    return [*lines, JournalLine(accrued, -total, currency, party_id=supplier_id, text=text)]


def _move(
    context: Context, document: Document, location: Entry[Location], items: Sequence[ReceiptItem], on: date
) -> None:
    context.work.append(
        STOCK_MOVE,
        [
            {
                "id": context.new_id(),
                "document_id": document.id,
                "line": item.line,
                "product_id": item.product.id,
                "location_id": location.id,
                "lot": None,
                "quantity": item.quantity,
                "unit_cost": item.unit_cost,
                "value": item.value,
                "reservation_id": None,
                "effective_date": on,
            }
            for item in items
        ],
    )


def _stock_after(items: Sequence[ReceiptItem], location: Entry[Location], found: Found, currency: str) -> list[StockOf]:
    """What is in stock of each product with these items, in the order of the lines."""
    received: dict[StockKey, list[ReceiptItem]] = {}
    for item in items:
        received.setdefault((item.product.id, location.id), []).append(item)
    stock = []
    for key, lines in received.items():
        before = found.stock.get(key, NO_STOCK)
        quantity = sum((line.quantity for line in lines), Decimal(0))
        stock.append(
            StockOf(
                product=lines[0].product.code,
                location=location.code,
                on_hand=before.on_hand + quantity,
                reserved=before.held,
                available=before.available + quantity,
                value=round_money(before.value + sum((line.value for line in lines), Decimal(0)), currency),
            )
        )
    return stock
