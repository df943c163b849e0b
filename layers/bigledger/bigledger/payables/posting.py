"""What bills do to the ledgers: journal lines and open items."""

from bigledger.kernel import Context, Document, Entry, configuration
from bigledger.ledger import DueInstalment, JournalLine, Posting, open_items, post, shown
from bigledger.payables.model import BillData
from bigledger.payables.tax_facts import pend_taxes, record_bill_taxes
from bigledger.payables.withholding_year import count
from bigledger.records import Account, Company, number_for


def post_document(
    context: Context, document: Document, data: BillData, company: Entry[Company], status: str = "posted"
) -> Posting:
    """Number the bill, post it and open its items; one of nothing is paid at once and posts nothing.

    ``status`` is that of one that is owed.
    """
    document.number = document.number or number_for(context, document.type, company, data.date)
    document.status, document.data, document.posted_at = status if data.payable else "paid", data, context.now
    lines = [*journal_lines(context, data), payable_line(context, data)]
    lines = [line for line in lines if line.amount]
    if lines:
        post(context, document, company, "purchase", data.date, lines)
    record_bill_taxes(context, document, data, "purchase")
    count(context, document, data.withholding_counts or (), data.date)
    pend_taxes(context, document, data)
    payable = configuration(context).get(Account, data.accounts.payable)
    owed = [DueInstalment(due_date=part.due_date, amount=-part.amount) for part in data.instalments]
    in_base = [-amount for amount in data.base.instalments] if data.base else None
    open_items(context, document, "payable", payable, owed, in_base)
    return shown(lines)


def payable_line(context: Context, data: BillData) -> JournalLine:
    """What is owed to the supplier."""
    account = configuration(context).get(Account, data.accounts.payable)
    base = -data.payable_in_base if data.base else None
    return JournalLine(account, -data.payable, data.currency, base, party_id=data.supplier.id, text=told(data))


def journal_lines(context: Context, data: BillData) -> list[JournalLine]:
    """What a bill posts against what is owed to the supplier: the cost of each line and the parts of its taxes.

    Those claimed back, the costs kept apart from the lines, what the company owes to the authority, and what it keeps
    back for it.
    """
    known = configuration(context)
    base, accounts = data.base, data.accounts
    lines = [
        JournalLine(
            known.get(Account, str(item.account.id)),
            item.cost,
            data.currency,
            base.items[place] if base else None,
            product_id=item.product.id if item.product else None,
            quantity=item.quantity if item.product else None,
            text=item.description,
        )
        for place, item in enumerate(data.items)
    ]
    lines += [
        JournalLine(
            known.get(Account, accounts.taxes[tax.code]),
            tax.recoverable,
            data.currency,
            base.taxes[tax.code] if base else None,
            tax=tax.code,
        )
        for tax in data.taxes
        if tax.recoverable
    ]
    lines += [
        JournalLine(
            known.get(Account, accounts.costs[tax.code]),
            tax.non_deductible,
            data.currency,
            base.costs[tax.code] if base else None,
            tax=tax.code,
        )
        for tax in data.taxes
        if tax.code in accounts.costs
    ]
    lines += [
        JournalLine(
            known.get(Account, accounts.owed[tax.code]),
            -tax.owed,
            data.currency,
            -base.owed[tax.code] if base else None,
            tax=tax.code,
        )
        for tax in data.taxes
        if tax.owed
    ]
    if kept := data.withholding:
        owed = known.get(Account, str(kept.account.id))
        in_base = -base.withheld if base and base.withheld is not None else None
        lines.append(JournalLine(owed, -kept.amount, data.currency, in_base, party_id=data.supplier.id, tax=kept.tax))
    return [line for line in lines if line.amount]


def told(data: BillData) -> str:
    """What the journal says of it: whose it is, and the supplier's number."""
    return f"{data.supplier.name}, {data.supplier_number}"
