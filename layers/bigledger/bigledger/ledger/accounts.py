"""Which account may be used for what: the rule that keeps every control account equal to its subledger."""

from dataclasses import dataclass
from typing import Literal

from bigledger.kernel import Context, Entry, FieldError, Problem, configuration
from bigledger.records import Account

Purpose = Literal[
    "money",
    "receivable",
    "advances",
    "payable",
    "prepayment",
    "write_off",
    "difference",
    "revenue",
    "expense",
    "tax",
    "inventory",
    "accrual",
    "deferral",
    "earnings",
    "revaluation",
]
"""What a posting uses an account for."""

KEPT_PER_PARTY = frozenset({"receivable", "payable"})
"""The subledgers that are kept per customer or supplier: a line on their accounts names one."""


class AccountNotPostable(Problem):
    """A group account only adds up others; postings go to one below it."""

    title = "The account takes no postings"


class AccountNotSuitable(Problem):
    """The account is there, but not for this: money, receivables and stock have accounts of their own."""

    title = "The account is not for this"


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an account must be: of one of these kinds with one of these controls (None: no subledger's account)."""

    use: str
    needs: str
    allowed: frozenset[tuple[str, str | None]]
    category: str | None = None
    """Assets of this category will do as well when they are no subledger's account."""

    def allows(self, account: Account) -> bool:
        plain_asset = (account.kind, account.control) == ("asset", None)
        return (account.kind, account.control) in self.allowed or (
            plain_asset and self.category is not None and account.category == self.category
        )


def _rule(use: str, needs: str, *allowed: tuple[str, str | None], category: str | None = None) -> _Rule:
    return _Rule(use, needs, frozenset(allowed), category)


_RULES: dict[Purpose, _Rule] = {
    "money": _rule(
        "money",
        "an account with control bank or cash, or an asset of cash and cash equivalents",
        ("asset", "bank"),
        ("asset", "cash"),
        category="cash_and_cash_equivalents",
    ),
    "receivable": _rule("receivables", "an asset account with control receivable", ("asset", "receivable")),
    "advances": _rule("advances", "a liability account with control receivable", ("liability", "receivable")),
    "write_off": _rule(
        "a write-off", "an expense or revenue account without control", ("expense", None), ("revenue", None)
    ),
    "payable": _rule("payables", "a liability account with control payable", ("liability", "payable")),
    "prepayment": _rule(
        "advances to suppliers", "an asset account with control payable", ("asset", "payable"), ("asset", None)
    ),
    "difference": _rule(
        "a gain, a loss or a discount",
        "an expense or revenue account without control",
        ("expense", None),
        ("revenue", None),
    ),
    "expense": _rule(
        "what is bought",
        "an expense account, or an asset without control",
        ("expense", None),
        ("asset", None),
        ("asset", "inventory"),
    ),
    "deferral": _rule(
        "what is earned or used up later",
        "an asset or liability account without control",
        ("asset", None),
        ("liability", None),
    ),
    "revaluation": _rule(
        "what a revaluation adds to receivables or payables",
        "an asset or liability account without control",
        ("asset", None),
        ("liability", None),
    ),
    "earnings": _rule("the result of a year", "an equity account without control", ("equity", None)),
    # A liability for what is invoiced before it is earned (IFRS 15, 106).
    "revenue": _rule(
        "revenue", "a revenue account, or a liability without control", ("revenue", None), ("liability", None)
    ),
    "tax": _rule(
        "a tax",
        "an account with control tax, or a liability without control",
        ("liability", "tax"),
        ("asset", "tax"),
        ("liability", None),
    ),
    "inventory": _rule("stock", "an asset account with control inventory", ("asset", "inventory")),
    "accrual": _rule("stock that is not invoiced", "a liability account without control", ("liability", None)),
}


def account_for(context: Context, purpose: Purpose, reference: str, pointer: str = "") -> Entry[Account]:
    """The active account that a code or id names, if it may be used for the purpose.

    ``pointer`` is where the caller named it, or what it follows from. Raises UnknownReference, AccountNotPostable
    for a group account, AccountNotSuitable.
    """
    account = configuration(context).get(Account, reference, pointer)
    check_postable(account, pointer)
    rule = _RULES[purpose]
    if not rule.allows(account.data):
        raise AccountNotSuitable(
            f"{_named(account)} cannot be used for {rule.use}. Choose {rule.needs}.",
            errors=[FieldError(pointer, "account_not_suitable", f"{account.code} is not for {rule.use}")],
            account=account.code,
            purpose=purpose,
        )
    return account


def check_postable(account: Entry[Account], pointer: str = "") -> None:
    """Raise AccountNotPostable for a group account."""
    if account.data.group:
        raise AccountNotPostable(
            f"{_named(account)} is a group account. Choose one below it.",
            errors=[FieldError(pointer, "account_not_postable", "choose an account below this group")],
            account=account.code,
        )


def check_party(account: Entry[Account], party_id: object) -> None:
    """Raise AccountNotSuitable for a line without a party on an account that is kept per party."""
    if party_id is None and account.data.control in KEPT_PER_PARTY:
        raise AccountNotSuitable(
            f"{_named(account)} is kept per customer or supplier, and this line has none. Choose another account.",
            account=account.code,
        )


def _named(account: Entry[Account]) -> str:
    return f"{account.code} {account.data.name}"
