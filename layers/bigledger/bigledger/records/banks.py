"""Where money is sent to and from: an account at a bank."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Command, Name


def _iban(value: str) -> str:
    """An IBAN without blanks whose check digits are right (ISO 13616, ISO 7064 MOD 97-10)."""
    moved = value[4:] + value[:4]
    if int("".join(str(int(letter, 36)) for letter in moved)) % 97 != 1:
        raise PydanticCustomError("invalid_iban", "{iban} is not an IBAN: its check digits are wrong", {"iban": value})
    return value


Iban = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"), AfterValidator(_iban), Field(max_length=34)
]
"""An international bank account number, written without blanks."""

Bic = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")]
"""A bank's identifier (ISO 9362)."""


class BankDetails(Command):
    """An account at a bank: its IBAN, or the number the bank knows it by. ``holder`` is whose it is, if another's."""

    iban: Iban | None = None
    account_number: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,34}$")] | None = None
    bic: Bic | None = None
    holder: Name | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.iban is None) == (self.account_number is None):
            raise PydanticCustomError("bank_account", "give either an IBAN or an account number")
        return self
