"""The shapes of a bulk: several requests in one, and what came of each."""

from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, StringConstraints, WithJsonSchema

from bigledger.kernel import Answer, Command
from bigledger.kernel.serialization import json_text

MAXIMUM_ITEMS = 1000
"""The most items of one bulk."""

KEY = 190
"""The longest key of a bulk: the keys of its items are made of it."""


class BulkItem(Command):
    """One request: what would be the operation's route, headers and body if it were sent alone.

    ``operation`` is its name, such as ``create_invoice`` or ``receivables.create_invoice``. ``path`` has the
    parameters of its path, ``if_match`` the version that was read, ``body`` its fields.
    """

    operation: Annotated[str, StringConstraints(pattern=r"^([a-z_]{1,40}\.)?[a-z_]{1,60}$")]
    idempotency_key: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    if_match: Annotated[int, Field(ge=1, le=999_999_999, strict=True)] | None = None
    path: dict[str, Annotated[str, StringConstraints(min_length=1, max_length=200)]] = {}
    body: dict[str, Any] = {}


class NewBulk(Command):
    """Items in the order in which they are done.

    ``atomic``: all of them or none, in one transaction; otherwise each by itself. ``answers`` says how much of each
    answer is told: all of it, or with ``brief`` its id, code, number, status, version and total.
    """

    items: Annotated[list[BulkItem], Field(min_length=1, max_length=MAXIMUM_ITEMS)]
    atomic: bool = False
    answers: Literal["full", "brief"] = "full"


class BulkResult(Answer):
    """What came of an item: the ``status`` it would have been answered with alone, and its ``body`` or ``problem``."""

    status: int
    idempotency_hit: bool | None = None
    """True when the item's key had been used before, so that it was answered what it was answered then."""
    body: Annotated[Any, WithJsonSchema({"type": "object"})] = None
    problem: Annotated[Any, WithJsonSchema({"type": "object"})] = None


class Bulk(Answer):
    """A bulk that was worked through; ``items`` are in the order they were sent in."""

    done: int
    """How many items were done, or had been before."""
    refused: int
    items: list[BulkResult]
    _foretold: list[Any] | None = PrivateAttr(default=None)

    def foretelling(self, events: list[Any]) -> "Bulk":
        """The same answer as that of a dry run, with the events that all items would have had."""
        self._foretold = events
        return self

    def as_json(self, shares: Any = None) -> str:
        """The answer with those of its items as they are: JSON already."""
        items = [{name: value for name, value in one if value is not None} for one in self.items]
        told: dict[str, Any] = {"done": self.done, "refused": self.refused, "items": items}
        return json_text(told if self._foretold is None else told | {"dry_run": {"events": self._foretold}})
