"""The route table of the HTTP API: the most specific route that has the method wins, literal before `{parameter}`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

Target = TypeVar("Target")
_Tree = dict[str | int, Any]

_PARAMETER, _REST, _END = 1, 2, 3  # keys that no path segment is equal to


class Routes(Generic[Target]):
    """Finds the target of a request, with dictionaries only."""

    def __init__(self, routes: Iterable[tuple[str, Target]]) -> None:
        """`routes` are pairs of a route key, such as `GET /api/v1/invoices/{id}`, and its target."""
        self._literal: dict[str, dict[str, Target]] = {}
        self._trees: dict[str, _Tree] = {}
        for key, target in routes:
            method, _, path = key.partition(" ")
            if "{" in path:
                self._plant(method, path, target)
            else:
                self._literal.setdefault(method, {})[path] = target

    def _plant(self, method: str, path: str, target: Target) -> None:
        tree = self._trees.setdefault(method, {})
        names = []
        for segment in path.split("/"):
            key: str | int = segment
            if segment.startswith("{"):
                names.append(segment.strip("{}+"))
                key = _REST if segment.endswith("+}") else _PARAMETER
            tree = tree.setdefault(key, {})
        tree[_END] = (target, tuple(names))

    def find(self, method: str, path: str) -> tuple[Target, dict[str, str] | None] | None:
        """The target and the path parameters (None without any), or None when no route matches."""
        for one in (method, "ANY"):
            literal = self._literal.get(one)
            if literal is not None and path in literal:
                return literal[path], None
            tree = self._trees.get(one)
            if tree is not None:
                segments = path.split("/")
                found = _descend(tree, segments, 0, ())
                if found is not None:
                    (target, names), values = found
                    return target, dict(zip(names, values, strict=True))
        return None

    def methods(self, path: str) -> list[str]:
        """The methods that have a route for a path."""
        return sorted(method for method in self._literal.keys() | self._trees.keys() if self.find(method, path))


def _descend(
    tree: _Tree, segments: list[str], place: int, values: tuple[str, ...]
) -> tuple[tuple[Any, tuple[str, ...]], tuple[str, ...]] | None:
    """Walk down by literals first, then by parameters; a way that ends nowhere is left again."""
    if place == len(segments):
        leaf = tree.get(_END)
        return None if leaf is None else (leaf, values)
    segment = segments[place]
    branch = tree.get(segment)
    if branch is not None:
        found = _descend(branch, segments, place + 1, values)
        if found is not None:
            return found
    if not segment:
        return None
    branch = tree.get(_PARAMETER)
    if branch is not None:
        found = _descend(branch, segments, place + 1, (*values, segment))
        if found is not None:
            return found
    branch = tree.get(_REST)
    return None if branch is None else (branch[_END], (*values, "/".join(segments[place:])))
