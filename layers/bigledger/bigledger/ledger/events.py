"""The events of the ledger's own documents. Each carries the entry as it stands after the fact."""

import datetime as dt
from uuid import UUID

from bigledger.kernel import Amount, Event, Ref, Text, event
from bigledger.ledger.journal_model import EntryKind, EntryLine
from bigledger.records import Area


class JournalEntryFact(Event):
    """A journal entry at the moment of the event. ``total`` is what it debits in ``currency``, the base currency."""

    id: UUID
    number: str | None = None
    status: str
    kind: EntryKind
    company: Ref
    date: dt.date
    currency: str
    lines: list[EntryLine]
    total: Amount
    text: str | None = None
    reference: str | None = None


@event("journal_entry.created")
class JournalEntryCreated(JournalEntryFact):
    """A journal entry was written as a draft; ``journal_entry.posted`` follows where it is posted at once."""


@event("journal_entry.updated")
class JournalEntryUpdated(JournalEntryFact):
    """A draft was changed."""


@event("journal_entry.posted")
class JournalEntryPosted(JournalEntryFact):
    """A journal entry was numbered and posted to the ledger."""


@event("journal_entry.voided")
class JournalEntryVoided(JournalEntryFact):
    """A journal entry was made void: a draft that is not wanted, or a posted one by a contra entry on its own date."""

    reason: Text
    previous_status: str


@event("journal_entry.reversed")
class JournalEntryReversed(JournalEntryFact):
    """A posted entry was taken back on ``reversed_on`` by another one, ``reversal``; it stays as it was posted."""

    reversal: Ref
    reversed_on: dt.date
    reason: Text


class AccountingPeriodFact(Event):
    """A period of a fiscal year, and the areas of it that the event is about. The id is that of the year."""

    id: UUID
    fiscal_year: Ref
    company: Ref
    number: int
    starts_on: dt.date
    ends_on: dt.date
    areas: list[Area]
    reason: str | None = None


@event("period.closed")
class AccountingPeriodClosed(AccountingPeriodFact):
    """A period takes no postings of these areas any more."""


@event("period.reopened")
class AccountingPeriodReopened(AccountingPeriodFact):
    """A closed period takes postings of these areas again."""


@event("period.locked")
class AccountingPeriodLocked(AccountingPeriodFact):
    """A period was closed for these areas for good."""


class PeriodExceptionFact(Event):
    """A user may post to a closed period until the exception expires or is revoked."""

    id: UUID
    period: str
    company: Ref
    areas: list[Area]
    user: str
    reason: str
    expires_at: dt.datetime


@event("period_exception.granted")
class PeriodExceptionGranted(PeriodExceptionFact):
    """A named user was allowed to post to a closed period for a while."""


@event("period_exception.revoked")
class PeriodExceptionRevoked(PeriodExceptionFact):
    """An exception was taken back before it expired."""


class FiscalYearFact(Event):
    """A fiscal year and what its closing came to; ``result`` is the profit in ``currency``, a loss below zero."""

    id: UUID
    fiscal_year: Ref
    company: Ref
    ends_on: dt.date
    currency: str
    result: Amount
    entry: Ref | None = None


@event("fiscal_year.closed")
class FiscalYearClosed(FiscalYearFact):
    """A fiscal year was closed: its result went to retained earnings and its periods take no postings."""


@event("fiscal_year.reopened")
class FiscalYearReopened(FiscalYearFact):
    """A closed fiscal year was opened again: its closing entry is taken back, its periods are still closed."""

    reason: Text


@event("opening_balance.posted")
class OpeningBalancePosted(Event):
    """A company brought balances along; ``clearing_balance`` is what is left to come, zero once all of it is here."""

    id: UUID
    number: str
    company: Ref
    date: dt.date
    currency: str
    clearing: Ref
    clearing_balance: Amount


@event("allocation.posted")
class AllocationPosted(Event):
    """What accounts came to in a period was spread over others. The id is that of the journal entry.

    ``allocated`` is the sum of what was taken, debit positive, in ``currency``, the base currency.
    """

    id: UUID
    rule: Ref
    company: Ref
    entry: Ref
    date_from: dt.date
    date_to: dt.date
    currency: str
    allocated: Amount
    lines: list[EntryLine]


class DeferralFact(Event):
    """A deferral schedule: so much is earned or used up over these days, from one account to another."""

    id: UUID
    number: str | None = None
    company: Ref
    kind: str
    currency: str
    amount: Amount
    starts_on: dt.date
    ends_on: dt.date
    account: Ref
    deferral_account: Ref


@event("deferral_schedule.created")
class DeferralScheduleCreated(DeferralFact):
    """An amount was spread over a time; where it stood in the result, the schedule posted it off that."""


@event("deferral_schedule.reduced")
class DeferralReduced(DeferralFact):
    """A void or a credit of the source, ``by``, took ``reduced`` of what was still deferred back, on ``date``."""

    by: Ref
    date: dt.date
    reduced: Amount
    remaining: Amount


@event("deferral.recognised")
class DeferralRecognised(DeferralFact):
    """An instalment of a schedule came into the result on ``date``; ``remaining`` is what is still deferred."""

    instalment: int
    date: dt.date
    recognised: Amount
    remaining: Amount
    entry: Ref
