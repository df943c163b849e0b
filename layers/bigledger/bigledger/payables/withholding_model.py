"""The shapes of tax withheld from suppliers: what is kept back, and what it counts for in a supplier's year."""

import datetime as dt

from bigledger.kernel import Amount, Answer, Number, Ref


class ReducedPart(Answer):
    """What of a withheld tax's base bears the lower ``rate`` of a supplier's certificate, and the tax on that."""

    certificate: str
    rate: Number
    base: Amount
    amount: Amount


class Withholding(Answer):
    """A tax kept back from a payment or a bill: ``amount`` is ``base`` × ``rate``, a fraction, owed to the authority.

    What is ``reduced`` is a part of both, at the lower rate of a certificate. The base is more than the payment's or
    the bill's where what came before a threshold was reached is made up for, and less where some of it is exempt.
    """

    tax: str
    rate: Number
    base: Amount
    amount: Amount
    account: Ref
    reduced: ReducedPart | None = None


class WithholdingCount(Answer):
    """What a payment or a bill counts for in the withholding of its supplier, in base currency.

    It came to ``base`` in the fiscal year that begins on ``period``, and was charged on ``charged``; of a
    ``certificate``, valid from ``period``, so much was charged at its rate. ``whole``: it ended the exemption of the
    year. What stood ``before`` is told where a threshold or a limit was held against it.
    """

    tax: Ref
    period: dt.date
    certificate: str | None = None
    base: Amount
    charged: Amount
    whole: bool | None = None
    base_before: Amount | None = None
    charged_before: Amount | None = None


def negated(kept: Withholding) -> Withholding:
    """The contrary of what was kept back, as a credit takes it back."""
    less = kept.reduced
    if less is not None:
        less = less.model_copy(update={"base": -less.base, "amount": -less.amount})
    return kept.model_copy(update={"base": -kept.base, "amount": -kept.amount, "reduced": less})
