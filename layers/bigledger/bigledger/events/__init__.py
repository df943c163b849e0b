"""The record of what happened: the feed, the history of a document, and the events that could not be delivered."""

from bigledger.events.dead_letters import (
    DeadLetter,
    DeadLetterList,
    DeadLetterRedriven,
    DeadLetterReference,
    list_dead_letters,
    redrive,
)
from bigledger.events.feed import EventPage, EventQuery, EventReference, PublishedEvent, read_event, read_feed
from bigledger.events.history import HistoryEntry, HistoryQuery, read_history

__all__ = [
    "DeadLetter",
    "DeadLetterList",
    "DeadLetterRedriven",
    "DeadLetterReference",
    "EventPage",
    "EventQuery",
    "EventReference",
    "HistoryEntry",
    "HistoryQuery",
    "PublishedEvent",
    "list_dead_letters",
    "read_event",
    "read_feed",
    "read_history",
    "redrive",
]
