"""Which account money moves through: the one that is named, else that of the payment method, else the company's."""

from dataclasses import dataclass
from typing import Literal, Protocol

from bigledger.kernel import Context, Entry, FieldError, Problem, Ref, configuration
from bigledger.ledger.accounts import account_for
from bigledger.records import Account, Company, PaymentMethod


class PaymentMethodNotSuitable(Problem):
    """The payment method is there, but not for this direction, currency or company."""

    title = "The payment method is not for this"


class GivenWay(Protocol):
    """What a command may say of the way its money takes."""

    @property
    def account(self) -> str | None:
        """Where the money arrives or leaves from."""
        ...

    @property
    def payment_method(self) -> str | None:
        """How it moves, by code or id."""
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """The account that money moves through, and the payment method where one was named."""

    account: Entry[Account]
    method: Ref | None = None


def way_of(
    context: Context,
    given: GivenWay,
    company: Entry[Company],
    currency: str,
    use: Literal["receipts", "disbursements"],
) -> Way:
    """The way that money in a currency takes in or out of a company.

    Raises UnknownReference, PaymentMethodNotSuitable and those of ``account_for``.
    """
    if given.payment_method is None:
        pointer = "/account" if given.account else "/company"
        return Way(account_for(context, "money", given.account or company.data.accounts.bank, pointer))
    method = configuration(context).get(PaymentMethod, given.payment_method, "/payment_method")
    reason = _refused(method.data, company.code, currency, use)
    if reason is not None:
        raise PaymentMethodNotSuitable(
            f"{method.code} {method.data.name} is only for {reason}. Choose another payment method, or leave it out.",
            errors=[FieldError("/payment_method", "payment_method_not_suitable", f"it is only for {reason}")],
            payment_method=method.code,
        )
    pointer = "/account" if given.account else "/payment_method"
    return Way(account_for(context, "money", given.account or method.data.account, pointer), method.ref)


def _refused(method: PaymentMethod, company: str, currency: str, use: str) -> str | None:
    """What it is only for, when this is something else."""
    if method.use not in ("both", use):
        return method.use
    if method.currency not in (None, currency):
        return f"payments in {method.currency}"
    if method.company not in (None, company):
        return f"the company {method.company}"
    return None
