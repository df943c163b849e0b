"""Payment terms: when an invoice falls due, in one or several instalments."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Amount, Code, Command, Name, Number
from bigledger.kernel.money import LARGEST_AMOUNT

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Delay(Command):
    """The way from a day to a later one, step by step in this order.

    From the day itself, or the end of its month (``after``); ``months`` later, on the last day where that month is
    shorter; on another day of that month (``on_day``, 31 is the last); ``days`` later; on to the next
    ``day_of_month`` (31 is the last); on to the next ``weekday``. A day that fits already stays.
    """

    after: Literal["invoice_date", "end_of_month"] = "invoice_date"
    months: Annotated[int, Field(ge=0, le=60)] = 0
    on_day: Annotated[int, Field(ge=1, le=31)] | None = None
    days: Annotated[int, Field(ge=0, le=730)] = 0
    day_of_month: Annotated[int, Field(ge=1, le=31)] | None = None
    weekday: Weekday | None = None


class EarlyDiscount(Command):
    """What is taken off an instalment that is paid early: ``percent`` of it, 2 for 2 %, up to and including a day.

    Or an ``amount`` in the document's currency, whatever that is, at most the instalment (ERPNext's discount of the
    type "Amount"); it lowers tax when it is taken, never at once.

    The day is counted as a due date is: from the invoice date or the end of its month, plus ``months`` and ``days``.
    """

    percent: Annotated[Number, Field(gt=0, lt=100)] | None = None
    amount: Annotated[Amount, Field(gt=0, lt=LARGEST_AMOUNT)] | None = None
    after: Literal["invoice_date", "end_of_month"] = "invoice_date"
    months: Annotated[int, Field(ge=0, le=60)] = 0
    days: Annotated[int, Field(ge=0, le=730)] = 0

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.percent is None) == (self.amount is None):
            raise PydanticCustomError("required", "give either a percent or an amount")
        return self


class Instalment(Delay):
    """A share of the total and its due date.

    The share is ``percent`` of the total, or of what the earlier instalments leave (``of`` remainder, Tryton's
    "percentage on remainder"), or an ``amount`` in the document's currency, whatever that is (Odoo's fixed lines), at
    most what is left. Each is rounded half up; without percent and amount it is what the others leave.

    The due date is the invoice date moved on by the delay, and by each of ``then`` in turn, in which the day reached
    stands for the invoice date: 30 days, end of month, on the 10th is ``days`` 30, ``then`` a month on ``on_day`` 10.
    """

    percent: Annotated[Number, Field(gt=0, le=100)] | None = None
    of: Literal["total", "remainder"] = "total"
    amount: Annotated[Amount, Field(gt=0, lt=LARGEST_AMOUNT)] | None = None
    then: Annotated[list[Delay], Field(max_length=5)] = []
    early_discount: EarlyDiscount | None = None

    @model_validator(mode="after")
    def _one_share(self) -> Self:
        if self.amount is not None and (self.percent is not None or self.early_discount is not None):
            raise PydanticCustomError("amount_alone", "a fixed amount has neither a percentage nor a discount")
        if self.percent is None and self.of == "remainder":
            raise PydanticCustomError("percent_missing", "say what percentage of the remainder")
        return self


class PaymentTerm(Command):
    """The terms on which a customer pays."""

    code: Code
    name: Name
    instalments: Annotated[list[Instalment], Field(min_length=1, max_length=60)]

    @model_validator(mode="after")
    def _complete(self) -> "PaymentTerm":
        """The last instalment takes the remainder, so that instalments always add up to the total."""
        *others, last = self.instalments
        whole = [one.percent or Decimal(0) for one in self.instalments if one.of == "total"]
        plain = all(one.of == "total" and one.amount is None for one in self.instalments)
        if last.amount is not None or (last.percent is not None and not (plain and sum(whole, Decimal(0)) == 100)):
            raise PydanticCustomError("not_whole", "the percentages must add up to 100, or leave the last one out")
        if any(instalment.percent is None and instalment.amount is None for instalment in others):
            raise PydanticCustomError("two_remainders", "only the last instalment may be without a percentage")
        if sum((one.percent or Decimal(0) for one in others if one.of == "total"), Decimal(0)) >= 100:
            raise PydanticCustomError("not_whole", "the percentages before the last instalment must stay below 100")
        if not plain and any(one.amount for one in others) and any(one.early_discount for one in self.instalments):
            raise PydanticCustomError("discount_of_share", "with fixed amounts no instalment grants a discount")
        return self
