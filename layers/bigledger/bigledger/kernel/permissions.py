"""Permissions are operation names and patterns of them: ``receivables.create_invoice``, ``ledger.*``, ``*.get_*``."""

from collections.abc import Iterable
from functools import lru_cache

from bigledger.kernel.context import Actor
from bigledger.kernel.problems import Forbidden


@lru_cache(maxsize=4096)
def allowed(patterns: tuple[str, ...], permission: str) -> bool:
    """Whether one of the patterns covers the permission."""
    return any(_matches(pattern, permission) for pattern in patterns)


def require(actor: Actor, permission: str) -> None:
    """Raise Forbidden, naming the permission, unless the actor has it."""
    if not allowed(actor.permissions, permission):
        raise Forbidden(
            f"{actor.name} lacks the permission {permission}. An administrator can grant it through a role.",
            permission=permission,
        )


def beyond(actor: Actor, patterns: Iterable[str]) -> list[str]:
    """The patterns that would reach further than the actor's own permissions; granting them must be refused."""
    return [
        pattern
        for pattern in patterns
        if not any(own == pattern or own == "*" or _covers(own, pattern) for own in actor.permissions)
    ]


def _covers(own: str, pattern: str) -> bool:
    """Whether everything that ``pattern`` matches is matched by ``own``; unsure counts as no."""
    if "*" not in pattern:
        return _matches(own, pattern)
    return own.count("*") == 1 and own.endswith("*") and pattern.startswith(own[:-1])


def _matches(pattern: str, permission: str) -> bool:
    """Whether the permission is what the pattern says, any text standing for each ``*``.

    Each piece between stars is looked for where the one before ended, so no pattern takes long.
    """
    first, *others = pattern.split("*")
    if not others:
        return pattern == permission
    *middle, last = others
    place = len(first)
    for piece in middle:
        found = permission.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return permission.startswith(first) and permission.endswith(last) and len(permission) - len(last) >= place
