"""What invoices do to the ledgers: journal lines, open items, the credit held of their customer."""

from decimal import Decimal
from uuid import UUID

from bigledger.kernel import Context, Document, Entry, Table, configuration
from bigledger.ledger import ORIGINAL, JournalLine, Posting, open_items, post, shown
from bigledger.receivables.cash_taxes import pend_taxes
from bigledger.receivables.model import InvoiceData
from bigledger.receivables.tax_facts import record_invoice_taxes
from bigledger.records import Account, Company, number_for

_EXPOSURE = Table(
    "receivables.exposure_entry",
    ("document_id", "entry", "cause_id", "company_id", "customer_id", "amount", "ceiling"),
)


def issue_document(context: Context, document: Document, data: InvoiceData, company: Entry[Company]) -> Posting:
    """Number an invoice or debit note, post it and open its items; one of nothing is paid at once and posts nothing."""
    document.number = number_for(context, document.type, company, data.date)
    document.status, document.data, document.posted_at = "issued" if data.total else "paid", data, context.now
    lines = journal_lines(context, data)
    if lines:
        post(context, document, company, "sales", data.date, lines)
    record_invoice_taxes(context, document, data, "sale")
    pend_taxes(context, document, data)
    receivable = configuration(context).get(Account, data.accounts.receivable)
    in_base = data.base.instalments if data.base else None
    open_items(context, document, "receivable", receivable, data.instalments, in_base)
    return shown(lines)


def journal_lines(context: Context, data: InvoiceData) -> list[JournalLine]:
    """What an invoice posts: the receivable, revenue per account and product, each tax and the rounding.

    Lines of nothing are left out.
    """
    known = configuration(context)
    accounts, base = data.accounts, data.base
    lines = [
        JournalLine(
            known.get(Account, accounts.receivable),
            data.total,
            data.currency,
            base.total if base else None,
            party_id=data.customer.id,
        )
    ]
    lines += [
        JournalLine(
            known.get(Account, account),
            -item.net,
            data.currency,
            -base.items[place] if base else None,
            product_id=item.product.id,
            quantity=-item.quantity,
            text=item.description,
            dimensions=item.dimensions or {},
        )
        for place, (item, account) in enumerate(zip(data.items, accounts.revenue, strict=True))
    ]
    lines += [
        JournalLine(
            known.get(Account, accounts.taxes[tax.code]),
            -tax.amount,
            data.currency,
            -base.taxes[tax.code] if base else None,
            tax=tax.code,
        )
        for tax in data.taxes
    ]
    if data.rounding and accounts.rounding:
        in_base = -base.rounding if base and base.rounding is not None else None
        lines.append(JournalLine(known.get(Account, accounts.rounding), -data.rounding, data.currency, in_base))
    return [line for line in lines if line.amount]


def staged_exposure(context: Context, company: UUID, customer: UUID) -> Decimal:
    """What this unit of work takes of a customer's credit, which the database does not know yet."""
    return sum(
        (
            row["amount"]
            for row in context.work.staged(_EXPOSURE)
            if (row["company_id"], row["customer_id"]) == (company, customer)
        ),
        Decimal(0),
    )


def expose(
    context: Context, document: Document, amount: Decimal, ceiling: Decimal | None = None, entry: int = ORIGINAL
) -> None:
    """Stage what the document holds (or gives back) of its customer's credit before it opens items, in base currency.

    The database refuses an exposure above the ceiling, if there is one; ``entry`` counts those of one document. What
    is open is counted by the database, which takes an item for the credit that its document holds.
    """
    context.work.append(
        _EXPOSURE,
        [
            {
                "document_id": document.id,
                "entry": entry,
                "cause_id": document.id,
                "company_id": document.company_id,
                "customer_id": document.party_id,
                "amount": amount,
                "ceiling": ceiling,
            }
        ],
    )
