"""Named parameters as the RDS Data API reads them.

Each `:name` becomes a parameter of its own, however often the name comes: `GROUP BY` does not see that two of them are
the same. Quoted strings, quoted identifiers and comments are left alone, as is `::`. Dollar quotes and array slices
are not: what looks like a parameter in `$$…$$` or in `a[1:2]` is taken for one.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOKENS = re.compile(
    r"""
      (?P<escaped> \b[eE]'(?:[^'\\]|\\.|'')*' )
    | (?P<string> '(?:[^']|'')*' )
    | (?P<identifier> "(?:[^"]|"")*" )
    | (?P<line> --[^\n]* )
    | (?P<block> /\* )
    | (?P<cast> :: )
    | :(?P<name> \w+ )
    """,
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=1024)
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement with `$1`, `$2` … for its parameters, and the name of each of these."""
    parts: list[str] = []
    names: list[str] = []
    place = 0
    while (token := _TOKENS.search(sql, place)) is not None:
        parts.append(sql[place : token.start()])
        place = token.end()
        if token["name"] is not None:
            names.append(token["name"])
            parts.append(f"${len(names)}")
            continue
        if token["block"] is not None:
            place = _end_of_comment(sql, place)
        parts.append(sql[token.start() : place])
    parts.append(sql[place:])
    return "".join(parts), tuple(names)


def _end_of_comment(sql: str, place: int) -> int:
    """Where the comment ends that began before `place`; comments of Postgres may contain others."""
    depth = 1
    while depth:
        mark = re.compile(r"/\*|\*/").search(sql, place)
        if mark is None:
            return len(sql)
        depth += 1 if mark[0] == "/*" else -1
        place = mark.end()
    return place
