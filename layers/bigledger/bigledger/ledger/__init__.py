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
from bigledger.ledger.open_items import DatedTooEarly, OverAllocated, Subledger, open_items, settle
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
from bigledger.ledger.terms import DueInstalment, due_on, instalments

__all__ = [
    "JOURNAL_LINE",
    "ORIGINAL",
    "REVERSAL",
    "AccountLedger",
    "AccountLedgerQuery",
    "AccountNotPostable",
    "AccountNotSuitable",
    "DatedTooEarly",
    "DueInstalment",
    "JournalEntry",
    "JournalLine",
    "OverAllocated",
    "PeriodClosed",
    "PostedLine",
    "Posting",
    "Subledger",
    "TrialBalance",
    "TrialBalanceQuery",
    "account_for",
    "account_ledger",
    "check_open",
    "due_on",
    "entries_json",
    "instalments",
    "open_items",
    "post",
    "read_entries",
    "reversed_lines",
    "settle",
    "shown",
    "shown_entries",
    "trial_balance",
]
