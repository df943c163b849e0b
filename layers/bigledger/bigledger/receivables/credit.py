"""The credit limit: what a customer owes or is about to owe, held against what it may."""

from dataclasses import dataclass
from decimal import Decimal

from bigledger.kernel import Amount, Answer, Problem, database


class CreditLimitExceeded(Problem):
    """The invoice would take the customer past its credit limit (amounts in the company's base currency)."""

    title = "The credit limit is exceeded"


database.constraint(
    "exposure_within_ceiling",
    lambda: CreditLimitExceeded("Other invoices of this customer used up its credit while this one was being made."),
)


class Credit(Answer):
    """The customer's credit after this invoice, in the company's base currency. No limit means unlimited."""

    limit: Amount | None = None
    exposure: Amount
    available: Amount | None = None


@dataclass(frozen=True, slots=True)
class CreditCheck:
    """What the check found: the credit as it would stand, whether it is exceeded, and the ceiling to enforce."""

    credit: Credit
    exceeded: bool
    ceiling: Decimal | None


def check(limit: Decimal | None, exposure: Decimal, requested: Decimal, policy: str) -> CreditCheck:
    """Hold a request against the limit; ``policy`` is refuse, approve or allow.

    The limit is also the ceiling that the database holds against what others do meanwhile, unless the company lets
    its customers go past it, or an approver is asked anyway.
    """
    after = exposure + requested
    if limit is None:
        return CreditCheck(Credit(exposure=after), False, None)
    credit = Credit(limit=limit, exposure=after, available=limit - after)
    exceeded = after > limit
    held = policy == "refuse" or (policy == "approve" and not exceeded)
    return CreditCheck(credit, exceeded, limit if held else None)


def refusal(customer: str, limit: Decimal, exposure: Decimal, requested: Decimal, currency: str) -> CreditLimitExceeded:
    """The problem that tells a person by how much the limit would be passed."""
    over = exposure + requested - limit
    return CreditLimitExceeded(
        f"{customer} may owe {limit} {currency} and owes {exposure} already; this invoice of {requested} would pass"
        f" the limit by {over}. Collect a payment, raise the limit, or ask for less.",
        limit=str(limit),
        exposure=str(exposure),
        requested=str(requested),
        over=str(over),
        currency=currency,
    )
