"""The record of what happened: feed, history of a document, audit log, and the events that could not be delivered."""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.events.audit_log import AuditEntry, AuditLogQuery, read_audit_log
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
else:
    __getattr__ = face(__name__)

__all__ = [
    "AuditEntry",
    "AuditLogQuery",
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
    "read_audit_log",
    "read_event",
    "read_feed",
    "read_history",
    "redrive",
]
