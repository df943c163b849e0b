"""A credit note worked out from the lines of its invoice: what is left of each, its price, discount and taxes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from bigledger.currency import Rate
from bigledger.kernel import FieldError, Problem, Ref, database
from bigledger.kernel.money import nothing
from bigledger.ledger import DueInstalment, InBase, credited_quantities, credited_share, in_base
from bigledger.receivables.credit_model import CreditInvoice, CreditNoteData
from bigledger.receivables.model import Approval, InvoiceAccounts, InvoiceData, InvoiceItem
from bigledger.tax import TaxAmount


class OverCredited(Problem):
    """More would be credited of a line than was invoiced and is not credited yet."""

    title = "More than was invoiced would be credited"


database.constraint(
    "credited_within_invoiced",
    lambda: OverCredited("Another credit note took lines of this invoice back while this one was being made."),
)


def credit_data(
    command: CreditInvoice, number: str, id: object, invoice: InvoiceData, before: Sequence[InvoiceItem], on: dt.date
) -> CreditNoteData:
    """The credit note of an invoice; ``before`` are the lines of its other credit notes. Raises OverCredited."""
    earlier: dict[int, list[InvoiceItem]] = {}
    for item in before:
        earlier.setdefault(item.origin_line or 0, []).append(item)
    wanted = credited_quantities(command.lines, invoice.items, earlier, "invoice", OverCredited)
    items = [
        _part(invoice.items[line - 1], quantity, earlier.get(line, []), invoice.currency, place)
        for place, (line, quantity) in enumerate(wanted.items(), 1)
    ]
    taxes = _summed([tax for item in items for tax in item.taxes])
    zero = nothing(invoice.currency)
    subtotal = sum((item.net for item in items), zero)
    tax_total = sum((tax.amount for tax in taxes), zero)
    rounding = invoice.rounding if _completes(wanted, invoice, earlier) else None
    total = subtotal + tax_total + (rounding or 0)
    if total < 0:
        raise OverCredited(
            f"These lines come to {total} {invoice.currency}: they took something off. Credit them with others.",
            errors=[FieldError("/lines", "below_zero", "name lines that come to more than nothing")],
        )
    due = [DueInstalment(due_date=on, amount=total)]
    whole = not before and [item.quantity for item in items] == [item.quantity for item in invoice.items]
    return CreditNoteData(
        company=invoice.company,
        customer=invoice.customer,
        date=on,
        due_date=on,
        currency=invoice.currency,
        items=items,
        subtotal=subtotal,
        tax_total=tax_total,
        total=total,
        rounding=rounding,
        taxes=taxes,
        instalments=due,
        approval=Approval(required=False),
        accounts=InvoiceAccounts(
            receivable=invoice.accounts.receivable,
            revenue=[invoice.accounts.revenue[line - 1] for line in wanted],
            taxes={tax.code: invoice.accounts.taxes[tax.code] for tax in taxes},
            rounding=invoice.accounts.rounding if rounding else None,
        ),
        base=_base(invoice.base, whole, items, taxes, due, rounding),
        tax_policy=invoice.tax_policy,
        reference=command.reference,
        reason=command.reason,
        release_reservation=command.release_reservation,
        invoice=Ref(id=id, code=number),  # type: ignore[arg-type]
        unallocated=zero,
    )


def _completes(
    wanted: Mapping[int, Decimal], invoice: InvoiceData, earlier: Mapping[int, Sequence[InvoiceItem]]
) -> bool:
    """Whether nothing of the invoice is left to credit then: the last credit note takes back the rounding too."""
    return all(
        item.quantity
        == sum((other.quantity for other in earlier.get(item.line, [])), wanted.get(item.line, Decimal(0)))
        for item in invoice.items
    )


def _part(
    item: InvoiceItem, quantity: Decimal, earlier: Sequence[InvoiceItem], currency: str, place: int
) -> InvoiceItem:
    """A quantity of an invoice's line; the last part takes what the others have left of each amount."""
    part = credited_share(item, quantity, earlier, currency).of

    def taken(code: str, name: str) -> Decimal:
        found = (getattr(tax, name) for other in earlier for tax in other.taxes if tax.code == code)
        return sum(found, Decimal(0))

    taxes = [
        tax.model_copy(
            update={
                "base": part(tax.base, taken(tax.code, "base")),
                "amount": part(tax.amount, taken(tax.code, "amount")),
                "quantity": None if tax.quantity is None else quantity,
            }
        )
        for tax in item.taxes
    ]
    net = part(item.net, sum((other.net for other in earlier), Decimal(0)))
    return item.model_copy(
        update={
            "line": place,
            "origin_line": item.line,
            "quantity": quantity,
            "discount": part(item.discount, sum((other.discount for other in earlier), Decimal(0))),
            "net": net,
            "gross": None if item.gross is None else net + sum((tax.amount for tax in taxes), Decimal(0)),
            "taxes": taxes,
            "backordered": None,
        }
    )


def _summed(taxes: Sequence[TaxAmount]) -> list[TaxAmount]:
    """The taxes of a document from those of its lines."""
    sums: dict[str, TaxAmount] = {}
    for tax in taxes:
        known = sums.get(tax.code)
        if known is None:
            sums[tax.code] = tax
        else:
            update = {"base": known.base + tax.base, "amount": known.amount + tax.amount}
            quantity = None if known.quantity is None or tax.quantity is None else known.quantity + tax.quantity
            sums[tax.code] = known.model_copy(update=update | {"quantity": quantity})
    return list(sums.values())


def _base(
    invoice: InBase | None,
    whole: bool,
    items: Sequence[InvoiceItem],
    taxes: Sequence[TaxAmount],
    due: Sequence[DueInstalment],
    rounding: Decimal | None,
) -> InBase | None:
    """The credit note at the rate of its invoice; one of the whole invoice is just what that was."""
    if invoice is None:
        return None
    if whole:
        return invoice.model_copy(update={"instalments": [invoice.total]})
    total = sum((part.amount for part in due), Decimal(0))
    nets = [item.net for item in items]
    levied = {tax.code: tax.amount for tax in taxes}
    rate = Rate(invoice.exchange_rate)
    return in_base(rate, invoice.agreed is not None, invoice.currency, total, nets, levied, due, rounding)
