"""What invoices do to the ledgers: journal lines, open items and the customer's exposure."""

from decimal import Decimal
from uuid import UUID

from bigledger.kernel import Context, Document, Entry, Table, configuration
from bigledger.ledger import JournalLine, Posting, post, shown
from bigledger.receivables.model import InvoiceData
from bigledger.records import Account, Company, number_for

OPEN_ITEM = Table(
    "receivables.open_item",
    tuple(
        "id document_id instalment company_id customer_id account_id effective_date due_date currency amount"
        " base_amount".split()
    ),
)
SETTLEMENT = Table(
    "receivables.settlement", ("id", "open_item_id", "document_id", "effective_date", "amount", "base_amount")
)
EXPOSURE = Table(
    "receivables.exposure_entry",
    ("document_id", "entry", "cause_id", "company_id", "customer_id", "amount", "ceiling"),
)


def issue_document(context: Context, document: Document, data: InvoiceData, company: Entry[Company]) -> Posting:
    """Number the invoice, post it and open its items; one of nothing is paid at once and posts nothing."""
    document.number = number_for(context, "invoice", company, data.date)
    document.status, document.data, document.posted_at = "issued" if data.total else "paid", data, context.now
    lines = journal_lines(context, data)
    if lines:
        post(context, document, company, "sales", data.date, lines)
    receivable = configuration(context).get(Account, data.accounts.receivable)
    context.work.append(
        OPEN_ITEM,
        [
            {
                "id": context.new_id(),
                "document_id": document.id,
                "instalment": place,
                "company_id": company.id,
                "customer_id": data.customer.id,
                "account_id": receivable.id,
                "effective_date": data.date,
                "due_date": instalment.due_date,
                "currency": data.currency,
                "amount": instalment.amount,
                "base_amount": instalment.amount,
            }
            for place, instalment in enumerate(data.instalments, 1)
            if instalment.amount
        ],
    )
    return shown(lines)


def journal_lines(context: Context, data: InvoiceData) -> list[JournalLine]:
    """What an invoice posts: the receivable, revenue per account and product, and each tax; zero lines are left out."""
    known = configuration(context)
    accounts = data.accounts
    lines = [JournalLine(known.get(Account, accounts.receivable), data.total, data.currency, party_id=data.customer.id)]
    lines += [
        JournalLine(
            known.get(Account, account),
            -item.net,
            data.currency,
            product_id=item.product.id,
            quantity=-item.quantity,
            text=item.description,
        )
        for item, account in zip(data.items, accounts.revenue, strict=True)
    ]
    lines += [
        JournalLine(known.get(Account, accounts.taxes[tax.code]), -tax.amount, data.currency, tax=tax.code)
        for tax in data.taxes
    ]
    return [line for line in lines if line.amount]


def expose(
    context: Context,
    document: Document,
    cause: UUID,
    data: InvoiceData,
    amount: Decimal,
    ceiling: Decimal | None,
    entry: int = 1,
) -> None:
    """Stage what the invoice adds to (or takes from) its customer's exposure, in base currency."""
    context.work.append(
        EXPOSURE,
        [
            {
                "document_id": document.id,
                "entry": entry,
                "cause_id": cause,
                "company_id": data.company.id,
                "customer_id": data.customer.id,
                "amount": amount,
                "ceiling": ceiling,
            }
        ],
    )
