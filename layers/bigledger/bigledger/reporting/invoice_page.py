"""An invoice, a credit note or a debit note as it is handed to a customer: for what, with which taxes, how to pay.

What amends an invoice counts as one itself (Directive 2006/112/EC art. 219), so that they share a page. It tells what
art. 226 asks of an invoice, as far as the records know it: numbers, dates, names, addresses and tax numbers of both,
quantities, prices, the taxes by rate, and why one is not charged.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, PrivateAttr

from bigledger.kernel import Amount, Answer, Command, Content, Context, NotFound, Number, Reference, configuration
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.kernel.money import nothing
from bigledger.ledger import DueInstalment
from bigledger.receivables import CreditNoteData, DebitNoteData, InvoiceData
from bigledger.records import Address, BankDetails, Company
from bigledger.tax import TaxAmount, TaxNote

_DOCUMENT = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'due', (SELECT (sum(b.amount) - sum(b.settled))::text FROM ledger.open_item_balance b
                WHERE b.document_id = d.id),
        'customer', (SELECT c.data FROM kernel.document c WHERE c.id = d.party_id)
    )::text
    FROM kernel.document d WHERE d.type = '{{type}}' AND {{match}}
"""

_NOT_YET = ("draft", "pending_approval")


class _Kind(NamedTuple):
    """A kind of document that has such a page: its title, the shape of its data, and which way it counts."""

    title: str
    data: type[InvoiceData]
    sign: int


_KINDS: Mapping[str, _Kind] = {
    "invoice": _Kind("Invoice", InvoiceData, 1),
    "credit_note": _Kind("Credit note", CreditNoteData, -1),
    "debit_note": _Kind("Debit note", DebitNoteData, 1),
}

_BASES = {
    "exemption": "Exempt from {tax}",
    "rule": "No tax is due",
    "no_rate": "{tax} is not in force",
    "reverse_charge": "Reverse charge: {tax} is owed by the customer",
}
"""What the page says where a tax is not charged; where no rule covers a sale it says nothing."""


class PrintInvoice(Command):
    """Names a document by its id or number, and how it comes: as a page, or as what would stand on it."""

    id: Reference
    format: Annotated[Literal["pdf", "json"], Field(description="A page to hand over, or its words and figures.")] = (
        "pdf"
    )


class InvoiceParty(Answer):
    """Who bills, or who is billed."""

    name: str
    address: list[str] = []
    """The lines of the address."""
    tax_number: str | None = None
    email: str | None = None
    phone: str | None = None


class InvoicePageLine(Answer):
    """A line of the page; ``discount`` is money, ``taxes`` are the codes of its taxes."""

    description: str
    quantity: Number
    unit_price: Amount
    discount: Amount
    taxes: list[str]
    net: Amount


class InvoicePage(Answer):
    """What stands on an invoice. Amounts are in ``currency``; ``tax_in_base`` is the tax in the seller's currency.

    ``pay_to`` is there while something is to be paid. ``notes`` say why taxes are not charged, whether prices are with
    tax, and what of the lines' discounts is one on the whole document.

    A credit note or a debit note names the invoice that it ``amends`` and the ``reason``. Of a credit note ``paid`` is
    what was set off or refunded, and ``amount_due`` what is still in the customer's favour.
    Names and addresses are those of today; all else is as it was posted.
    """

    kind: Literal["invoice", "credit_note", "debit_note"]
    title: str
    number: str | None = None
    status: str
    seller: InvoiceParty
    customer: InvoiceParty
    date: dt.date
    due_date: dt.date | None = None
    amends: str | None = None
    reason: str | None = None
    reference: str | None = None
    currency: str
    lines: list[InvoicePageLine]
    subtotal: Amount
    taxes: list[TaxAmount]
    rounding: Amount | None = None
    total: Amount
    paid: Amount
    amount_due: Amount
    instalments: list[DueInstalment]
    tax_in_base: str | None = None
    notes: list[str]
    pay_to: BankDetails | None = None
    other_formats = ("application/pdf",)
    _printed: bool = PrivateAttr(default=True)

    def as_file(self) -> Content | None:
        """The page, unless its words and figures were asked for."""
        if not self._printed:
            return None
        from bigledger.reporting.printing.invoice_file import invoice_file

        return Content("application/pdf", invoice_file(self), f"{self.number or f'draft-{self.kind}'}.pdf")

    def formatted(self, format: Literal["pdf", "json"]) -> Self:
        """The same page, to be answered in a format."""
        self._printed = format == "pdf"
        return self


def invoice_page(
    command: PrintInvoice, context: Context, kind: Literal["invoice", "credit_note", "debit_note"] = "invoice"
) -> InvoicePage:
    """An invoice, a credit note or a debit note as a page; one statement. Raises NotFound."""
    of = _KINDS[kind]
    found = context.work.read_json(_DOCUMENT.format(type=kind, match=matching(command.id)), reference=command.id)
    if found is None:
        raise NotFound(f"There is no {of.title.lower()} {command.id}.")
    document = from_json(found["document"])
    data = document.read(of.data)
    company = configuration(context).get(Company, str(data.company.id)).data
    bank = company.bank_account
    posted = document.status not in (*_NOT_YET, "void")
    # What was settled at once, or came to nothing, has no open item.
    due = nothing(data.currency) + of.sign * Decimal(found["due"] or 0 if posted else 0)
    amended = data if isinstance(data, CreditNoteData | DebitNoteData) else None
    page = InvoicePage(
        kind=kind,
        title=_title(of.title, document.status),
        number=document.number,
        status=document.status,
        seller=_party(company.model_dump(mode="json")),
        customer=_party(found["customer"]),
        date=data.date,
        due_date=None if kind == "credit_note" else data.due_date,
        amends=amended.invoice.code if amended and amended.invoice else None,
        reason=amended.reason if amended else None,
        reference=data.reference,
        currency=data.currency,
        lines=[
            InvoicePageLine(
                description=item.description,
                quantity=item.quantity,
                unit_price=item.unit_price,
                discount=item.discount,
                taxes=[tax.code for tax in item.taxes],
                net=item.net,
            )
            for item in data.items
        ],
        subtotal=data.subtotal,
        taxes=data.taxes,
        rounding=data.rounding,
        total=data.total,
        paid=data.total - due if posted else nothing(data.currency),
        amount_due=due,
        instalments=[] if kind == "credit_note" else data.instalments,
        tax_in_base=_tax_in_base(data),
        notes=_notes(data),
        pay_to=None if kind == "credit_note" or document.status == "void" or (posted and not due) else bank,
    )
    return page.formatted(command.format)


def _title(title: str, status: str) -> str:
    if status in _NOT_YET:
        return f"Draft {title.lower()}"
    return f"{title}, cancelled" if status == "void" else title


def address_lines(address: Address) -> list[str]:
    """An address in the lines of a letter."""
    city = " ".join(part for part in (address.postal_code, address.city, address.region) if part)
    return [line for line in (address.street, city, address.country) if line]


def _party(record: dict[str, object]) -> InvoiceParty:
    lines = address_lines(Address.model_validate(record.get("address") or {}))
    return InvoiceParty.model_validate({**record, "address": lines})


def _tax_in_base(data: InvoiceData) -> str | None:
    """The tax in the seller's currency, which has to stand beside that in a foreign one (art. 230)."""
    if data.base is None or not data.tax_total:
        return None
    return f"Tax in {data.base.currency}: {data.base.tax_total:,f} at {data.base.exchange_rate:f}"


def _notes(data: InvoiceData) -> list[str]:
    """How prices and discounts are meant, why taxes are not charged, each once, and what was noted on the invoice."""
    notes = [note for item in data.items for note in item.tax_notes or [] if note.basis in _BASES]
    told = dict.fromkeys(_told(note) for note in notes)
    return [*_priced(data), *told, *([data.note] if data.note else [])]


def _priced(data: InvoiceData) -> Iterator[str]:
    """What a reader needs to reckon it up: which prices are with tax, what discounts and taxes contain."""
    gross = [str(item.line) for item in data.items if item.price_includes_tax]
    if gross:
        lines = "" if len(gross) == len(data.items) else f" of line{'s' * (len(gross) > 1)} {', '.join(gross)}"
        yield f"Prices and discounts{lines} include tax."
    if data.discount is not None:
        percent, amount = data.discount.percent, data.discount.amount
        off = f"{percent.normalize():f} %" if percent is not None else f"{amount:,f} {data.currency}"
        yield f"The discounts include one of {off} on the whole, taken off its {data.discount.on}."
    if data.tax_rounding:
        yield f"Tax includes {data.tax_rounding:,f} {data.currency}, by which the total is rounded."


def _told(note: TaxNote) -> str:
    words = _BASES[note.basis].format(tax=note.tax or "tax")
    certificate = f"certificate {note.certificate}" if note.certificate else None
    return ", ".join(part for part in (words, note.reason, certificate) if part) + "."
