"""The general ledger: journal entries posted from documents, account ledgers and the trial balance."""

from bigledger.ledger.posting import (
    JOURNAL_LINE,
    AccountNotPostable,
    JournalLine,
    PeriodClosed,
    PostedLine,
    Posting,
    check_open,
    post,
    reversed_lines,
    shown,
)
from bigledger.ledger.reports import (
    AccountLedger,
    AccountLedgerQuery,
    TrialBalance,
    TrialBalanceQuery,
    account_ledger,
    trial_balance,
)

__all__ = [
    "JOURNAL_LINE",
    "AccountLedger",
    "AccountLedgerQuery",
    "AccountNotPostable",
    "JournalLine",
    "PeriodClosed",
    "PostedLine",
    "Posting",
    "TrialBalance",
    "TrialBalanceQuery",
    "account_ledger",
    "check_open",
    "post",
    "reversed_lines",
    "shown",
    "trial_balance",
]
