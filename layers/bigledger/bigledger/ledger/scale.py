"""No money is finer than its currency: what changes hands or is posted has no fractions of the smallest unit."""

from collections.abc import Iterable
from decimal import Decimal

from bigledger.kernel import FieldError, InvalidRequest
from bigledger.kernel.money import quantum

GivenAmount = tuple[str, Decimal | None, str]
"""Where an amount stands in the request, the amount if there is one, and its currency."""


def too_fine(amounts: Iterable[GivenAmount]) -> list[FieldError]:
    """Errors at the amounts that are finer than the smallest unit of their currencies."""
    return [
        FieldError(pointer, "too_precise", f"{currency} has no smaller unit than {quantum(currency)}")
        for pointer, amount, currency in amounts
        if amount is not None and amount % quantum(currency)
    ]


def check_scale(amounts: Iterable[GivenAmount]) -> None:
    """Raise InvalidRequest, with a pointer to each, where amounts are finer than their currencies."""
    if errors := too_fine(amounts):
        raise InvalidRequest("Some amounts are finer than the currency.", errors=errors)
