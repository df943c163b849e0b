"""The rows that a driver's cursor answers, with the names of their columns."""

from collections import namedtuple
from collections.abc import Sequence
from functools import lru_cache
from typing import Any


def named_rows(cursor: Any) -> Sequence[Any]:
    """What the statement of a DB-API cursor answers: named tuples; nothing when it answers no rows at all."""
    columns = cursor.description
    if columns is None:
        return ()
    row = _row(tuple(column[0] for column in columns))
    return [row(values) for values in cursor.fetchall()]


@lru_cache(maxsize=1024)
def _row(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns, rename=True)._make  # type: ignore[attr-defined]
