"""The kernel: what every operation stands on. What nearly every module needs is imported from here.

Tools with a name of their own are imported as modules (``database``, ``documents``, ``listing``, ``permissions``), and
what few need from the file that has it, such as ``money`` and ``problems``. Names with an underscore are nobody else's.
"""

from bigledger.kernel import numbering
from bigledger.kernel.authorizer import Authorizer, Identity, authorizer
from bigledger.kernel.configuration import Configuration, Entry, configuration, configuration_type, enabled
from bigledger.kernel.context import Actor, Context, Request, Tenant
from bigledger.kernel.deployment import Hook, hook
from bigledger.kernel.documents import Document
from bigledger.kernel.events import Event, event
from bigledger.kernel.flush import Table
from bigledger.kernel.listing import Filter, ListQuery
from bigledger.kernel.operation import Operation, operation
from bigledger.kernel.problems import (
    Conflict,
    FieldError,
    InvalidRequest,
    NotFound,
    Problem,
    StaleVersion,
    UnknownReference,
)
from bigledger.kernel.schedule import Schedule, schedule
from bigledger.kernel.sharing import Shared
from bigledger.kernel.subscriber import Subscriber, subscriber
from bigledger.kernel.wire import (
    Amount,
    Answer,
    Code,
    Command,
    Content,
    Currency,
    Day,
    Instant,
    Name,
    Number,
    Page,
    Positive,
    Ref,
    Reference,
    Text,
    To,
    in_order,
)

__all__ = [
    "Actor",
    "Amount",
    "Answer",
    "Authorizer",
    "Code",
    "Command",
    "Configuration",
    "Conflict",
    "Content",
    "Context",
    "Currency",
    "Day",
    "Document",
    "Entry",
    "Event",
    "FieldError",
    "Filter",
    "Hook",
    "Identity",
    "Instant",
    "InvalidRequest",
    "ListQuery",
    "Name",
    "NotFound",
    "Number",
    "Operation",
    "Page",
    "Positive",
    "Problem",
    "Ref",
    "Reference",
    "Request",
    "Schedule",
    "Shared",
    "StaleVersion",
    "Subscriber",
    "Table",
    "Tenant",
    "Text",
    "To",
    "UnknownReference",
    "authorizer",
    "configuration",
    "configuration_type",
    "enabled",
    "event",
    "hook",
    "in_order",
    "numbering",
    "operation",
    "schedule",
    "subscriber",
]
