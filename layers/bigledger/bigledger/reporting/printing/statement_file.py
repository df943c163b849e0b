"""A statement of account as PDF pages: per currency what moved with a running balance, or what is open."""

import datetime as dt
from collections.abc import Iterator

from bigledger.kernel import Ref
from bigledger.kernel.money import scale
from bigledger.receivables import StatementBalance
from bigledger.reporting.invoice_page import address_lines
from bigledger.reporting.periods import written
from bigledger.reporting.printing.grid import Grid, GridColumn, GridRow
from bigledger.reporting.printing.pdf_file import pdf_file
from bigledger.reporting.statement_page import StatementPage

_MOVED = [
    GridColumn("Document", "text"),
    GridColumn("Date", "date"),
    GridColumn("Debit", "amount"),
    GridColumn("Credit", "amount"),
    GridColumn("Balance", "amount"),
]
_OPEN = [
    GridColumn("Document", "text"),
    GridColumn("Date", "date"),
    GridColumn("Due", "date"),
    GridColumn("Amount", "amount"),
    GridColumn("Open", "amount"),
]


def statement_file(page: StatementPage, prepared: dt.datetime) -> bytes:
    """The document's bytes; the same statement gives the same bytes."""
    moved = page.date_from is not None
    rows = [row for balance in page.balances for row in (_moved if moved else _open)(page, balance)]
    days = f"{written(page.date_from)} to {written(page.as_of)}" if page.date_from else f"as of {written(page.as_of)}"
    grid = Grid(
        title="Statement of account",
        company=page.company.name or page.company.code,
        subtitle=f"{page.customer.code} · {days}",
        columns=_MOVED if moved else _OPEN,
        rows=rows,
        decimals=max((scale(balance.currency) for balance in page.balances), default=2),
        sent_to=[page.customer.name or page.customer.code, *(address_lines(page.address) if page.address else [])],
        notes=[*_notes(page), f"Prepared on {written(prepared.date())}, {prepared:%H:%M} UTC."],
    )
    return pdf_file(grid, lambda rows: None)


def _moved(page: StatementPage, balance: StatementBalance) -> Iterator[GridRow]:
    """What was brought forward, each movement with the balance after it, and what is owed in the end."""
    yield GridRow("line", 0, ["Brought forward", page.date_from, None, None, balance.opening_balance])
    for line in page.lines:
        if line.currency == balance.currency:
            name = _named(line.document, line.reference)
            yield GridRow("line", 0, [name, line.date, line.debit or None, line.credit or None, line.balance])
    owed = f"Balance {balance.currency}"
    yield GridRow("total", 0, [owed, page.as_of, balance.debit, balance.credit, balance.closing_balance])


def _open(page: StatementPage, balance: StatementBalance) -> Iterator[GridRow]:
    """What is open, and what it comes to."""
    for item in page.open_items:
        if item.currency == balance.currency:
            name = _named(item.document, item.reference)
            yield GridRow("line", 0, [name, item.date, item.due_date, item.amount, item.amount_open])
    yield GridRow("total", 0, [f"Balance {balance.currency}", page.as_of, None, None, balance.closing_balance])


def _named(document: Ref, reference: str | None) -> str:
    """What a document is known by to the customer: its number, or the one it was brought along with."""
    return reference or document.code


def _notes(page: StatementPage) -> Iterator[str]:
    """How long it is due, by currency, and where to pay to."""
    for balance in page.balances:
        ages = {
            "not due": balance.ageing.not_due,
            "1 to 30 days overdue": balance.ageing.days_1_to_30,
            "31 to 60 days overdue": balance.ageing.days_31_to_60,
            "61 to 90 days overdue": balance.ageing.days_61_to_90,
            "more than 90 days overdue": balance.ageing.over_90_days,
        }
        told = ", ".join(f"{amount:,f} {age}" for age, amount in ages.items() if amount)
        if told:
            yield f"{balance.currency}: {told}."
    owed = any(balance.closing_balance > 0 for balance in page.balances)
    if page.pay_to and owed:
        bank = f", BIC {page.pay_to.bic}" if page.pay_to.bic else ""
        account = page.pay_to.iban or page.pay_to.account_number
        yield f"Please pay to {page.pay_to.holder or page.company.name}, {account}{bank}."
