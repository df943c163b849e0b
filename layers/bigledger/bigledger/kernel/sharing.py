"""Long lists that a document, its events and its answer have in common: each is written as JSON once and sent once.

Where such a list belongs stands a token. The flush puts the list there, in the document and in the events as well as
in the answer that is kept for a replay; the answer that is sent gets it here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pydantic import GetCoreSchemaHandler, SerializationInfo
from pydantic_core import CoreSchema, to_json
from pydantic_core.core_schema import plain_serializer_function_ser_schema

from bigledger.kernel.clock import Clock

SHORTEST = 12
"""Shorter lists are written wherever they belong: that costs less than looking for their places."""


class Shares:
    """The lists of one unit of work that stand in several places."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[tuple[int, ...], tuple[str, Sequence[Any]]] = {}
        self._texts: dict[str, str] = {}

    def token(self, items: Sequence[Any]) -> str:
        """What stands for a list of these very objects, which do not change."""
        key = tuple(map(id, items))
        if key not in self._known:
            token = f"~{self._clock.new_id().hex}~"
            # The objects are kept, so that no others come to stand where they are.
            self._known[key] = token, items
            self._texts[token] = to_json(items, exclude_none=True).decode()
        return self._known[key][0]

    def sent(self) -> str | None:
        """The lists by their tokens as one JSON object; None when there are none."""
        if not self._texts:
            return None
        return orjson.dumps({token: orjson.Fragment(text) for token, text in self._texts.items()}).decode()

    def places(self) -> Mapping[str, str]:
        """The JSON of each list by that of its token."""
        return {f'"{token}"': text for token, text in self._texts.items()}


def _written(items: Any, info: SerializationInfo) -> Any:
    shares = info.context
    return shares.token(items) if isinstance(shares, Shares) and len(items) >= SHORTEST else items


class _Shared:
    """Writes a list by its token where there is one; the contract tells of the list."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = plain_serializer_function_ser_schema(_written, info_arg=True, when_used="json")
        return {**handler(source), "serialization": written}


Shared = _Shared()
"""Marks a list of models that stands in a document, its events and its answer: ``Annotated[list[Item], Shared]``.

Its items hold no token of a number, which would not be filled in."""
