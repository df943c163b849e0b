"""Tokens of the user pool: JWTs (RFC 7519) signed with RS256, checked against the pool's published keys (RFC 7517)."""

import os
import re
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from bigledger.kernel.documents import NEVER, is_id
from bigledger.kernel.observability import logger
from bigledger.kernel.problems import Unauthenticated, Unavailable

if TYPE_CHECKING:
    from jwt import PyJWK

ASK_AGAIN = timedelta(minutes=1)
"""A key that is not known may be new, but is asked for no more often than this."""
RETRY = timedelta(seconds=5)
"""How long to wait after the pool did not answer."""
RENEW = timedelta(hours=1)
"""A key that the pool withdrew is trusted no longer than this."""

_ANSWER_LIMIT = 256 * 1024
_SUBJECT = re.compile(r"[!-~]{1,128}\Z")


@dataclass(frozen=True, slots=True)
class User:
    """What a valid token says of its user. ``groups`` are the codes of roles."""

    tenant_id: UUID
    subject: str
    name: str
    groups: list[str]


@dataclass(slots=True)
class _Published:
    """The keys a pool has published, by their ids, and when it was last asked."""

    keys: "dict[str, PyJWK]" = field(default_factory=dict)
    asked_at: datetime = NEVER
    answered_at: datetime = NEVER


_published: dict[str, _Published] = {}
_lock = threading.Lock()


def read(token: str, now: datetime) -> User:
    """The user of a token of the pool ``USER_POOL_ISSUER`` for its client ``USER_POOL_CLIENT``.

    Raises Unauthenticated when the token is not a valid one, Unavailable when the pool's keys cannot be read.
    """
    import jwt

    issuer, client = os.environ.get("USER_POOL_ISSUER"), os.environ.get("USER_POOL_CLIENT")
    if not issuer or not client:
        raise Unauthenticated("This installation takes API keys only; it has no user pool.")
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != "RS256":
            raise Unauthenticated("The token is not signed as the user pool signs (RS256).")
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(issuer, str(header.get("kid")), now),
            algorithms=["RS256"],
            issuer=issuer,
            # The times are held against our own clock below, and the audience against the kind of the token.
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False},
        )
    except jwt.InvalidIssuerError as error:
        raise Unauthenticated("The token comes from another issuer than this installation's user pool.") from error
    except jwt.PyJWTError as error:
        raise Unauthenticated("The token is not well-formed or its signature is not the user pool's.") from error
    _check_times(claims, now)
    # An id token names the client as its audience, an access token as client_id.
    named = {"id": claims.get("aud"), "access": claims.get("client_id")}.get(str(claims.get("token_use")))
    if named != client:
        raise Unauthenticated("The token was issued for another application.")
    return _user(claims)


def _check_times(claims: dict[str, Any], now: datetime) -> None:
    expires, begins = _seconds(claims.get("exp")), _seconds(claims.get("nbf", 0))
    if expires is None or begins is None:
        raise Unauthenticated("The token does not say how long it is valid.")
    if now.timestamp() >= expires:
        raise Unauthenticated("The token has expired. Sign in again, or refresh it.")
    if now.timestamp() < begins:
        raise Unauthenticated("The token is not valid yet.")


def _seconds(value: Any) -> float | None:
    """A NumericDate of RFC 7519: seconds since 1970 UTC; None for anything else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _user(claims: dict[str, Any]) -> User:
    tenant, subject, groups = claims.get("custom:tenant_id"), claims.get("sub"), claims.get("cognito:groups", [])
    if not isinstance(tenant, str) or not is_id(tenant):
        raise Unauthenticated("The token names no tenant. An administrator sets it as custom:tenant_id of the user.")
    if not isinstance(subject, str) or not _SUBJECT.match(subject):
        raise Unauthenticated("The token does not say whose it is.")
    if not isinstance(groups, list):
        raise Unauthenticated("The groups in the token are not a list.")
    name = next((claims[claim] for claim in ("name", "email", "cognito:username", "username") if claims.get(claim)), "")
    readable = "".join(letter for letter in str(name) if letter.isprintable())[:200]
    return User(UUID(tenant), subject, readable or subject, [str(group) for group in groups])


def _key(issuer: str, kid: str, now: datetime) -> "PyJWK":
    """The pool's key of this id; the pool is asked when it is not known, but not by every forged token."""
    with _lock:
        published = _published.setdefault(issuer, _Published())
        answers = published.answered_at == published.asked_at
        stale = now - published.answered_at >= RENEW
        if (kid not in published.keys or stale) and now - published.asked_at >= (ASK_AGAIN if answers else RETRY):
            published.asked_at = now
            try:
                published.keys = _fetch(issuer)
                published.answered_at = now
            except (OSError, ValueError) as error:
                logger.warning("the user pool's keys cannot be read", extra={"issuer": issuer, "reason": str(error)})
        key = published.keys.get(kid)
        if key is not None:
            return key
        if published.answered_at != published.asked_at:
            raise Unavailable("The user pool's keys cannot be read just now. Try again in a moment.")
    raise Unauthenticated("The token is signed with a key that the user pool does not have.")


def _fetch(issuer: str) -> "dict[str, PyJWK]":
    """Read the pool's keys that sign with RS256; raises OSError, or ValueError for an answer that is none."""
    import urllib.request

    from jwt import PyJWK
    from jwt.exceptions import PyJWKError

    url = f"{issuer.rstrip('/')}/.well-known/jwks.json"
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ValueError(f"{url} is not an https address")
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - the scheme is checked above
        document = orjson.loads(answer.read(_ANSWER_LIMIT))
    keys: dict[str, PyJWK] = {}
    for described in document["keys"]:
        if described.get("kty") == "RSA" and described.get("use", "sig") == "sig" and described.get("kid"):
            try:
                keys[described["kid"]] = PyJWK.from_dict(described, algorithm="RS256")
            except PyJWKError as error:
                raise ValueError(f"the key {described['kid']} cannot be read: {error}") from error
    return keys
