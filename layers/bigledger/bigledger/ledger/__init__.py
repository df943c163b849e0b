"""The general ledger: journal entries posted from documents, account ledgers and the trial balance."""

from bigledger.ledger.accounts import AccountNotPostable, AccountNotSuitable, account_for
from bigledger.ledger.entries import (
    JournalEntry,
    PostedLine,
    Posting,
    entries_json,
    read_entries,
    shown,
    shown_entries,
)
from bigledger.ledger.posting import (
    JOURNAL_LINE,
    ORIGINAL,
    REVERSAL,
    JournalLine,
    PeriodClosed,
    check_open,
    post,
    reversed_lines,
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
    "ORIGINAL",
    "REVERSAL",
    "AccountLedger",
    "AccountLedgerQuery",
    "AccountNotPostable",
    "AccountNotSuitable",
    "JournalEntry",
    "JournalLine",
    "PeriodClosed",
    "PostedLine",
    "Posting",
    "TrialBalance",
    "TrialBalanceQuery",
    "account_for",
    "account_ledger",
    "check_open",
    "entries_json",
    "post",
    "read_entries",
    "reversed_lines",
    "shown",
    "shown_entries",
    "trial_balance",
]
