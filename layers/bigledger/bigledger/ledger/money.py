"""What a payment is worth in base currency, and what of it stands on the account where it arrived."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from bigledger.currency import SAME, Rate, missing_rate
from bigledger.kernel import Entry, FieldError, InvalidRequest
from bigledger.kernel.money import EXACT
from bigledger.ledger.conversion import rate_for
from bigledger.ledger.posting import JournalLine
from bigledger.records import Account


@dataclass(frozen=True, slots=True)
class Money:
    """A payment's amount: in its currency, in base currency, and in that of the account where it is another."""

    currency: str
    amount: Decimal
    base: str
    base_amount: Decimal
    rate: Rate
    account: Entry[Account]
    account_currency: str | None = None
    account_amount: Decimal | None = None

    def paid_out(self) -> "Money":
        """The same money leaving the account."""
        kept = None if self.account_amount is None else -self.account_amount
        return replace(self, amount=-self.amount, base_amount=-self.base_amount, account_amount=kept)

    @property
    def foreign(self) -> bool:
        """Whether the payment is in another currency than the books."""
        return self.currency != self.base

    def line(self, **more: object) -> JournalLine:
        """The journal line of the account; above zero it is what arrived."""
        amount, currency = self.amount, self.currency
        if self.account_amount is not None and self.account_currency is not None:
            amount, currency = self.account_amount, self.account_currency
        return JournalLine(self.account, amount, currency, self.base_amount, **more)  # type: ignore[arg-type]


class GivenMoney(Protocol):
    """What a command may say of the worth of a payment besides its amount."""

    @property
    def exchange_rate(self) -> Decimal | None:
        """Base currency for one unit of the payment's."""
        ...

    @property
    def account_amount(self) -> Decimal | None:
        """What moved on an account that is kept in another currency, in that."""
        ...


def kept_in(account: Entry[Account], currency: str) -> str | None:
    """The currency an account is kept in, when that is another than the payment's."""
    own = account.data.currency
    return own if own != currency else None


def money_of(
    new: GivenMoney,
    amount: Decimal,
    account: Entry[Account],
    currency: str,
    base: str,
    on: dt.date,
    rate: Rate | None,
    account_rate: Rate | None,
) -> Money:
    """What the payment is worth: by what arrived in base currency, else by the agreed rate or that of the day.

    ``rate`` and ``account_rate`` are those of the day, if there are any. Raises ExchangeRateMissing, and
    InvalidRequest where the command says too much.
    """
    other = kept_in(account, currency)
    given = new.account_amount
    if other is None and given is not None:
        raise InvalidRequest(
            f"What arrives on {account.code} is in {currency}, as the payment is. Leave out account_amount.",
            errors=[FieldError("/account_amount", "same_currency", f"{account.code} is in no other currency")],
        )
    if other == base and given is not None:
        if new.exchange_rate is not None:
            raise InvalidRequest(
                f"What arrived in {base} says what the payment is worth. Give that or an exchange rate, not both.",
                errors=[FieldError("/exchange_rate", "given_twice", "it follows from account_amount")],
            )
        implied = Rate(EXACT.divide(given, amount))
        return Money(currency, amount, base, given, implied, account, base, given)
    found = rate_for(new.exchange_rate, rate, currency, base, on) or SAME
    worth = found.to_base(amount, base)
    if other is None:
        return Money(currency, amount, base, worth, found, account)
    if given is None and other == base:
        given = worth
    if given is None:
        if account_rate is None:
            raise missing_rate(other, base, on, "/account_amount")
        given = account_rate.from_base(worth, other)
    return Money(currency, amount, base, worth, found, account, other, given)
