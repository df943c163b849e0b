"""Payment terms: when an invoice falls due, in one or several instalments."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Code, Command, Name, Number


class EarlyDiscount(Command):
    """What is taken off an instalment that is paid early: ``percent`` of it, 2 for 2 %, up to and including a day.

    The day is counted as a due date is: from the invoice date or the end of its month, plus ``months`` and ``days``.
    """

    percent: Annotated[Number, Field(gt=0, lt=100)]
    after: Literal["invoice_date", "end_of_month"] = "invoice_date"
    months: Annotated[int, Field(ge=0, le=60)] = 0
    days: Annotated[int, Field(ge=0, le=730)] = 0


class Instalment(Command):
    """A share of the total and its due date.

    The due date is the invoice date, or the end of its month, plus ``months`` and ``days``, then moved on to
    the next ``day_of_month`` (31 is the last day). Without ``percent`` it is what the others leave.
    """

    percent: Annotated[Number, Field(gt=0, le=100)] | None = None
    after: Literal["invoice_date", "end_of_month"] = "invoice_date"
    months: Annotated[int, Field(ge=0, le=60)] = 0
    days: Annotated[int, Field(ge=0, le=730)] = 0
    day_of_month: Annotated[int, Field(ge=1, le=31)] | None = None
    early_discount: EarlyDiscount | None = None


class PaymentTerm(Command):
    """The terms on which a customer pays."""

    code: Code
    name: Name
    instalments: Annotated[list[Instalment], Field(min_length=1, max_length=60)]

    @model_validator(mode="after")
    def _complete(self) -> "PaymentTerm":
        """The last instalment takes the remainder, so that instalments always add up to the total."""
        *others, last = self.instalments
        if last.percent is not None and sum((i.percent or Decimal(0) for i in self.instalments), Decimal(0)) != 100:
            raise PydanticCustomError("not_whole", "the percentages must add up to 100, or leave the last one out")
        if any(instalment.percent is None for instalment in others):
            raise PydanticCustomError("two_remainders", "only the last instalment may be without a percentage")
        if sum((i.percent or Decimal(0) for i in others), Decimal(0)) >= 100:
            raise PydanticCustomError("not_whole", "the percentages before the last instalment must stay below 100")
        return self
