"""Opening balances: what a company brings along, item by item, against the account that clears them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import (
    Amount,
    Command,
    Context,
    Currency,
    Day,
    Document,
    Entry,
    FieldError,
    Number,
    Problem,
    Ref,
    Reference,
    Text,
)
from bigledger.kernel.money import LARGEST_AMOUNT, round_money
from bigledger.ledger.accounts import account_for
from bigledger.ledger.events import OpeningBalancePosted
from bigledger.ledger.journal import answer, issue, written
from bigledger.ledger.journal_lines import Drafted, work_out
from bigledger.ledger.journal_model import MAXIMUM_LINES, EntryAmount, JournalEntryDocument, NewLine, check_sides
from bigledger.ledger.posting import check_open
from bigledger.records import Account, Company, Dimensions, company_of


class OpeningAccount(Command):
    """The balance of an account, as a debit or a credit in ``currency``, the base currency when absent.

    A foreign balance is worth ``base_amount``, or converted at ``rate`` (base currency for one unit) or at the rate
    of the day.
    """

    account: Reference
    debit: EntryAmount | None = None
    credit: EntryAmount | None = None
    currency: Currency | None = None
    rate: Annotated[Number, Field(gt=0)] | None = None
    base_amount: EntryAmount | None = None
    text: Text | None = None
    dimensions: Dimensions | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> "OpeningAccount":
        check_sides(self.debit, self.credit, self.rate, self.base_amount)
        return self


class OpeningItem(Command):
    """An open document of a party: what is still owed of it (below zero: what is owed the other way), and until when.

    ``reference`` is the number it is known by and ``document_date`` its own date, the day of the opening balances
    when absent; ``account`` is the control account, the company's own when absent.
    """

    reference: Text
    amount: Annotated[Amount, Field(lt=LARGEST_AMOUNT)]
    due_date: Day
    document_date: Day | None = None
    currency: Currency | None = None
    rate: Annotated[Number, Field(gt=0)] | None = None
    base_amount: EntryAmount | None = None
    account: Reference | None = None

    @model_validator(mode="after")
    def _something(self) -> "OpeningItem":
        if not self.amount:
            raise PydanticCustomError("nothing", "nothing is open of it; leave it out")
        if self.rate is not None and self.base_amount is not None:
            raise PydanticCustomError("rate_or_base_amount", "give either a rate or a base amount")
        if self.amount <= -LARGEST_AMOUNT:
            raise PydanticCustomError("too_large", "no document comes to so much")
        return self


class OpeningReceivable(OpeningItem):
    """An open invoice of a customer, or a credit below zero."""

    customer: Reference


class OpeningPayable(OpeningItem):
    """An open bill of a supplier: above zero the company owes it."""

    supplier: Reference


class NewOpeningBalances(Command):
    """What a company brings along on ``date``, the last day of its old books. It may come in several requests.

    What the request is off by goes to the company's account for opening balances, which comes to zero once all of it
    is here. Stock is brought along by receipts of stock on the same day; its value is then moved from the account of
    stock that is not invoiced, which is named here among the ``accounts``.
    """

    id: UUID | None = None
    company: Reference | None = None
    date: Day
    accounts: Annotated[list[OpeningAccount], Field(max_length=MAXIMUM_LINES)] = []
    customers: Annotated[list[OpeningReceivable], Field(max_length=MAXIMUM_LINES)] = []
    suppliers: Annotated[list[OpeningPayable], Field(max_length=MAXIMUM_LINES)] = []
    text: Text | None = None

    @model_validator(mode="after")
    def _something(self) -> "NewOpeningBalances":
        count = len(self.accounts) + len(self.customers) + len(self.suppliers)
        if not 0 < count <= MAXIMUM_LINES:
            raise PydanticCustomError(
                "line_count", "bring along from 1 to {most} lines at a time", {"most": MAXIMUM_LINES}
            )
        return self


class OpeningBalances(JournalEntryDocument):
    """The journal entry that opened the books, and what is left on the clearing account, debit positive.

    ``difference`` is what this request left there, ``clearing_balance`` what all of them have; both are in base
    currency.
    """

    clearing: Ref
    difference: Amount
    clearing_balance: Amount


_BALANCE = """
    SELECT coalesce(sum(base_debit - base_credit), 0)::text AS balance FROM ledger.balance
    WHERE company_id = cast(:company AS uuid) AND account_id = cast(:account AS uuid)
"""


def bring_along(new: NewOpeningBalances, context: Context) -> OpeningBalances:
    """Post opening balances and open the items of customers and suppliers.

    Raises what ``work_out`` does, and PeriodClosed.
    """
    company, clearing, drafted = _drafted(new, context)
    (found,) = context.work.read(_BALANCE, company=str(company.id), account=str(clearing.id))
    document = written(context, company, drafted, new.id)
    issue(context, company, document, drafted)
    own = sum((line.base_amount or line.amount for line in drafted.lines if line.account.id == clearing.id), Decimal(0))
    base = company.data.currency
    balance = round_money(Decimal(found.balance) + own, base)
    _tell(context, document, company, clearing, new.date, balance)
    return OpeningBalances(
        **dict(answer(context, document, drafted)),
        clearing=clearing.ref,
        difference=round_money(own, base),
        clearing_balance=balance,
    )


def check(new: NewOpeningBalances, context: Context) -> None:
    """Find out whether they could be posted. Raises what ``bring_along`` does; nothing is staged."""
    _drafted(new, context)


def _drafted(new: NewOpeningBalances, context: Context) -> tuple[Entry[Company], Entry[Account], Drafted]:
    """The company, the account that clears, and the entry worked out."""
    company = company_of(context, new.company)
    check_open(context, company, "gl", new.date)
    clearing = account_for(context, "deferral", company.data.accounts.opening_balance, "/company")
    lines, pointers = _lines(new, company)
    text = new.text or "Opening balances"
    try:
        drafted = work_out(context, company, new.date, lines, "opening", text, clearing=clearing)
    except Problem as problem:
        problem.errors = _as_given(problem.errors, pointers)
        raise
    return company, clearing, drafted


def _lines(new: NewOpeningBalances, company: Entry[Company]) -> tuple[list[NewLine], list[str]]:
    """The lines of the entry, and where the caller wrote each."""
    lines = [NewLine(**dict(line)) for line in new.accounts]
    accounts = company.data.accounts
    lines += [_item(item, item.account or accounts.receivable, 1, customer=item.customer) for item in new.customers]
    lines += [_item(item, item.account or accounts.payable, -1, supplier=item.supplier) for item in new.suppliers]
    groups = (("accounts", new.accounts), ("customers", new.customers), ("suppliers", new.suppliers))
    return lines, [f"/{name}/{place}" for name, group in groups for place in range(len(group))]


def _item(item: OpeningItem, account: str, sign: int, **party: str) -> NewLine:
    amount = sign * item.amount
    side = {"debit": amount} if amount > 0 else {"credit": -amount}
    given = {"currency": item.currency, "rate": item.rate, "base_amount": item.base_amount}
    return NewLine.model_validate(
        {
            "account": account,
            "due_date": item.due_date,
            "reference": item.reference,
            "document_date": item.document_date,
            "text": item.reference,
            **side,
            **given,
            **party,
        }
    )


def _as_given(errors: Sequence[FieldError], pointers: Sequence[str]) -> list[FieldError]:
    """The errors with pointers into what the caller wrote."""
    told = []
    for error in errors:
        _, _, place, *rest = error["pointer"].split("/")
        pointer = pointers[int(place)]
        of_item = not pointer.startswith("/accounts") and rest in (["debit"], ["credit"])
        field = "amount" if of_item else "/".join(rest)
        told.append(FieldError(f"{pointer}/{field}", error["code"], error["message"]))
    return told


def _tell(
    context: Context,
    document: Document,
    company: Entry[Company],
    clearing: Entry[Account],
    on: dt.date,
    balance: Decimal,
) -> None:
    context.emit(
        OpeningBalancePosted(
            id=document.id,
            number=str(document.number),
            company=company.ref,
            date=on,
            currency=company.data.currency,
            clearing=clearing.ref,
            clearing_balance=balance,
        ),
        document,
    )
