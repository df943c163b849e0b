"""An invoice in the company's base currency: converted once, at the rate of its day or the one that was agreed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from bigledger.currency import Rate, balanced_in_base, missing_rate
from bigledger.kernel import Amount, Answer, FieldError, InvalidRequest, Number
from bigledger.kernel.money import LARGEST_AMOUNT, distribute, quantum
from bigledger.ledger.terms import DueInstalment


class InBase(Answer):
    """An invoice or a bill in the company's base currency, as it stands in the books.

    ``exchange_rate`` is base currency for one unit of the document's currency. ``items`` are the nets of the lines,
    ``taxes`` by code, ``instalments`` in their order; each list adds up to its total.
    """

    currency: str
    exchange_rate: Number
    agreed: Literal[True] | None = None
    """Whether the rate was given in the command rather than looked up."""
    subtotal: Amount
    tax_total: Amount
    total: Amount
    items: list[Amount]
    taxes: dict[str, Amount]
    instalments: list[Amount]
    rounding: Amount | None = None
    """What rounding the total added to it, besides net and taxes."""


def rate_for(agreed: Decimal | None, found: Rate | None, currency: str, base: str, on: dt.date) -> Rate | None:
    """The rate to convert by: the one agreed in the command, else the one of the day; None for the base currency.

    ``agreed`` is base currency for one unit of ``currency``. Raises ExchangeRateMissing, and InvalidRequest for a
    rate of the base currency in itself.
    """
    if currency == base:
        if agreed is not None:
            raise InvalidRequest(
                f"The books are kept in {base}, so nothing in {base} is converted. Leave out the exchange rate.",
                errors=[FieldError("/exchange_rate", "same_currency", f"{currency} is the base currency")],
            )
        return None
    if agreed is not None:
        return Rate(agreed)
    if found is None:
        raise missing_rate(currency, base, on)
    return found


def in_base(
    rate: Rate,
    agreed: bool,
    base: str,
    total: Decimal,
    nets: Sequence[Decimal],
    taxes: Mapping[str, Decimal],
    due: Sequence[DueInstalment],
    rounding: Decimal | None = None,
) -> InBase:
    """The amounts of an invoice in base currency; they add up there as they do in the invoice's own.

    Raises InvalidRequest when it comes to more than an invoice may.
    """
    rounded = [] if rounding is None else [-rounding]
    converted = balanced_in_base(
        [total, *(-net for net in nets), *(-tax for tax in taxes.values()), *rounded], rate, base
    )
    if abs(converted[0]) >= LARGEST_AMOUNT:
        raise InvalidRequest(
            f"This comes to {converted[0]} {base}. An invoice is below {LARGEST_AMOUNT:,} in any currency.",
            errors=[FieldError("/items", "too_large", "correct the quantities, the prices or the exchange rate")],
        )
    own = [-amount for amount in converted[1 : len(nets) + 1]]
    levied = [-amount for amount in converted[len(nets) + 1 : len(nets) + len(taxes) + 1]]
    nothing = Decimal(0).quantize(quantum(base))
    return InBase(
        currency=base,
        exchange_rate=rate.per_unit,
        agreed=True if agreed else None,
        subtotal=sum(own, nothing),
        tax_total=sum(levied, nothing),
        total=converted[0],
        items=own,
        taxes=dict(zip(taxes, levied, strict=True)),
        instalments=spread(converted[0], due, base),
        rounding=None if rounding is None else -converted[-1],
    )


def spread(total: Decimal, due: Sequence[DueInstalment], base: str) -> list[Decimal]:
    """A total in base currency over instalments as their own amounts are, to the last minor unit."""
    return distribute(total, [instalment.amount for instalment in due], quantum(base))
