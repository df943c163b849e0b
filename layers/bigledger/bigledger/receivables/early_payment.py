"""Discounts for early payment: what instalments offer, what a payment earns, and what that does to net and tax.

The company's policies say what is counted (``early_payment_tax``) and who earns it (``early_payment_discount``); an
invoice keeps the first as it was when it was made.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel

from bigledger.kernel import Context, Document, Entry, configuration
from bigledger.kernel.money import EXACT, round_money
from bigledger.ledger import DueInstalment, JournalLine, OpenItem, Settled, account_for, instalments, offered_discounts
from bigledger.receivables.model import InvoiceData
from bigledger.receivables.tax_facts import base_of_tax
from bigledger.records import Account, Company, PaymentTerm, Tax
from bigledger.tax import LoweredTax, in_proportion

OFFERING = ("invoice", "debit_note")
"""The documents whose instalments may offer a discount."""


def due_instalments(
    company: Entry[Company], term: PaymentTerm | None, on: dt.date, subtotal: Decimal, total: Decimal, currency: str
) -> list[DueInstalment]:
    """The instalments of an invoice; discounts count on its total, or on its net where they lower no tax later."""
    with_tax = company.data.policies.early_payment_tax == "at_payment"
    rounded = company.data.policies.rounded_total(currency)
    return instalments(term, on, total, currency, None if with_tax else subtotal, rounded)


def offers(document: Document, items: Iterable[OpenItem], on: dt.date, company: Entry[Company]) -> dict[UUID, Decimal]:
    """What may be taken off each open item of a document that is paid on a day."""
    if document.type not in OFFERING:
        return {}
    data = document.data.model_dump() if isinstance(document.data, BaseModel) else document.data
    due = [DueInstalment.model_validate(instalment) for instalment in data.get("instalments", [])]
    return offered_discounts(due, items, on, company)


def discount_lines(
    context: Context, company: Entry[Company], settled: Iterable[Settled], party_id: UUID
) -> list[JournalLine]:
    """The lines of the discounts that were earned: the net to the account of discounts, and where the invoice says
    that tax is lowered at payment, each tax its share."""
    return [
        JournalLine(
            account,
            amount,
            str(one.document.currency),
            base,
            party_id=party_id,
            tax=tax,
            text=f"Discount for early payment of {one.document.number}",
        )
        for one in settled
        if one.discount
        for account, tax, amount, base in _spread(context, company, one)
    ]


def lowered_taxes(context: Context, company: Entry[Company], settled: Iterable[Settled]) -> list[LoweredTax]:
    """What discounts take off taxes that were due, or will be."""
    known = configuration(context)
    lowered = []
    for one in settled:
        if not one.discount:
            continue
        data = one.document.read(InvoiceData)
        for account, code, _, base in _spread(context, company, one):
            if code is None:
                continue
            tax = known.find(Tax, code)
            whole = sum((base_of_tax(data, place, code) for place in range(len(data.items))), Decimal(0))
            share = EXACT.divide(EXACT.multiply(whole, one.discount), data.total)
            lowered.append(
                LoweredTax(
                    origin_id=one.document.id,
                    kind="sale",
                    tax=code,
                    base=round_money(share, company.data.currency),
                    amount=base,
                    account=account.id,
                    pending=tax is not None and tax.data.due == "payment",
                )
            )
    return lowered


def _spread(
    context: Context, company: Entry[Company], one: Settled
) -> list[tuple[Entry[Account], str | None, Decimal, Decimal]]:
    """A discount over its accounts: of each the tax it is about, the amount, and that in base currency.

    A tax of a fixed amount per unit stays as it is: a lower price does not lower it.
    """
    data = one.document.read(InvoiceData)
    account = account_for(context, "difference", company.data.accounts.discounts_granted, "/company")
    lowered = data.taxes if data.early_payment_tax == "at_payment" else []
    taxes = [tax for tax in lowered if tax.kind != "fixed_per_unit"]
    weights = [data.subtotal, *(tax.amount for tax in taxes)]
    amounts = in_proportion(one.discount, weights, data.currency)
    bases = in_proportion(one.discount_base, weights, company.data.currency)
    accounts: list[tuple[Entry[Account], str | None]] = [(account, None)]
    known = configuration(context)
    accounts += [(known.get(Account, data.accounts.taxes[tax.code]), tax.code) for tax in taxes]
    return [
        (to, tax, amount, base)
        for (to, tax), amount, base in zip(accounts, amounts, bases, strict=True)
        if amount or base
    ]
