"""From when on tax is withheld from suppliers, and what a supplier need not bear."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Amount, Command, Day, Number, Reference, To


class WithholdingThreshold(Command):
    """What has to be paid to a supplier before a tax is withheld; amounts are in the company's base currency.

    ``per_document`` is reached by a bill that comes to so much, however it is paid; ``per_year`` by what was paid to
    the supplier in a fiscal year. ``charged`` says on what the tax falls from then on. ``all``: on everything that was
    paid in the year, what was paid before without the tax along with the first payment that reaches a threshold
    (ERPNext's default, the aggregate limits of India's sections 194C and 194J). ``excess``: on what is above
    ``per_year`` alone, unless a bill reaches ``per_document`` first (ERPNext's "tax on excess amount"). ``reaching``:
    on what is paid of bills that reach a threshold by themselves or with all that was paid before, and not on earlier
    ones (Oracle's document-based thresholds).
    """

    per_document: Annotated[Amount, Field(gt=0)] | None = None
    per_year: Annotated[Amount, Field(gt=0)] | None = None
    charged: Literal["all", "excess", "reaching"] = "all"

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.per_document is None and self.per_year is None:
            raise PydanticCustomError("threshold_missing", "give per_document or per_year, or no threshold at all")
        if self.charged == "excess" and self.per_year is None:
            raise PydanticCustomError("excess_of_nothing", "say above what in a year the excess is charged")
        if self.per_document is not None and self.per_year is not None and self.per_year < self.per_document:
            raise PydanticCustomError("thresholds_crossed", "a year's threshold is not below that of one document")
        return self


class ReducedWithholding(Command):
    """A supplier's right to bear less of a tax that is withheld, proved by a certificate.

    ``rate`` is a fraction, zero where it bears none, for payments on the days from ``valid_from`` to ``valid_to``. It
    holds for what is charged up to ``limit``, in the company's base currency, with no limit for all; the rest bears the
    rate of the tax (ERPNext's lower deduction certificate).
    """

    certificate: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    tax: Annotated[Reference, To("tax")]
    rate: Annotated[Number, Field(ge=0, le=1)]
    valid_from: Day
    valid_to: Day
    limit: Annotated[Amount, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.valid_to < self.valid_from:
            raise PydanticCustomError("period_reversed", "valid_to must not lie before valid_from")
        return self
