"""Payment methods: the ways in which money moves, each with the account of the ledger that it moves through."""

from typing import Annotated, Literal

from bigledger.kernel import Code, Command, Currency, Name, Reference, To


class PaymentMethod(Command):
    """A way in which money moves, such as a bank transfer, cash or a card.

    ``account`` is where receipts arrive and where disbursements leave from: a bank or cash account, or one on which
    money waits until the bank has it (Odoo's outstanding receipts). ``currency`` and ``company`` are the only ones it
    is for, where they are given.
    """

    code: Code
    name: Name
    account: Annotated[Reference, To("account")]
    use: Literal["receipts", "disbursements", "both"] = "both"
    currency: Currency | None = None
    company: Annotated[Reference, To("company")] | None = None
